// What belongs to a finished video beside the player: files, notes, figures.

import { h, icon } from "../core/dom.js";
import { bytes, count, moment, span } from "../core/format.js";
import { t } from "../core/i18n.js";
import { file, saving } from "../core/video.js";

const ICONS = { video: "download", audio: "sound", vtt: "captions", srt: "captions", poster: "image", storyboard: "text" };

export function downloads(video) {
  const link = (variant) => {
    const one = file(video, variant);
    return (
      one &&
      h(
        "li",
        { key: variant },
        h("a", { class: `button ${variant === "video" ? "first" : ""}`, href: saving(one), download: true }, icon(ICONS[variant]), t(`get_${variant}`), h("span", { class: "small numbers file-size" }, bytes(one.size))),
      )
    );
  };
  return h(
    "section",
    { class: "downloads", key: "downloads", "aria-label": t("downloads") },
    h("ul", { class: "row" }, ["video", "audio", "srt", "vtt", "poster", "storyboard"].map(link)),
  );
}

/** What was left out or replaced, plainly; nothing when all is well. */
export function notes(video) {
  const scenes = video.scenes.filter(({ degraded }) => degraded);
  const lines = [
    ...video.warnings,
    ...video.degraded.map(({ what, why }) => `${what}: ${why}`),
    ...scenes.map(({ number, degraded }) => `${t("scene_n", { n: number })}: ${degraded.why}`),
  ];
  const distinct = [...new Set(lines)];
  if (!distinct.length) return null;
  return h(
    "div",
    { class: "notice warn", key: "notes" },
    icon("info"),
    h("div", { class: "body" }, h("h2", null, t("notes", { n: distinct.length })), h("ul", { class: "small", lang: "en" }, distinct.map((line) => h("li", null, line)))),
  );
}

/** Whose the pictures beside scenes are, with the link that their licences want; nothing without
 * any. A link is a stranger's: only one of the web is followed. */
export function credits(video) {
  const lines = new Map();
  for (const { number, credit } of video.scenes) {
    if (!credit) continue;
    const key = JSON.stringify(credit);
    lines.set(key, { credit, numbers: [...(lines.get(key)?.numbers ?? []), number] });
  }
  if (!lines.size) return null;
  const line = ({ credit, numbers }) => {
    const { author, source, link, generated } = credit;
    const name = generated ? t("credit_generated", { by: source }) : [author, source].filter(Boolean).join(" · ");
    const shown = /^https?:\/\//.test(link) ? h("a", { href: link, target: "_blank", rel: "noopener noreferrer" }, name) : name;
    return h("li", null, `${t("credit_scenes", { n: numbers.length, which: numbers.join(", ") })}: `, shown);
  };
  return h("section", { class: "credits", key: "credits" }, h("h2", null, t("credits")), h("ul", { class: "small" }, [...lines.values()].map(line)));
}

export function facts(video) {
  const { outcome } = video;
  if (!outcome) return null;
  const rows = [
    ["fact_length", span(outcome.seconds)],
    ["fact_made_in", span(outcome.wall_seconds)],
    ["fact_scenes", t("scenes_made", { made: count(outcome.made.clips), found: count(outcome.found.clips) })],
    video.source && ["fact_source", t("words", { name: video.source.name, n: count(video.source.words) })],
    video.expires_at && ["fact_kept", moment(video.expires_at)],
  ].filter(Boolean);
  return h("dl", { class: "facts", key: "facts" }, rows.map(([name, value]) => h("div", null, h("dt", null, t(name)), h("dd", null, value))));
}
