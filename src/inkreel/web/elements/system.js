// For who runs the service: the queue, the workers, the disk, and cleaning up.

import { Problem, call } from "../core/api.js";
import { sure } from "../core/ask.js";
import { Part, h, icon } from "../core/dom.js";
import { bytes, count, percent, span } from "../core/format.js";
import { t } from "../core/i18n.js";
import { problemNotice, said } from "../core/problems.js";
import { toast } from "../core/toast.js";

const STATUSES = ["queued", "running", "done", "failed", "cancelled", "expired"];

class System extends Part {
  start() {
    this.state = null;
    this.problem = null;
    this.busy = false;
    this.load();
    const timer = setInterval(() => document.hidden || this.load(), 2000);
    this.life.signal.addEventListener("abort", () => clearInterval(timer));
  }

  async load() {
    try {
      this.state = await call("GET", "v1/admin", { signal: this.life.signal });
      this.problem = null;
    } catch (error) {
      if (!(error instanceof Problem)) return; // left meanwhile
      this.problem = error;
    }
    this.update();
  }

  async clean() {
    if (!(await sure({ title: t("clean_title"), text: t("clean_text"), yes: t("clean") }))) return;
    this.busy = true;
    this.update();
    try {
      const done = await call("POST", "v1/admin/clean");
      toast(t("cleaned", { size: bytes(done.bytes), n: done.jobs }));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      toast(said(error).title);
    }
    this.busy = false;
    this.load();
  }

  view() {
    document.title = `${t("nav_system")} · Inkreel`;
    const { state, problem } = this;
    return [
      h(
        "div",
        { class: "title-row" },
        h("div", { class: "grow" }, h("h1", null, t("nav_system")), state && h("p", { class: "small quiet" }, this.service(state))),
        state && h("button", { class: "button", type: "button", disabled: this.busy, onclick: () => this.clean() }, icon(this.busy ? "retry" : "trash", this.busy ? "spin" : ""), t("clean")),
      ),
      problem && !problem.away && problemNotice(problem),
      state && h("div", { class: "panels" }, this.queue(state), this.priorities(state), this.workers(state), this.disk(state)),
      !state && !problem && h("div", { class: "bar unsure loading" }, h("div")),
    ];
  }

  queue({ queue }) {
    const counts = STATUSES.map((name) => [name, queue.by_status[name] ?? 0]);
    return panel("queue", h("dl", { class: "tiles" }, counts.map(([name, n]) => h("div", { class: n ? name : "none" }, h("dt", null, t(`status_${name}`)), h("dd", { class: "numbers" }, count(n))))), h("p", { class: "small quiet" }, queue.oldest_wait_seconds > 0 ? t("oldest_wait", { span: span(queue.oldest_wait_seconds) }) : t("nobody_waits")));
  }

  priorities({ queue }) {
    const rows = Object.entries(queue.waiting_by_priority)
      .filter(([, n]) => n > 0)
      .sort(([a], [b]) => b - a);
    const most = Math.max(1, ...rows.map(([, n]) => n));
    return panel(
      "by_priority",
      rows.length === 0 && h("p", { class: "quiet" }, t("nobody_waits")),
      h("ul", { class: "meters" }, rows.map(([name, n]) => meter(t("priority_n", { n: name }), count(n), n / most))),
    );
  }

  workers({ workers }) {
    const rows = Object.entries(workers).sort();
    return panel(
      "workers",
      rows.length === 0 && h("p", { class: "quiet" }, t("workers_idle")),
      h("ul", { class: "meters" }, rows.map(([name, n]) => h("li", { class: "row" }, h("code", { class: "grow small" }, name), h("span", { class: "numbers" }, t("jobs_held", { n }))))),
    );
  }

  disk({ sizes }) {
    const all = sizes.objects + sizes.store + sizes.free || 1;
    return panel(
      "disk",
      h("ul", { class: "meters" }, meter(t("size_used"), percent((sizes.objects + sizes.store) / all), (sizes.objects + sizes.store) / all)),
      h("dl", { class: "facts" }, ["objects", "store", "free"].map((name) => h("div", null, h("dt", null, t(`size_${name}`)), h("dd", { class: "numbers" }, bytes(sizes[name]))))),
    );
  }

  service({ version, uptime_seconds: uptime, draining }) {
    return t("service_line", { version, uptime: span(uptime), state: t(draining ? "draining" : "taking_orders") });
  }
}

function panel(name, ...content) {
  return h("section", { class: "panel card", "aria-labelledby": `panel-${name}`, key: name }, h("h2", { id: `panel-${name}` }, t(name)), content);
}

function meter(name, value, share) {
  return h("li", null, h("div", { class: "row" }, h("span", { class: "grow" }, name), h("span", { class: "numbers" }, value)), h("div", { class: "bar", "aria-hidden": "true" }, h("div", { style: { width: `${Math.max(share > 0 ? 1 : 0, 100 * share)}%` } })));
}

customElements.define("ink-system", System);
