// A plot of light curves: both bands together, error bars, flagged bins hollow, gaps between
// visits cut.  The charts library is handed over, so that a page without a server (the sheets of
// `gphoton-db qa`) can carry this file and curvebins.js inline.

import { GAP_SHARE, binsOf, cutTime } from "./curvebins.js";

const MARK = 3;

/** Colours of one theme; a page may hand over its own. */
export const CURVE_COLOURS = {
  dark: { NUV: "#f5b041", FUV: "#5dade2", text: "#c5ccd6", grid: "#2a323d", band: "#ffffff22" },
  light: { NUV: "#b9770e", FUV: "#1f618d", text: "#333b45", grid: "#dde2e8", band: "#00000018" },
};

/**
 * Draw light curves in an element; return {chart, redraw(), select([t0, t1] or null), destroy(), axis}.
 * @param uPlot     the library
 * @param element   emptied and filled
 * @param curves    see curvebins.js
 * @param options   {width, height, colours, selected: [t0, t1] or null, onSelect(t0, t1),
 *                  onHover({band, bin} or null), nameOf(piece): what to call a visit,
 *                  rateName: of the axis, fromZero: false where rates need not begin there}
 */
export function drawCurves(uPlot, element, curves, options) {
  element.replaceChildren();
  const axis = cutTime(curves);
  const bands = Object.keys(curves).map((band) => ({ band, bins: binsOf(curves[band]) }));
  const colours = options.colours;
  const data = tableOf(bands, axis);
  let zoomed = null;
  const chart = new uPlot(
    {
      width: options.width,
      height: options.height,
      padding: [18, 12, 0, 0],
      legend: { show: false },
      cursor: {
        y: false,
        points: { show: false },
        drag: { x: Boolean(options.onSelect), y: false, setScale: false, dist: 4 },
      },
      select: { show: Boolean(options.onSelect) },
      scales: {
        x: { time: false, range: () => zoomed || [-0.01 * axis.length, 1.01 * axis.length] },
        y: { range: () => rangeOf(bands, options.fromZero !== false) },
      },
      axes: [timeAxis(axis, colours), rateAxis(colours, options.rateName)],
      series: [{}, ...bands.map(({ band }) => ({ label: band, points: { show: false }, paths: () => null }))],
      hooks: {
        drawAxes: [(u) => drawBehind(u, axis, options)],
        draw: [(u) => bands.forEach(({ band, bins }, i) => drawBins(u, axis, bins, colours[band], 1 - 2 * i))],
        setSelect: [(u) => selectionMade(u, axis, options)],
        setCursor: [(u) => hover(u, axis, bands, options)],
      },
    },
    data,
    element,
  );
  zoomByWheel(chart, axis, (range) => {
    zoomed = range;
    chart.setData(data);
  });
  const redraw = () => chart.redraw(false);
  const select = (range) => {
    options.selected = range;
    redraw();
  };
  return { chart, axis, redraw, select, destroy: () => chart.destroy() };
}

// The wheel zooms the time about the pointer, a double click shows all of it again.
function zoomByWheel(chart, axis, setRange) {
  const place = chart.over;
  place.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      const at = chart.posToVal(event.clientX - place.getBoundingClientRect().left, "x");
      const factor = Math.exp(Math.max(-240, Math.min(240, event.deltaY)) * 0.002);
      const [low, high] = [chart.scales.x.min, chart.scales.x.max].map((x) => at + (x - at) * factor);
      setRange(high - low >= axis.length ? null : [low, high]);
    },
    { passive: false },
  );
  place.addEventListener("dblclick", () => setRange(null));
}

// One column of x for all bands, as the library wants it; the bins are drawn by drawBins.
function tableOf(bands, axis) {
  const places = new Map();
  bands.forEach(({ bins }, band) => {
    for (const bin of bins) {
      const x = axis.to((bin.t0 + bin.t1) / 2);
      if (!places.has(x)) places.set(x, bands.map(() => null));
      places.get(x)[band] = bin.rate;
    }
  });
  const xs = [...places.keys()].sort((a, b) => a - b);
  return [xs, ...bands.map((_, band) => xs.map((x) => places.get(x)[band]))];
}

// From a little below the faintest to a little above the brightest, error bars of good bins in.
function rangeOf(bands, fromZero) {
  let low = fromZero ? 0 : Infinity;
  let high = fromZero ? 0 : -Infinity;
  for (const { bins } of bands) {
    for (const { rate, error, flags } of bins) {
      low = Math.min(low, flags ? rate : rate - error);
      high = Math.max(high, flags ? rate : rate + error);
    }
  }
  if (!(high > low)) return [0, 1];
  const margin = 0.06 * (high - low);
  return [fromZero && low === 0 ? 0 : low - margin, high + margin];
}

function timeAxis(axis, colours) {
  return {
    stroke: colours.text,
    grid: { stroke: colours.grid, width: 1 },
    ticks: { stroke: colours.grid, width: 1, size: 5 },
    size: 24,
    gap: 4,
    font: "11px system-ui, sans-serif",
    labelFont: "11px system-ui, sans-serif",
    labelSize: 16,
    label: axis.pieces.length > 1 ? "seconds of each visit, gaps cut" : "seconds",
    splits: (u) => splitsOf(axis, u),
    values: (u, splits) => splits.map((x) => String(Math.round(axis.within(x) * 1000) / 1000)),
  };
}

