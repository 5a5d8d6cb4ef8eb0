// Who somebody is: of an applicant, to be called back, or of a reporter, which is sealed as soon as it arrives.

import { h } from "./dom.js";
import { field } from "./form.js";
import { t } from "./language.js";

export function applicantFields(pointer, hint) {
  return h("fieldset", { class: "group" }, h("legend", {}, t("applicant")), h("p", { class: "hint" }, hint), contactFields(pointer));
}

export function reporterFields(pointer) {
  return h("fieldset", { class: "group" },
    h("legend", {}, t("identity")),
    h("p", { class: "hint" }, t("identity_told")),
    contactFields(pointer, true),
    field({ pointer: `${pointer}/address`, label: t("address"), kind: "textarea", rows: 2, maxlength: 500, autocomplete: "street-address" }),
  );
}

const contactFields = (pointer, required = false) => [
  field({ pointer: `${pointer}/full_name`, label: t("full_name"), required, maxlength: 200, autocomplete: "name" }),
  field({ pointer: `${pointer}/phone`, label: t("phone"), kind: "tel", maxlength: 50, autocomplete: "tel" }),
  field({ pointer: `${pointer}/email`, label: t("email"), kind: "email", maxlength: 200, autocomplete: "email" }),
];
