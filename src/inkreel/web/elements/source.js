// Where a player's pictures come from: a finished file, or scenes while they are still being made.

import { headers } from "../core/api.js";

const BEHIND = 20; // seconds that are kept behind what is shown when the browser has no room

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
 * whether these are all; `broken` is called when it cannot go on. */
export function follow(screen, { initialisation, mime_type: type }, broken) {
  const media = new MediaSource();
  const address = URL.createObjectURL(media);
  const life = new AbortController();
  let urls = [initialisation];
  let seconds = 0;
  let over = false;
  let wake = () => {};
  screen.src = address;

  async function run() {
    await happens(media, "sourceopen", life.signal);
    const buffer = media.addSourceBuffer(type);
    for (let at = 0; at < urls.length || !over; ) {
      if (at < urls.length) {
        const answer = await fetch(urls[at], { headers: headers(), signal: life.signal });
        if (!answer.ok) throw new Error(`segment ${at}: ${answer.status}`);
        await append(screen, buffer, await answer.arrayBuffer(), life.signal);
        at += 1;
        if (at > 1 && !(media.duration >= seconds && Number.isFinite(media.duration))) media.duration = seconds;
      } else {
        await new Promise((resolve) => (wake = resolve));
      }
    }
    media.endOfStream();
  }

  run().catch((error) => {
    if (!life.signal.aborted) broken(error);
  });

  return {
    feed(scenes, all) {
      const segments = scenes.flatMap((scene) => scene.segments);
      urls = [initialisation, ...segments.map(({ url }) => url)];
      seconds = segments.reduce((sum, segment) => sum + segment.seconds, 0);
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

/** Append; where the browser has no room, make some of what was seen, or wait until it was. */
async function append(screen, buffer, data, signal) {
  for (;;) {
    try {
      buffer.appendBuffer(data);
      return await happens(buffer, "updateend", signal);
    } catch (error) {
      if (error.name !== "QuotaExceededError") throw error;
      const until = screen.currentTime - BEHIND;
      if (until > (buffer.buffered.length ? buffer.buffered.start(0) : 0)) {
        buffer.remove(0, until);
        await happens(buffer, "updateend", signal);
      } else {
        await happens(screen, "timeupdate", signal);
      }
    }
  }
}

function happens(target, name, signal) {
  return new Promise((resolve, reject) => {
    target.addEventListener(name, resolve, { once: true, signal });
    signal.addEventListener("abort", () => reject(new DOMException("Aborted", "AbortError")), { once: true });
  });
}
