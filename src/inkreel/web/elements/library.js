// All videos, newest first.

import { Problem, videos } from "../core/api.js";
import { Part, h, icon } from "../core/dom.js";
import { moment, percent } from "../core/format.js";
import { t } from "../core/i18n.js";
import { problemNotice, said } from "../core/problems.js";
import { leaving, removeSoon, toast } from "../core/toast.js";
import { ENDED, file, saving } from "../core/video.js";
import { badge, bar, poster } from "./card.js";

const FILTERS = ["", "queued", "running", "done", "failed", "cancelled", "expired"];
const PAGE = 20;

class Library extends Part {
  start() {
    const { signal } = this.life;
    this.filter = "";
    this.list = null;
    this.cursor = null;
    this.problem = null;
    this.load();
    const timer = setInterval(() => this.refresh(), 2500);
    signal.addEventListener("abort", () => clearInterval(timer));
    addEventListener("inkreel:videos", () => this.update(), { signal });
    addEventListener("inkreel:back", () => this.load(), { signal });
  }

  query(more = {}) {
    return { limit: PAGE, ...(this.filter ? { status: this.filter } : {}), ...more };
  }

  async load(more = false) {
    const { filter } = this;
    try {
      const page = await videos.list(this.query(more ? { cursor: this.cursor } : {}), this.life.signal);
      if (filter !== this.filter) return;
      this.list = more ? [...this.list, ...page.data] : page.data;
      this.cursor = page.next_cursor;
      this.problem = null;
    } catch (error) {
      if (!(error instanceof Problem)) return; // left meanwhile
      this.problem = error;
    }
    this.update();
  }

  /** Bring the first page up to date while something on it goes on. */
  async refresh() {
    if (document.hidden || !this.list?.some(({ status }) => !ENDED.has(status))) return;
    const { filter } = this;
    try {
      const { data } = await videos.list(this.query(), this.life.signal);
      if (filter !== this.filter) return;
      const fresh = new Set(data.map(({ id }) => id));
      const older = this.list.slice(PAGE).filter(({ id }) => !fresh.has(id));
      this.list = [...data, ...older];
      this.update();
    } catch (error) {
      if (!(error instanceof Problem)) return; // the banner tells of the rest
    }
  }

  choose(filter) {
    this.filter = filter;
    this.list = null;
    this.update();
    this.load();
  }

  async act(what) {
    try {
      await what();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      toast(said(error).title);
    }
    this.load();
  }

  view() {
    document.title = `${t("nav_videos")} · Inkreel`;
    const shown = this.list?.filter(({ id }) => !leaving.has(id));
    return [
      h("div", { class: "title-row" }, h("h1", { class: "grow" }, t("nav_videos")), h("a", { class: "button first", href: "#/" }, icon("plus"), t("nav_new"))),
      h(
        "div",
        { class: "filters", role: "group", "aria-label": t("filter") },
        FILTERS.map((name) => h("button", { class: "filter", type: "button", "aria-pressed": String(this.filter === name), onclick: () => this.choose(name) }, t(name ? `status_${name}` : "status_all"))),
      ),
      this.problem && !this.problem.away && problemNotice(this.problem),
      !shown && !this.problem && h("div", { class: "bar unsure loading" }, h("div")),
      shown?.length === 0 && h("div", { class: "empty" }, icon("film"), h("p", null, t(this.filter ? "none_such" : "none_yet"))),
      shown?.length > 0 && h("ul", { class: "videos card" }, shown.map((video) => h("li", { key: video.id, class: "video-row" }, this.row(video)))),
      this.cursor && shown?.length > 0 && h("div", { class: "more" }, h("button", { class: "button", type: "button", onclick: () => this.load(true) }, t("more"))),
    ];
  }

  row(video) {
    const { id, title, status } = video;
    return [
      h("a", { class: "video-link", href: `#/videos/${id}` }, poster(video), h("span", { class: "video-words" }, h("span", { class: "video-name" }, title), h("span", { class: "small quiet" }, [video.source?.name, moment(video.created_at)].filter(Boolean).join(" · ")))),
      h("div", { class: "video-state" }, badge(video), status === "running" && h("div", { class: "video-bar" }, bar(video), h("span", { class: "small quiet numbers" }, percent(video.progress.fraction)))),
      h("div", { class: "row video-actions" }, this.actions(video)),
    ];
  }

  actions(video) {
    const { id, status, title } = video;
    const button = (name, glyph, onclick) =>
      h("button", { class: "button calm slim only", type: "button", key: name, title: t(name), "aria-label": `${t(name)}: ${title}`, onclick }, icon(glyph));
    const one = file(video, "video");
    return [
      status === "done" && one && h("a", { class: "button calm slim only", key: "get", href: saving(one), download: true, title: t("get_video"), "aria-label": `${t("get_video")}: ${title}` }, icon("download")),
      !ENDED.has(status) && button("cancel", "close", () => this.act(() => videos.cancel(id))),
      (status === "failed" || status === "cancelled") && button("retry", "retry", () => this.act(() => videos.retry(id))),
      button("delete", "trash", () => removeSoon(video)),
    ];
  }
}

customElements.define("ink-library", Library);
