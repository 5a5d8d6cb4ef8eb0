// Shows a page: { title, content }.

import { $, h, replace } from "./dom.js";

export function show({ title, content }, focus = true) {
  const main = $("main");
  replace(main, h("h1", {}, title), content);
  main.removeAttribute("aria-busy");
  document.title = `${title} – ${$("agency").textContent}`;
  if (!focus) return;
  main.focus();
  scrollTo(0, 0);
}
