import { all, API, get } from "../api.js";
import { label } from "../codes.js";
import { h, list, replace, table } from "../dom.js";
import { field } from "../form.js";
import { t } from "../language.js";
import { yearField } from "../years.js";

export async function measures(chosen) {
  const years = await yearsOf("/v1/measures");
  if (!years.length) return { title: t("measures"), content: h("p", {}, t("no_measures")) };
  const year = years.includes(Number(chosen)) ? Number(chosen) : years[0];
  const items = await all(`/v1/measures?fiscal_year=${year}&sort=number`);
  const statuses = new Map(await Promise.all(items.map(async (measure) => [measure, await label("work-status", measure.status)])));
  const shown = h("div");
  const report = `${API}/v1/reports/integrity-measures-report?fiscal_year=${year}`;
  const view = field({ pointer: "/view", label: t("view"), kind: "radio", options: [["table", t("as_table_view")], ["cards", t("as_cards")]], value: isWide() ? "table" : "cards" });
  const draw = () => replace(shown, view.querySelector("input:checked").value === "table" ? asTable(year, items) : asCards(items, statuses));
  view.addEventListener("change", draw);
  draw();
  return {
    title: t("measures_of", { year }),
    content: [
      yearField(years, year, "measures"),
      view,
      shown,
      h("p", { class: "links" },
        h("a", { href: `${report}&format=html` }, t("report_page")),
        h("a", { href: `${report}&format=docx` }, "DOCX"),
        h("a", { href: `${API}/v1/measures?fiscal_year=${year}&format=xlsx&labels=th` }, "XLSX"),
        h("a", { href: `${API}/v1/measures?fiscal_year=${year}&format=csv` }, "CSV"),
      ),
    ],
  };
}

const isWide = () => matchMedia("(min-width: 60rem)").matches;

// Fiscal years that have records, the latest first.
async function yearsOf(path) {
  const ends = await Promise.all(["-", ""].map((order) => get(`${path}?sort=${order}fiscal_year&limit=1`)));
  const [last, first] = ends.map((page) => page.items[0]?.fiscal_year);
  return last ? Array.from({ length: last - first + 1 }, (_, index) => last - index) : [];
}

function asTable(year, items) {
  const heads = ["no", "measure", "method", "responsible", "period", "result", "outcome"].map((key) => t(key));
  const rows = items.map((measure) => [
    measure.number,
    measure.title,
    lines(measure.methods),
    lines(measure.responsible.names),
    measure.period_text ?? "–",
    lines(measure.results),
    lines(measure.outcomes),
  ]);
  return table({ caption: t("measures_of", { year }), heads, rows, class: "measures" });
}

function asCards(items, statuses) {
  const part = (key, texts) => texts.length ? [h("dt", {}, t(key)), h("dd", {}, lines(texts))] : null;
  const card = (measure) => h("article", { class: "card" },
    h("h2", {}, `${measure.number}. ${measure.title}`),
    h("p", { class: "badge" }, statuses.get(measure)),
    h("dl", {},
      part("method", measure.methods),
      part("responsible", measure.responsible.names),
      part("period", measure.period_text ? [measure.period_text] : []),
      part("result", measure.results),
      part("outcome", measure.outcomes),
    ),
  );
  return h("div", { class: "cards wide" }, items.map(card));
}

const lines = (texts) => (texts.length > 1 ? list(texts) : texts[0] ?? "–");
