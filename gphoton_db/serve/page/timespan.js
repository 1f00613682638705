// The chosen range of time: what is shown of it, and stepping and playing through it.

import { byId, say } from "./elements.js";
import { short, utc } from "./format.js";

/**
 * Wire the chip of time; return {shift(by), clear()}.
 * @param spanOf(t)    [t0, t1] of the visit that a time is in, or null
 * @param isSettled()  whether the picture of the chosen time is there
 */
export function makeTimespan(state, spanOf, isSettled) {
  let playing = 0;

  function show() {
    const { t0, t1 } = state.get();
    byId("time-chip").hidden = t0 === null;
    if (t0 === null) {
      stop();
      return;
    }
    byId("time-text").textContent = `${utc(t0)} UTC, ${short(t1 - t0)} s`;
    say(`Photons of ${short(t1 - t0)} seconds from ${utc(t0)}`);
  }

  function shift(by) {
    const { t0, t1 } = state.get();
    if (t0 === null) return;
    const long = t1 - t0;
    state.set({ t0: Number((t0 + by * long).toFixed(3)), t1: Number((t1 + by * long).toFixed(3)) });
  }

  function clear() {
    state.set({ t0: null, t1: null });
  }

  // The next picture is asked for when the last one is there; at the end it begins again.
  function play() {
    const { span } = playing;
    const { t0, t1 } = state.get();
    if (isSettled()) {
      if (t1 + (t1 - t0) > span[1]) state.set({ t0: span[0], t1: Number((span[0] + t1 - t0).toFixed(3)) });
      else shift(1);
    }
    playing.timer = window.setTimeout(play, 350);
  }

  function start() {
    const { t0 } = state.get();
    const span = spanOf(t0);
    if (!span) return;
    playing = { span, timer: window.setTimeout(play, 350) };
    byId("time-play").textContent = "Stop";
    byId("time-play").setAttribute("aria-pressed", "true");
  }

  function stop() {
    if (!playing) return;
    window.clearTimeout(playing.timer);
    playing = 0;
    byId("time-play").textContent = "Play";
    byId("time-play").setAttribute("aria-pressed", "false");
  }

  byId("time-back").addEventListener("click", () => shift(-1));
  byId("time-on").addEventListener("click", () => shift(1));
  byId("time-play").addEventListener("click", () => (playing ? stop() : start()));
  byId("time-clear").addEventListener("click", clear);
  state.watch(["t0", "t1"], show);
  show();
  return { shift, clear };
}
