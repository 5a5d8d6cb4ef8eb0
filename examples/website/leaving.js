// A warning before a visitor leaves what would be lost.

let message = null;

const unload = (event) => event.preventDefault();

// Warns until the function that it returns is called.
export function guard(text) {
  message = text;
  addEventListener("beforeunload", unload);
  return release;
}

export function release() {
  message = null;
  removeEventListener("beforeunload", unload);
}

// Whether the page may be left: nothing would be lost, or the visitor says so.
export function mayLeave() {
  if (message && !confirm(message)) return false;
  release();
  return true;
}
