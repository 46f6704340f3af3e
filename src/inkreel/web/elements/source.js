// Where a player's pictures come from: a finished file, or scenes while they are still being made.

import { Problem, headers, pause } from "../core/api.js";

const BEHIND = 20; // seconds that are kept behind what is shown when the browser has no room
const SLACK = 0.1; // seconds by which the ends of pictures and sound may differ
const AGAIN = 2; // seconds after which a server that is away is asked again

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

  async function run() {
    await happens(media, "sourceopen", signal);
    const buffer = media.addSourceBuffer(type);
    await append(buffer, await fetched(initialisation, signal), signal);
    let held = null; // fetched, but there was no room
    for (;;) {
      signal.throwIfAborted();
      const next = missing(buffer);
      if (next) {
        if (held?.url !== next.url) held = { url: next.url, data: await fetched(next.url, signal) };
        if (await room(screen, buffer, () => append(buffer, held.data, signal), signal)) {
          held = null;
          extend();
        }
        continue;
      }
      if (over && media.readyState === "open") media.endOfStream();
      if (over && segments.every((one) => has(buffer, one))) told.whole();
      await Promise.race([new Promise((resolve) => (wake = resolve)), happens(screen, "seeking", signal)]);
    }
  }

  /** The first segment that is not here, from what is shown on. */
  function missing(buffer) {
    return segments.find((one) => one.end > screen.currentTime && !has(buffer, one));
  }

  function extend() {
    const seconds = segments.at(-1).end;
    if (!(media.duration >= seconds && Number.isFinite(media.duration))) media.duration = seconds;
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
      const answer = await fetch(url, { headers: headers(), signal });
      if (!answer.ok) throw new Problem(answer.status);
      return await answer.arrayBuffer();
    } catch (error) {
      if (signal.aborted || error instanceof Problem) throw error;
      await pause(AGAIN * 1000, signal);
    }
  }
}

/** Whether there was room to append. Where there is none, some is made of what was seen, or it is
 * waited until more was seen. */
async function room(screen, buffer, append, signal) {
  try {
    await append();
    return true;
  } catch (error) {
    if (error.name !== "QuotaExceededError") throw error;
  }
  const until = screen.currentTime - BEHIND;
  if (until > (buffer.buffered.length ? buffer.buffered.start(0) : 0)) {
    buffer.remove(0, until);
    await happens(buffer, "updateend", signal);
  } else {
    await happens(screen, "timeupdate", signal); // also after a jump
  }
  return false;
}

async function append(buffer, data, signal) {
  buffer.appendBuffer(data);
  await happens(buffer, "updateend", signal);
}

function happens(target, name, signal) {
  return new Promise((resolve, reject) => {
    target.addEventListener(name, resolve, { once: true, signal });
    signal.addEventListener("abort", () => reject(new DOMException("Aborted", "AbortError")), { once: true });
  });
}
