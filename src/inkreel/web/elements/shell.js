// Header, the view of the address, connection banner, toasts.

import { call, me } from "../core/api.js";
import { sure } from "../core/ask.js";
import { Part, fill, h, icon } from "../core/dom.js";
import { language, setLanguage, t } from "../core/i18n.js";
import { keep } from "../core/storage.js";

const ROUTES = [
  [/^\/?$/, () => ["new", h("ink-new", { key: "new" })]],
  [/^\/videos$/, () => ["videos", h("ink-library", { key: "videos" })]],
  [/^\/videos\/(vid_\w+)$/, (id) => ["videos", h("ink-video", { key: id, "data-id": id })]],
  [/^\/videos\/(vid_\w+)\/storyboard$/, (id) => ["videos", h("ink-board", { key: `board ${id}`, "data-id": id })]],
  [/^\/watch\/(vid_\w+)$/, (id) => ["watch", h("ink-watch", { key: `watch ${id}`, "data-id": id })]],
  [/^\/system$/, () => ["system", h("ink-system", { key: "system" })]],
];

class Shell extends Part {
  start() {
    const { signal } = this.life;
    this.admin = false;
    this.away = false;
    this.address = location.hash;
    addEventListener("hashchange", () => this.go(), { signal });
    addEventListener("inkreel:connection", ({ detail }) => this.connection(detail.away), { signal });
    addEventListener("beforeunload", (event) => this.dirty() && event.preventDefault(), { signal });
    this.whoami();
  }

  /** A video is being watched, and nothing else: also where nothing else is served. */
  get alone() {
    return this.address.startsWith("#/watch/");
  }

  async whoami() {
    if (this.alone) return;
    try {
      this.admin = (await me()).scopes.includes("admin");
      this.update();
    } catch {
      addEventListener("inkreel:back", () => this.whoami(), { once: true, signal: this.life.signal });
    }
  }

  dirty() {
    return this.querySelector("main > *")?.dirty ?? false;
  }

  async go() {
    if (location.hash === this.address) return;
    if (this.dirty()) {
      const wanted = location.hash;
      history.replaceState(null, "", this.address);
      if (!(await sure({ title: t("leave_title"), text: t("leave_text"), yes: t("leave_yes"), danger: true }))) return;
      history.replaceState(null, "", wanted);
    }
    this.address = location.hash;
    this.whoami();
    this.update();
    scrollTo(0, 0);
    this.querySelector("main").focus({ preventScroll: true });
  }

  /** While the service is away, ask again and again whether it is back. */
  connection(away) {
    if (away === this.away || this.alone) return;
    this.away = away;
    this.update();
    clearInterval(this.asking);
    if (away) this.asking = setInterval(() => call("GET", "v1/me").catch(() => {}), 3000);
    else dispatchEvent(new Event("inkreel:back"));
  }

  view() {
    const path = this.address.replace(/^#/, "");
    let [name, view] = ["", h("ink-lost", { key: "lost" })];
    for (const [pattern, make] of ROUTES) {
      const match = pattern.exec(path);
      if (match) [name, view] = make(...match.slice(1));
    }
    const main = h("main", { id: "main", tabindex: "-1" }, view);
    if (name === "watch") return [this.header(name), main];
    return [this.header(name), this.banner(), main, this.foot(), h("ink-toasts", { class: "toasts", role: "status" })];
  }

  header(here) {
    const bare = here === "watch";
    const link = (name, href) =>
      h("a", { href, "aria-current": here === name ? "page" : null }, t(`nav_${name}`));
    return h(
      "header",
      { class: "top" },
      h(
        "div",
        { class: "top-row" },
        h(bare ? "span" : "a", { class: "brand", ...(bare ? {} : { href: "#/", "aria-label": t("home") }) }, h("svg", { viewBox: "0 0 32 32", "aria-hidden": "true" }, h("use", { href: "#mark" })), "Inkreel"),
        !bare && h(
          "nav",
          { class: "nav", "aria-label": t("nav") },
          link("new", "#/"),
          link("videos", "#/videos"),
          this.admin && link("system", "#/system"),
        ),
        h("div", { class: "toggles" }, this.languageToggle(), this.themeToggle()),
      ),
    );
  }

  languageToggle() {
    const other = language() === "vi" ? "en" : "vi";
    const name = { vi: "Tiếng Việt", en: "English" }[other];
    return h(
      "button",
      { class: "button calm slim", type: "button", lang: other, title: name, "aria-label": name, onclick: () => setLanguage(other) },
      other.toUpperCase(),
    );
  }

  themeToggle() {
    const next = isDark() ? "light" : "dark";
    const change = () => {
      document.documentElement.dataset.theme = next;
      keep("theme", next);
      this.update();
    };
    return h(
      "button",
      { class: "button calm slim only", type: "button", title: t(`to_${next}`), "aria-label": t(`to_${next}`), onclick: change },
      icon(next === "dark" ? "moon" : "sun"),
    );
  }

  banner() {
    return h(
      "div",
      { role: "status" },
      this.away && h("div", { class: "connection" }, icon("retry", "spin"), h("span", null, t("away"))),
    );
  }

  foot() {
    return h(
      "footer",
      { class: "foot" },
      h("span", null, t("foot")),
      h("a", { href: "docs" }, t("api_docs")),
    );
  }
}

function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

class Lost extends Part {
  view() {
    document.title = `${t("lost_title")} · Inkreel`;
    return h(
      "div",
      { class: "empty" },
      h("h1", null, t("lost_title")),
      h("p", null, t("lost_text")),
      h("a", { class: "button first", href: "#/" }, t("nav_new")),
    );
  }
}

class Toasts extends HTMLElement {
  connectedCallback() {
    this.life = new AbortController();
    addEventListener("inkreel:toast", ({ detail }) => this.show(detail), { signal: this.life.signal });
  }

  disconnectedCallback() {
    this.life.abort();
  }

  show({ text, undo, then, seconds }) {
    let timer = 0;
    const over = (after) => {
      clearTimeout(timer);
      box.remove();
      after?.();
    };
    const run = () => (timer = setTimeout(() => over(then), seconds * 1000));
    const hold = () => clearTimeout(timer);
    const box = h("div", { class: "toast", onmouseenter: hold, onmouseleave: run, onfocusin: hold, onfocusout: run });
    fill(
      box,
      h("span", null, text),
      undo && h("button", { class: "button slim", type: "button", onclick: () => over(undo) }, t("undo")),
      h("button", { class: "button slim only", type: "button", "aria-label": t("close"), onclick: () => over(then) }, icon("close")),
    );
    this.append(box);
    run();
  }
}

customElements.define("ink-lost", Lost);
customElements.define("ink-toasts", Toasts);
customElements.define("ink-shell", Shell);
