// The options of a video, with a live preview.

import { me } from "../core/api.js";
import { Part, h, icon } from "../core/dom.js";
import { span } from "../core/format.js";
import { has, t } from "../core/i18n.js";
import { CHOICES, chosen, isShape, remember, sizeName } from "../core/options.js";
import { cover, slide } from "./slide.js";

class Options extends Part {
  start() {
    this.value = chosen();
    this.choices = CHOICES;
    me().then(
      (mine) => {
        const { voices, writers, illustrators } = mine.options;
        this.choices = { ...CHOICES, voice: [...new Set(["auto", ...voices])], writer: [...new Set(["auto", ...writers])], illustrate: illustrators };
        this.value = chosen(mine.options.defaults);
        const { seconds } = this.value;
        if (!CHOICES.seconds.includes(seconds)) this.choices.seconds = [...CHOICES.seconds, seconds];
        for (const name of ["voice", "writer", "illustrate"]) {
          if (!this.choices[name].includes(this.value[name])) this.value[name] = CHOICES[name][0];
        }
        this.update();
      },
      () => {}, // the defaults will do
    );
  }

  set(name, value) {
    this.value = { ...this.value, [name]: value };
    remember(this.value);
    this.update();
  }

  view() {
    const { size, theme, captions } = this.value;
    return h(
      "details",
      { class: "options card" },
      h(
        "summary",
        null,
        icon("sliders"),
        h("span", { class: "options-name" }, t("options")),
        h("span", { class: "options-now quiet small" }, this.summary()),
        icon("chevron", "turns"),
      ),
      h(
        "div",
        { class: "options-body" },
        h("div", { class: "options-preview" }, slide({ theme, size, captions })),
        h(
          "div",
          { class: "options-fields" },
          this.themes(),
          this.select("size"),
          this.select("profile"),
          this.select("captions"),
          this.choices.illustrate.length > 1 && this.select("illustrate"),
          this.select("language"),
          this.choices.voice.length > 1 && this.select("voice"),
          this.choices.writer.length > 2 && this.select("writer"),
          this.select("seconds"),
          this.advanced(),
        ),
      ),
    );
  }

  summary() {
    const { theme, size, language, seconds } = this.value;
    return [t(`theme_${theme}`), sizeName(size), this.name("language", language), this.name("seconds", seconds)].join(" · ");
  }

  name(field, value) {
    if (field === "seconds") return value === null ? t("whole") : t("about", { span: span(value) });
    if (field === "size") return sizeName(value);
    const key = `${field}_${value}`;
    return has(key) ? t(key) : String(value);
  }

  select(field) {
    const values = this.choices[field];
    return h(
      "div",
      { class: "field", key: field },
      h("label", { for: `option-${field}` }, t(`option_${field}`)),
      h(
        "select",
        { class: "input", id: `option-${field}`, value: values.indexOf(this.value[field]), onchange: ({ target }) => this.set(field, values[target.value]) },
        this.entries(field, values),
      ),
      has(`about_${field}`) && h("p", { class: "small quiet" }, t(`about_${field}`)),
    );
  }

  entries(field, values) {
    const entry = (value) => h("option", { value: values.indexOf(value) }, this.name(field, value));
    if (field !== "size") return values.map(entry);
    const exact = values.filter((size) => !isShape(size));
    return [...values.filter(isShape).map(entry), h("optgroup", { label: t("size_pixels") }, exact.map(entry))];
  }

  /** What few will ever change. */
  advanced() {
    return h(
      "details",
      { class: "advanced", key: "advanced" },
      h("summary", null, icon("chevron", "turns"), t("advanced")),
      h("div", { class: "options-fields" }, this.select("transition"), this.select("fps"), this.select("still")),
    );
  }

  themes() {
    return h(
      "fieldset",
      { class: "field themes" },
      h("legend", { class: "label" }, t("option_theme")),
      h(
        "div",
        { class: "theme-row" },
        CHOICES.theme.map((name) =>
          h(
            "label",
            { class: "theme" },
            h("input", { type: "radio", class: "out-of-sight", name: "theme", checked: this.value.theme === name, onchange: () => this.set("theme", name) }),
            cover(name),
            h("span", null, t(`theme_${name}`)),
          ),
        ),
      ),
    );
  }
}

customElements.define("ink-options", Options);
