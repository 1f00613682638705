// Numbers, positions and times as astronomers write them.

const GALEX_TO_UNIX_S = 315964800;

/** Return "21:33:58.30" of degrees. */
export function hours(ra, digits = 2) {
  return sexagesimal((((ra % 360) + 360) % 360) / 15, digits, 24);
}

/** Return "-02:03:50.4" of degrees. */
export function degrees(dec, digits = 1) {
  return (dec < 0 ? "-" : "+") + sexagesimal(Math.abs(dec), digits, 91);
}

function sexagesimal(value, digits, wrap) {
  const unit = 10 ** digits;
  let rest = Math.round(value * 3600 * unit);
  if (rest >= wrap * 3600 * unit) rest -= wrap * 3600 * unit;
  const seconds = (rest % (60 * unit)) / unit;
  const minutes = Math.floor(rest / (60 * unit)) % 60;
  const whole = Math.floor(rest / (3600 * unit));
  const text = seconds.toFixed(digits).padStart(digits ? digits + 3 : 2, "0");
  return `${String(whole).padStart(2, "0")}:${String(minutes).padStart(2, "0")}:${text}`;
}

/** Return "2006-08-19 11:23:45" (UTC) of GALEX seconds. */
export function utc(t) {
  return new Date((t + GALEX_TO_UNIX_S) * 1000).toISOString().slice(0, 19).replace("T", " ");
}

/** Return a number short enough to read: 4 significant digits. */
export function short(value, digits = 4) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-3) return value.toExponential(digits - 2).replace("e+", "e");
  return String(Number(value.toPrecision(digits)));
}

/** Return an integer with thin separators: 18 012 345. */
export function count(value) {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

/** Return an angle in the unit that suits it: 1.2°, 15′, 30″. */
export function angle(value) {
  if (value >= 1) return `${short(value, 3)}°`;
  if (value >= 1 / 60) return `${short(value * 60, 3)}′`;
  return `${short(value * 3600, 3)}″`;
}

/** Return a cell of a table as text. */
export function cell(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return Number.isInteger(value) ? String(value) : precise(value);
  if (Array.isArray(value) && value.every((each) => typeof each === "string")) return value.join(", ");
  if (typeof value === "object") return JSON.stringify(value);
  return String(value);
}

function precise(value) {
  const size = Math.abs(value);
  if (size >= 1e9 || size < 1e-4) return value.toExponential(6);
  return String(Number(value.toPrecision(10)));
}

/** Return [ra, dec] of "12.5 -3.2" or "12.5,-3.2" or sexagesimal text; null where it is neither. */
export function parsePosition(text) {
  const clean = text.trim().replace(/[hmd°'′"″:]/gi, ":").replace(/s/gi, "");
  const parts = clean.split(/[\s,;]+/).map((part) => part.replace(/:+$/, ""));
  if (parts.length === 6) return checked(parts.slice(0, 3).join(":"), parts.slice(3).join(":"));
  return parts.length === 2 ? checked(parts[0], parts[1]) : null;
}

function checked(first, second) {
  const inHours = first.includes(":");
  const ra = fromSexagesimal(first) * (inHours ? 15 : 1);
  const dec = fromSexagesimal(second);
  return ra >= 0 && ra <= 360 && Math.abs(dec) <= 90 ? [ra % 360, dec] : null;
}

function fromSexagesimal(text) {
  if (!/^[+-]?\d+(\.\d*)?(:\d+(\.\d*)?){0,2}$/.test(text)) return NaN;
  const sign = text.startsWith("-") ? -1 : 1;
  const [whole, minutes = 0, seconds = 0] = text.replace(/^[+-]/, "").split(":").map(Number);
  return minutes < 60 && seconds < 60 ? sign * (whole + minutes / 60 + seconds / 3600) : NaN;
}
