// The toolbar: band, plane, colours, limits, overlays, dark and light.

import { COLOUR_MAPS, STRETCHES } from "./colours.js";
import { byId, make } from "./elements.js";
import { short } from "./format.js";
import { UNITS } from "./layers.js";

/** Return which overlays a state shows, as a set. */
export function shownOverlays(state) {
  return new Set(state.show.split(",").filter(Boolean));
}

/** Wire the toolbar; return {showLimits(limits)}. */
export function makeControls(state) {
  const bands = [...document.querySelectorAll("#band-choice input")];
  const overlays = [...document.querySelectorAll("#overlays input")];
  byId("colour-map").append(...COLOUR_MAPS.map((name) => make("option", { value: name }, name)));
  byId("stretch").append(...STRETCHES.map((name) => make("option", { value: name }, name)));

  function show() {
    const now = state.get();
    const [stretch] = now.scale.split(",");
    bands.forEach((each) => (each.checked = each.value === now.band));
    byId("plane").value = now.plane;
    byId("limit-unit").textContent = `Limits are in ${UNITS[now.plane]}.`;
    byId("colour-map").value = COLOUR_MAPS.includes(now.cmap) ? now.cmap : "magma";
    byId("stretch").value = stretch;
    byId("smooth").value = String(now.smooth);
    byId("colour-map").disabled = now.band === "BOTH";
    const shown = shownOverlays(now);
    overlays.forEach((each) => (each.checked = shown.has(each.value)));
  }

  function setScale(stretch, low, high) {
    state.set({ scale: high > low ? `${stretch},${low},${high}` : stretch });
  }

  const stretchNow = () => state.get().scale.split(",")[0];
  const readLimits = () => {
    if (byId("limit-low").value === "" || byId("limit-high").value === "") return;
    setScale(stretchNow(), Number(byId("limit-low").value), Number(byId("limit-high").value));
  };
  bands.forEach((each) => each.addEventListener("change", () => state.set({ band: each.value })));
  byId("plane").addEventListener("change", (event) => state.set({ plane: event.target.value, scale: stretchNow() }));
  byId("colour-map").addEventListener("change", (event) => state.set({ cmap: event.target.value }));
  byId("smooth").addEventListener("change", (event) => state.set({ smooth: Number(event.target.value) }));
  byId("stretch").addEventListener("change", (event) => {
    const [, low, high] = state.get().scale.split(",").map(Number);
    setScale(event.target.value, low, high);
  });
  byId("limit-low").addEventListener("change", readLimits);
  byId("limit-high").addEventListener("change", readLimits);
  byId("limits-auto").addEventListener("click", () => setScale(stretchNow()));
  overlays.forEach((each) =>
    each.addEventListener("change", () => {
      state.set({ show: overlays.filter(({ checked }) => checked).map(({ value }) => value).join(",") });
    }),
  );
  closeMenus();
  state.watch(["band", "plane", "scale", "cmap", "show", "smooth"], show);
  show();

  return {
    /** Show the limits in use, unless they are being written. */
    showLimits(limits) {
      for (const [id, value] of [["limit-low", limits[0]], ["limit-high", limits[1]]]) {
        const field = byId(id);
        if (document.activeElement !== field) field.value = short(value, 4);
      }
    },
  };
}

// A click elsewhere, or Escape, closes a menu.
function closeMenus() {
  const menus = [...document.querySelectorAll("details.menu")];
  document.addEventListener("pointerdown", (event) => {
    menus.forEach((menu) => menu.contains(event.target) || (menu.open = false));
  });
  menus.forEach((menu) =>
    menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      menu.open = false;
      menu.querySelector("summary").focus();
      event.stopPropagation();
    }),
  );
}

/** Choose dark or light as last time, or as the system has it; `changed` is called at a switch. */
export function makeTheme(changed) {
  const root = document.documentElement;
  const kept = ["dark", "light"].find((each) => each === window.localStorage.getItem("gphoton-theme"));
  const light = window.matchMedia("(prefers-color-scheme: light)").matches;
  root.dataset.theme = kept || (light ? "light" : "dark");
  byId("theme").addEventListener("click", () => {
    root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
    window.localStorage.setItem("gphoton-theme", root.dataset.theme);
    changed();
  });
}

/** Make the line between sky and lists movable, by pointer and keys. */
export function makeSplitter() {
  const line = byId("splitter");
  const setWidth = (wanted) => {
    const width = Math.round(Math.max(300, Math.min(wanted, window.innerWidth * 0.75)));
    document.documentElement.style.setProperty("--side", `${width}px`);
    line.setAttribute("aria-valuenow", width);
  };
  line.addEventListener("pointerdown", (event) => line.setPointerCapture(event.pointerId));
  line.addEventListener("pointermove", (event) => {
    if (line.hasPointerCapture(event.pointerId)) setWidth(window.innerWidth - event.clientX - 3);
  });
  line.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: 40, ArrowRight: -40 }[event.key];
    if (by) setWidth(Number(line.getAttribute("aria-valuenow")) + by);
  });
}
