// A place on a map of the municipality's own: map.geojson, drawn here, so that no other host learns who looks at what.
//
// The place is set with a click or with the arrow keys, from the device's position, or as numbers; or it is only described.

import { API } from "./api.js";
import { h, replace, svg } from "./dom.js";
import { field } from "./form.js";
import { t } from "./language.js";

const METRES_PER_DEGREE = 111_320;
const WIDTH = 640;
const HEIGHT = 420;

export async function placeField() {
  const [features, open] = await Promise.all([ownMap(), openRequests()]);
  const number = (pointer, label) => {
    const element = field({ pointer, label, kind: "number", step: "any", inputmode: "decimal" });
    element.dataset.type = "number";
    return element;
  };
  const latitude = number("/location/latitude", t("latitude"));
  const longitude = number("/location/longitude", t("longitude"));
  const [lat, lng] = [latitude, longitude].map((element) => element.querySelector("input"));
  const bounds = boundsOf(features);
  const picture = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, tabindex: 0, role: "application", class: "map", "aria-label": t("map_told") });
  const told = h("p", { role: "status", class: "hint" });

  // The middle of what is seen, in degrees, and pixels per metre.
  const east = Math.cos((bounds.middle[1] * Math.PI) / 180) * METRES_PER_DEGREE;
  const whole = Math.min(WIDTH / ((bounds.east - bounds.west) * east), HEIGHT / ((bounds.north - bounds.south) * METRES_PER_DEGREE)) * 0.94;
  let [middle, scale] = [bounds.middle, whole];
  const x = (degrees) => WIDTH / 2 + (degrees - middle[0]) * east * scale;
  const y = (degrees) => HEIGHT / 2 - (degrees - middle[1]) * METRES_PER_DEGREE * scale;
  const place = () => (lat.value && lng.value ? [Number(lng.value), Number(lat.value)] : null);

  const path = (rings, close) => rings.map((ring) => `M${ring.map(([e, n]) => `${x(e).toFixed(1)} ${y(n).toFixed(1)}`).join("L")}${close ? "Z" : ""}`).join("");
  const drawn = ({ geometry: { type, coordinates }, properties }) => {
    const kind = `feature ${properties?.kind ?? ""}`;
    if (type === "Polygon") return svg("path", { d: path(coordinates, true), class: kind });
    if (type === "LineString") return svg("path", { d: path([coordinates], false), class: `${kind} line` });
    const [e, n] = coordinates;
    return [
      svg("circle", { cx: x(e), cy: y(n), r: 4, class: kind }),
      properties?.name ? svg("text", { x: x(e) + 7, y: y(n) + 4 }, properties.name) : null,
    ];
  };
  const ruler = () => {
    const metres = [50, 100, 200, 500, 1000, 2000, 5000].findLast((metres) => metres * scale < WIDTH / 3) ?? 50;
    const text = metres < 1000 ? `${metres} ${t("metres")}` : `${metres / 1000} ${t("kilometres")}`;
    return [svg("path", { d: `M12 ${HEIGHT - 12}h${metres * scale}`, class: "ruler" }), svg("text", { x: 12, y: HEIGHT - 18 }, text)];
  };
  const pin = () => {
    const at = place();
    return at && svg("path", { d: `M${x(at[0])} ${y(at[1])}l-9 -22a9.7 9.7 0 1 1 18 0z`, class: "pin" });
  };
  const draw = () => {
    const dots = open.map(([e, n]) => svg("circle", { cx: x(e), cy: y(n), r: 5, class: "request" }, svg("title", {}, t("open_request"))));
    replace(picture, features.map(drawn), dots, ruler(), pin());
  };
  const set = (e, n) => {
    [lng.value, lat.value] = [e.toFixed(6), n.toFixed(6)];
    draw();
    replace(told, t("place_set", { latitude: lat.value, longitude: lng.value }));
  };
  const zoom = (factor) => {
    scale = Math.min(Math.max(scale * factor, whole / 2), whole * 64);
    middle = place() ?? middle;
    draw();
  };

  let from = null;
  picture.addEventListener("pointerdown", (event) => {
    from = { at: [event.clientX, event.clientY], middle, moved: false };
    picture.setPointerCapture(event.pointerId);
  });
  picture.addEventListener("pointermove", (event) => {
    if (!from) return;
    const pixels = WIDTH / picture.getBoundingClientRect().width / scale;
    const [right, down] = [event.clientX - from.at[0], event.clientY - from.at[1]];
    from.moved ||= Math.hypot(right, down) > 5;
    if (!from.moved) return;
    middle = [from.middle[0] - (right * pixels) / east, from.middle[1] + (down * pixels) / METRES_PER_DEGREE];
    draw();
  });
  picture.addEventListener("pointerup", (event) => {
    if (from && !from.moved) {
      const box = picture.getBoundingClientRect();
      const [px, py] = [((event.clientX - box.left) / box.width) * WIDTH, ((event.clientY - box.top) / box.height) * HEIGHT];
      set(middle[0] + (px - WIDTH / 2) / scale / east, middle[1] - (py - HEIGHT / 2) / scale / METRES_PER_DEGREE);
    }
    from = null;
  });
  picture.addEventListener("pointercancel", () => (from = null));
  picture.addEventListener("keydown", (event) => {
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (event.key === "+") zoom(2);
    else if (event.key === "-") zoom(0.5);
    else if (steps) {
      const [e, n] = place() ?? middle;
      const metres = 8 / scale;
      set(e + (steps[0] * metres) / east, n + (steps[1] * metres) / METRES_PER_DEGREE);
    } else return;
    event.preventDefault();
  });
  for (const input of [lat, lng]) input.addEventListener("input", draw);

  const locate = () =>
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        middle = [coords.longitude, coords.latitude];
        set(coords.longitude, coords.latitude);
      },
      () => replace(told, t("no_position")),
    );
  draw();
  return h(
    "fieldset",
    { class: "group" },
    h("legend", {}, t("place")),
    field({ pointer: "/location/address", label: t("place_described"), kind: "textarea", maxlength: 500, hint: t("place_hint") }),
    h("div", { class: "buttons" },
      h("button", { type: "button", onclick: () => zoom(2) }, t("zoom_in")),
      h("button", { type: "button", onclick: () => zoom(0.5) }, t("zoom_out")),
      navigator.geolocation && isSecureContext ? h("button", { type: "button", onclick: locate }, t("here")) : null,
    ),
    picture,
    told,
    h("div", { class: "pair" }, latitude, longitude),
  );
}

// The municipality's own map, beside this site.
async function ownMap() {
  const map = await (await fetch(new URL("map.geojson", import.meta.url))).json();
  return map.features;
}

// Where there is an open request already, as anybody may know it.
async function openRequests() {
  try {
    const answer = await fetch(`${API}/v1/service-requests/public.geojson`, { credentials: "omit" });
    return (await answer.json()).features.map((feature) => feature.geometry.coordinates);
  } catch {
    return [];
  }
}

function boundsOf(features) {
  const points = features.flatMap(({ geometry: { type, coordinates } }) => (type === "Point" ? [coordinates] : coordinates.flat(type === "Polygon" ? 1 : 0)));
  const [easts, norths] = [points.map((point) => point[0]), points.map((point) => point[1])];
  const [west, east] = [Math.min(...easts), Math.max(...easts)];
  const [south, north] = [Math.min(...norths), Math.max(...norths)];
  return { west, east, south, north, middle: [(west + east) / 2, (south + north) / 2] };
}
