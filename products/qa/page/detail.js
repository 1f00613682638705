// One candidate: where it is, how it looks, how it varies.
function made(kind, attributes = {}, ...children) {
  const element = document.createElement(kind);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function bandShown(candidate, wanted) {
  const there = BANDS.filter((band) => candidate.pictures[band]);
  return [wanted, candidate.band, ...there].find((band) => there.includes(band));
}

function circleOver(place, radius) {
  const svg = drawn("svg", { viewBox: "0 0 100 100", preserveAspectRatio: "none" });
  drawn("circle", { class: "mark", cx: 100 * place[0], cy: 100 * place[1], r: radius }, svg);
  return svg;
}

function pictureOf(kind, source, place, radius, words) {
  const box = made("div", { class: kind });
  box.append(made("img", { src: source, alt: words }), circleOver(place, radius));
  return box;
}

function picturesOf(candidate, band) {
  const pictures = candidate.pictures[band];
  if (!pictures) return made("div", {}, "no picture");
  const box = made("div");
  const heading = (text) => box.append(made("h3", {}, text));
  heading(`Full frame, ${band}`);
  box.append(pictureOf("frame", sheet.frames[pictures.frame].image, pictures.place, 2, `The field in ${band}, with the candidate's place`));
  heading("Thumbnail, north up, east left");
  box.append(pictureOf("thumbnail", pictures.thumbnail, [0.5, 0.5], 100 * sheet.aperture, `The candidate in ${band}`));
  return box;
}

function movieOf(candidate, band) {
  const pictures = candidate.pictures[band];
  const box = made("div", { class: "strip" });
  if (pictures) {
    box.append(made("h3", {}, `Movie, ${band}: equal parts of the visit, in order`));
    box.append(made("img", { src: pictures.movie, alt: `Frames of the movie in ${band}` }));
  }
  return box;
}

function spanOf(candidate) {
  let last = 0;
  for (const packed of Object.values(candidate.curves)) {
    const curve = curveOf(packed);
    last = Math.max(last, curve.t[curve.t.length - 1] + constantOf(curve).length / 2);
  }
  return [0, last || 1];
}

function curvesOf(candidate) {
  const box = made("div");
  const span = spanOf(candidate);
  box.append(made("h3", {}, "Light curves, photons a second; shaded: 3 σ of a constant source; hollow: flagged"));
  for (const band of BANDS) {
    if (candidate.curves[band]) box.append(plotCurve(curveOf(candidate.curves[band]), band, span));
  }
  if (candidate.neighbours.length) box.append(made("h3", {}, "Neighbours: do they vary in step?"));
  for (const each of candidate.neighbours) {
    for (const band of BANDS) {
      if (!each.curves[band] || (candidate.band && candidate.band !== band)) continue;
      const label = `${band}, ${each.separation.toFixed(0)}″ away`;
      box.append(plotCurve(curveOf(each.curves[band]), band, span, { height: 78, label, small: true }));
    }
  }
  return box;
}

function statisticsOf(candidate) {
  const box = made("div", { style: "grid-column: 1 / -1" }, made("h3", {}, "Statistics"));
  const rows = made("div", { class: "statistics" });
  const known = {
    "ra, deg": candidate.ra.toFixed(6), "dec, deg": candidate.dec.toFixed(6), eclipse: candidate.eclipse, leg: candidate.leg,
    band: candidate.band || "not said", "start, GALEX s": candidate.t0.toFixed(3), ...candidate.statistics,
  };
  for (const [name, value] of Object.entries(known)) {
    rows.append(made("div", {}, made("span", {}, name), made("span", {}, numberText(value))));
  }
  box.append(rows);
  return box;
}

function verdictsOf(candidate, place, judge) {
  const box = made("div", { class: "top" });
  box.append(made("h2", {}, candidate.source_id), made("span", {}, place));
  const said = saidOf(candidate);
  for (const verdict of VERDICTS) {
    const button = made("button", { type: "button", class: "verdict", "data-verdict": verdict, "aria-pressed": said.verdict === verdict }, `${verdict} (${verdict[0]})`);
    button.addEventListener("click", () => judge(said.verdict === verdict ? "" : verdict));
    box.append(button);
  }
  const note = made("input", { class: "note", id: "note", placeholder: "Note (n)", "aria-label": "Note" });
  note.value = said.note;
  note.addEventListener("input", () => say(candidate, { note: note.value }));
  box.append(note);
  return box;
}

let playing = 0;
function playMovie(candidate, band, box) {
  clearInterval(playing);
  const strip = box.querySelector(".strip img");
  const image = box.querySelector(".thumbnail img");
  if (playing || !strip || !image || !strip.naturalHeight) {
    playing = 0;
    if (image) image.src = candidate.pictures[band].thumbnail;
    return;
  }
  const side = strip.naturalHeight;
  const canvas = made("canvas", { width: side, height: side });
  const frames = Math.round(strip.naturalWidth / side);
  let number = 0;
  playing = setInterval(() => {
    canvas.getContext("2d").drawImage(strip, -side * (number % frames), 0);
    image.src = canvas.toDataURL();
    number += 1;
  }, 250);
}

function stopMovie() {
  clearInterval(playing);
  playing = 0;
}
