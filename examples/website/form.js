// Forms: fields with labels, hints and errors, what the service says is wrong beside the field that it means, and one that is
// made from a JSON Schema.

import { newKey } from "./api.js";
import { h, newId, replace } from "./dom.js";
import { language, t } from "./language.js";

// A field at a JSON pointer of the body. `kind` is an input's type, or `textarea`, `select`, `radio` or `checkbox`.
export function field({ pointer, label, kind = "text", hint, required, options = [], value, ...attributes }) {
  const id = newId();
  const error = h("p", { class: "error", id: `${id}-error`, hidden: true });
  const described = { "aria-describedby": hint ? `${id}-hint ${id}-error` : `${id}-error` };
  const shared = { id, name: pointer, ...described, ...attributes, "aria-required": required ? "true" : null };
  const title = [label, required ? h("span", { class: "required" }, ` (${t("required")})`) : null];
  const hinted = hint ? h("p", { class: "hint", id: `${id}-hint` }, hint) : null;
  let element;
  if (kind === "radio") {
    const one = ([code, text]) => {
      const input = h("input", { type: "radio", name: pointer, value: code, id: newId(), checked: code === value, ...described });
      return h("div", { class: "choice" }, input, h("label", { for: input.id }, text));
    };
    element = h("fieldset", { class: "field", id, tabindex: -1 }, h("legend", {}, title), hinted, error, options.map(one));
  } else if (kind === "checkbox") {
    const input = h("input", { type: "checkbox", ...shared });
    element = h("div", { class: "field" }, h("div", { class: "choice" }, input, h("label", { for: id }, title)), hinted, error);
  } else {
    element = h("div", { class: "field" }, h("label", { for: id }, title), hinted, error, control(kind, shared, options, value));
  }
  element.dataset.pointer = pointer;
  return element;
}

function control(kind, shared, options, value) {
  if (kind === "textarea") return h("textarea", { rows: 5, ...shared }, value ?? "");
  if (kind !== "select") return h("input", { type: kind, value, ...shared });
  const choices = options.map(([code, text]) => h("option", { value: code, selected: code === value }, text));
  return h("select", shared, h("option", { value: "" }, t("choose")), choices);
}

// Other choices for a select.
export function setOptions(element, options) {
  const select = element.querySelector("select");
  const chosen = select.value;
  const choices = options.map(([code, text]) => h("option", { value: code, selected: code === chosen }, text));
  replace(select, h("option", { value: "" }, t("choose")), choices);
}

// What a visitor has entered in a part of the page, as the body that its pointers describe. Empty fields are left out.
export function entered(part) {
  const body = {};
  for (const element of part.querySelectorAll("[data-pointer]")) {
    if (element.closest("[hidden]")) continue;
    const value = valueOf(element);
    if (value === undefined) continue;
    const names = element.dataset.pointer.split("/").slice(1);
    const last = names.pop();
    names.reduce((object, name) => (object[name] ??= {}), body)[last] = value;
  }
  return body;
}

function valueOf(element) {
  const input = element.querySelector("input:checked, select, textarea, input:not([type=radio])");
  if (!input) return undefined;
  if (input.type === "checkbox") return input.checked || element.dataset.type === "boolean" ? input.checked : undefined;
  const text = input.value.trim();
  if (!text) return undefined;
  return ["integer", "number"].includes(element.dataset.type) && !Number.isNaN(Number(text)) ? Number(text) : text;
}

// Removes what was said of an earlier attempt.
export function clearErrors(form) {
  for (const element of form.querySelectorAll(".error")) {
    element.hidden = true;
    replace(element);
  }
  for (const element of form.querySelectorAll("[aria-invalid]")) element.removeAttribute("aria-invalid");
  form.querySelector(".faults")?.remove();
}

