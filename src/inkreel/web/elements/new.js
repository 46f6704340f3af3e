// The first screen: drop a document, or paste text; what was made lately below.

import { Problem, me, upload, videos } from "../core/api.js";
import { Part, h, icon } from "../core/dom.js";
import { bytes, percent } from "../core/format.js";
import { t } from "../core/i18n.js";
import { sent } from "../core/options.js";
import { problemNotice } from "../core/problems.js";
import { leaving } from "../core/toast.js";
import { ENDED } from "../core/video.js";
import { card } from "./card.js";
import "./options.js";

const TYPES = ".md,.markdown,.txt,.pdf,text/markdown,text/plain,application/pdf";

class New extends Part {
  start() {
    const { signal } = this.life;
    this.state = "ready"; // ready | over | pasting | sending
    this.text = "";
    this.problem = null;
    this.limit = null;
    this.recent = [];
    this.depth = 0;
    this.listen(signal);
    this.latest();
    const timer = setInterval(() => this.refresh(), 4000);
    signal.addEventListener("abort", () => clearInterval(timer));
    addEventListener("inkreel:videos", () => this.update(), { signal });
    addEventListener("inkreel:back", () => this.latest(), { signal });
    me().then((mine) => {
      this.limit = mine.limits.document_bytes;
      this.update();
    }, () => {});
  }

  /** A file may be dropped anywhere on the page, and pasted. */
  listen(signal) {
    const files = (event) => event.dataTransfer?.types.includes("Files");
    addEventListener("dragenter", (event) => {
      if (!files(event)) return;
      event.preventDefault();
      this.depth += 1;
      this.over(true);
    }, { signal });
    addEventListener("dragover", (event) => files(event) && event.preventDefault(), { signal });
    addEventListener("dragleave", (event) => {
      if (!files(event)) return;
      this.depth -= 1;
      if (this.depth <= 0) this.over(false);
    }, { signal });
    addEventListener("drop", (event) => {
      if (!files(event)) return;
      event.preventDefault();
      this.depth = 0;
      this.over(false);
      this.take([...event.dataTransfer.files]);
    }, { signal });
    addEventListener("paste", (event) => this.pasted(event), { signal });
  }

  over(yes) {
    if (this.state === "sending" || this.state === "pasting") return;
    this.state = yes ? "over" : "ready";
    this.update();
  }

