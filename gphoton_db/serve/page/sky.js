// The sky: frames from tiles, and what pointer and keys do to the view.

import { limitsOf, colourTable, paint, paintBoth } from "./colours.js";
import { angleBetween, centreOf, vectorOf } from "./healpix.js";
import { LARGEST_FIELD, SMALLEST_FIELD, centreFor, makeView, positionAt } from "./projection.js";
import { smoothed } from "./smooth.js";
import { orderFor, rasterise } from "./raster.js";
import { tileLookUp } from "./tiles.js";

export const WIDEST_IMAGE = 5; // degrees; of more sky only outlines of visits are drawn
const LOWEST_ORDER = 3;
const HIGHEST_ORDER = 9;

/**
 * Return the sky of two canvases: `image` has the photons, `over` what is drawn on them.
 * @param options  {image, over, state, store, layers(): [layer], drawOver(context, view, frame),
 *                  onLimits(limits), blank(state, isPicture): packed colour}
 */
export function makeSky(options) {
  const { image, over, state, store } = options;
  const context = image.getContext("2d", { alpha: false });
  const overContext = over.getContext("2d");
  let view = null;
  let pixels = null;
  let requested = 0;
  let limits = { NUV: [0, 1], FUV: [0, 1] };
  let limitsOfWhat = "";
  const values = { NUV: null, FUV: null }; // as they are
  const shown = { NUV: null, FUV: null }; // smoothed
  let frames = 0;

  function resize() {
    const box = over.parentElement.getBoundingClientRect();
    const width = Math.max(64, Math.round(box.width));
    const height = Math.max(64, Math.round(box.height));
    const ratio = window.devicePixelRatio || 1;
    if (image.width === width && image.height === height && over.width === Math.round(width * ratio)) return;
    image.width = width;
    image.height = height;
    over.width = Math.round(width * ratio);
    over.height = Math.round(height * ratio);
    pixels = context.createImageData(width, height);
    values.NUV = new Float32Array(width * height);
    values.FUV = new Float32Array(width * height);
    request();
  }

  function request() {
    if (!requested) requested = window.requestAnimationFrame(draw);
  }

  function draw() {
    requested = 0;
    if (!pixels) return;
    const now = state.get();
    view = makeView(now.ra, now.dec, now.fov, image.width, image.height);
    const layers = now.fov <= WIDEST_IMAGE ? options.layers() : [];
    const order = orderFor(view, LOWEST_ORDER, HIGHEST_ORDER);
    const wanted = new Map();
    let isThere = false;
    for (const layer of layers) {
      const { band } = layer;
      const lookUp = tileLookUp(store, layer, order, LOWEST_ORDER, wanted);
      const isSeen = rasterise(view, order, lookUp, values[band]);
      shown[band] = isSeen ? smoothed(values[band], view.width, view.height, now.smooth) : values[band];
      isThere ||= isSeen;
    }
    store.want(nearestFirst(wanted, view));
    paintFrame(layers, now, order, isThere);
    frames += 1;
    const ratio = over.width / image.width;
    overContext.setTransform(ratio, 0, 0, ratio, 0, 0);
    overContext.clearRect(0, 0, image.width, image.height);
    options.drawOver(overContext, view, { order, layers, limits, pending: store.pending() });
  }

  function paintFrame(layers, now, order, isThere) {
    const buffer = new Uint32Array(pixels.data.buffer);
    const blank = options.blank(now, layers.length > 0);
    if (isThere || (layers.length && !store.pending())) chooseLimits(layers, now, order);
    if (!isThere) {
      buffer.fill(blank); // the first frames have outlines, and no tile yet
    } else {
      const [stretch] = now.scale.split(",");
      if (layers.length === 2) {
        paintBoth(shown.NUV, shown.FUV, buffer, stretch, limits, blank);
      } else {
        const { band } = layers[0];
        paint(shown[band], buffer, colourTable(now.cmap, stretch), ...limits[band], blank);
      }
    }
    context.putImageData(pixels, 0, 0);
  }

  // Limits follow the picture once all its tiles are there, not while it is moved or loads.
  function chooseLimits(layers, now, order) {
    const [, low, high] = now.scale.split(",").map(Number);
    for (const { band } of layers) {
      if (high > low) limits[band] = [low, high];
    }
    if (high > low) return;
    const what = `${now.band}/${now.plane}/${now.leg}/${now.t0}/${now.t1}/${order}/${now.smooth}`;
    const settled = !store.pending() && !dragging;
    if (!settled && what === limitsOfWhat) return;
    for (const { band } of layers) limits[band] = limitsOf(shown[band]);
    if (settled) limitsOfWhat = what;
    options.onLimits(limits);
  }

  let dragging = false;
  handlePointer({
    over,
    view: () => view,
    state,
    onDrag: (now) => {
      dragging = now;
      request();
    },
    onClick: options.onClick,
    onMove: options.onMove,
  });
  handleKeys(over, state, options);
  new ResizeObserver(resize).observe(over.parentElement);
  resize();
  state.watch(["ra", "dec", "fov", "band", "plane", "leg", "t0", "t1", "at", "scale", "cmap", "show", "radius", "annulus", "smooth"], request);

  return {
    request,
    view: () => view,
    limits: () => limits,
    frames: () => frames,
    /** Whether the frame shows the state, though perhaps not all its tiles. */
    drawn: () => !requested && frames > 0,
    /** Whether the frame shows the state, with all its tiles. */
    settled: () => !requested && frames > 0 && !store.pending(),
    /** The value shown at a point of the canvas in a band, in the unit shown. */
    valueAt(band, x, y) {
      const at = Math.floor(y) * image.width + Math.floor(x);
      return values[band] ? values[band][at] : NaN;
    },
  };
}

