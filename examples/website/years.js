// Fiscal years to choose from.

import { field } from "./form.js";
import { t } from "./language.js";

// A choice of the year, which is part of the address of the page.
export function yearField(years, year, page) {
  const element = field({ pointer: "/year", label: t("fiscal_year"), kind: "select", options: years.map((year) => [String(year), String(year)]), value: String(year) });
  const select = element.querySelector("select");
  select.options[0].remove();
  select.addEventListener("change", () => (location.hash = `#/${page}/${select.value}`));
  return element;
}
