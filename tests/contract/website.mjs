// The website of examples/website in Chromium, from an origin that the service only knows by --cors-origins: every page in Thai
// and English, wide and on a telephone, with axe-core's rules; then cases from the form to the rating, with the mouse and with
// the keyboard alone; and last with the service killed. Screenshots are in target/contract/website.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { extname, join, normalize } from "node:path";
import { browser } from "./chromium.mjs";

const { PRONGSAI, PRONGSAI_PID, WEBSITE, PORT, OFFICER, COMPLAINT_OFFICER } = process.env;
const SITE = `http://localhost:${PORT}`;
const PICTURES = "website";
mkdirSync(PICTURES, { recursive: true });
const axe = readFileSync("node_modules/axe-core/axe.min.js", "utf8");

// Any web server serves the site, with the address of the service written into its page.
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".geojson": "application/geo+json" };
const configured = (page) =>
  page.replace('name="prongsai" content=""', `name="prongsai" content="${PRONGSAI}"`).replace("connect-src 'self'", `connect-src 'self' ${PRONGSAI}`);
const server = createServer((request, response) => {
  let path = normalize(new URL(request.url, SITE).pathname);
  if (path.endsWith("/")) path += "index.html";
  const body = readFileSync(join(WEBSITE, path));
  response.writeHead(200, { "Content-Type": TYPES[extname(path)] });
  response.end(path === "/index.html" ? configured(body.toString()) : body);
}).listen(PORT, "localhost");

const wrong = [];
let isAway = false;

async function newPage(width) {
  const page = await (await browser.createBrowserContext()).newPage();
  await page.setViewport({ width, height: 900, isMobile: width < 600, hasTouch: width < 600 });
  page.on("console", (message) => {
    if (["error", "warn"].includes(message.type()) && !isAway && !/status of 4(04|22)/.test(message.text())) wrong.push(message.text());
  });
  page.on("pageerror", (error) => wrong.push(error.message));
  page.on("request", (request) => {
    const { origin, protocol } = new URL(request.url());
    if (![SITE, PRONGSAI].includes(origin) && protocol !== "blob:") wrong.push(`asked ${request.url()}`);
  });
  return page;
}

const settled = (page) => page.waitForFunction(() => document.querySelector("#main:not([aria-busy]) h1"));
const heading = (page) => page.$eval("h1", (element) => element.innerText);
const text = (page) => page.$eval("main", (element) => element.innerText);
const until = (page, pattern) => page.waitForFunction((pattern) => new RegExp(pattern).test(document.querySelector("main").innerText), {}, pattern.source);

async function open(page, hash) {
  await page.goto(`${SITE}/${hash}`);
  await settled(page);
}

async function speak(page, language) {
  await page.goto(SITE);
  await page.evaluate((language) => localStorage.setItem("prongsai.language", language), language);
  await page.reload();
  await settled(page);
}

