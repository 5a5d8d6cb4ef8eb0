// Opens /docs in a real browser: nothing may be wrong in its console, nothing may be asked of another host, and
// "Try it out" must show the service's own answer.
import assert from "node:assert/strict";
import puppeteer from "puppeteer-core";

const { PRONGSAI, CHROMIUM } = process.env;
const browser = await puppeteer.launch({
  executablePath: CHROMIUM,
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
const wrong = [];
try {
  const page = await browser.newPage();
  page.on("console", (message) => ["error", "warn"].includes(message.type()) && wrong.push(message.text()));
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
} finally {
  await browser.close();
}
assert.deepEqual(wrong, []);
