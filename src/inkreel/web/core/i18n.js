// The language of the page: chosen by the browser until the user chooses.

import en from "../lang/en.js";
import vi from "../lang/vi.js";
import { keep } from "./storage.js";

const TEXTS = { vi, en };

export function language() {
  return document.documentElement.lang === "vi" ? "vi" : "en";
}

export function setLanguage(name) {
  document.documentElement.lang = name;
  keep("language", name);
  dispatchEvent(new Event("inkreel:language"));
}

/** The text called `name`; `{x}` in it is replaced by `values.x`. Counted texts are functions. */
export function t(name, values = {}) {
  const text = TEXTS[language()][name] ?? name;
  if (typeof text === "function") return text(values);
  return text.replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
}

export function has(name) {
  return name in TEXTS[language()];
}