// What axe-core finds, and whether anything is wider than the screen.
async function judge(page, label) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`);
  assert.deepEqual(found, [], label);
  // A telephone's window grows with its page.
  const [wide, seen] = [await page.evaluate(() => document.documentElement.scrollWidth), page.viewport().width];
  assert(wide <= seen, `${label} is ${wide} px wide on ${seen}`);
  writeFileSync(join(PICTURES, `${label.replace(/[^a-z0-9]+/g, "-")}.png`), await page.screenshot({ fullPage: true }));
}

async function sixMeasures(page) {
  const shown = await text(page);
  for (const number of [1, 2, 3, 4, 5, 6]) assert.match(shown, new RegExp(`(^|\n)${number}[.\\s]`));
}

// Fills in and sends, as somebody with a mouse does or as somebody without one.
const mouse = (page) => ({
  fill: async (selector, value) => page.type(selector, value),
  choose: async (selector) => page.click(selector),
  select: async (selector, index) => page.$eval(selector, (select, index) => {
    select.selectedIndex = index;
    select.dispatchEvent(new Event("change", { bubbles: true }));
  }, index),
  press: async (selector) => page.click(selector),
});

const keyboard = (page) => {
  const reach = async (selector) => {
    for (let presses = 0; presses < 150; presses++) {
      if (await page.evaluate((selector) => document.activeElement?.matches(selector), selector)) {
        const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
        assert.notEqual(outline, "none", `${selector} shows no focus`);
        return;
      }
      await page.keyboard.press("Tab");
    }
    assert.fail(`${selector} is not reached with the keyboard`);
  };
  return {
    fill: async (selector, value) => {
      await reach(selector);
      await page.keyboard.type(value);
    },
    choose: async (selector) => {
      // Radio buttons are one stop: the arrows go through them.
      const group = await page.$eval(selector, (input) => input.name);
      await reach(`[name="${group}"]`);
      await page.keyboard.press("Space");
      for (let presses = 0; presses < 10 && !(await page.$eval(selector, (input) => input.checked)); presses++) {
        await page.keyboard.press("ArrowDown");
      }
    },
    select: async (selector, index) => {
      await reach(selector);
      for (let presses = 0; presses < index; presses++) await page.keyboard.press("ArrowDown");
    },
    press: async (selector) => {
      await reach(selector);
      await page.keyboard.press("Enter");
    },
  };
};

async function api(path, token, body) {
  const answer = await fetch(PRONGSAI + path, {
    method: body ? "POST" : "GET",
    headers: { Authorization: `Bearer ${token}`, ...(body && { "Content-Type": "application/json" }) },
    body: body && JSON.stringify(body),
  });
  assert(answer.ok, `${path}: ${answer.status} ${await answer.clone().text()}`);
  return answer.json();
}

const SUBMIT = "form button[type=submit]";
const FORMAT = /^([0-9A-Z]+-)+[0-9A-Z]+$/;

// Reads the receipt, sees that leaving is warned of, and opens the case with it.
async function follow(page, hands, label) {
  await page.waitForSelector(".receipt");
  await judge(page, `${label} receipt`);
  const receipt = await page.$eval(".receipt", (element) => element.innerText);
  assert.match(receipt, FORMAT);
  const asked = [];
  const stay = (dialog) => {
    asked.push(dialog.type());
    return dialog.dismiss();
  };
  page.on("dialog", stay);
  await page.evaluate(() => (location.hash = "#/measures"));
  await page.waitForFunction(() => location.hash !== "#/measures");
  page.off("dialog", stay);
  assert.deepEqual(asked, ["confirm"]);
  assert.equal(await page.$eval(".receipt", (element) => element.innerText), receipt);
  await hands.press("main p > button.main");
  await page.waitForSelector("[name='/receipt']");
  assert(!(await page.content()).includes(receipt) && !page.url().includes(receipt));
  await look(page, hands, receipt);
  return receipt;
}

async function look(page, hands, receipt) {
  await open(page, "#/status");
  await page.reload();
  await page.waitForSelector("[name='/receipt']");
  await hands.fill("[name='/receipt']", receipt);
  await hands.press(SUBMIT);
  await page.waitForSelector(".timeline");
}

async function arrive(width, language, handsOf, hash) {
  const page = await newPage(width);
  await speak(page, language);
  await open(page, hash);
  return [page, handsOf(page)];
}

async function lamp(width, language, handsOf) {
  const label = `lamp ${width} ${language}`;
  const [page, hands] = await arrive(width, language, handsOf, "#/services/public-lighting");
  await hands.press(SUBMIT);
  await page.waitForSelector(".faults a");
  await judge(page, `${label} faults`);
  assert.equal(await page.evaluate(() => document.activeElement.className), "faults");
  await hands.choose("[name='/form/fault'][value=out]");
  await hands.fill("[name='/form/lamp_count']", "0");
  if (handsOf === keyboard) {
    await hands.press("svg.map");
    for (const key of ["+", "ArrowLeft", "ArrowUp", "ArrowUp"]) await page.keyboard.press(key);
  } else {
    await (await page.$("svg.map")).click({ offset: { x: 350, y: 160 } });
  }
  await hands.fill("[name='/applicant/phone']", "081-234-5678");
  await hands.press(SUBMIT);
  // The service says what is wrong with the number, beside its field; all that was entered is still there.
  await page.waitForSelector("[name='/form/lamp_count'][aria-invalid]");
  await judge(page, `${label} refused`);
  assert(Number(await page.$eval("[name='/location/latitude']", (input) => input.value)) > 15.1);
  await page.$eval("[name='/form/lamp_count']", (input) => (input.value = ""));
  await hands.fill("[name='/form/lamp_count']", "2");
  await hands.press(SUBMIT);
  const receipt = await follow(page, hands, label);
  await judge(page, `${label} case`);

  const [request] = (await api("/v1/service-requests?status=received&sort=-received_at&limit=1", OFFICER)).items;
  const steps = [{ action: "accept" }, { action: "start" }, { action: "complete", text: "เปลี่ยนหลอดไฟแล้ว" }];
  for (const step of steps) await api(`/v1/service-requests/${request.id}/transitions`, OFFICER, step);
  await look(page, hands, receipt);
  assert.match(await text(page), /เปลี่ยนหลอดไฟแล้ว/);
  await hands.choose("[name='/rating'][value='5']");
  await hands.fill("form:has([name='/rating']) textarea", "ซ่อมเร็วมาก");
  await hands.press(`form:has([name='/rating']) ${SUBMIT.split(" ")[1]}`);
  await page.waitForFunction(() => document.querySelector("[name='/rating'][value='5']:checked"));
  await judge(page, `${label} rated`);
  const rated = await api(`/v1/service-requests/${request.id}`, OFFICER);
  assert.deepEqual([rated.rating, rated.status], [5, "completed"]);
  await page.close();
}

async function complain(width, language, handsOf) {
  const label = `complaint ${width} ${language}`;
  const [page, hands] = await arrive(width, language, handsOf, "#/complaint");
  await hands.choose("[name='/kind'][value=corruption]");
  await hands.select("[name='/category']", 2);
  await hands.fill("[name='/subject']", "เรียกรับเงินค่าอนุญาต");
  await hands.fill("[name='/description']", "เจ้าหน้าที่เรียกรับเงินสองพันบาท");
  writeFileSync("หลักฐาน.txt", "วันที่ 5 มีนาคม จ่ายสองพันบาทที่ชั้นสอง");
  await (await page.$("input[type=file]")).uploadFile("หลักฐาน.txt");
  await page.waitForFunction(() => document.querySelector("[role=status] li")?.innerText.includes("หลักฐาน.txt"));
  await hands.choose("[name='/who'][value=named]");
  await hands.fill("[name='/reporter/full_name']", "สมหญิง รักไทย");
  await judge(page, `${label} filled`);
  await page.evaluate(() => {
    const look = () => (globalThis.sawProgress ||= document.querySelector("progress") !== null);
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true });
  });
  // The first answer is lost on its way, and a second click sends nothing twice.
  let lost = false;
  await page.setRequestInterception(true);
  page.on("request", async (request) => {
    if (lost || request.method() !== "POST" || request.url() !== `${PRONGSAI}/v1/complaints`) return request.continue();
    lost = true;
    await fetch(request.url(), { method: "POST", headers: request.headers(), body: request.postData() });
    await request.abort();
  });
  isAway = true;
  await hands.press(SUBMIT);
  await page.waitForSelector(".faults");
  isAway = false;
  await hands.press(SUBMIT);
  await page.evaluate((submit) => document.querySelector(submit)?.click(), SUBMIT);
  await page.waitForSelector(".receipt");
  assert(await page.evaluate(() => globalThis.sawProgress));
  await until(page, language === "th" ? /ส่งแล้ว/ : /sent/);
  await follow(page, hands, label);
  assert.match(await text(page), /หลักฐาน\.txt/);
  const { items, page: { total } } = await api("/v1/complaints?sort=-received_at&limit=1&include_total=true", COMPLAINT_OFFICER);
  assert.equal(total, complained += 1);
  await api(`/v1/complaints/${items[0].id}/transitions`, COMPLAINT_OFFICER, { action: "accept" });
  const writing = "form:has([name='/text'])";
  await page.$$eval("details.card", (parts) => parts.forEach((part) => (part.open = true)));
  await judge(page, `${label} case`);
  await hands.fill(`${writing} textarea`, "มีพยานอีกหนึ่งคน");
  await hands.press(`${writing} button[type=submit]`);
  await until(page, /มีพยานอีกหนึ่งคน/);
  await page.close();
}
let complained = 0;

// A day to book, and a place that is only described.
async function tree() {
  const [page, hands] = await arrive(1280, "th", mouse, "#/services/tree-cutting");
  await hands.fill("[name='/form/reason']", "กิ่งพาดสายไฟ");
  await hands.fill("[name='/form/tree_count']", "1");
  await hands.choose("[name='/form/land'][value=public]");
  await hands.choose("[name='/form/near_power_line']");
  await hands.fill("[name='/location/address']", "หน้าวัด");
  await hands.select("[name='/booked_on']", 1);
  await hands.fill("[name='/applicant/phone']", "081-234-5678");
  await hands.press(SUBMIT);
  await follow(page, hands, "tree");
  await page.close();
}

try {
  for (const [width, language] of [[1280, "th"], [360, "th"], [1280, "en"], [360, "en"]]) {
    const page = await newPage(width);
    await speak(page, language);
    for (const hash of ["", "#/services", "#/services/tree-cutting", "#/complaint", "#/status", "#/measures", "#/statistics", "#/statistics/2567", "#/publications", "#/nothing"]) {
      await open(page, hash);
      await judge(page, `page ${width} ${language} ${hash}`);
      await page.$$eval("details", (parts) => parts.forEach((part) => (part.open = true)));
      await judge(page, `page ${width} ${language} ${hash} opened`);
    }
    await open(page, "#/measures");
    const other = await page.$eval("[name='/view']:not(:checked)", (input) => input.value);
    await page.click(`[name='/view'][value=${other}]`);
    await judge(page, `page ${width} ${language} measures as ${other}`);
    await sixMeasures(page);
    await page.close();
  }
  // The address that the demonstration prints first.
  const first = await newPage(1280);
  await first.goto(PRONGSAI);
  await settled(first);
  assert.equal(first.url(), `${PRONGSAI}/website/`);
  await first.goto(`${PRONGSAI}/website/#/measures`);
  await first.reload();
  await settled(first);
  assert.match(await heading(first), /มาตรการ/);
  await sixMeasures(first);
  await first.close();
  await lamp(1280, "th", mouse);
  await lamp(360, "en", keyboard);
  await complain(360, "th", mouse);
  await complain(1280, "en", keyboard);
  await tree();

  // The service away: what was read stays, and says of when it is; a form loses nothing.
  const page = await newPage(1280);
  for (const hash of ["#/measures", "#/statistics", "#/publications", "#/complaint"]) await open(page, hash);
  isAway = true;
  // The browser's own cache has them for a minute.
  await page.setCacheEnabled(false);
  process.kill(Number(PRONGSAI_PID), "SIGKILL");
  for (const hash of ["#/measures", "#/statistics", "#/publications"]) {
    await open(page, hash);
    assert.match(await page.$eval("#notice", (element) => element.innerText), /ติดต่อระบบไม่ได้/);
    assert(!/ยังแสดงหน้านี้ไม่ได้/.test(await heading(page)), hash);
  }
  await judge(page, "away publications");
  await open(page, "#/status");
  await page.type("[name='/receipt']", "5Z1H-60C7-28T5-R0HP-1R14-50H1-M6S");
  await page.click(SUBMIT);
  await page.waitForSelector(".faults");
  assert.match(await text(page), /ติดต่อระบบไม่ได้/);
  assert.equal(await page.$eval("[name='/receipt']", (input) => input.value), "5Z1H-60C7-28T5-R0HP-1R14-50H1-M6S");
  await open(page, "#/services/public-lighting");
  assert.match(await heading(page), /ยังแสดงหน้านี้ไม่ได้/);
} finally {
  await browser.close();
  server.close();
}
assert.deepEqual(wrong, []);
