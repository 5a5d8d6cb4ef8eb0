// Elements, made without HTML in strings: no text of anybody can become markup.

export const $ = (id) => document.getElementById(id);

// h("a", { href: "#/" }, "text", element, [more], null): null, undefined and false are left out.
export function h(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

export function svg(name, attributes = {}, ...children) {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...present(children));
  return element;
}

const present = (children) => children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);

export const replace = (element, ...children) => element.replaceChildren(...present(children));

export const list = (items, name = "ul") => h(name, {}, items.map((item) => h("li", {}, item)));

// Text with its line breaks, in paragraphs.
export const paragraphs = (text) => text.split(/\n{2,}/).map((paragraph) => h("p", { class: "text" }, paragraph));

// A table that scrolls by itself on a telephone, also with the keyboard.
export function table({ caption, heads, rows, class: kind }) {
  const cell = (value, index) =>
    index === 0 ? h("th", { scope: "row" }, value) : h("td", { "data-head": heads[index], class: typeof value === "number" && "number" }, value);
  return h(
    "div",
    { class: "scroll", tabindex: 0, role: "group", "aria-label": caption },
    h(
      "table",
      { class: kind },
      h("caption", {}, caption),
      h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head)))),
      h("tbody", {}, rows.map((row) => h("tr", {}, row.map(cell)))),
    ),
  );
}

let ids = 0;
export const newId = () => `e${++ids}`;
