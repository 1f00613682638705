// Elements of the page, made and found in one line.  Text is always set as text, never as HTML.

/** Return the element of an id. */
export function byId(id) {
  return document.getElementById(id);
}

/**
 * Return a new element.
 * @param name        of the tag
 * @param properties  set on it; names with a dash or starting with "role" are attributes, `on` is
 *                    an object of listeners, `class` the class
 * @param children    elements or text
 */
export function make(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (key === "on") {
      for (const [event, call] of Object.entries(value)) element.addEventListener(event, call);
    } else if (key === "class") {
      element.className = value;
    } else if (key.includes("-") || key === "role") {
      element.setAttribute(key, value);
    } else {
      element[key] = value;
    }
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Say something to a screen reader. */
export function say(text) {
  const place = byId("said");
  if (place.textContent !== text) place.textContent = text;
}

/** Return a function that calls `work` once it has not been asked to for a while. */
export function afterPause(work, milliseconds) {
  let timer = 0;
  return (...values) => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => work(...values), milliseconds);
  };
}

/** Have the browser store bytes or text as a file. */
export function download(blob, name) {
  const link = make("a", { href: URL.createObjectURL(blob), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  window.setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
