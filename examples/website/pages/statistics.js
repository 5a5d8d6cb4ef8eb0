import { API, get } from "../api.js";
import { chart } from "../chart.js";
import { h } from "../dom.js";
import { day, name, number, t, time } from "../language.js";
import { yearField } from "../years.js";

export async function statistics(chosen) {
  const years = (await get("/v1/fiscal-years")).items;
  const current = years.find((year) => year.is_current).fiscal_year;
  const known = years.map((year) => year.fiscal_year).filter((year) => year <= current);
  const year = known.includes(Number(chosen)) ? Number(chosen) : current;
  const of = (what) => get(`/v1/statistics/${what}?fiscal_year=${year}&period=month`);
  const [complaints, services] = await Promise.all([of("complaints"), of("e-services")]);
  return {
    title: t("statistics_of", { year }),
    content: [
      yearField(known, year, "statistics"),
      h("p", {}, t("as_of", { time: time(complaints.as_of ?? complaints.current.by_group[0].breakdown?.as_of ?? new Date()) })),
      complaints.current.by_group.map((group) => section(t("complaints_about", { group: name(group.label) }), group)),
      section(t("service_requests"), services.current),
      h("p", { class: "links" },
        ["complaints", "e-services"].flatMap((what) =>
          ["xlsx", "csv"].map((format) =>
            h("a", { href: `${API}/v1/statistics/${what}?fiscal_year=${year}&period=month&format=${format}&labels=th` }, `${t(what === "complaints" ? "complaints" : "service_requests")} ${format.toUpperCase()}`),
          ),
        ),
      ),
    ],
  };
}

function section(title, part) {
  const fact = (key, value) => h("div", {}, h("dt", {}, t(key)), h("dd", {}, number(value)));
  const from = part.recorded_from && { from: day(part.recorded_from), until: day(part.recorded_until) };
  return h("section", {},
    h("h2", {}, title),
    part.statement ? h("p", { class: "statement", lang: "th" }, part.statement) : null,
    part.total === null ? h("p", {}, name(part.coverage_label)) : [
      h("dl", { class: "figures" }, fact("received", part.total), fact("finished", part.finished_count), fact("in_progress", part.in_progress_count)),
      h("p", { class: "hint" }, `${name(part.coverage_label)} ${t("recorded_between", from)}`),
      chart(title, part.periods),
    ],
    part.reported.map((figure) => h("p", {}, `${t("reported_figure")} ${name(figure.period_label)}: ${number(figure.total)} `, h("a", { href: figure.source_url }, figure.source_title))),
  );
}
