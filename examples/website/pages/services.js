import { all, get, post } from "../api.js";
import { solve } from "../challenge.js";
import { h, list } from "../dom.js";
import { filesField } from "../files.js";
import { field, fieldsOf, form, sender } from "../form.js";
import { name, number, shortDay, t } from "../language.js";
import { guard } from "../leaving.js";
import { placeField } from "../map.js";
import { notices } from "../notices.js";
import { applicantFields } from "../people.js";
import { receiptPage } from "../receipt.js";
import { show } from "../show.js";

export async function services(code) {
  if (code) return service(code);
  const items = await all("/v1/e-services");
  const card = (service) => h("article", { class: "card" },
    h("h2", {}, name(service.name)),
    facts(service),
    h("p", {}, service.channel_url
      ? h("a", { href: service.channel_url }, t("elsewhere"))
      : h("a", { class: "button", href: `#/services/${service.code}`, "aria-label": `${t("ask_for")}: ${name(service.name)}` }, t("ask_for"))),
  );
  return { title: t("services"), content: items.length ? h("div", { class: "cards wide" }, items.map(card)) : h("p", {}, t("no_services")) };
}

function facts(service) {
  const fee = service.fee_baht === null ? t("fee_by_law") : Number(service.fee_baht) ? t("baht", { amount: service.fee_baht }) : t("no_fee");
  return h("dl", { class: "facts" },
    h("dt", {}, t("unit")), h("dd", {}, name(service.unit_name)),
    service.working_days ? [h("dt", {}, t("promised")), h("dd", {}, t("working_days", { days: number(service.working_days) }))] : null,
    h("dt", {}, t("fee")), h("dd", {}, fee),
    h("dt", {}, t("papers")), h("dd", {}, list(service.papers)),
    h("dt", {}, t("steps")), h("dd", {}, list(service.steps, "ol")),
    service.legal_basis ? [h("dt", {}, t("law")), h("dd", {}, service.legal_basis)] : null,
  );
}

async function service(code) {
  const [service, told] = await Promise.all([get(`/v1/e-services/${encodeURIComponent(code)}`), notices("service_request_intake")]);
  const books = service.capacity !== null;
  const [place, day] = await Promise.all([service.takes_location ? placeField() : null, books ? dayField(code) : null]);
  const files = filesField();
  const send = sender(async (body, attempt, tell) => {
    body.form ??= {};
    if (books) body.proof = attempt.proof ??= await solve(tell);
    tell(t("sending"));
    const answer = await post(`/v1/e-services/${encodeURIComponent(code)}/requests`, body, attempt.key);
    show(receiptPage("service-requests", await answer.json(), files.files()));
  });
  const element = form({ button: t("send_request"), send },
    h("p", { class: "hint" }, t("required_told")),
    fieldsOf(service.form_schema, "/form"),
    place,
    day,
    applicantFields("/applicant", t(books ? "applicant_needed" : "applicant_told")),
    files.element,
  );
  element.addEventListener("input", () => guard(t("leave_form")), { once: true });
  return { title: name(service.name), content: [h("details", {}, h("summary", {}, t("about_service")), facts(service)), told, element] };
}

async function dayField(code) {
  const days = (await get(`/v1/e-services/${encodeURIComponent(code)}/days`)).items.filter((day) => day.free_count > 0);
  if (!days.length) return h("p", { class: "statement" }, t("no_free_day"));
  const options = days.map((day) => [day.date, `${shortDay(day.date)} (${t("free_places", { count: number(day.free_count) })})`]);
  return field({ pointer: "/booked_on", label: t("booked_on"), kind: "select", required: true, options });
}
