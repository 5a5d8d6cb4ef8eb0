// What a visitor gets once: the receipt, and the files that are sent with it.

import { newKey, post } from "./api.js";
import { h, list, replace } from "./dom.js";
import { day, size, t } from "./language.js";
import { guard } from "./leaving.js";

// `kind` is `complaints` or `service-requests`; `given` is what the service answered; `files` were chosen before.
export function receiptPage(kind, given, files) {
  const release = guard(t("leave_receipt"));
  const { due_on: due } = given.first_answer ?? given.completion;
  const told = h("p", { role: "status", class: "state" });
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(given.receipt);
      replace(told, t("copied"));
    } catch {
      getSelection().selectAllChildren(receipt);
      replace(told, t("copy_yourself"));
    }
  };
  const receipt = h("output", { class: "receipt", "aria-label": t("receipt") }, given.receipt);
  const kept = h("button", { type: "button", class: "main", onclick: () => {
    release();
    location.hash = "#/status";
  } }, t("receipt_kept"));
  return {
    title: t("sent"),
    content: [
      h("p", {}, t("sent_told")),
      h("div", { class: "card important" },
        h("h2", {}, t("receipt")),
        receipt,
        h("p", {}, t("receipt_told")),
        h("div", { class: "buttons" },
          h("button", { type: "button", onclick: copy }, t("copy")),
          h("button", { type: "button", onclick: () => print() }, t("print")),
        ),
        told,
      ),
      h("dl", { class: "facts" },
        h("dt", {}, t("reference")), h("dd", {}, given.reference),
        h("dt", {}, t("received_on")), h("dd", {}, day(given.received_on)),
        due ? [h("dt", {}, t(given.first_answer ? "first_answer_due" : "completion_due")), h("dd", {}, day(due))] : null,
      ),
      files.length ? sendFiles(kind, given.receipt, files) : null,
      h("details", {}, h("summary", {}, t("acknowledgement")), h("p", {}, t("acknowledgement_told")), h("pre", {}, given.acknowledgement)),
      h("p", {}, kept),
    ],
  };
}

// Sends files one after the other, each with a button to try again.
function sendFiles(kind, receipt, files) {
  const lines = files.map((file) => ({ file, key: newKey(), state: h("span", { role: "status" }, t("waiting")) }));
  const send = async ({ file, key, state }) => {
    replace(state, t("sending"));
    try {
      await sendFile(kind, receipt, file, key);
      replace(state, t("file_sent"));
    } catch (problem) {
      const again = h("button", { type: "button", onclick: () => send({ file, key, state }) }, t("again"));
      replace(state, problem.errors?.[0]?.detail ?? (problem.status ? problem.message : t("no_answer")), " ", again);
    }
  };
  (async () => {
    for (const line of lines) await send(line);
  })();
  return h("section", {}, h("h2", {}, t("files")), list(lines.map(({ file, state }) => [`${file.name} (${size(file.size)}) `, state])));
}

export function sendFile(kind, receipt, file, key) {
  const body = new FormData();
  body.append("receipt", receipt);
  body.append("file", file, file.name);
  return post(`/v1/${kind}/lookup/attachments`, body, key);
}
