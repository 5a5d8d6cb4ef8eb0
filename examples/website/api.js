// Calls of the service. What was read is kept: when the service is away, its last good answer is shown, with its time.

import { language } from "./language.js";

const address = document.querySelector("meta[name=prongsai]").content || "..";

export const API = new URL(address, document.baseURI).href.replace(/\/$/, "");

const KEPT = "prongsai.kept:";
const PATIENCE = 20_000;

// A problem of RFC 9457, or no answer at all: then there is no status.
export class Problem extends Error {
  constructor(body, status) {
    super(body.detail || body.title);
    Object.assign(this, { status, code: body.code, errors: body.errors ?? [] });
  }
}

// What the page shows came from here; the oldest answer that was kept is told to the visitor.
export let keptSince = null;
export const forgetKept = () => (keptSince = null);

export async function get(path) {
  try {
    const data = await read(path);
    keep(path, { at: new Date().toISOString(), data });
    return data;
  } catch (problem) {
    // What the service says of a request is no outage.
    const isAway = !problem.status || problem.status >= 500 || problem.status === 429;
    const kept = isAway && lastKept(path);
    if (!kept) throw problem;
    if (!keptSince || kept.at < keptSince) keptSince = kept.at;
    return kept.data;
  }
}

// What the service answers now.
export async function read(path) {
  const answer = await asked(path, { headers: { Accept: "application/json", "Accept-Language": language } });
  return answer.json();
}

// Every record of a list.
export async function all(path) {
  const items = [];
  let next = `${path}${path.includes("?") ? "&" : "?"}limit=100`;
  while (next) {
    const page = await get(next);
    items.push(...page.items);
    next = page.page.next && page.page.next.slice(page.page.next.indexOf("/v1/"));
  }
  return items;
}

// Sends JSON, or a form with a file. With the same key the service does the same thing once.
export async function post(path, body, key) {
  const headers = { Accept: "application/json", "Accept-Language": language };
  if (key) headers["Idempotency-Key"] = key;
  const isForm = body instanceof FormData;
  if (!isForm) headers["Content-Type"] = "application/json";
  const patience = isForm ? 10 * PATIENCE : PATIENCE;
  const answer = await asked(path, { method: "POST", headers, body: isForm ? body : JSON.stringify(body) }, patience);
  return answer;
}

export const newKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

async function asked(path, request, patience = PATIENCE) {
  let answer;
  try {
    answer = await fetch(API + path, { credentials: "omit", signal: AbortSignal.timeout(patience), ...request });
  } catch {
    throw new Problem({ code: "no_answer", detail: null, title: "" }, null);
  }
  if (answer.ok) return answer;
  const body = await answer.json().catch(() => ({ title: answer.statusText }));
  const problem = new Problem(body, answer.status);
  problem.retryAfter = Number(answer.headers.get("Retry-After")) || null;
  throw problem;
}

function lastKept(path) {
  try {
    return JSON.parse(localStorage.getItem(KEPT + path));
  } catch {
    return null;
  }
}

function keep(path, kept) {
  try {
    localStorage.setItem(KEPT + path, JSON.stringify(kept));
  } catch {
    // The storage is full, or there is none: the page works without it.
  }
}
