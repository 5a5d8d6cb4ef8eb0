// What somebody reads before they send: the notices of the agency.

import { all } from "./api.js";
import { h, paragraphs } from "./dom.js";
import { language, name, t } from "./language.js";

export async function notices(occasion) {
  const texts = await all(`/v1/guides?occasion=intake,${occasion}`);
  if (!texts.length) return null;
  return h("section", { class: "notices" },
    h("h2", {}, t("notices")),
    texts.map((text) => h("details", {},
      h("summary", {}, name(text.title)),
      paragraphs((language === "en" && text.text_en) || text.text),
      text.law ? h("p", { class: "hint" }, text.law.text) : null,
    )),
  );
}
