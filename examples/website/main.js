// The frame of the site: which page is shown, in which language, and whether the service is away.

import { API, forgetKept, get, keptSince } from "./api.js";
import { $, h, list, replace } from "./dom.js";
import { language, name, setLanguage, t, time } from "./language.js";
import { mayLeave } from "./leaving.js";
import { show } from "./show.js";
import { complaint } from "./pages/complaint.js";
import { home } from "./pages/home.js";
import { measures } from "./pages/measures.js";
import { publications } from "./pages/publications.js";
import { services } from "./pages/services.js";
import { statistics } from "./pages/statistics.js";
import { status } from "./pages/status.js";

const PAGES = { home, services, complaint, status, measures, statistics, publications };

let shown = location.hash;
let turn = 0;

async function open(focus) {
  const mine = ++turn;
  const [page, ...rest] = location.hash.replace(/^#\/?/, "").split("/");
  const chosen = page || "home";
  frame(chosen);
  forgetKept();
  $("main").setAttribute("aria-busy", "true");
  let content;
  try {
    const agency = await get("/v1/agency");
    replace($("agency"), h("a", { href: "#/" }, name(agency.name)));
    content = Object.hasOwn(PAGES, chosen) ? await PAGES[chosen](...rest.map(decodeURIComponent)) : notFound();
  } catch (problem) {
    content = problem.status === 404 ? notFound() : failed(problem);
  }
  // Another page was asked for meanwhile.
  if (mine !== turn) return;
  show(content, focus);
  const notice = $("notice");
  notice.hidden = !keptSince;
  replace(notice, keptSince ? t("kept", { time: time(keptSince) }) : null);
}

function frame(page) {
  document.documentElement.lang = language;
  replace($("skip"), t("skip"));
  const other = $("language");
  other.lang = language === "th" ? "en" : "th";
  replace(other, t("other_language"));
  const menu = $("menu");
  menu.setAttribute("aria-label", t("menu"));
  const link = (to) => h("a", { href: to === "home" ? "#/" : `#/${to}`, "aria-current": to === page && "page" }, t(to));
  replace(menu, list(Object.keys(PAGES).map(link)));
  replace($("footer"), h("p", {}, t("footer"), " · ", h("a", { href: `${API}/docs/?lang=${language}` }, t("documentation"))));
}

const notFound = () => ({ title: t("not_found"), content: h("p", {}, h("a", { href: "#/" }, t("to_home"))) });

function failed(problem) {
  // A fault of this site: it is not hidden.
  if (!("status" in problem)) console.error(problem);
  const told = problem.status ? problem.message : t("away");
  return { title: t("not_loaded"), content: [h("p", { role: "alert" }, told), h("p", {}, h("button", { type: "button", onclick: () => open(true) }, t("again")))] };
}

addEventListener("hashchange", () => {
  if (!mayLeave()) return history.replaceState(null, "", shown || "#/");
  shown = location.hash;
  open(true);
});

// The page that is shown, asked for again.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='#/']");
  if (link && link.getAttribute("href") === location.hash) dispatchEvent(new HashChangeEvent("hashchange"));
});

$("skip").addEventListener("click", (event) => {
  event.preventDefault();
  $("main").focus();
});

$("language").addEventListener("click", () => {
  if (!mayLeave()) return;
  setLanguage(language === "th" ? "en" : "th");
  open(false);
});

open(false);
