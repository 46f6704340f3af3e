// Questions to the user, in modal dialogs (the browser traps the focus and gives it back).

import { h, icon } from "./dom.js";
import { t } from "./i18n.js";

/** Resolves to true when the user agrees. */
export function sure({ title, text, yes, danger = false }) {
  return modal((close) =>
    h(
      "form",
      { method: "dialog", onsubmit: () => close(true) },
      h("h2", { id: "ask-title" }, title),
      h("p", null, text),
      h(
        "div",
        { class: "row" },
        h("button", { class: "button", type: "button", onclick: () => close(false) }, t("no")),
        h("button", { class: `button ${danger ? "danger" : "first"}` }, yes),
      ),
    ),
  ).then(Boolean);
}

/** Resolves to an API key, or null; says so when the one before was refused. */
export function askKey(refused) {
  const input = h("input", {
    class: "input mono",
    id: "ask-key",
    type: "password",
    autocomplete: "off",
    spellcheck: "false",
    required: true,
    placeholder: "ink_…",
    "aria-invalid": refused ? "true" : null,
    "aria-describedby": refused ? "ask-fault" : null,
  });
  return modal((close) =>
    h(
      "form",
      { method: "dialog", onsubmit: () => close(input.value.trim()) },
      h("h2", { id: "ask-title" }, t("key_title")),
      h("p", { class: "quiet" }, t("key_text")),
      h("div", { class: "field" }, h("label", { for: "ask-key" }, t("key_label")), input, refused && h("p", { class: "fault", id: "ask-fault" }, icon("warning"), t("key_refused"))),
      h(
        "div",
        { class: "row" },
        h("button", { class: "button", type: "button", onclick: () => close(null) }, t("no")),
        h("button", { class: "button first" }, icon("check"), t("key_use")),
      ),
    ),
  );
}

function modal(content) {
  return new Promise((resolve) => {
    let answer = null;
    const dialog = h("dialog", { "aria-labelledby": "ask-title", onclose: () => {
      dialog.remove();
      resolve(answer);
    } });
    dialog.append(content((value) => {
      answer = value;
      if (dialog.open) dialog.close();
    }));
    document.body.append(dialog);
    dialog.showModal();
  });
}
