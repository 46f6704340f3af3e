// One scene of the storyboard: heading, sentences, and what is shown.

import { ILLUSTRATED, WORDS, put, sentenceIn, sentenceOut, shows, turned } from "../core/board.js";
import { h, icon } from "../core/dom.js";
import { has, t } from "../core/i18n.js";
import { CHOICES } from "../core/options.js";
import { KINDS, visualFields } from "./kinds.js";

export function sceneEditor(given) {
  const { scene, at, name, picture, edited } = given;
  const { kind } = scene.visual;
  const fault = (field, id) => {
    const found = given.faults.find((one) => one.field === field);
    return found && h("p", { class: "fault", id, role: "alert" }, icon("warning"), found.text);
  };
  const elsewhere = given.faults.filter(({ field }) => !known(scene, field));
  const set = (field, value) => given.change({ ...scene, [field]: value });
  return h(
    "article",
    { class: `scene card ${given.faults.length ? "faulty" : ""}`, id: name, "aria-label": t("scene_n", { n: at + 1 }) },
    h(
      "header",
      { class: "scene-head" },
      h("span", { class: "scene-picture" }, picture && !edited ? h("img", { src: picture, alt: "", loading: "lazy" }) : h("span", { class: "numbers" }, at + 1)),
      h("div", { class: "grow" }, h("p", { class: "scene-name" }, t("scene_n", { n: at + 1 }), edited && h("span", { class: "small quiet" }, ` · ${t("edited")}`)), !WORDS.includes(kind) && h("p", { class: "small quiet" }, kindName(kind))),
      tools(given),
    ),
    elsewhere.map((one) => h("p", { class: "fault", role: "alert" }, icon("warning"), one.text)),
    h(
      "div",
      { class: "scene-body" },
      h(
        "div",
        { class: "scene-said" },
        h("div", { class: "field" }, h("label", { for: `${name}-heading` }, t("heading")), h("input", { class: "input", id: `${name}-heading`, type: "text", value: scene.heading ?? "", oninput: ({ target }) => set("heading", target.value) })),
        sentences(given, fault),
        at > 0 && transitions(given),
      ),
      h("div", { class: "scene-shown" }, WORDS.includes(kind) && !given.raw && kinds(given), given.raw || !KINDS.includes(kind) ? raw(given) : visualFields({ scene, change: given.change, fault, name }), ILLUSTRATED.includes(kind) && (given.illustrated || scene.illustrate) && illustration(given), KINDS.includes(kind) && h("button", { class: "button calm slim add", type: "button", onclick: given.toggleRaw }, icon("code"), t(given.raw ? "as_fields" : "as_json"))),
    ),
  );
}

function kindName(kind) {
  return has(`kind_${kind}`) ? t(`kind_${kind}`) : kind;
}

function kinds({ scene, name, change }) {
  const { visual } = scene;
  return h(
    "div",
    { class: "field", key: "kind" },
    h("label", { for: `${name}-kind` }, t("kind")),
    h(
      "select",
      { class: "input", id: `${name}-kind`, value: visual.kind, onchange: ({ target }) => change(turned(scene, target.value)) },
      WORDS.map((kind) => h("option", { value: kind }, kindName(kind))),
    ),
  );
}

/** What a picture beside the visual is to show. */
function illustration({ scene, name, change }) {
  const { illustrate = "", ...rest } = scene;
  const id = `${name}-illustrate`;
  const typed = ({ target: { value } }) => change(value ? { ...scene, illustrate: value } : rest);
  return h(
    "div",
    { class: "field", key: "illustrate" },
    h("label", { for: id }, t("illustrate")),
    h("input", { class: "input", id, type: "text", value: illustrate, "aria-describedby": `${id}-about`, oninput: typed }),
    h("p", { class: "small quiet", id: `${id}-about` }, t("about_illustrated")),
  );
}

function transitions({ scene, name, change }) {
  const { transition = "auto", ...rest } = scene;
  const chosen = ({ target: { value } }) => change(value === "auto" ? rest : { ...scene, transition: value });
  return h(
    "div",
    { class: "field scene-transition", key: "transition" },
    h("label", { for: `${name}-transition` }, t("transition_in")),
    h(
      "select",
      { class: "input", id: `${name}-transition`, value: transition, onchange: chosen },
      CHOICES.transition.map((one) => h("option", { value: one }, t(`transition_${one}`))),
    ),
  );
}

