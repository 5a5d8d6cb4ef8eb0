import { all, get } from "../api.js";
import { h, list } from "../dom.js";
import { name, t } from "../language.js";

export async function home() {
  const [agency, measures] = await Promise.all([get("/v1/agency"), all("/v1/measures?sort=-fiscal_year,number")]);
  const year = measures[0]?.fiscal_year;
  const latest = measures.filter((measure) => measure.fiscal_year === year);
  const way = (to, title, text) => h("a", { class: "card way", href: to }, h("strong", {}, title), h("span", {}, text));
  return {
    title: t("home_title", { agency: name(agency.name) }),
    content: [
      h("p", { class: "lead" }, t("home_lead")),
      h("div", { class: "cards" },
        way("#/services", t("services"), t("way_services")),
        way("#/complaint", t("complaint"), t("way_complaint")),
        way("#/status", t("status"), t("way_status")),
        way("#/statistics", t("statistics"), t("way_statistics")),
      ),
      latest.length ? h("section", {},
        h("h2", {}, t("measures_of", { year })),
        list(latest.map((measure) => measure.title), "ol"),
        h("p", {}, h("a", { href: `#/measures/${year}` }, t("measures_more"))),
      ) : null,
    ],
  };
}
