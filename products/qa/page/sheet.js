// The contact sheet, its order, and the keys.
const byId = (id) => document.getElementById(id);
const state = { listed: [], at: 0, open: false, band: "" };

function valueOf(candidate, name) {
  return name in candidate.statistics ? candidate.statistics[name] : candidate[name];
}

function compare(a, b) {
  const missing = (value) => value === undefined || value === null || value === "";
  if (missing(a) || missing(b)) return missing(a) - missing(b);
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b), undefined, { numeric: true });
}

function columnNames() {
  const names = new Set(["number", "source_id", "ra", "dec", "eclipse", "band"]);
  for (const each of candidates) for (const name of Object.keys(each.statistics)) names.add(name);
  return [...names];
}

function listed() {
  const name = byId("order").value;
  const sign = byId("descending").getAttribute("aria-pressed") === "true" ? -1 : 1;
  const shown = byId("shown").value;
  const find = byId("find").value.trim().toLowerCase();
  const missing = (each) => [undefined, null, ""].includes(valueOf(each, name));
  return candidates
    .filter((each) => shown === "all" || (saidOf(each).verdict || "open") === shown)
    .filter((each) => !find || `${each.source_id} ${each.eclipse} ${saidOf(each).note}`.toLowerCase().includes(find))
    .sort((a, b) => {
      const order = compare(valueOf(a, name), valueOf(b, name));
      // What is not known comes last, whichever way.
      return (missing(a) || missing(b) ? order : sign * order) || a.number - b.number;
    });
}

function cardOf(candidate, place) {
  const band = bandShown(candidate, state.band);
  const card = made("button", { type: "button", class: "card", "data-verdict": saidOf(candidate).verdict, "data-number": candidate.number });
  const picture = candidate.pictures[band];
  card.append(picture ? made("img", { src: picture.thumbnail, alt: "", loading: "lazy" }) : made("span"));
  const name = byId("order").value;
  const value = valueOf(candidate, name);
  const words = name === "number" || value === undefined ? "" : `${name} ${shortText(value)}`;
  card.append(made("div", { class: "name" }, candidate.source_id, made("br"), made("span", { class: "value" }, `e${candidate.eclipse} ${candidate.band} ${words}`)));
  const curve = candidate.curves[candidate.band] || candidate.curves[band];
  if (curve) card.append(sparkline(curveOf(curve), candidate.band || band));
  card.addEventListener("click", () => open(place));
  return card;
}

function countsText() {
  const n = (verdict) => candidates.filter((each) => saidOf(each).verdict === verdict).length;
  return `${candidates.length} ${candidates.length === 1 ? "candidate" : "candidates"}: ${VERDICTS.map((each) => `${n(each)} ${each}`).join(", ")}`;
}

function showSheet() {
  stopMovie();
  state.open = false;
  state.listed = listed();
  state.at = Math.min(state.at, Math.max(state.listed.length - 1, 0));
  byId("detail").hidden = true;
  byId("sheet").hidden = false;
  byId("sheet").replaceChildren(...state.listed.map(cardOf));
  byId("counts").textContent = countsText();
  mark();
}

function mark() {
  const cards = byId("sheet").children;
  for (const card of cards) card.removeAttribute("aria-current");
  const card = cards[state.at];
  if (!card) return;
  card.setAttribute("aria-current", "true");
  card.scrollIntoView({ block: "nearest" });
}

function current() {
  return state.listed[state.at];
}

function open(place) {
  stopMovie();
  state.at = place;
  const candidate = current();
  if (!candidate) return;
  state.open = true;
  const band = bandShown(candidate, state.band);
  const right = made("div", {}, movieOf(candidate, band), curvesOf(candidate));
  byId("detail").replaceChildren(
    verdictsOf(candidate, `${place + 1} of ${state.listed.length}`, judge),
    picturesOf(candidate, band), right, statisticsOf(candidate),
  );
  byId("sheet").hidden = true;
  byId("detail").hidden = false;
  byId("counts").textContent = countsText();
}

function judge(verdict) {
  const candidate = current();
  if (!candidate) return;
  say(candidate, { verdict });
  if (state.open) open(state.at);
  else {
    byId("sheet").children[state.at].dataset.verdict = verdict;
    byId("counts").textContent = countsText();
  }
}

function move(step) {
  const to = Math.min(Math.max(state.at + step, 0), state.listed.length - 1);
  if (state.open) open(to);
  else {
    state.at = to;
    mark();
  }
}

function otherBand() {
  const band = bandShown(current(), state.band);
  state.band = band === "NUV" ? "FUV" : "NUV";
  if (state.open) open(state.at);
  else showSheet();
}

const KEYS = {
  ArrowRight: () => move(1), ArrowLeft: () => move(-1), j: () => move(1), k: () => move(-1),
  Enter: () => open(state.at), Escape: showSheet, b: otherBand, e: exportCsv,
  r: () => judge("real"), a: () => judge("artifact"), u: () => judge("unsure"), x: () => judge(""),
  n: () => { if (!state.open) open(state.at); byId("note")?.focus(); },
  " ": () => { if (state.open) playMovie(current(), bandShown(current(), state.band), byId("detail")); },
  "?": () => byId("keys").click(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("input, select, textarea")) {
    if (event.key === "Escape" || (event.key === "Enter" && event.target.id === "note")) event.target.blur();
    return;
  }
  if (!KEYS[event.key] || !candidates.length) return;
  event.preventDefault();
  KEYS[event.key]();
});

byId("title").textContent = sheet.title;
document.title = `${sheet.title}: candidates`;
for (const name of columnNames()) byId("order").append(made("option", { value: name }, name));
byId("order").value = candidates.some((each) => "score" in each.statistics) ? "score" : "number";
byId("descending").setAttribute("aria-pressed", String(byId("order").value === "score"));
for (const id of ["order", "shown"]) byId(id).addEventListener("change", showSheet);
byId("find").addEventListener("input", showSheet);
byId("descending").addEventListener("click", () => {
  const pressed = byId("descending").getAttribute("aria-pressed") !== "true";
  byId("descending").setAttribute("aria-pressed", String(pressed));
  byId("descending").textContent = pressed ? "↓" : "↑";
  showSheet();
});
byId("descending").textContent = byId("order").value === "score" ? "↓" : "↑";
byId("export").addEventListener("click", exportCsv);
byId("keys").addEventListener("click", () => {
  byId("help").hidden = !byId("help").hidden;
  byId("keys").setAttribute("aria-expanded", String(!byId("help").hidden));
});
showSheet();
