// The fields of each kind of visual, as the storyboard editor shows them.

import { stepIn, stepOut, put } from "../core/board.js";
import { h, icon } from "../core/dom.js";
import { t } from "../core/i18n.js";

const LINE = "line";
const TEXT = "text";
const CODE = "code";

/** Kind → its fields; what is not here is edited as JSON. */
const FIELDS = {
  title: [["subtitle", LINE]],
  section: [["number", LINE], ["subtitle", LINE]],
  slide: [["bullets", { text: TEXT, detail: LINE }]],
  quote: [["text", TEXT], ["emphasis", LINE], ["by", LINE]],
  number: [["value", LINE], ["label", LINE], ["detail", LINE]],
  code: [["language", LINE], ["file", LINE], ["text", CODE]],
  formula: [["steps", { tex: CODE, note: LINE }]],
  image: [["caption", LINE], ["credit", LINE]],
  table: [["rows", "table"]],
  chart: [["series", "chart"], ["unit", LINE], ["callout", LINE], ["callout_detail", LINE]],
};

export const KINDS = Object.keys(FIELDS);

/** The fields of a scene's visual. `change(scene)` takes the edited scene, `fault(field)` gives
 * the notice for a field that was refused, `name` makes ids. */
export function visualFields({ scene, change, fault, name }) {
  const set = (field, value) => change({ ...scene, visual: { ...scene.visual, [field]: value } });
  return (FIELDS[scene.visual.kind] ?? []).map(([field, form]) => {
    if (form === "table" || form === "chart") return grid({ scene, field, change, fault, name });
    if (typeof form === "object") return steps({ scene, field, form, change, fault, name });
    const label = t(`visual_${field}`);
    const id = `${name}-${field}`;
    return h(
      "div",
      { class: "field", key: field },
      h("label", { for: id }, label),
      control(form, { id, value: scene.visual[field] ?? "", oninput: ({ target }) => set(field, target.value), "aria-invalid": fault(field) ? "true" : null, "aria-describedby": fault(field) ? `${id}-fault` : null }),
      fault(field, `${id}-fault`),
    );
  });
}

function control(form, given) {
  if (form === LINE) return h("input", { class: "input", type: "text", ...given });
  const rows = form === CODE ? Math.min(24, String(given.value).split("\n").length + 1) : 1;
  return h("textarea", { class: `input fits ${form === CODE ? "mono" : ""}`, rows, spellcheck: form === CODE ? "false" : null, ...given });
}

/** A list of entries that appear one after the other: bullets, formulas. */
function steps({ scene, field, form, change, fault, name }) {
  const entries = scene.visual[field] ?? [];
  const names = Object.keys(form);
  const set = (at, part, value) => {
    const next = { ...entries[at], [part]: value };
    if (!value && part !== names[0]) delete next[part];
    change({ ...scene, visual: { ...scene.visual, [field]: put(entries, at, next) } });
  };
  return h(
    "fieldset",
    { class: "field steps", key: field },
    h("legend", { class: "label" }, t(`visual_${field}`)),
    h(
      "ol",
      null,
      entries.map((entry, at) =>
        h(
          "li",
          { class: "step" },
          h("span", { class: "step-number", "aria-hidden": "true" }, at + 1),
          h("div", { class: "step-fields" }, names.map((part) => control(form[part], { value: entry[part] ?? "", placeholder: t(`visual_${field}_${part}`), "aria-label": `${t(`visual_${field}_${part}`)} ${at + 1}`, oninput: ({ target }) => set(at, part, target.value) }))),
          h("button", { class: "button calm slim only", type: "button", title: t("remove"), "aria-label": t("remove_entry", { n: at + 1 }), onclick: () => change(stepOut(scene, field, at)) }, icon("close")),
        ),
      ),
    ),
    fault(field, `${name}-${field}-fault`),
    h("button", { class: "button calm slim add", type: "button", onclick: () => change(stepIn(scene, field, { [names[0]]: "" })) }, icon("plus"), t(`add_${field}`)),
  );
}

/** A table's cells, or a chart's numbers: labels down, series across. */
function grid({ scene, field, change, fault, name }) {
  const { visual } = scene;
  const chart = visual.kind === "chart";
  const header = chart ? ["", ...visual.series.map((one) => one.name)] : visual.header;
  const rows = chart ? visual.labels.map((label, at) => [label, ...visual.series.map(({ values }) => values[at] ?? "")]) : visual.rows;
  const set = (row, column, value) => change({ ...scene, visual: (chart ? inChart : inTable)(visual, row, column, value) });
  const cell = (value, row, column) =>
    h("input", { class: "input", type: "text", value, inputmode: chart && column && row >= 0 ? "decimal" : null, "aria-label": t("cell", { row: row + 2, column: column + 1 }), oninput: ({ target }) => set(row, column, target.value) });
  return h(
    "fieldset",
    { class: "field", key: field },
    h("legend", { class: "label" }, t(`visual_${visual.kind}`)),
    h(
      "div",
      { class: "grid-scroll", tabindex: "0", role: "group", "aria-label": t(`visual_${visual.kind}`) },
      h(
        "table",
        { class: "grid" },
        h("thead", null, h("tr", null, header.map((value, column) => h("th", { scope: "col" }, chart && column === 0 ? null : cell(value, -1, column))))),
        h("tbody", null, rows.map((row, at) => h("tr", null, row.map((value, column) => h("td", null, cell(value, at, column)))))),
      ),
    ),
    fault(field, `${name}-${field}-fault`),
  );
}

function inTable(visual, row, column, value) {
  if (row < 0) return { ...visual, header: put(visual.header, column, value) };
  return { ...visual, rows: put(visual.rows, row, put(visual.rows[row], column, value)) };
}

function inChart(visual, row, column, value) {
  if (column === 0) return { ...visual, labels: put(visual.labels, row, value) };
  const at = column - 1;
  const one = visual.series[at];
  const next = row < 0 ? { ...one, name: value } : { ...one, values: put(one.values, row, value) };
  return { ...visual, series: put(visual.series, at, next) };
}
