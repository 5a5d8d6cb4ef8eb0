// Bars by month as SVG, with the numbers as a table behind them.

import { h, svg, table } from "./dom.js";
import { month, name, number, t } from "./language.js";

const WIDTH = 720;
const HEIGHT = 220;
const LEFT = 36;
const BOTTOM = 28;
const TOP = 18;

// `periods` are those of a statistic: total, finished and in progress, or null where nothing was recorded.
export function chart(title, periods) {
  const highest = Math.max(1, ...periods.map((period) => period.total ?? 0));
  const step = stepOf(highest);
  const top = Math.ceil(highest / step) * step;
  const y = (value) => HEIGHT - BOTTOM - (value / top) * (HEIGHT - BOTTOM - TOP);
  const wide = (WIDTH - LEFT) / periods.length;
  const lines = [];
  for (let value = 0; value <= top; value += step) {
    lines.push(
      svg("line", { x1: LEFT, x2: WIDTH, y1: y(value), y2: y(value), class: "grid" }),
      svg("text", { x: LEFT - 6, y: y(value) + 4, "text-anchor": "end" }, number(value)),
    );
  }
  const bar = (index, from, to, kind) => {
    if (to <= from) return null;
    return svg("rect", { x: LEFT + wide * (index + 0.18), width: wide * 0.64, y: y(to), height: y(from) - y(to), class: kind });
  };
  const bars = periods.map((period, index) => {
    const middle = LEFT + wide * (index + 0.5);
    const label = svg("text", { x: middle, y: HEIGHT - 8, "text-anchor": "middle" }, month(period.starts_on));
    if (period.total === null) return [label, svg("text", { x: middle, y: y(0) - 6, "text-anchor": "middle", class: "none" }, "–")];
    const { total, finished_count: finished } = period;
    const above = svg("text", { x: middle, y: y(total) - 5, "text-anchor": "middle", class: "value" }, number(total));
    return [label, bar(index, 0, finished, "finished"), bar(index, finished, total, "open"), above];
  });
  const picture = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": told(title, periods) }, lines, bars);
  const rows = periods.map((period) => [
    name(period.label),
    ...[period.total, period.finished_count, period.in_progress_count].map((value) => (value === null ? name(period.coverage_label) : value)),
  ]);
  return h(
    "figure",
    { class: "chart" },
    h("figcaption", {}, title),
    h("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": title }, picture),
    h("p", { class: "legend" }, h("span", { class: "finished" }, t("finished")), h("span", { class: "open" }, t("in_progress"))),
    h("details", {}, h("summary", {}, t("as_table")), table({ caption: title, heads: [t("month"), t("received"), t("finished"), t("in_progress")], rows })),
  );
}

// One, two or five, times a power of ten, so that there are at most five lines.
function stepOf(highest) {
  const rough = highest / 4;
  const power = 10 ** Math.floor(Math.log10(Math.max(rough, 1)));
  return power * [1, 2, 5, 10].find((factor) => factor * power >= rough);
}

// What the picture shows, for who does not see it.
function told(title, periods) {
  const recorded = periods.filter((period) => period.total !== null);
  if (!recorded.length) return `${title}: ${t("nothing_recorded")}`;
  const total = recorded.reduce((sum, period) => sum + period.total, 0);
  const most = recorded.reduce((most, period) => (period.total > most.total ? period : most));
  return `${title}: ${t("chart_told", { total: number(total), month: name(most.label), most: number(most.total) })}`;
}