// Shows errors, [{ pointer, detail }], beside their fields and in a list above the form, which gets the focus.
export function showErrors(form, message, errors = []) {
  clearErrors(form);
  const lines = errors.map(({ pointer = "", detail }) => {
    const element = nearest(form, pointer.replace(/^#/, ""));
    if (!element) return h("li", {}, detail);
    const label = element.querySelector("label, legend").firstChild.textContent;
    // The service names the field as well.
    const told = detail.startsWith(`${label}: `) ? detail.slice(label.length + 2) : detail;
    const error = element.querySelector(".error");
    error.hidden = false;
    error.append(h("span", { class: "line" }, told));
    const input = element.querySelector("input, select, textarea");
    for (const control of element.querySelectorAll("input, select, textarea")) control.setAttribute("aria-invalid", "true");
    const go = (event) => {
      event.preventDefault();
      input.focus();
      element.scrollIntoView({ block: "center" });
    };
    return h("li", {}, h("a", { href: `#${input.id}`, onclick: go }, label), ": ", told);
  });
  const faults = h("div", { class: "faults", role: "alert", tabindex: -1 }, h("p", {}, message), lines.length ? h("ul", {}, lines) : null);
  form.prepend(faults);
  faults.focus();
  faults.scrollIntoView({ block: "start" });
}

// The field at a pointer, or the one that it is in: an error of "/location" is beside its first field.
function nearest(form, pointer) {
  const fields = [...form.querySelectorAll("[data-pointer]")];
  const of = (test) => fields.find((element) => !element.closest("[hidden]") && test(element.dataset.pointer));
  return of((own) => own === pointer) ?? of((own) => pointer.startsWith(`${own}/`)) ?? (pointer ? of((own) => own.startsWith(`${pointer}/`)) : null);
}

// What went wrong with a request, in the visitor's words.
export function showProblem(form, problem) {
  if (problem.errors.length) return showErrors(form, t("please_correct"), problem.errors);
  if (problem.status) return showErrors(form, problem.message);
  if (problem.code === "no_answer") return showErrors(form, t("no_answer"));
  throw problem;
}

// Fields that are required and empty, before anything is sent.
export function missing(form) {
  const errors = [];
  for (const element of form.querySelectorAll("[data-pointer]")) {
    const isRequired = element.matches(":has([aria-required=true])") || element.dataset.required;
    if (isRequired && !element.closest("[hidden]") && [undefined, false].includes(valueOf(element))) {
      errors.push({ pointer: element.dataset.pointer, detail: t("is_required") });
    }
  }
  return errors;
}

// The fields of a form that is a JSON Schema, at a pointer of the body. `title` is Thai, `x-title-en` English.
export function fieldsOf(schema, pointer) {
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties ?? {}).map(([name, property]) =>
    fieldOf(property, `${pointer}/${name}`, name, required.has(name)),
  );
}

const titleOf = (schema, otherwise) => (language === "en" && schema["x-title-en"]) || schema.title || otherwise;

function fieldOf(schema, pointer, name, required) {
  const label = titleOf(schema, name);
  if (schema.type === "object") return h("fieldset", { class: "group" }, h("legend", {}, label), fieldsOf(schema, pointer));
  const choices = schema.oneOf?.map((choice) => [String(choice.const), titleOf(choice, String(choice.const))]) ?? schema.enum?.map((code) => [String(code), String(code)]);
  const shared = { pointer, label, required, hint: schema.description, maxlength: schema.maxLength };
  const element = choices ? field({ ...shared, kind: choices.length > 6 ? "select" : "radio", options: choices }) : field({ ...shared, ...inputOf(schema) });
  element.dataset.type = schema.type;
  if (required) element.dataset.required = "true";
  return element;
}

function inputOf(schema) {
  switch (schema.type) {
    case "boolean":
      // Not ticked is an answer.
      return { kind: "checkbox", required: false };
    case "integer":
    case "number":
      return { kind: "number", min: schema.minimum, max: schema.maximum, step: schema.type === "integer" ? 1 : "any", inputmode: "decimal" };
    default: {
      const kind = { date: "date", time: "time", email: "email", uri: "url" }[schema.format];
      return { kind: kind ?? ((schema.maxLength ?? 1000) > 200 ? "textarea" : "text") };
    }
  }
}

// Sends the same body with the same key and proof, however often: nothing arrives twice, and nothing is lost when an answer is.
export function sender(send) {
  let [sent, attempt] = [null, null];
  return async (body, tell) => {
    const text = JSON.stringify(body);
    if (text !== sent) [sent, attempt] = [text, { key: newKey() }];
    try {
      await send(body, attempt, tell);
    } catch (problem) {
      // Refused: the next one is another attempt.
      if (problem.status && problem.status < 500 && ![409, 429].includes(problem.status)) sent = null;
      throw problem;
    }
  };
}

// A form whose button sends once at a time. What is wrong is shown; nothing that was entered is lost.
export function form({ button, send }, ...children) {
  const submit = h("button", { type: "submit", class: "main" }, button);
  const state = h("p", { role: "status", class: "state" });
  const element = h("form", { novalidate: true }, children, h("div", { class: "send" }, submit, state));
  element.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (submit.getAttribute("aria-disabled")) return;
    const errors = missing(element);
    if (errors.length) return showErrors(element, t("please_complete"), errors);
    clearErrors(element);
    submit.setAttribute("aria-disabled", "true");
    try {
      await send(entered(element), (...told) => replace(state, ...told));
    } catch (problem) {
      showProblem(element, problem);
    } finally {
      submit.removeAttribute("aria-disabled");
      replace(state);
    }
  });
  return element;
}

