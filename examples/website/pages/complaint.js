import { all, post } from "../api.js";
import { solve } from "../challenge.js";
import { choices } from "../codes.js";
import { h } from "../dom.js";
import { filesField } from "../files.js";
import { field, form, sender, setOptions } from "../form.js";
import { name, t } from "../language.js";
import { guard } from "../leaving.js";
import { notices } from "../notices.js";
import { reporterFields } from "../people.js";
import { receiptPage } from "../receipt.js";
import { show } from "../show.js";

export async function complaint() {
  const [kinds, categories, units, told] = await Promise.all([
    choices("complaint-kind"),
    all("/v1/complaint-categories?active=true"),
    all("/v1/units?active=true"),
    notices("complaint_intake"),
  ]);
  const kind = field({ pointer: "/kind", label: t("kind"), kind: "radio", required: true, options: kinds.map(([code, label, meaning]) => [code, meaning ? `${label}: ${meaning}` : label]) });
  kind.dataset.required = "true";
  const category = field({ pointer: "/category", label: t("category"), kind: "select", required: true, hint: t("category_hint") });
  const offer = () => {
    const chosen = kind.querySelector("input:checked")?.value;
    const fitting = categories.filter((category) => category.kind === chosen);
    setOptions(category, fitting.map((category) => [category.code, name(category.name)]));
  };
  kind.addEventListener("change", offer);

  const anonymity = field({ pointer: "/who", label: t("who"), kind: "radio", required: true, hint: t("who_hint"), value: "anonymous", options: [["anonymous", t("anonymous")], ["named", t("named")]] });
  const identity = reporterFields("/reporter");
  identity.hidden = true;
  anonymity.addEventListener("change", () => (identity.hidden = anonymity.querySelector("input:checked").value === "anonymous"));

  const files = filesField();
  const send = sender(async (body, attempt, tell) => {
    delete body.who;
    attempt.proof ??= await solve(tell);
    tell(t("sending"));
    const answer = await post("/v1/complaints", { ...body, proof: attempt.proof }, attempt.key);
    show(receiptPage("complaints", await answer.json(), files.files()));
  });
  const element = form({ button: t("send_complaint"), send },
    h("p", { class: "hint" }, t("required_told")),
    kind,
    category,
    field({ pointer: "/subject", label: t("subject"), required: true, maxlength: 300 }),
    field({ pointer: "/description", label: t("description"), kind: "textarea", required: true, maxlength: 20000, rows: 8, hint: t("description_hint") }),
    field({ pointer: "/occurred_text", label: t("occurred"), maxlength: 300, hint: t("occurred_hint") }),
    field({ pointer: "/location_text", label: t("where"), maxlength: 500 }),
    field({ pointer: "/accused", label: t("accused"), kind: "textarea", rows: 2, maxlength: 2000 }),
    field({ pointer: "/accused_unit", label: t("accused_unit"), kind: "select", options: units.map((unit) => [unit.code, name(unit.name)]) }),
    files.element,
    anonymity,
    identity,
  );
  element.addEventListener("input", () => guard(t("leave_form")), { once: true });
  return { title: t("complaint"), content: [told, element] };
}
