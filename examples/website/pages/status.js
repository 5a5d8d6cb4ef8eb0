import { API, newKey, post } from "../api.js";
import { label } from "../codes.js";
import { h, list, replace } from "../dom.js";
import { filesField } from "../files.js";
import { field, form, sender } from "../form.js";
import { day, language, name, size, t, time } from "../language.js";
import { reporterFields } from "../people.js";
import { sendFile } from "../receipt.js";
import { show } from "../show.js";

const KINDS = ["complaints", "service-requests"];

// The receipt is typed in: it is in no address, and nothing keeps it.
export async function status() {
  const send = async ({ receipt }, tell) => {
    tell(t("looking"));
    show(await found(receipt));
  };
  return {
    title: t("status"),
    content: [
      h("p", {}, t("status_told")),
      form({ button: t("look"), send },
        field({ pointer: "/receipt", label: t("receipt"), required: true, maxlength: 100, autocomplete: "off", spellcheck: "false", autocapitalize: "characters", hint: t("receipt_hint") }),
      ),
    ],
  };
}

// A receipt opens a case of either kind, also one that became the other kind.
async function found(receipt) {
  let unknown;
  for (const kind of KINDS) {
    try {
      return await casePage(kind, receipt, await (await post(`/v1/${kind}/lookup`, { receipt })).json());
    } catch (problem) {
      if (problem.status !== 404) throw problem;
      unknown = problem;
    }
  }
  throw unknown;
}

async function casePage(kind, receipt, found) {
  const isComplaint = kind === "complaints";
  const again = async () => show(await casePage(kind, receipt, await (await post(`/v1/${kind}/lookup`, { receipt })).json()));
  // Sends something of this case, and shows what it led to.
  const act = (path) => sender(async (body, { key }, tell) => {
    tell(t("sending"));
    await post(`/v1/${kind}/lookup/${path}`, { receipt, ...body }, key);
    await again();
  });
  const state = isComplaint ? await label("complaint-status", found.status) : await label("service-request-status", found.status);
  const outcome = found.outcome && (await label("complaint-outcome", found.outcome));
  const title = isComplaint ? found.subject ?? t("complaint_of", { reference: found.reference }) : name(found.e_service_name);
  const promised = isComplaint ? [["first_answer_due", found.first_answer], ["conclusion_due", found.conclusion]] : [["completion_due", found.completion]];
  const due = promised.map(([key, deadline]) => deadline && [h("dt", {}, t(key)), h("dd", {}, told(deadline))]);
  const area = (key, path, button, extra = []) => form({ button: t(button), send: act(path) },
    field({ pointer: "/text", label: t(key), kind: "textarea", required: path !== "withdrawal" && path !== "cancellation", maxlength: 4000 }), extra);
  const section = (key, ...content) => h("details", { class: "card" }, h("summary", {}, t(key)), content);
  const takes = found.takes_messages;
  return {
    title,
    content: [
      h("p", { class: "badge" }, [state, outcome].filter(Boolean).join(": ")),
      found.awaits_answer ? h("p", { class: "statement" }, name(found.awaited) || t("awaits_answer")) : null,
      h("dl", { class: "facts" },
        h("dt", {}, t("reference")), h("dd", {}, found.reference),
        h("dt", {}, t("received_on")), h("dd", {}, day(found.received_on)),
        due,
        found.booked_on ? [h("dt", {}, t("booked_on")), h("dd", {}, day(found.booked_on))] : null,
        found.referral ? [h("dt", {}, t("referred_to")), h("dd", {}, found.referral.authority)] : null,
      ),
      h("h2", {}, t("timeline")),
      h("ol", { class: "timeline" }, found.timeline.map(step)),
      found.attachments.length ? [h("h2", {}, t("files")), list(found.attachments.map((file) => fileOf(kind, receipt, file)))] : null,
      takes ? section("write", area("message", "messages", "send")) : null,
      takes ? section("add_files", addFiles(kind, receipt, again)) : null,
      found.next_steps.length ? h("section", {}, h("h2", {}, t("next_steps")), found.next_steps.map((next) =>
        h("div", {}, h("h3", {}, name(next.title)), h("p", { class: "text" }, (language === "en" && next.text_en) || next.text)))) : null,
      found.takes_rating ? rating(act("rating"), found.rating) : null,
      found.takes_reopening_request ? section("ask_reopening", area("why_reopen", "reopening", "send")) : null,
      isComplaint && found.anonymous && takes ? section("give_identity", form({ button: t("seal_identity"), send: act("identity") }, reporterFields("/reporter"))) : null,
      takes ? section(isComplaint ? "withdraw" : "cancel_request", area("why", isComplaint ? "withdrawal" : "cancellation", isComplaint ? "withdraw" : "cancel_request")) : null,
      h("p", {}, h("button", { type: "button", onclick: () => dispatchEvent(new HashChangeEvent("hashchange")) }, t("close_case"))),
    ],
  };
}

function told(deadline) {
  if (deadline.met_on) return t("met_on", { day: day(deadline.met_on) });
  if (deadline.paused_on) return t("paused_on", { day: day(deadline.paused_on) });
  return day(deadline.due_on) + (deadline.overdue ? ` (${t("overdue")})` : "");
}

function step(event) {
  const [action, status] = [name(event.action_label), name(event.status_label)];
  return h("li", { class: event.side },
    h("p", { class: "when" }, time(event.created_at), " · ", t(event.side === "office" ? "office" : "you")),
    h("p", {}, h("strong", {}, action), status && status !== action ? ` → ${status}` : ""),
    event.text ? h("p", { class: "text" }, event.text) : null,
  );
}

function fileOf(kind, receipt, file) {
  const state = h("span", { role: "status" });
  const fetchFile = async () => {
    try {
      const answer = await post(`/v1/${kind}/lookup/attachments/download`, { receipt, attachment_id: file.id });
      const link = h("a", { href: URL.createObjectURL(await answer.blob()), download: file.file_name });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
      replace(state);
    } catch (problem) {
      replace(state, " ", problem.status ? problem.message : t("no_answer"));
    }
  };
  return [h("button", { type: "button", class: "small", onclick: fetchFile }, file.file_name), ` ${size(file.size_bytes)}, ${time(file.created_at)}`, state];
}

function addFiles(kind, receipt, again) {
  const files = filesField();
  const keys = new Map();
  return form({
    button: t("send"),
    send: async (_, tell) => {
      for (const file of files.files()) {
        tell(`${t("sending")} ${file.name}`);
        if (!keys.has(file)) keys.set(file, newKey());
        await sendFile(kind, receipt, file, keys.get(file));
      }
      await again();
    },
  }, files.element);
}

function rating(send, given) {
  const options = [5, 4, 3, 2, 1].map((value) => [String(value), t(`rating_${value}`)]);
  const choice = field({ pointer: "/rating", label: t("how_was_it"), kind: "radio", required: true, options, value: given && String(given) });
  choice.dataset.required = "true";
  choice.dataset.type = "integer";
  return h("section", { class: "card" }, h("h2", {}, t("rate")),
    given ? h("p", {}, t("rated")) : null,
    form({ button: t("send_rating"), send }, choice, field({ pointer: "/text", label: t("comment"), kind: "textarea", rows: 3, maxlength: 2000 })));
}
