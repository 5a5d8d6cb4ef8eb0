// Choosing files. What a file says about who made it is shown before it is sent.

import { newKey, post } from "./api.js";
import { h, list, newId, replace } from "./dom.js";
import { size, t } from "./language.js";
import { label } from "./codes.js";

// The element, and what was chosen.
export function filesField() {
  const files = [];
  const shown = h("div", { role: "status" });
  const id = newId();
  const draw = () => replace(shown, files.length ? list(files.map(line)) : null);
  const line = (entry) => {
    const drop = () => {
      files.splice(files.indexOf(entry), 1);
      draw();
      input.focus();
    };
    return [
      `${entry.file.name} (${size(entry.file.size)}) `,
      h("button", { type: "button", class: "small", "aria-label": `${t("remove")}: ${entry.file.name}`, onclick: drop }, t("remove")),
      entry.told,
    ];
  };
  const input = h("input", { type: "file", id, multiple: true, "aria-describedby": `${id}-hint` });
  input.addEventListener("change", () => {
    for (const file of input.files) {
      const entry = { file, told: h("div", { class: "hint" }, t("inspecting")) };
      files.push(entry);
      inspect(entry);
    }
    input.value = "";
    draw();
  });
  const element = h("div", { class: "field" },
    h("label", { for: id }, t("files")),
    h("p", { class: "hint", id: `${id}-hint` }, t("files_hint")),
    input,
    shown,
  );
  return { element, files: () => files.map(({ file }) => file) };
}

async function inspect({ file, told }) {
  const body = new FormData();
  body.append("file", file, file.name);
  try {
    const { traces } = await (await post("/v1/file-inspections", body, newKey())).json();
    const lines = await Promise.all(traces.map(async ({ kind, value }) => `${await label("file-trace-kind", kind)}: ${value}`));
    replace(told, traces.length ? [t("traces_told"), list(lines)] : t("no_traces"));
  } catch {
    // It is a service to the visitor: the file can be sent without it.
    replace(told, t("not_inspected"));
  }
}
