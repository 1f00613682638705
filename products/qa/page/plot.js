// Light curves as SVG.
const SVG = "http://www.w3.org/2000/svg";

function drawn(kind, attributes, parent, text) {
  const element = document.createElementNS(SVG, kind);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text !== undefined) element.textContent = text;
  if (parent) parent.append(element);
  return element;
}

function usable(curve, i) {
  return Number.isFinite(curve.cps[i]) && Number.isFinite(curve.err[i]) && curve.exposed[i] > 0;
}

// The rate of a constant source with as many photons, and the length of a bin.
function constantOf(curve) {
  let sum = 0;
  let weight = 0;
  for (let i = 0; i < curve.t.length; i += 1) {
    if (!usable(curve, i)) continue;
    sum += curve.cps[i] * curve.exposed[i];
    weight += curve.exposed[i];
  }
  const length = curve.t.length > 1 ? curve.t[1] - curve.t[0] : 30;
  return { mean: weight > 0 ? sum / weight : NaN, length };
}

// What a constant source stays within, 3 standard deviations either way, of each bin.
function limitsOf(curve) {
  const { mean, length } = constantOf(curve);
  return Array.from(curve.t, (_, i) => {
    const noise = 3 * Math.sqrt(Math.max(mean, 0) / (curve.exposed[i] * length));
    return usable(curve, i) ? [Math.max(mean - noise, 0), mean + noise] : null;
  });
}

function niceStep(range, most) {
  const rough = range / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough);
}

function ticksOf(low, high, most) {
  if (!(high > low)) return [low];
  const step = niceStep(high - low, most);
  const found = [];
  for (let at = Math.ceil(low / step) * step; at <= high + step * 1e-6; at += step) found.push(at);
  return found;
}

function rangeOf(curve) {
  let low = Infinity;
  let high = -Infinity;
  limitsOf(curve).forEach((limits, i) => {
    if (!limits) return;
    low = Math.min(low, curve.cps[i] - curve.err[i], limits[0]);
    high = Math.max(high, curve.cps[i] + curve.err[i], limits[1]);
  });
  return low < high ? [Math.min(low, 0), high * 1.04] : [0, 1];
}

// One band of one source; `span`: the time axis, which all plots of a visit share.
function plotCurve(curve, band, span, { width = 720, height = 165, label = band, small = false } = {}) {
  const left = 52;
  const bottom = small ? 6 : 22;
  const top = 22;
  const svg = drawn("svg", { class: "plot", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `Light curve, ${label}` });
  const [low, high] = rangeOf(curve);
  const x = (t) => left + ((t - span[0]) / (span[1] - span[0] || 1)) * (width - left - 10);
  const y = (cps) => top + ((high - cps) / (high - low)) * (height - top - bottom);
  for (const at of ticksOf(low, high, small ? 2 : 4)) {
    drawn("path", { class: "axis", d: `M${left} ${y(at)}H${width - 10}` }, svg);
    drawn("text", { x: left - 6, y: y(at) + 4, "text-anchor": "end" }, svg, numberText(Number(at.toPrecision(4))));
  }
  if (!small) {
    for (const at of ticksOf(span[0], span[1], 8)) {
      const anchor = x(at) > width - 24 ? "end" : "middle"; // else the last one is cut off
      drawn("text", { x: anchor === "end" ? width - 2 : x(at), y: height - 6, "text-anchor": anchor }, svg, `${Math.round(at)} s`);
    }
  }
  const limits = limitsOf(curve);
  const { mean, length } = constantOf(curve);
  let bars = "";
  let line = "";
  let area = "";
  limits.forEach((each, i) => {
    if (!each) return;
    const at = x(curve.t[i]).toFixed(1);
    const half = (x(length) - x(0)) / 2;
    bars += `M${at} ${y(curve.cps[i] - curve.err[i]).toFixed(1)}V${y(curve.cps[i] + curve.err[i]).toFixed(1)}`;
    line += `${line && limits[i - 1] ? "L" : "M"}${at} ${y(curve.cps[i]).toFixed(1)}`;
    area += `M${x(curve.t[i]) - half} ${y(each[1])}h${2 * half}V${y(each[0])}h${-2 * half}z`;
  });
  drawn("path", { class: `${band} limits`, d: area }, svg);
  if (Number.isFinite(mean)) drawn("path", { class: `${band} mean`, d: `M${left} ${y(mean)}H${width - 10}` }, svg);
  drawn("path", { class: `${band} line`, d: line }, svg);
  drawn("path", { class: `${band} bars`, d: bars }, svg);
  limits.forEach((each, i) => {
    if (!each) return;
    const names = flagNames(curve.bits[i]);
    const dot = drawn("circle", { class: names.length ? `${band} flagged` : band, cx: x(curve.t[i]), cy: y(curve.cps[i]), r: small ? 1.8 : 2.8 }, svg);
    const said = `${numberText(curve.cps[i])} ± ${numberText(curve.err[i])} /s at ${curve.t[i].toFixed(1)} s`;
    drawn("title", {}, dot, names.length ? `${said}: ${names.join(", ")}` : said);
    if (names.length) drawn("path", { class: "flagtick", d: `M${x(curve.t[i])} ${height - bottom}v-5` }, svg);
  });
  drawn("text", { class: band, x: left + 2, y: 14 }, svg, label);
  return svg;
}

// A line of 120 by 24, for the contact sheet.
function sparkline(curve, band) {
  const svg = drawn("svg", { class: "plot", viewBox: "0 0 120 36", "aria-hidden": "true" });
  const [low, high] = rangeOf(curve);
  const last = curve.t[curve.t.length - 1] || 1;
  let line = "";
  for (let i = 0; i < curve.t.length; i += 1) {
    if (!usable(curve, i)) continue;
    line += `${line ? "L" : "M"}${(3 + (114 * curve.t[i]) / last).toFixed(1)} ${(3 + (30 * (high - curve.cps[i])) / (high - low)).toFixed(1)}`;
  }
  drawn("path", { class: `${band} line`, d: line, style: "opacity:1" }, svg);
  return svg;
}
