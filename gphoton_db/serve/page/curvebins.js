// Bins of light curves, and an axis of time on which visits lie side by side.  It imports nothing.
//
// Curves are {NUV: [leg, ...], FUV: [...]}, each leg {eclipse, leg, t0: [], t1: [], cps: [],
// cps_err: [], flags: [], ...} with arrays of one length; null or NaN where there is no rate.

/** Part of the axis between two visits. */
export const GAP_SHARE = 0.02;

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
    if (last && span.t0 - last.t1 < shortestGap) {
      last.t1 = Math.max(last.t1, span.t1);
      if (!last.name.split(", ").includes(span.name)) last.name += `, ${span.name}`;
    } else {
      pieces.push({ ...span });
    }
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

/** Return curves with each band over the mean of its bins without flags (of all, if none is). */
export function overMean(curves) {
  const entries = Object.entries(curves).map(([band, legs]) => {
    const bins = binsOf(legs);
    const good = bins.some((bin) => !bin.flags) ? bins.filter((bin) => !bin.flags) : bins;
    const mean = good.reduce((sum, bin) => sum + bin.rate, 0) / good.length;
    if (!(mean > 0)) return [band, []];
    const over = (values) => values.map((value) => (value === null ? null : value / mean));
    return [band, legs.map((leg) => ({ ...leg, cps: over(leg.cps), cps_err: over(leg.cps_err) }))];
  });
  return Object.fromEntries(entries);
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
