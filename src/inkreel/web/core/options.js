// What can be chosen for a video; remembered from one to the next.

import { keep, kept } from "./storage.js";

export const DEFAULTS = {
  language: "auto",
  size: "1920x1080",
  theme: "light",
  voice: "auto",
  captions: "burn",
  seconds: null,
};

export const CHOICES = {
  language: ["auto", "vi", "en"],
  size: ["1920x1080", "1280x720", "1080x1080", "1080x1920"],
  theme: ["light", "dark", "brand"],
  voice: ["auto"],
  captions: ["burn", "track", "both", "off"],
  seconds: [null, 30, 60, 120, 180, 300, 600],
};

/** What was chosen before, else the service's defaults. */
export function chosen(defaults = DEFAULTS) {
  const before = kept("options");
  const options = Object.fromEntries(Object.keys(DEFAULTS).map((name) => [name, defaults[name]]));
  for (const name of Object.keys(options)) {
    const value = before?.[name];
    const known = name === "voice" ? typeof value === "string" : CHOICES[name].includes(value);
    if (known) options[name] = value;
  }
  return options;
}

export function remember(options) {
  keep("options", options);
}

/** As the API takes them: without a length that was not chosen. */
export function sent(options) {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== null));
}
