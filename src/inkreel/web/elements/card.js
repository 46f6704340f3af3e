// A video in short: its picture, title, and how it is.

import { h, icon } from "../core/dom.js";
import { clock, moment, percent } from "../core/format.js";
import { t } from "../core/i18n.js";
import { THEMES } from "../core/themes.js";
import { file } from "../core/video.js";

export function badge(video) {
  const again = video.status === "queued" && video.retry_at;
  return h("span", { class: `badge ${video.status}` }, t(again ? "status_again" : `status_${video.status}`));
}

/** Its poster, or its theme with an icon that says why there is none. */
export function poster(video) {
  const one = file(video, "poster");
  const { bg, accent } = THEMES[video.options.theme] ?? THEMES.light;
  return h(
    "span",
    { class: "poster", style: { "--poster-bg": bg, "--poster-ink": accent } },
    one ? h("img", { src: one.url, alt: "", loading: "lazy", decoding: "async" }) : icon(video.status === "failed" ? "warning" : "film"),
    video.outcome && h("span", { class: "poster-time numbers" }, clock(video.outcome.seconds)),
  );
}

export function bar(video) {
  return h(
    "div",
    { class: "bar", role: "progressbar", "aria-label": t("progress_of", { title: video.title }), "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": Math.round(100 * video.progress.fraction) },
    h("div", { style: { width: `${100 * video.progress.fraction}%` } }),
  );
}

export function card(video) {
  return h(
    "a",
    { class: "video-card", href: `#/videos/${video.id}` },
    poster(video),
    h("span", { class: "video-card-title" }, video.title),
    h(
      "span",
      { class: "row small quiet" },
      video.status === "done" ? moment(video.finished_at ?? video.created_at) : badge(video),
      video.status === "running" && h("span", { class: "numbers" }, percent(video.progress.fraction)),
    ),
  );
}
