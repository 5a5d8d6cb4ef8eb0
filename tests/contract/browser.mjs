// Opens /docs in a real browser: nothing may be wrong in its console, nothing may be asked of another host, and
// "Try it out" must show the service's own answer, "Authorize" must get a token, and ?lang=th must show the Thai texts.
// The page of a problem must open as well, on a telephone, and lead to the other language and to the list of all codes.
import assert from "node:assert/strict";
import { browser } from "./chromium.mjs";

const { PRONGSAI, CLIENT_ID, CLIENT_SECRET } = process.env;
const wrong = [];
try {
  const page = await browser.newPage();
  // For the items of a list Swagger UI looks for a component of their format, and takes its plain one where there is none.
  const isOfItems = (text) => /^Could not find component: JsonSchema_[a-z]+_[a-z0-9]+$/.test(text);
  page.on("console", (message) => {
    if (["error", "warn"].includes(message.type()) && !isOfItems(message.text())) wrong.push(message.text());
  });
  page.on("pageerror", (error) => wrong.push(error.message));
  page.on("response", (answer) => answer.status() >= 400 && wrong.push(`${answer.status()} ${answer.url()}`));
  page.on("request", (request) => {
    const { origin, protocol } = new URL(request.url());
    if (origin !== PRONGSAI && protocol !== "data:") wrong.push(`asked ${request.url()}`);
  });

  await page.goto(`${PRONGSAI}/docs/`, { waitUntil: "networkidle0" });
  const operation = await page.waitForSelector("#operations-measures-list_measures");
  await operation.click();
  const execute = await operation.waitForSelector(".btn.execute");
  const asked = page.waitForResponse((answer) => new URL(answer.url()).pathname === "/v1/measures");
  await execute.click();
  const answer = await asked;
  console.log(`Try it out asked ${decodeURIComponent(answer.url())}`);
  assert.equal(answer.status(), 200);
  const shown = await operation.waitForSelector(".live-responses-table .response");
  const text = await shown.evaluate((element) => element.innerText);
  assert.match(text, /^200/);
  assert(text.includes("โปร่งใส"), text);

  await (await page.waitForSelector(".btn.authorize")).click();
  await (await page.waitForSelector("#client_id_clientCredentials")).type(CLIENT_ID);
  await (await page.waitForSelector("#client_secret_clientCredentials")).type(CLIENT_SECRET);
  const granted = page.waitForResponse((answer) => new URL(answer.url()).pathname === "/oauth/token");
  await (await page.$$(".auth-container .auth-btn-wrapper .authorize")).at(-1).click();
  assert.equal((await granted).status(), 200);

  await page.goto(`${PRONGSAI}/docs/?lang=th`, { waitUntil: "networkidle0" });
  await page.waitForSelector("#operations-measures-list_measures");
  assert.match(await page.$eval("#operations-measures-list_measures", (element) => element.innerText), /มาตรการ/);

  await page.setViewport({ width: 360, height: 740, isMobile: true });
  await page.goto(`${PRONGSAI}/problems/validation_failed?lang=en`, { waitUntil: "networkidle0" });
  const heading = () => page.$eval("h1", (element) => `${document.documentElement.lang}: ${element.innerText}`);
  assert.match(await page.title(), /^Validation failed/);
  assert.equal(await heading(), "en: Validation failed");
  await Promise.all([page.waitForNavigation(), page.click("nav a[hreflang=th]")]);
  assert.equal(await heading(), "th: ข้อมูลไม่ถูกต้องหรือไม่ครบถ้วน");
  const styled = await page.$eval("nav", (element) => getComputedStyle(element).display);
  const [width, shown_width] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  assert.deepEqual([styled, width <= shown_width], ["flex", true], `${width} px wide on ${shown_width}`);
  await Promise.all([page.waitForNavigation(), page.click("nav a")]);
  assert.equal(await heading(), "th: รหัสข้อผิดพลาด");

  // A page of another origin, which is not configured, reads what is published, and sends nothing.
  const elsewhere = await browser.newPage();
  // Only a page with a real origin keeps what a preflight allowed; the policy of this one forbids scripts to ask for anything.
  await elsewhere.setBypassCSP(true);
  await elsewhere.goto(`${PRONGSAI.replace("127.0.0.1", "localhost")}/health/live`);
  const sent = [];
  elsewhere.on("response", (answer) => sent.push(`${answer.request().method()} ${answer.status()}`));
  const read = await elsewhere.evaluate(async (service) => {
    const measures = `${service}/v1/measures`;
    const first = await fetch(measures);
    const etag = first.headers.get("ETag");
    const again = await fetch(measures, { headers: { "If-None-Match": etag }, cache: "no-store" });
    const attempts = [
      fetch(measures, { headers: { Authorization: "Bearer x" } }),
      // The browser has kept what the preflight of If-None-Match allowed for this address.
      fetch(measures, { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" }),
    ];
    const refused = await Promise.all(attempts.map((attempt) => attempt.then(() => "read", () => "refused")));
    return { count: (await first.json()).items.length, etag, again: again.status, refused };
  }, PRONGSAI);
  console.log(`another origin read ${read.count} measures`);
  assert(read.count > 0 && read.etag, JSON.stringify(read));
  assert.deepEqual([read.again, read.refused], [304, ["refused", "refused"]]);
  assert(!sent.some((line) => line.startsWith("POST")), sent.join());
} finally {
  await browser.close();
}
assert.deepEqual(wrong, []);