function nearestFirst(wanted, view) {
  const far = (tile) => angleBetween(centreOf(tile.number, tile.order), view.centre);
  return [...wanted.values()]
    .map((tile) => [far(tile), tile])
    .sort((a, b) => a[0] - b[0])
    .map(([, tile]) => tile);
}

/** Zoom by a factor about a point of the canvas, or its centre. */
export function zoom(state, view, factor, x = view.width / 2, y = view.height / 2) {
  const fov = Math.min(LARGEST_FIELD, Math.max(SMALLEST_FIELD, view.fov * factor));
  const held = positionAt(view, x, y);
  if (!held) {
    state.set({ fov });
    return;
  }
  const next = makeView(view.ra, view.dec, fov, view.width, view.height);
  const [ra, dec] = centreFor(next, vectorOf(...held), x, y);
  state.set({ fov, ra, dec });
}

/** Move by a part of the canvas to the right and down. */
export function move(state, view, right, down) {
  const to = positionAt(view, view.width * (0.5 + right), view.height * (0.5 + down));
  if (to) state.set({ ra: to[0], dec: to[1] });
}

function handlePointer({ over, view, state, onDrag, onClick, onMove }) {
  let start = null;
  const place = (event) => {
    const box = over.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  over.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !view()) return;
    const [x, y] = place(event);
    start = { x, y, held: positionAt(view(), x, y), moved: false };
    over.setPointerCapture(event.pointerId);
  });
  over.addEventListener("pointermove", (event) => {
    if (!view()) return;
    const [x, y] = place(event);
    if (!start) {
      onMove(x, y);
      return;
    }
    if (!start.moved && Math.hypot(x - start.x, y - start.y) < 4) return;
    start.moved = true;
    onDrag(true);
    if (!start.held) return;
    const [ra, dec] = centreFor(view(), vectorOf(...start.held), x, y);
    state.set({ ra, dec });
  });
  const end = (event) => {
    if (!start) return;
    const { moved } = start;
    const [x, y] = place(event);
    start = null;
    onDrag(false);
    if (!moved && event.type === "pointerup") onClick(x, y);
  };
  over.addEventListener("pointerup", end);
  over.addEventListener("pointercancel", end);
  over.addEventListener("pointerleave", () => start || onMove(-1, -1));
  over.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      if (!view()) return;
      const lines = event.deltaMode === 1 ? event.deltaY * 30 : event.deltaY;
      const [x, y] = place(event);
      zoom(state, view(), Math.exp(Math.max(-240, Math.min(240, lines)) * 0.0025), x, y);
    },
    { passive: false },
  );
}

function handleKeys(over, state, options) {
  const steps = {
    ArrowLeft: [-0.1, 0],
    ArrowRight: [0.1, 0],
    ArrowUp: [0, -0.1],
    ArrowDown: [0, 0.1],
  };
  over.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const now = state.get();
    const view = makeView(now.ra, now.dec, now.fov, over.clientWidth, over.clientHeight);
    const size = event.shiftKey ? 4 : 1;
    if (event.key in steps) {
      const [right, down] = steps[event.key];
      move(state, view, right * size, down * size);
    } else if (event.key === "+" || event.key === "=") {
      zoom(state, view, 1 / 1.5);
    } else if (event.key === "-") {
      zoom(state, view, 1.5);
    } else if (event.key === "Enter") {
      options.onClick(view.width / 2, view.height / 2);
    } else {
      return;
    }
    event.preventDefault();
  });
}
