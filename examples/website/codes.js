// The names of codes: nobody is shown a code.

import { get } from "./api.js";
import { name } from "./language.js";

export async function label(list, code) {
  const lists = (await get("/v1/code-lists")).items;
  const values = lists.find((entry) => entry.code === list)?.values ?? [];
  return name(values.find((entry) => entry.value === code)?.label) || code;
}

// [code, name] of every value, for choices.
export async function choices(list) {
  const lists = (await get("/v1/code-lists")).items;
  return lists.find((entry) => entry.code === list).values.map(({ value, label, meaning }) => [value, name(label), name(meaning)]);
}