// Round seconds of each visit, as many as have room.
function splitsOf(axis, u) {
  const { min, max } = u.scales.x;
  const each = ((max - min) / Math.max(1, u.width)) * 70;
  const power = 10 ** Math.floor(Math.log10(each));
  const step = [1, 2, 5, 10].map((m) => m * power).find((size) => size >= each);
  const splits = [];
  for (const piece of axis.pieces) {
    const long = piece.t1 - piece.t0;
    if (piece.x0 > max || piece.x0 + long < min) continue;
    const first = Math.max(0, Math.ceil((min - piece.x0) / step));
    for (let s = first * step; s <= long && piece.x0 + s <= max; s += step) {
      const x = piece.x0 + s;
      if (!splits.length || x - splits.at(-1) > 0.6 * each) splits.push(x);
    }
  }
  return splits;
}

function rateAxis(colours, name = "photons / s") {
  return {
    stroke: colours.text,
    grid: { stroke: colours.grid, width: 1 },
    ticks: { stroke: colours.grid, width: 1, size: 5 },
    size: 48,
    gap: 4,
    font: "11px system-ui, sans-serif",
    labelFont: "11px system-ui, sans-serif",
    labelSize: 16,
    label: name,
  };
}

// Borders of visits and the chosen range of time, under the bins.
function drawBehind(u, axis, options) {
  const { ctx, bbox } = u;
  ctx.save();
  if (options.selected) {
    const [left, right] = options.selected.map((t) => u.valToPos(axis.to(t), "x", true));
    ctx.fillStyle = options.colours.band;
    ctx.fillRect(left, bbox.top, Math.max(1, right - left), bbox.height);
  }
  ctx.strokeStyle = options.colours.text;
  ctx.globalAlpha = 0.45;
  ctx.setLineDash([2, 4]);
  for (const piece of axis.pieces.slice(1)) {
    const x = Math.round(u.valToPos(piece.x0 - (GAP_SHARE / 2) * axis.length, "x", true)) + 0.5;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  }
  ctx.setLineDash([]);
  ctx.textAlign = "left";
  ctx.textBaseline = "bottom";
  ctx.globalAlpha = 0.8;
  ctx.fillStyle = options.colours.text;
  const ratio = globalThis.devicePixelRatio || 1;
  ctx.font = `${11 * ratio}px system-ui, sans-serif`;
  let free = -Infinity;
  for (const piece of axis.pieces) {
    const x = u.valToPos(piece.x0, "x", true) + 3 * ratio;
    const label = options.nameOf ? options.nameOf(piece) : piece.name;
    if (x < free || x + ctx.measureText(label).width > bbox.left + bbox.width + 20) continue;
    ctx.fillText(label, x, bbox.top - 3 * ratio);
    free = x + ctx.measureText(label).width + 8 * ratio;
  }
  ctx.restore();
}

function drawBins(u, axis, bins, colour, side) {
  const { ctx, bbox } = u;
  const ratio = globalThis.devicePixelRatio || 1;
  // Bars of the two bands would hide each other: they stand half a mark apart.
  const shift = side * ratio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.strokeStyle = colour;
  ctx.fillStyle = colour;
  ctx.lineWidth = ratio;
  drawJoins(u, axis, bins, shift);
  const mark = (bins.length > 400 ? 1.6 : MARK) * ratio;
  for (const bin of bins) {
    const x = u.valToPos(axis.to((bin.t0 + bin.t1) / 2), "x", true) + shift;
    const y = u.valToPos(bin.rate, "y", true);
    const half = Math.abs(u.valToPos(bin.rate + bin.error, "y", true) - y);
    ctx.globalAlpha = bin.flags ? 0.5 : 0.9;
    ctx.beginPath();
    ctx.moveTo(x, y - half);
    ctx.lineTo(x, bin.flags ? y - mark : y + half);
    if (bin.flags) {
      ctx.moveTo(x, y + mark);
      ctx.lineTo(x, y + half);
    }
    ctx.stroke();
    ctx.beginPath();
    ctx.arc(x, y, mark, 0, 2 * Math.PI);
    if (bin.flags) ctx.stroke();
    else ctx.fill();
  }
  ctx.restore();
}

// A thin line from each bin to the next of the same leg.
function drawJoins(u, axis, bins, shift) {
  const { ctx } = u;
  ctx.globalAlpha = 0.35;
  ctx.beginPath();
  bins.forEach((bin, i) => {
    const x = u.valToPos(axis.to((bin.t0 + bin.t1) / 2), "x", true) + shift;
    const y = u.valToPos(bin.rate, "y", true);
    const last = bins[i - 1];
    const joined = last && last.eclipse === bin.eclipse && last.leg === bin.leg;
    if (joined && bin.t0 - last.t1 < 0.5 * (bin.t1 - bin.t0)) ctx.lineTo(x, y);
    else ctx.moveTo(x, y);
  });
  ctx.stroke();
}

function selectionMade(u, axis, options) {
  const { left, width } = u.select;
  if (width < 4 || !options.onSelect) return;
  const t0 = axis.from(u.posToVal(left, "x"));
  const t1 = axis.from(u.posToVal(left + width, "x"));
  u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  if (t1 > t0) options.onSelect(t0, t1);
}

function hover(u, axis, bands, options) {
  if (!options.onHover) return;
  const { left, top } = u.cursor;
  if (!(left >= 0)) {
    options.onHover(null);
    return;
  }
  let best = null;
  let nearest = 30;
  for (const { band, bins } of bands) {
    for (const bin of bins) {
      const x = u.valToPos(axis.to((bin.t0 + bin.t1) / 2), "x");
      const y = u.valToPos(bin.rate, "y");
      const far = Math.abs(x - left) + 0.2 * Math.abs(y - top);
      if (far < nearest) {
        nearest = far;
        best = { band, bin };
      }
    }
  }
  options.onHover(best);
}
