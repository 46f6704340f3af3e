// A storyboard being edited: pure changes of scenes that keep cues and sentences together.
//
// `cues[k]` is the sentence (from 0) with which step k of a visual appears.

/** A copy of a list with one entry put, inserted or taken out. */
export const put = (list, at, value) => list.map((one, index) => (index === at ? value : one));
export const insert = (list, at, value) => [...list.slice(0, at), value, ...list.slice(at)];
export const without = (list, at) => list.filter((_, index) => index !== at);
export const moved = (list, from, to) => insert(without(list, from), to, list[from]);

/** A new sentence at `at`; what appeared with later ones still does. */
export function sentenceIn(scene, at, text) {
  return recued({ ...scene, narration: insert(scene.narration, at, text) }, (cue) => (cue >= at ? cue + 1 : cue));
}

/** The sentence at `at` is gone; what appeared with it appears with the one before. */
export function sentenceOut(scene, at) {
  return recued({ ...scene, narration: without(scene.narration, at) }, (cue) => (cue >= at ? Math.max(0, cue - 1) : cue));
}

function recued(scene, change) {
  const { cues } = scene.visual;
  return cues ? { ...scene, visual: { ...scene.visual, cues: cues.map(change) } } : scene;
}

/** A new step at the end of a visual's list; it appears with the last sentence. */
export function stepIn(scene, field, step) {
  const { visual } = scene;
  const next = { ...visual, [field]: [...(visual[field] ?? []), step] };
  if (visual.cues) next.cues = [...visual.cues, scene.narration.length - 1];
  return { ...scene, visual: next };
}

export function stepOut(scene, field, at) {
  const { visual } = scene;
  const next = { ...visual, [field]: without(visual[field], at) };
  if (visual.cues) next.cues = without(visual.cues, at);
  return { ...scene, visual: next };
}

/** A copy under an id that no scene has. */
export function copied(scene, scenes) {
  return { ...structuredClone(scene), id: freeId(scene.id || "scene", scenes) };
}

export function freeId(base, scenes) {
  const taken = new Set(scenes.map(({ id }) => id));
  const stem = base.replace(/-\d+$/, "");
  let number = 2;
  while (taken.has(`${stem}-${number}`)) number += 1;
  return `${stem}-${number}`;
}

export function blankScene(scenes, heading) {
  return { id: freeId("scene", scenes), heading, narration: [""], visual: { kind: "slide", bullets: [{ text: "" }] } };
}

/** Kinds that are nothing but words, so that one can be turned into another. */
export const WORDS = ["slide", "quote", "number", "section", "title"];

/** Kinds that leave room for a picture beside them. */
export const ILLUSTRATED = ["slide", "quote", "number", "section"];

/** The scene with another visual; what a picture beside it is to show goes where there is no room. */
export function shows(scene, visual) {
  const { illustrate, ...rest } = scene;
  return illustrate && ILLUSTRATED.includes(visual.kind) ? { ...scene, visual } : { ...rest, visual };
}

/** The scene with the same words as another kind of visual. */
export function turned(scene, kind) {
  const { visual } = scene;
  const [first = "", second = ""] = words(visual);
  const made = {
    slide: () => ({ bullets: words(visual).map((text) => ({ text })) }),
    quote: () => ({ text: first }),
    number: () => ({ value: /\d[\d.,]*\s?%?/.exec(words(visual).join(" "))?.[0].trim() ?? "", label: first, detail: second }),
    section: () => ({ number: visual.number ?? "", subtitle: first }),
    title: () => ({ subtitle: first }),
  };
  return shows(scene, { kind, ...made[kind]() });
}

function words(visual) {
  const { bullets = [], text, label, detail, subtitle } = visual;
  return [...bullets.map((one) => one.text || one.detail), text, label, detail, subtitle].filter(Boolean);
}

/** What would be refused, by scene index: `{ at, field, text }`, `text` being a name in lang/. */
export function faults(board) {
  const found = [];
  board.scenes.forEach((scene, at) => {
    const { visual } = scene;
    if (!scene.narration.some((text) => text.trim())) found.push({ at, field: "narration", text: "fault_silent" });
    if (visual.kind === "slide" && !visual.bullets?.some(({ text, detail }) => text?.trim() || detail?.trim())) {
      found.push({ at, field: "bullets", text: "fault_bullets" });
    }
    if (visual.kind === "quote" && !visual.text?.trim()) found.push({ at, field: "text", text: "fault_quote" });
    if (visual.kind === "number" && !visual.value?.trim()) found.push({ at, field: "value", text: "fault_value" });
  });
  return found;
}

/** Where a refusal of the service belongs: "Scene 3 (id), field visual.value: …". */
export function placed(problem) {
  for (const { field, message } of problem.fields) {
    const match = /scenes\W(\d+)\W?\.?(.*)$/.exec(field);
    if (match) return { at: Number(match[1]), field: last(match[2]), exact: message };
  }
  const match = /^Scene (\d+)(?: \([^)]*\))?(?:, (?:field ([\w.[\]]+)|visual \(\w+\)))?: ?(.*)$/.exec(problem.detail)
    ?? /^Scene (\d+)(?: \([^)]*\))?()(.*)$/.exec(problem.detail);
  if (!match) return null;
  const silent = /narration/.test(match[3]) && !match[2];
  return { at: Number(match[1]) - 1, field: silent ? "narration" : last(match[2] ?? ""), exact: match[3].trim() };
}

function last(path) {
  const names = path.match(/[a-z_]+/g) ?? [];
  const [first, second] = names;
  return (first === "visual" ? second : first) ?? "";
}

/** As the service takes it: without empty sentences and bullets. */
export function tidy(board) {
  return { ...board, scenes: board.scenes.map(tidyScene) };
}

function tidyScene(scene) {
  let next = scene;
  for (let at = next.narration.length - 1; at >= 0; at -= 1) {
    if (!next.narration[at].trim()) next = sentenceOut(next, at);
  }
  for (const [field, names] of [["bullets", ["text", "detail"]], ["steps", ["tex", "note"]]]) {
    const steps = next.visual[field] ?? [];
    for (let at = steps.length - 1; at >= 0; at -= 1) {
      if (!names.some((name) => steps[at][name]?.trim())) next = stepOut(next, field, at);
    }
  }
  return { ...next, visual: numbered(next.visual) };
}

/** Numbers of a chart as they were typed, with a comma or a point; an empty cell is a gap. */
function numbered(visual) {
  if (visual.kind !== "chart") return visual;
  const number = (value) => {
    if (typeof value !== "string") return value;
    const typed = Number(value.trim().replace(",", "."));
    return value.trim() === "" ? null : Number.isNaN(typed) ? value : typed;
  };
  return { ...visual, series: visual.series.map((one) => ({ ...one, values: one.values.map(number) })) };
}