  pasted(event) {
    if (this.state === "sending" || event.target.closest?.("input, textarea, dialog")) return;
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length) this.take(files);
    else this.paste(event.clipboardData?.getData("text/plain") ?? "");
  }

  paste(text) {
    this.state = "pasting";
    this.text = text;
    this.problem = null;
    this.update();
    this.querySelector("textarea").focus();
  }

  async latest() {
    try {
      this.recent = (await videos.list({ limit: 3 }, this.life.signal)).data;
      this.update();
    } catch (error) {
      if (!(error instanceof Problem)) return; // left meanwhile
    }
  }

  refresh() {
    const on = this.recent.some(({ status }) => !ENDED.has(status));
    if (on && !document.hidden && this.state === "ready") this.latest();
  }

  options() {
    return sent(this.querySelector("ink-options").value);
  }

  async take(files) {
    if (!files.length || this.state === "sending") return;
    const [file] = files;
    if (this.limit && file.size > this.limit) {
      return this.refuse(new Problem(413, { code: "document_too_large" }));
    }
    this.send(file.name, async (signal) => {
      const made = await upload(file, this.options(), (fraction) => this.sent(fraction), signal);
      for (const more of files.slice(1)) await upload(more, this.options(), () => {}, signal);
      return made;
    });
  }

  film(text, name) {
    this.send(name, () => videos.make({ text, format: "md", ...this.options() }));
  }

  async send(name, request) {
    this.state = "sending";
    this.problem = null;
    this.sending = { name, fraction: 0 };
    this.stop = new AbortController();
    this.update();
    try {
      const video = await request(AbortSignal.any([this.stop.signal, this.life.signal]));
      location.hash = `#/videos/${video.id}`;
    } catch (error) {
      if (error.name === "AbortError") this.refuse(null);
      else if (error instanceof Problem) this.refuse(error);
      else throw error;
    }
  }

  sent(fraction) {
    this.sending.fraction = fraction;
    this.update();
  }

  refuse(problem) {
    this.state = this.text ? "pasting" : "ready";
    this.problem = problem;
    this.update();
    this.querySelector(".drop")?.focus();
  }

  view() {
    document.title = "Inkreel";
    const recent = this.recent.filter(({ id }) => !leaving.has(id));
    return h(
      "div",
      { class: "new" },
      h("div", { class: "new-head" }, h("h1", null, t("new_title")), h("p", { class: "quiet" }, t("new_text"))),
      this.problem && problemNotice(this.problem),
      this.state === "sending" ? this.progress() : this.state === "pasting" ? this.pasting() : this.zone(),
      h("ink-options", { key: "options", hidden: this.state === "sending" }),
      recent.length > 0 &&
        h(
          "section",
          { class: "recent", "aria-labelledby": "recent" },
          h("div", { class: "row" }, h("h2", { id: "recent", class: "grow" }, t("recent")), h("a", { href: "#/videos" }, t("all_videos"))),
          h("ul", { class: "cards" }, recent.map((video) => h("li", { key: video.id }, card(video)))),
        ),
    );
  }

  zone() {
    const touch = matchMedia("(pointer: coarse)").matches; // there is nothing to drop with
    const choose = () => this.querySelector("input[type=file]").click();
    const picked = ({ target }) => {
      const files = [...target.files];
      target.value = "";
      this.take(files);
    };
    return h(
      "div",
      { class: "zone", key: "zone" },
      h(
        "button",
        { class: `drop ${this.state === "over" ? "over" : ""}`, type: "button", onclick: choose },
        h("span", { class: "drop-icon" }, icon("upload")),
        h("span", { class: "drop-title" }, t(this.state === "over" ? "drop_now" : touch ? "drop_touch" : "drop")),
        h("span", { class: "drop-or quiet" }, touch ? "" : t("drop_or")),
        h("span", { class: "quiet small" }, this.limit ? t("drop_types_limit", { limit: bytes(this.limit) }) : t("drop_types")),
      ),
      h("input", { type: "file", accept: TYPES, hidden: true, multiple: true, tabindex: "-1", "aria-label": t("drop"), onchange: picked }),
      h(
        "div",
        { class: "row other-ways" },
        h("button", { class: "button calm", type: "button", onclick: () => this.paste("") }, icon("text"), t("paste")),
        h("button", { class: "button calm", type: "button", onclick: () => this.film(t("sample"), t("sample_name")) }, icon("spark"), t("try_sample")),
      ),
    );
  }

  pasting() {
    const back = () => {
      this.text = "";
      this.state = "ready";
      this.update();
      this.querySelector(".drop").focus();
    };
    return h(
      "form",
      {
        class: "paste card",
        key: "paste",
        onsubmit: (event) => {
          event.preventDefault();
          if (this.text.trim()) this.film(this.text, t("pasted_text"));
        },
      },
      h("label", { class: "label", for: "paste" }, t("paste_label")),
      h("textarea", { class: "input", id: "paste", rows: 10, value: this.text, placeholder: t("paste_hint"), oninput: ({ target }) => {
        this.text = target.value;
        this.update();
      } }),
      h(
        "div",
        { class: "row" },
        h("button", { class: "button first", disabled: !this.text.trim() }, icon("film"), t("make")),
        h("button", { class: "button calm", type: "button", onclick: back }, t("no")),
      ),
    );
  }

  progress() {
    const { name, fraction } = this.sending;
    const up = fraction > 0 && fraction < 1;
    return h(
      "div",
      { class: "sending card", key: "sending" },
      h("span", { class: "drop-icon" }, icon("file")),
      h("p", { class: "drop-title" }, name),
      h("p", { class: "quiet", role: "status" }, t(up ? "uploading" : "checking")),
      h(
        "div",
        { class: `bar ${up ? "" : "unsure"}`, role: "progressbar", "aria-label": t("uploading"), "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": up ? Math.round(100 * fraction) : null },
        h("div", { style: { width: up ? `${100 * fraction}%` : "" } }),
      ),
      h("p", { class: "small quiet numbers" }, up ? percent(fraction) : "\u00a0"),
      h("button", { class: "button calm", type: "button", onclick: () => this.stop.abort() }, t("stop")),
    );
  }
}

customElements.define("ink-new", New);
