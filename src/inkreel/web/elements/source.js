// Where a player's pictures come from: a finished file, or scenes while they are still being made.

import { Problem, attentive, pause } from "../core/api.js";

const BEHIND = 20; // seconds that are kept behind what is shown when the browser has no room
const SLACK = 0.1; // seconds by which the ends of pictures and sound may differ
const AGAIN = 2; // seconds after which a server that is away is asked again
const SILENCE = 15; // seconds without a byte: the answer is stuck, and is asked for again

/** Have `screen` play a file of a video. */
export function attach(screen, { url }) {
  screen.src = url;
  return {
    detach() {
      screen.removeAttribute("src");
      screen.load();
    },
  };
}

/** Have `screen` play a stream as far as it is there. `feed` names the segments known so far and
 * whether these are all. `told.broken` is called when it cannot go on, `told.whole` when everything
 * is here. What the browser drops for want of room is fetched again when somebody goes back to it. */
export function follow(screen, { initialisation, mime_type: type }, told) {
  const media = new MediaSource();
  const address = URL.createObjectURL(media);
  const life = new AbortController();
  const { signal } = life;
  let segments = []; // { url, start, end }
  let over = false;
  let wake = () => {};
  screen.src = address;
  for (const name of ["seeking", "timeupdate"]) screen.addEventListener(name, () => wake(), { signal });

  async function run() {
    await happens(media, "sourceopen", signal);
    const buffer = media.addSourceBuffer(type);
    await append(buffer, await fetched(initialisation, signal), signal);
    let held = null; // fetched, but there was no room
    let whole = false;
    for (;;) {
      signal.throwIfAborted();
      extend();
      const next = missing(buffer);
      if (next) {
        if (held?.url !== next.url) held = { ...next, data: await fetched(next.url, signal) };
        if (await append(buffer, held.data, signal)) held = null;
        else if (!(await clear(screen, buffer, next, signal))) await news();
        continue;
      }
      if (over && media.readyState === "open") media.endOfStream();
      if (over && !whole && segments.every((one) => has(buffer, one))) {
        whole = true;
        told.whole();
      }
      await news();
    }
  }

  /** More segments are known, or something else is shown. */
  function news() {
    return new Promise((resolve) => (wake = resolve));
  }

  /** The first segment that is not here, from what is shown on. */
  function missing(buffer) {
    const now = screen.currentTime;
    return segments.find(({ start, end }) => end > now && !has(buffer, { start: Math.max(start, now), end }));
  }

  /** The length is that of all segments that are known, also of those that are not here. */
  function extend() {
    const seconds = segments.at(-1)?.end ?? 0;
    if (media.readyState === "open" && !(media.duration >= seconds && Number.isFinite(media.duration))) media.duration = seconds;
  }

  run().catch((error) => {
    if (!signal.aborted) told.broken(error);
  });

  return {
    feed(scenes, all) {
      let start = 0;
      segments = scenes.flatMap((scene) => scene.segments).map(({ url, seconds }) => ({ url, start, end: (start += seconds) }));
      over = all;
      wake();
    },
    detach() {
      life.abort();
      wake();
      URL.revokeObjectURL(address);
      screen.removeAttribute("src");
      screen.load();
    },
  };
}

/** Sound ends a little before the picture, and begins before it. */
function has(buffer, { start, end }) {
  const there = buffer.buffered;
  for (let at = 0; at < there.length; at += 1) {
    if (there.start(at) <= start + SLACK && there.end(at) >= end - SLACK) return true;
  }
  return false;
}

/** The bytes at an address; while the server cannot be reached, what is here goes on playing. */
async function fetched(url, signal) {
  for (;;) {
    try {
      return await once(url, signal);
    } catch (error) {
      if (signal.aborted || error instanceof Problem) throw error;
      await pause(AGAIN * 1000, signal);
    }
  }
}

async function once(url, outer) {
  const { signal, heard, rest } = attentive(outer, SILENCE);
  try {
    const answer = await fetch(url, { signal }); // its link is signed, and may lead to a CDN
    if (!answer.ok) throw new Problem(answer.status);
    const reader = answer.body.getReader();
    const parts = [];
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return await new Blob(parts).arrayBuffer();
      heard();
      parts.push(value);
    }
  } finally {
    rest();
  }
}

/** Whether there was room. */
async function append(buffer, data, signal) {
  try {
    buffer.appendBuffer(data);
  } catch (error) {
    if (error.name !== "QuotaExceededError") throw error;
    return false;
  }
  await happens(buffer, "updateend", signal);
  return true;
}

/** Make room for a segment: of what was seen, or, for what is to be seen now, of what comes later.
 * Whether there was anything to drop. */
async function clear(screen, buffer, { start, end }, signal) {
  const there = buffer.buffered;
  const [first, last] = there.length ? [there.start(0), there.end(there.length - 1)] : [0, 0];
  const seen = screen.currentTime - BEHIND;
  if (seen > first) buffer.remove(0, seen);
  else if (start <= screen.currentTime && last > end) buffer.remove(end, Infinity);
  else return false;
  await happens(buffer, "updateend", signal);
  return true;
}

function happens(target, name, signal) {
  return new Promise((resolve, reject) => {
    const over = new AbortController();
    const on = (it, what, end) => it.addEventListener(what, () => (over.abort(), end()), { signal: over.signal });
    on(target, name, resolve);
    on(signal, "abort", () => reject(new DOMException("Aborted", "AbortError")));
  });
}
