// A day of a TypeScript program that uses the API through openapi-typescript and openapi-fetch.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

const { PRONGSAI, TOKEN } = process.env;
// Lists and statistics come as spreadsheets, too: this program wants JSON.
type Json = "application/json" | "application/problem+json";
const api = createClient<paths, Json>({ baseUrl: PRONGSAI, headers: { Authorization: `Bearer ${TOKEN}` } });

// A list with a filter, page by page.
const measures: components["schemas"]["Measure"][] = [];
let cursor: string | undefined;
do {
  const { data } = await api.GET("/v1/measures", { params: { query: { fiscal_year: [2567], limit: 2, cursor } } });
  assert(data);
  measures.push(...data.items);
  cursor = data.page.next_cursor ?? undefined;
} while (cursor);
assert.deepEqual(measures.map((measure) => measure.number), [1, 2, 3, 4, 5, 6]);

// One record, and the same again.
const path = { id: measures[0].id };
const read = await api.GET("/v1/measures/{id}", { params: { path } });
assert.equal(read.data?.title, measures[0].title);
const again = await api.GET("/v1/measures/{id}", {
  params: { path, header: { "If-None-Match": read.response.headers.get("ETag")! } },
});
assert.equal(again.response.status, 304);

// A new one, sent twice and created once.
const body: components["schemas"]["MeasureInput"] = {
  fiscal_year: 2569,
  number: 1,
  title: "ส่งเสริมการเปิดเผยข้อมูลสาธารณะ",
  responsible: { all_units: true },
  period_text: "ปีงบประมาณ พ.ศ. ๒๕๖๙",
};
const header = { "Idempotency-Key": randomUUID() };
const created = await api.POST("/v1/measures", { body, params: { header } });
const replayed = await api.POST("/v1/measures", { body, params: { header } });
assert.equal(created.response.status, 201);
assert(created.data);
assert.equal(replayed.data?.id, created.data.id);

// A change of what was read; a second one that has not read the first; one that breaks a rule.
const etag = created.response.headers.get("ETag")!;
const change = (ifMatch: string, body: components["schemas"]["MeasurePatch"]) =>
  api.PATCH("/v1/measures/{id}", {
    params: { path: { id: created.data.id }, header: { "If-Match": ifMatch } },
    body,
  });
const changed = await change(etag, { topic: 7 });
assert.equal(changed.data?.topic, 7);
const stale = await change(etag, { topic: 6 });
assert.equal(stale.response.status, 412);
assert.equal(stale.error?.code, "precondition_failed");
const wrong = await change("*", { responsible: { units: ["legal"] } });
assert.equal(wrong.response.status, 422);
assert.equal(wrong.error?.errors?.[0].pointer, "#/responsible");

// A statistic.
const statistics = await api.GET("/v1/statistics/measures", { params: { query: { fiscal_year: 2567 } } });
assert.equal(statistics.data?.current.by_status.find((slice) => slice.value === "completed")?.total, 6);