function known(scene, field) {
  return ["narration", "bullets", "steps", "rows", "series"].includes(field) || (field in scene.visual && !["cues", "kind", "highlight", "focus"].includes(field)) || (field === "value" && scene.visual.kind === "number");
}

function tools({ at, of, move, copy, remove }) {
  const button = (name, glyph, onclick, more = {}) =>
    h("button", { class: "button calm slim only", type: "button", title: t(name), "aria-label": `${t(name)}: ${t("scene_n", { n: at + 1 })}`, onclick, ...more }, icon(glyph));
  return h(
    "div",
    { class: "row scene-tools" },
    button("move_up", "up", () => move(-1), { disabled: at === 0, "data-move": "up" }),
    button("move_down", "down", () => move(1), { disabled: at === of - 1, "data-move": "down" }),
    button("duplicate", "copy", copy),
    button("remove", "trash", remove, { disabled: of === 1 }),
  );
}

/** A field for each sentence. Enter splits one, Backspace at its start joins it to the one before. */
function sentences({ scene, name, change }, fault) {
  const { narration } = scene;
  const go = (at, place) => {
    const field = document.querySelectorAll(`#${name} .sentence textarea`)[at];
    field?.focus();
    field?.setSelectionRange(place, place);
  };
  const typed = (event, at) => {
    const { selectionStart: from, selectionEnd: to, value } = event.target;
    if (event.isComposing) return;
    if (event.key === "Enter") {
      event.preventDefault();
      change(sentenceIn({ ...scene, narration: put(narration, at, value.slice(0, from).trimEnd()) }, at + 1, value.slice(to).trimStart()));
      go(at + 1, 0);
    } else if (event.key === "Backspace" && from === 0 && to === 0 && at > 0) {
      event.preventDefault();
      const before = narration[at - 1];
      const joined = `${before} ${value}`.trim();
      change(sentenceOut({ ...scene, narration: put(narration, at - 1, joined) }, at));
      go(at - 1, before.length);
    }
  };
  const faulty = fault("narration");
  return h(
    "fieldset",
    { class: "field sentences", "data-field": "narration" },
    h("legend", { class: "label" }, t("narration")),
    h(
      "ol",
      null,
      narration.map((text, at) =>
        h(
          "li",
          { class: "sentence" },
          h("textarea", {
            class: "input fits",
            rows: Math.max(1, Math.ceil(text.length / 58)),
            value: text,
            "aria-label": t("sentence_n", { n: at + 1 }),
            "aria-invalid": faulty ? "true" : null,
            onkeydown: (event) => typed(event, at),
            oninput: ({ target }) => change({ ...scene, narration: put(narration, at, target.value.replace(/\s*\n\s*/g, " ")) }),
          }),
          h("button", { class: "button calm slim only", type: "button", title: t("remove"), "aria-label": t("remove_entry", { n: at + 1 }), disabled: narration.length === 1, onclick: () => change(sentenceOut(scene, at)) }, icon("close")),
        ),
      ),
    ),
    fault("narration", `${name}-narration-fault`),
    h("button", { class: "button calm slim add", type: "button", onclick: () => {
      change(sentenceIn(scene, narration.length, ""));
      go(narration.length, 0);
    } }, icon("plus"), t("add_sentence")),
  );
}

/** The visual as JSON, for what has no fields. */
function raw({ scene, name, change }) {
  const id = `${name}-raw`;
  const text = JSON.stringify(scene.visual, null, 2);
  const parsed = ({ target }) => {
    let visual = null;
    try {
      visual = JSON.parse(target.value);
    } catch {
      visual = null; // said below
    }
    const good = visual !== null && typeof visual === "object" && typeof visual.kind === "string";
    target.setCustomValidity(good ? "" : t("fault_json"));
    target.setAttribute("aria-invalid", String(!good));
    target.nextSibling.hidden = good;
    if (good) change(shows(scene, visual));
  };
  return h(
    "div",
    { class: "field", key: "raw" },
    h("label", { for: id }, t("visual_json")),
    h("textarea", { class: "input mono fits", id, rows: Math.min(24, text.split("\n").length + 1), spellcheck: "false", value: text, onchange: parsed }),
    h("p", { class: "fault", hidden: true }, icon("warning"), t("fault_json")),
  );
}
