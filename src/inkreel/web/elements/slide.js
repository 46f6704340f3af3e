// Small drawings of what the videos look like: a title card, and a slide at any size.

import { h } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { looks, sizeName } from "../core/options.js";
import { THEMES } from "../core/themes.js";

/** The title card of a theme, without words. */
export function cover(name) {
  const { bg, ink, muted, accent, tiles } = THEMES[name];
  const line = (y, width, height, fill) => h("rect", { x: 14, y, width, height, rx: height / 2, fill });
  return h(
    "svg",
    { viewBox: "0 0 160 90", class: "cover", "aria-hidden": "true" },
    h("rect", { width: 160, height: 90, fill: bg }),
    line(24, 16, 4, accent),
    line(35, 62, 9, ink),
    line(49, 44, 9, ink),
    line(65, 54, 4, muted),
    h("path", { d: "M100 0h30v15a15 15 0 0 1-15 15h-15z", fill: tiles[0] }),
    h("circle", { cx: 145, cy: 15, r: 15, fill: tiles[1] }),
    h("path", { d: "M100 30h15a15 15 0 0 1 15 15v15h-30z", fill: tiles[2] }),
    h("path", { d: "M130 45a15 15 0 0 1 15-15h15v30h-30z", fill: tiles[0] }),
    h("circle", { cx: 115, cy: 75, r: 15, fill: tiles[3] }),
    h("path", { d: "M130 60h15a15 15 0 0 1 15 15v15h-30z", fill: tiles[1] }),
  );
}

/** A slide with bullets as it will look, with its captions when they are burned in. */
export function slide({ theme, size, captions }) {
  const colours = THEMES[theme];
  const { width, height } = looks(size);
  const wide = width > height;
  const left = wide ? 128 : 84;
  const top = wide ? 160 : height > width ? 330 : 170;
  const step = wide ? 190 : height > width ? 260 : 180;
  const text = (x, y, px, weight, fill, words) =>
    h("text", { x, y, "font-size": px, "font-weight": weight, fill }, words);
  const bullet = (index) => {
    const y = top + 196 + index * step;
    const now = index === 1;
    return h(
      "g",
      null,
      h("rect", { x: left, y, width: 96, height: 96, rx: 26, fill: now ? colours.accent : colours.soft }),
      h("text", { x: left + 48, y: y + 64, "font-size": 44, "font-weight": 700, "text-anchor": "middle", fill: now ? colours.on : colours.accent }, index + 1),
      text(left + 136, y + 70, wide ? 64 : 56, 600, colours.ink, t(`slide_bullet_${index + 1}`)),
    );
  };
  return h(
    "svg",
    { viewBox: `0 0 ${width} ${height}`, width, height, class: "slide", role: "img", "aria-label": t("preview_label", { theme: t(`theme_${theme}`), size: sizeName(size) }) },
    h("rect", { width, height, fill: colours.bg }),
    text(left, top, 34, 600, colours.accent, t("slide_eyebrow")),
    text(left, top + 112, wide ? 96 : 80, 700, colours.ink, t("slide_title")),
    [0, 1, 2].map(bullet),
    (captions === "burn" || captions === "both") && caption(colours, width, height),
  );
}

function caption(colours, width, height) {
  const y = height - (height > width ? 330 : 168);
  const box = Math.min(width - 120, 1010);
  return h(
    "g",
    null,
    h("rect", { x: (width - box) / 2, y, width: box, height: 104, rx: 24, fill: colours.caption }),
    h(
      "text",
      { x: width / 2, y: y + 68, "font-size": 46, "font-weight": 600, "text-anchor": "middle", fill: "#FFFFFF" },
      t("slide_caption"),
    ),
  );
}
