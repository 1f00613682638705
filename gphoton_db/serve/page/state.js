// What the page shows, kept in one place and in the address: a link reproduces the view.

const NUMBERS = { ra: 1e-6, dec: 1e-6, fov: 1e-5, t0: 1e-6, t1: 1e-6, radius: 1e-3, step: 1e-6, smooth: 1 };
const CHOICES = {
  band: ["NUV", "FUV", "BOTH"],
  plane: ["count", "intensity", "exposure"],
  norm: ["rate", "mean"],
  tab: ["visits", "sources", "variables", "targets", "sql"],
};
const WORDS = ["leg", "src", "at", "annulus", "scale", "cmap", "show"];

export const DEFAULTS = {
  ra: 0,
  dec: 0,
  fov: 1.6,
  band: "NUV",
  plane: "count",
  leg: "",
  t0: null,
  t1: null,
  at: "", // the position measured, "ra,dec"
  src: "", // what was chosen there, as a name to show
  radius: 12.8,
  annulus: "",
  step: 30,
  norm: "rate", // or "mean": rates over their mean
  scale: "asinh", // and limits: "asinh,0,0.5"
  cmap: "magma",
  smooth: 1, // pixels of the screen
  show: "legs,sources,targets,grid",
  tab: "visits",
};

/** Return the parts of a state that a fragment such as "#ra=1&dec=2" names, checked. */
export function parseFragment(fragment) {
  const found = {};
  for (const [name, value] of new URLSearchParams(fragment.replace(/^#/, ""))) {
    if (name in NUMBERS) {
      const number = value.trim() === "" ? NaN : Number(value);
      if (name === "step" && value === "visit") found.step = "visit";
      else if (Number.isFinite(number) && inRange(name, number)) found[name] = number;
    } else if (name in CHOICES) {
      if (CHOICES[name].includes(value)) found[name] = value;
    } else if (WORDS.includes(name) && value.length <= 200) {
      found[name] = value;
    }
  }
  if (found.t0 !== undefined && !(found.t1 > found.t0)) {
    delete found.t0;
    delete found.t1;
  }
  return found;
}

function inRange(name, number) {
  if (name === "dec") return Math.abs(number) <= 90;
  if (name === "ra") return number >= -360 && number <= 720;
  if (name === "fov") return number > 0 && number <= 180;
  if (name === "smooth") return [0, 1, 2, 4].includes(number);
  if (name === "radius" || name === "step") return number > 0;
  return true;
}

/** Return the fragment of a state: what differs from the defaults, and always the position. */
export function formatFragment(state) {
  const parts = [];
  for (const [name, normal] of Object.entries(DEFAULTS)) {
    const value = state[name];
    if (value === null || value === "" || value === undefined) continue;
    if (value === normal && !["ra", "dec", "fov", "band"].includes(name)) continue;
    const grain = NUMBERS[name];
    const text = typeof value === "number" && grain ? rounded(value, grain) : String(value);
    parts.push(`${name}=${encodeURIComponent(text).replaceAll("%2C", ",")}`);
  }
  return `#${parts.join("&")}`;
}

function rounded(value, grain) {
  return String(Number(value.toFixed(Math.round(-Math.log10(grain)))));
}

/** Return a state with `get()`, `set(changes)` and `watch(names, call)`. */
export function makeState(initial) {
  let current = { ...DEFAULTS, ...initial };
  const watchers = [];
  return {
    get: () => current,
    set(changes) {
      const changed = Object.keys(changes).filter((name) => changes[name] !== current[name]);
      if (!changed.length) return;
      current = { ...current, ...changes };
      for (const { names, call } of [...watchers]) {
        if (!names || changed.some((name) => names.includes(name))) call(current, changed);
      }
    },
    watch(names, call) {
      watchers.push({ names, call });
    },
  };
}

/**
 * Keep the address and the state the same; places gone to become steps of "back".
 * @param home()  where an address without a place leads
 */
export function keepAddress(state, home) {
  let timer = 0;
  let written = window.location.hash;
  const write = () => {
    timer = 0;
    const fragment = formatFragment(state.get());
    if (fragment === written) return;
    written = fragment;
    window.history.replaceState(null, "", fragment);
  };
  state.watch(null, () => {
    if (!timer) timer = window.setTimeout(write, 150);
  });
  window.addEventListener("hashchange", () => {
    if (window.location.hash === written) return;
    written = window.location.hash;
    state.set({ ...DEFAULTS, ...home(), ...parseFragment(written) });
  });
  return {
    /** Keep where we are now as a step that "back" returns to. */
    leaveStep() {
      window.clearTimeout(timer);
      write();
      window.history.pushState(null, "", written);
    },
  };
}
