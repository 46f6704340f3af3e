// The storyboard, scene by scene, to be edited and filmed again.

import { Problem, videos } from "../core/api.js";
import { blankScene, copied, faults, insert, moved, placed, put, tidy, without } from "../core/board.js";
import { Part, h, icon } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { problemNotice, said } from "../core/problems.js";
import { toast } from "../core/toast.js";
import { ENDED } from "../core/video.js";
import { sceneEditor } from "./scene.js";

class Board extends Part {
  start() {
    this.board = null;
    this.video = null;
    this.problem = null;
    this.refused = null; // why the service did not take it
    this.dirty = false;
    this.busy = false;
    this.names = new WeakMap(); // scene → key; an edited scene keeps its own
    this.count = 0;
    this.open = new Set(); // scenes that are edited as JSON
    this.load();
    addEventListener("inkreel:back", () => this.board || this.load(), { signal: this.life.signal });
  }

  async load() {
    const { id } = this.dataset;
    try {
      this.video = await videos.get(id, this.life.signal);
      this.board = await videos.board(id, this.life.signal);
      this.problem = null;
      this.first = new Map(this.board.scenes.map((scene) => [scene.id, JSON.stringify(scene)]));
    } catch (error) {
      if (!(error instanceof Problem)) return; // left meanwhile
      this.problem = error;
    }
    this.update();
  }

  key(scene) {
    if (!this.names.has(scene)) this.names.set(scene, `scene-${(this.count += 1)}`);
    return this.names.get(scene);
  }

  scenes(next, focus = null) {
    this.board = { ...this.board, scenes: next };
    this.dirty = true;
    this.update();
    if (focus) this.querySelector(focus)?.focus();
  }

  edit(at, scene) {
    this.names.set(scene, this.key(this.board.scenes[at]));
    this.faults = this.faults?.filter((one) => one.at !== at) ?? null;
    this.scenes(put(this.board.scenes, at, scene));
  }

  move(at, by) {
    const scene = this.board.scenes[at];
    const to = at + by;
    if (to < 0 || to >= this.board.scenes.length) return;
    this.clear();
    const end = to === 0 || to === this.board.scenes.length - 1;
    const name = by < 0 !== end ? "up" : "down";
    this.scenes(moved(this.board.scenes, at, to), `#${this.key(scene)} [data-move=${name}]`);
    this.said = t("moved_to", { n: to + 1 });
    this.update();
  }

  drop(at) {
    const before = this.board.scenes;
    this.clear();
    this.scenes(without(before, at), `#${this.key(before[at + 1] ?? before[at - 1] ?? before[at])} input`);
    toast(t("scene_removed", { n: at + 1 }), { undo: () => this.isConnected && this.scenes(before) });
  }

  copy(at) {
    const { scenes } = this.board;
    const scene = copied(scenes[at], scenes);
    this.clear();
    this.scenes(insert(scenes, at + 1, scene), `#${this.key(scene)} input`);
  }

  add() {
    const { scenes } = this.board;
    const scene = blankScene(scenes, "");
    this.scenes([...scenes, scene], `#${this.key(scene)} input`);
  }

  /** Places of faults no longer hold. */
  clear() {
    this.faults = null;
    this.refused = null;
  }

  changed() {
    return this.board.scenes.filter((scene) => this.first.get(scene.id) !== JSON.stringify(scene)).length;
  }

  async film() {
    this.clear();
    this.faults = faults(this.board).map(({ at, field, text }) => ({ at, field, text: t(text) }));
    if (this.faults.length) return this.point();
    this.busy = true;
    this.update();
    try {
      const { id } = await videos.film(this.dataset.id, tidy(this.board));
      this.dirty = false;
      location.hash = `#/videos/${id}`;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.busy = false;
      const place = placed(error);
      if (place && this.board.scenes[place.at]) {
        this.faults = [{ ...place, text: place.exact || said(error).title }];
        this.point();
      } else {
        this.refused = error;
        this.update();
      }
    }
  }

  /** Show the first fault and go there. */
  point() {
    this.update();
    const { at, field } = this.faults[0];
    const card = this.querySelector(`#${this.key(this.board.scenes[at])}`);
    const target = card.querySelector(`[aria-invalid="true"]`) ?? card.querySelector(`[data-field="${field}"] textarea`) ?? card.querySelector("input");
    target.focus({ preventScroll: true });
    card.scrollIntoView({ block: "start" });
  }

  view() {
    const { board, problem, video } = this;
    document.title = `${t("board_title")} · ${video?.title ?? ""} · Inkreel`;
    if (problem) return h("div", { class: "lone" }, problemNotice(problem, h("a", { class: "button slim", href: `#/videos/${this.dataset.id}` }, icon("back"), t("back"))));
    if (!board) return h("div", { class: "bar unsure loading" }, h("div"));
    return [
      h(
        "header",
        { class: "board-head", key: "head" },
        h("a", { class: "back small", href: `#/videos/${video.id}` }, icon("back"), video.title),
        h("h1", null, t("board_title")),
        h("p", { class: "quiet" }, t("board_text")),
      ),
      !ENDED.has(video.status) && h("div", { class: "notice warn", key: "runs" }, icon("info"), h("p", null, t("board_runs"))),
      this.refused && h("div", { key: "refused" }, problemNotice(this.refused)),
      h("p", { class: "out-of-sight", role: "status", key: "said" }, this.said ?? ""),
      h("ol", { class: "board", key: "board" }, board.scenes.map((scene, at) => h("li", { key: this.key(scene) }, this.scene(scene, at)))),
      h("div", { class: "board-add", key: "add" }, h("button", { class: "button", type: "button", onclick: () => this.add() }, icon("plus"), t("add_scene"))),
      this.bar(),
    ];
  }

  scene(scene, at) {
    const picture = this.video.scenes.find(({ id }) => id === scene.id)?.thumbnail;
    const name = this.key(scene);
    return sceneEditor({
      scene,
      at,
      name,
      of: this.board.scenes.length,
      picture,
      illustrated: this.video.options.illustrate !== "none",
      edited: this.first.get(scene.id) !== JSON.stringify(scene),
      faults: this.faults?.filter((one) => one.at === at) ?? [],
      raw: this.open.has(name),
      change: (next) => this.edit(at, next),
      move: (by) => this.move(at, by),
      copy: () => this.copy(at),
      remove: () => this.drop(at),
      toggleRaw: () => {
        if (!this.open.delete(name)) this.open.add(name);
        this.update();
      },
    });
  }

  bar() {
    const n = this.changed();
    return h(
      "div",
      { class: "board-bar", key: "bar" },
      h("p", { class: "grow small", role: "status" }, n ? t("scenes_changed", { n, of: this.board.scenes.length }) : this.dirty ? t("order_changed") : t("nothing_changed")),
      h("button", { class: "button first", type: "button", disabled: this.busy || !this.board.scenes.length, onclick: () => this.film() }, icon(this.busy ? "retry" : "film", this.busy ? "spin" : ""), t("film_again")),
    );
  }
}

customElements.define("ink-board", Board);
