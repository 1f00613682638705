// A plot of light curves: both bands together, error bars, flagged bins hollow, gaps between
// visits cut.  It imports nothing: the charts library is handed over, so that a page without a
// server (the sheets of `gphoton-db qa`) can carry this file inline.
//
// Curves are {NUV: [leg, ...], FUV: [...]}, each leg {eclipse, leg, t0: [], t1: [], cps: [],
// cps_err: [], flags: [], ...} with arrays of one length; null or NaN where there is no rate.

const GAP_SHARE = 0.02; // of the axis, between two visits
const MARK = 3;

/** Colours of one theme; a page may hand over its own. */
export const CURVE_COLOURS = {
  dark: { NUV: "#f5b041", FUV: "#5dade2", text: "#c5ccd6", grid: "#2a323d", band: "#ffffff22" },
  light: { NUV: "#b9770e", FUV: "#1f618d", text: "#333b45", grid: "#dde2e8", band: "#00000018" },
};

/**
 * Return an axis of time on which visits lie side by side, the gaps between them cut.
 * It has `to(t)`, `from(x)`, `pieces` (each {t0, t1, x0, name}) and `length`, all in seconds.
 */
export function cutTime(curves, shortestGap = 1200) {
  const spans = Object.values(curves)
    .flat()
    .filter((leg) => leg.t0.length)
    .map((leg) => ({ t0: leg.t0[0], t1: leg.t1.at(-1), name: `${leg.eclipse}.${leg.leg}` }))
    .sort((a, b) => a.t0 - b.t0);
  const pieces = [];
  for (const span of spans) {
    const last = pieces.at(-1);
    if (last && span.t0 - last.t1 < shortestGap) last.t1 = Math.max(last.t1, span.t1);
    else pieces.push({ ...span });
  }
  const seen = pieces.reduce((sum, piece) => sum + piece.t1 - piece.t0, 0);
  const gap = GAP_SHARE * seen;
  let x0 = 0;
  for (const piece of pieces) {
    piece.x0 = x0;
    x0 += piece.t1 - piece.t0 + gap;
  }
  const pieceOf = (x) => pieces.findLast((piece) => x >= piece.x0) || pieces[0];
  return {
    pieces,
    length: Math.max(x0 - gap, 1e-6),
    to(t) {
      const piece = pieces.findLast((each) => t >= each.t0) || pieces[0];
      return piece ? piece.x0 + Math.min(t - piece.t0, piece.t1 - piece.t0) : 0;
    },
    from(x) {
      const piece = pieceOf(x);
      return piece ? piece.t0 + Math.max(0, Math.min(x - piece.x0, piece.t1 - piece.t0)) : 0;
    },
    within(x) {
      const piece = pieceOf(x);
      return piece ? x - piece.x0 : 0;
    },
  };
}

/** Return the bins of one band as flat lists in the order of time. */
export function binsOf(legs) {
  const bins = [];
  for (const leg of legs || []) {
    for (let i = 0; i < leg.t0.length; i += 1) {
      const rate = leg.cps[i];
      if (rate === null || rate !== rate) continue;
      bins.push({
        eclipse: leg.eclipse,
        leg: leg.leg,
        t0: leg.t0[i],
        t1: leg.t1[i],
        rate,
        error: leg.cps_err[i] || 0,
        flags: leg.flags ? leg.flags[i] || 0 : 0,
        number: i,
      });
    }
  }
  return bins.sort((a, b) => a.t0 - b.t0);
}

/**
 * Draw light curves in an element; return {chart, redraw(), destroy(), axis}.
 * @param uPlot     the library
 * @param element   emptied and filled
 * @param curves    see above
 * @param options   {width, height, colours, selected: [t0, t1] or null, onSelect(t0, t1),
 *                  onHover({band, bin} or null), nameOf(piece): what to call a visit}
 */
export function drawCurves(uPlot, element, curves, options) {
  element.replaceChildren();
  const axis = cutTime(curves);
  const bands = Object.keys(curves).map((band) => ({ band, bins: binsOf(curves[band]) }));
  const colours = options.colours;
  const data = tableOf(bands, axis);
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
        x: { time: false, range: () => [-0.01 * axis.length, 1.01 * axis.length] },
        y: { range: () => rangeOf(bands) },
      },
      axes: [timeAxis(axis, colours), rateAxis(colours)],
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
  return { chart, axis, redraw: () => chart.redraw(false), destroy: () => chart.destroy() };
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
function rangeOf(bands) {
  let low = 0;
  let high = 0;
  for (const { bins } of bands) {
    for (const { rate, error, flags } of bins) {
      low = Math.min(low, flags ? rate : rate - error);
      high = Math.max(high, flags ? rate : rate + error);
    }
  }
  if (!(high > low)) return [0, 1];
  const margin = 0.06 * (high - low);
  return [low < 0 ? low - margin : 0, high + margin];
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
    splits: (u) => splitsOf(axis, u.width),
    values: (u, splits) => splits.map((x) => String(Math.round(axis.within(x) * 1000) / 1000)),
  };
}

// Round seconds of each visit, as many as have room.
function splitsOf(axis, width) {
  const each = (axis.length / Math.max(1, width)) * 70;
  const step = [1, 2, 5].flatMap((m) => [0.01, 0.1, 1, 10, 100, 1000, 1e4, 1e5].map((p) => m * p))
    .sort((a, b) => a - b)
    .find((size) => size >= each);
  const splits = [];
  for (const piece of axis.pieces) {
    for (let s = 0; s <= piece.t1 - piece.t0 && splits.length < 200; s += step || each) {
      const x = piece.x0 + s;
      if (!splits.length || x - splits.at(-1) > 0.5 * each) splits.push(x);
    }
  }
  return splits;
}

function rateAxis(colours) {
  return {
    stroke: colours.text,
    grid: { stroke: colours.grid, width: 1 },
    ticks: { stroke: colours.grid, width: 1, size: 5 },
    size: 48,
    gap: 4,
    font: "11px system-ui, sans-serif",
    labelFont: "11px system-ui, sans-serif",
    labelSize: 16,
    label: "photons / s",
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
