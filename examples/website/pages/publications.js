import { all } from "../api.js";
import { h, list, newId, replace } from "../dom.js";
import { size, t, time } from "../language.js";

export async function publications() {
  const items = await all("/v1/publications");
  const years = Object.groupBy(items, (item) => item.fiscal_year);
  return {
    title: t("publications"),
    content: [
      h("p", {}, t("publications_told")),
      items.length ? check(items) : h("p", {}, t("no_publications")),
      Object.entries(years).sort(([one], [other]) => other - one).map(([year, items]) =>
        h("section", {}, h("h2", {}, `${t("fiscal_year")} ${year}`), items.map(card)),
      ),
    ],
  };
}

function card(item) {
  const signed = item.signatures.filter((signature) => signature.outcome === "signed");
  return h("article", { class: "card" },
    h("h3", {}, item.title),
    h("p", {}, t("version", { number: item.number }), ", ", time(item.published_at)),
    item.reason ? h("p", {}, `${t("reason")}: ${item.reason}`) : null,
    list(signed.map(({ name, post }) => `${name ?? ""} ${post}`.trim())),
    h("ul", { class: "files" }, item.files.map((file) =>
      h("li", {}, h("a", { href: file.url }, `${file.format.toUpperCase()} (${size(file.size_bytes)})`), " SHA-256 ", h("code", {}, file.sha256)),
    )),
  );
}

// Whether a file that somebody has is one that was published, found out without sending it.
function check(items) {
  // Browsers hash only on pages with TLS, and on this machine.
  if (!crypto.subtle) return null;
  const [id, told] = [newId(), h("p", { role: "status" })];
  const input = h("input", { type: "file", id });
  input.addEventListener("change", async () => {
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", await input.files[0].arrayBuffer()));
    const hex = Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
    const found = items.find((item) => item.files.some((file) => file.sha256 === hex));
    replace(told, found ? t("file_published", { title: found.title, number: found.number }) : t("file_not_published"));
  });
  return h("div", { class: "field" }, h("label", { for: id }, t("check_file")), input, told);
}
