// What the sheet holds, and what a person said of it.
const sheet = JSON.parse(document.getElementById("data").textContent);
const candidates = sheet.candidates;
candidates.forEach((each, number) => { each.number = number; });

const BANDS = ["NUV", "FUV"];
const VERDICTS = ["real", "artifact", "unsure"];
const COLUMNS = ["sheet", "source_id", "ra", "dec", "eclipse", "leg", "band", "verdict", "note", "judged_at"];

function floatsOf(text) {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  return new Float32Array(bytes.buffer);
}

// Unpacked when it is looked at first.
const unpacked = new WeakMap();
function curveOf(packed) {
  if (!unpacked.has(packed)) {
    const curve = {};
    for (const [name, text] of Object.entries(packed)) curve[name] = floatsOf(text);
    unpacked.set(packed, curve);
  }
  return unpacked.get(packed);
}

function flagNames(bits) {
  return Object.entries(sheet.bits).filter(([bit]) => bits & Number(bit)).map(([, name]) => name);
}

// Verdicts by what a candidate is, so that they survive another sheet with the same ones.
const store = `gphoton-db qa ${sheet.title}`;
let judged = {};
try {
  judged = JSON.parse(localStorage.getItem(store) || "{}");
} catch {
  judged = {}; // a browser that keeps nothing for files
}

function keyOf(candidate) {
  return [candidate.source_id, candidate.eclipse, candidate.leg, candidate.band].join("|");
}

function saidOf(candidate) {
  return judged[keyOf(candidate)] || { verdict: "", note: "", judged_at: "" };
}

function say(candidate, what) {
  judged[keyOf(candidate)] = { ...saidOf(candidate), ...what, judged_at: new Date().toISOString() };
  try {
    localStorage.setItem(store, JSON.stringify(judged));
  } catch {
    // they stay until the page is closed
  }
}

function quoted(value) {
  const text = String(value ?? "");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function csvOf(rows) {
  const lines = rows.map((each) => {
    const row = { sheet: sheet.title, ...each, ...saidOf(each) };
    return COLUMNS.map((name) => quoted(row[name])).join(",");
  });
  return [COLUMNS.join(","), ...lines].join("\n") + "\n";
}

function exportCsv() {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([csvOf(candidates)], { type: "text/csv" }));
  link.download = `${sheet.title.replaceAll(/[^\w.-]+/g, "-")}-verdicts.csv`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

function numberText(value) {
  if (typeof value !== "number") return String(value);
  if (Number.isInteger(value)) return value.toString();
  const size = Math.abs(value);
  if (size >= 1e5 && size < 1e12) return value.toFixed(3); // times need all of their digits
  return size >= 1e12 || size < 1e-3 ? value.toExponential(3) : String(Number(value.toPrecision(6)));
}

// As much of a number as a card has room for; times and whole numbers keep all of their digits.
function shortText(value) {
  const small = typeof value === "number" && !Number.isInteger(value) && Math.abs(value) < 1e5;
  return numberText(small ? Number(value.toPrecision(4)) : value);
}
