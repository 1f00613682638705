// What the server answers.  Errors are thrown as ApiError with a sentence for the person.

export class ApiError extends Error {
  constructor(message, status, body) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.body = body;
  }
}

const listeners = [];
let reachable = "yes";

/** Call when the server is lost ("no"), wants a new key ("locked") or is back ("yes"). */
export function onConnection(call) {
  listeners.push(call);
}

function note(now) {
  if (now === reachable) return;
  reachable = now;
  listeners.forEach((call) => call(now));
}

/** Return the address of an endpoint; parameters that are empty are left out. */
export function address(path, query = {}) {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== "") parameters.set(name, value);
  }
  const text = parameters.toString();
  return text ? `${path}?${text}` : path;
}

async function ask(url, options) {
  let answer;
  try {
    answer = await fetch(url, { credentials: "same-origin", ...options });
  } catch (problem) {
    if (problem.name === "AbortError") throw problem;
    note("no");
    throw new ApiError("The server does not answer. Is gphoton-db serve still running?", 0);
  }
  if (answer.ok) {
    note("yes");
    return answer;
  }
  const body = await answer.json().catch(() => ({}));
  note(answer.status === 401 || (answer.status === 403 && !body.keep) ? "locked" : "yes");
  throw new ApiError(body.error || `The server answers ${answer.status}.`, answer.status, body);
}

/** Return what a GET answers as JSON. */
export async function getJson(path, query, signal) {
  return (await ask(address(path, query), { signal })).json();
}

/** Send JSON and return the JSON of the answer. */
export async function sendJson(method, path, body, signal) {
  const options = { method, signal };
  if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers = { "Content-Type": "application/json" };
  }
  const answer = await ask(path, options);
  return answer.status === 204 ? null : answer.json();
}

/** Return the bytes of an answer, or null where it is empty. */
export async function getBytes(path, query, signal) {
  const answer = await ask(address(path, query), { signal });
  return answer.status === 204 ? null : answer.arrayBuffer();
}

/** Return {blob, name} of a file that an answer is. */
export async function getFile(path, query) {
  const answer = await ask(address(path, query), {});
  const named = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") || "");
  return { blob: await answer.blob(), name: named ? named[1] : path.split("/").at(-1) };
}

/**
 * Return a function that runs `work(signal, ...)` and gives up what it was still waiting for;
 * the promise of what was given up never ends.
 */
export function newestOnly(work) {
  let control = null;
  return (...values) => {
    if (control) control.abort();
    const mine = new AbortController();
    control = mine;
    return new Promise((resolve, reject) => {
      work(mine.signal, ...values).then(
        (value) => mine === control && resolve(value),
        (problem) => mine === control && problem.name !== "AbortError" && reject(problem),
      );
    });
  };
}
