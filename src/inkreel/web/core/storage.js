// What the browser remembers for us. Storage may be forbidden or full: then nothing is remembered.

const PREFIX = "inkreel.";

export function keep(name, value) {
  try {
    if (value === null) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, JSON.stringify(value).replace(/^"(.*)"$/, "$1"));
  } catch {
    return false;
  }
  return true;
}

export function kept(name) {
  let text = null;
  try {
    text = localStorage.getItem(PREFIX + name);
    return JSON.parse(text);
  } catch {
    return text;
  }
}
