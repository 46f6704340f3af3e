// How far a video is: the stages, and every scene with its picture as soon as there is one.

import { h, icon } from "../core/dom.js";
import { guess, percent, span } from "../core/format.js";
import { t } from "../core/i18n.js";
import { finished, remaining, shape, working } from "../core/video.js";

const STAGES = ["reading", "storyboard", "scenes", "video"];
const PARTS = ["narration", "picture", "clip"];

/** The bar with what is being done and how long it will take, over the stages. */
export function stages(video, now) {
  const { progress } = video;
  const whole = Math.round(100 * progress.fraction);
  const left = remaining(video, now);
  const queued = video.status === "queued";
  const elapsed = video.started_at && !queued ? (now - Date.parse(video.started_at)) / 1000 : null;
  return [
    h(
      "div",
      { class: "making-head" },
      h("p", { class: "making-now" }, queued ? t(video.retry_at ? "status_again" : "waiting_turn") : doing(video)),
      h("p", { class: "making-percent numbers", "aria-hidden": "true" }, queued ? "" : percent(progress.fraction)),
    ),
    h(
      "div",
      { class: `bar ${queued ? "unsure" : ""}`, role: "progressbar", "aria-label": t("progress"), "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": queued ? null : whole },
      h("div", { style: { width: queued ? "" : `${100 * progress.fraction}%` } }),
    ),
    h(
      "p",
      { class: "row small quiet numbers making-times" },
      h("span", { class: "grow" }, [elapsed !== null && t("elapsed", { span: span(elapsed) }), t("waiting_safe")].filter(Boolean).join(" · ")),
      h("span", null, left === null ? "" : t("left", { span: guess(left) })),
    ),
    h("ol", { class: "stages" }, STAGES.map((name, index) => stage(video, name, index))),
  ];
}

/** What is being done, in words. */
export function doing({ progress }) {
  const at = place(progress.stage);
  if (at === 2) return t("doing_scenes", { done: progress.scenes_done, all: progress.scenes });
  return t(`doing_${at < 0 ? "starting" : STAGES[at]}`);
}

function place(stage) {
  return PARTS.includes(stage) ? 2 : STAGES.indexOf(stage);
}

function stage(video, name, index) {
  const { progress, status } = video;
  const at = status === "queued" ? -1 : place(progress.stage);
  const scenesDone = progress.scenes > 0 && progress.scenes_done >= progress.scenes;
  const past = index < at || (index === 2 && scenesDone) || (index < 2 && progress.scenes > 0 && at >= 0);
  const now = index === at && !past;
  return h(
    "li",
    { class: past ? "past" : now ? "now" : "", "aria-current": now ? "step" : null },
    h("span", { class: "stage-dot" }, past ? icon("check") : null),
    t(`stage_${name}`),
  );
}

/** A picture for each scene. */
export function scenes(video) {
  const { name, ratio } = shape(video);
  return h(
    "section",
    { class: `scenes ${name}`, key: "scenes", "aria-labelledby": "scenes", style: { "--shape": ratio } },
    h("h2", { id: "scenes" }, t("scenes", { n: video.scenes.length })),
    h("ol", { class: "scene-grid" }, video.scenes.map((scene) => h("li", { key: scene.number }, frame(scene, video)))),
  );
}

function frame(scene, video) {
  const state = finished(scene.clip) ? scene.clip : working(scene) && video.status === "running" ? "working" : "waiting";
  return h(
    "figure",
    { class: `frame ${state}` },
    h(
      "div",
      { class: "frame-picture" },
      scene.thumbnail ? h("img", { src: scene.thumbnail, alt: "", decoding: "async" }) : h("span", { class: "frame-number", "aria-hidden": "true" }, scene.number),
      h("span", { class: "frame-state", title: t(`scene_${state}`) }, mark(state), h("span", { class: "out-of-sight" }, t(`scene_${state}`))),
      h("span", { class: "parts", "aria-hidden": "true" }, PARTS.map((part) => h("span", { class: `part ${scene[part]}`, title: t(`part_${part}`) }))),
    ),
    h("figcaption", null, scene.heading && [h("span", { class: "quiet numbers" }, `${scene.number}. `), scene.heading]),
  );
}

function mark(state) {
  if (state === "made" || state === "found") return icon("check");
  return state === "working" ? icon("retry", "spin") : null;
}
