// What can be chosen for a video; remembered from one to the next.

import { t } from "./i18n.js";
import { keep, kept } from "./storage.js";

export const DEFAULTS = {
  language: "auto",
  size: "wide",
  theme: "light",
  voice: "auto",
  writer: "auto",
  captions: "burn",
  illustrate: "none",
  seconds: null,
  profile: "standard",
  fps: 30,
  transition: "auto",
  still: "auto",
};

export const CHOICES = {
  language: ["auto", "vi", "en"],
  size: [
    "wide", "tall", "square",
    "1280x720", "1920x1080", "2560x1440", "3840x2160",
    "720x1280", "1080x1920", "1440x2560", "2160x3840",
    "720x720", "1080x1080", "1440x1440", "2160x2160",
  ],
  theme: ["light", "dark", "brand"],
  voice: ["auto"],
  writer: ["auto"],
  captions: ["burn", "track", "both", "off"],
  illustrate: ["none"],
  seconds: [null, 30, 60, 120, 180, 300, 600],
  profile: ["draft", "standard", "quality"],
  fps: [24, 25, 30, 50, 60],
  transition: ["auto", "fade", "slide", "wipe", "cut"],
  still: ["auto", "encode", "skip"],
};

const SHAPES = { wide: [16, 9], tall: [9, 16], square: [1, 1] };

/** Whether a size says no more than what it looks like. */
export const isShape = (size) => size in SHAPES;

/** Width and height of a size with 1080 on its short side, and the name of its shape. */
export function looks(size) {
  const [width, height] = SHAPES[size] ?? size.split("x").map(Number);
  const short = Math.min(width, height);
  const name = width > height ? "wide" : width < height ? "tall" : "square";
  return { name, width: (width / short) * 1080, height: (height / short) * 1080 };
}

/** "Wide 16:9", "Tall 4K". */
export function sizeName(size) {
  if (isShape(size)) return t(`size_${size}`);
  const lines = Math.min(...size.split("x"));
  return `${t(`shape_${looks(size).name}`)} ${lines === 2160 ? "4K" : `${lines}p`}`;
}

/** What was chosen before, else the service's defaults. */
export function chosen(defaults = DEFAULTS) {
  const before = kept("options");
  const options = Object.fromEntries(Object.keys(DEFAULTS).map((name) => [name, defaults[name]]));
  for (const name of Object.keys(options)) {
    const value = before?.[name];
    const known = ["voice", "writer", "illustrate"].includes(name) ? typeof value === "string" : CHOICES[name].includes(value);
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
