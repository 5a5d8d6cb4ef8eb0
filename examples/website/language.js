// The language of the page, and how values are written in it.

import { texts } from "./texts.js";

const KEY = "prongsai.language";

export let language = load();

function load() {
  try {
    return localStorage.getItem(KEY) === "en" ? "en" : "th";
  } catch {
    return "th";
  }
}

export function setLanguage(chosen) {
  language = chosen;
  try {
    localStorage.setItem(KEY, chosen);
  } catch {
    // A browser that stores nothing asks again.
  }
}

// A text of this site; `{name}` in it is replaced.
export function t(key, values = {}) {
  const text = texts[key][language === "th" ? 0 : 1];
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

// A name of the service, which has both languages or only the Thai one.
export const name = (label) => label?.[language] || label?.th || "";

const locale = () => (language === "th" ? "th-TH-u-ca-buddhist-nu-latn" : "en-GB");

const written = (value, options) => new Intl.DateTimeFormat(locale(), { timeZone: "Asia/Bangkok", ...options }).format(value);

export const day = (date) => written(new Date(`${date}T00:00:00+07:00`), { day: "numeric", month: "long", year: "numeric" });

export const shortDay = (date) => written(new Date(`${date}T00:00:00+07:00`), { weekday: "short", day: "numeric", month: "short", year: "numeric" });

export const month = (date) => written(new Date(`${date}T00:00:00+07:00`), { month: "short" });

export const time = (instant) => written(new Date(instant), { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });

export const number = (value) => (value === null ? "–" : new Intl.NumberFormat("en").format(value));

export function size(bytes) {
  const [unit, divisor] = bytes < 1024 * 1024 ? ["KB", 1024] : ["MB", 1024 * 1024];
  return `${new Intl.NumberFormat("en", { maximumFractionDigits: 1 }).format(bytes / divisor)} ${unit}`;
}
