// A video as the page knows it: what events do to it, and what can be guessed of it.

export const ENDED = new Set(["done", "failed", "cancelled", "expired"]);

const PARTS = new Set(["narration", "picture", "clip"]);

/** The video after an event; the one before is left as it was. */
export function after(video, { type, data }) {
  if (type === "snapshot") return data;
  if (type === "status") return { ...video, ...data };
  if (type === "warning") return { ...video, warnings: [...video.warnings, data.text] };
  if (type === "thumbnail") return withScene(video, data.scene, { thumbnail: data.url });
  if (type === "segment") {
    return streamed({ ...video, stream: data.stream }, data);
  }
  if (type === "progress") return progressed(video, data);
  return video;
}

function progressed(video, told) {
  const progress = { ...video.progress, stage: told.stage, fraction: told.fraction ?? video.progress.fraction };
  if (told.scenes) progress.scenes = told.scenes;
  let next = { ...video, progress, scenes: padded(video.scenes, progress.scenes) };
  if (told.scene && PARTS.has(told.stage)) {
    next = withScene(next, told.scene, { [told.stage]: told.state, ...(told.heading ? { heading: told.heading } : {}) });
    progress.scenes_done = next.scenes.filter(({ clip }) => finished(clip)).length;
  }
  return next;
}

function streamed(video, { scene: number, start, segment }) {
  const known = padded(video.scenes, number)[number - 1];
  if (known.segments.some((one) => one.number === segment.number)) return video;
  const segments = [...known.segments, segment];
  return withScene(video, number, { start: known.start ?? start, seconds: total(segments), segments });
}

function total(segments) {
  return segments.reduce((sum, { seconds }) => sum + seconds, 0);
}

function withScene(video, number, change) {
  const scenes = [...padded(video.scenes, number)];
  scenes[number - 1] = { ...scenes[number - 1], ...change };
  return { ...video, scenes };
}

/** At least so many scenes; those that nothing is known of yet wait. */
function padded(scenes, count) {
  const missing = Math.max(0, count - scenes.length);
  return missing ? [...scenes, ...Array.from({ length: missing }, (_, at) => blank(scenes.length + at + 1))] : scenes;
}

function blank(number) {
  return { number, id: "", heading: "", visual: "", narration: "waiting", picture: "waiting", clip: "waiting", start: null, seconds: null, segments: [], thumbnail: null };
}

export function finished(part) {
  return part === "made" || part === "found";
}

export function working(scene) {
  return !finished(scene.clip) && [...PARTS].some((part) => scene[part] !== "waiting");
}

/** Its form in words and as CSS has it. */
export function shape({ options }) {
  const [width, height] = options.size.split("x").map(Number);
  const name = height > width ? "tall" : width === height ? "square" : "wide";
  return { name, ratio: `${width} / ${height}` };
}

/** The scenes that can be played: from the first one on, without a gap. */
export function playable(video) {
  if (video.status === "done") return video.scenes.filter(({ start }) => start !== null);
  const end = video.scenes.findIndex(({ segments }) => !segments.length);
  return end < 0 ? video.scenes : video.scenes.slice(0, end);
}

/** Whether it can be watched although it is not done. */
export function streams(video) {
  const { stream } = video;
  return Boolean(stream && playable(video).length && window.MediaSource?.isTypeSupported(stream.mime_type));
}

export function file(video, variant) {
  return video.files?.find((one) => one.variant === variant) ?? null;
}

/** Where to save a file from. */
export function saving(one) {
  return `${one.url}${one.url.includes("?") ? "&" : "?"}download=1`;
}

/** Seconds to go, or null while that is anybody's guess. `now` is by the server's clock. */
export function remaining(video, now) {
  const { fraction } = video.progress;
  if (video.status !== "running" || !video.started_at || fraction < 0.08) return null;
  const elapsed = (now - Date.parse(video.started_at)) / 1000;
  if (elapsed < 2) return null;
  return (elapsed * (1 - fraction)) / fraction;
}
