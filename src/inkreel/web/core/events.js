// What happens to a video, as it happens: a stream that goes on after every break.

import { OFFLINE, Problem, attentive, headers, newKey, pause, problemOf, report } from "./api.js";

const LONGEST_WAIT = 8; // seconds between tries
const STEADY = 10; // seconds that a connection lasted: its end is no reason to wait long
const SILENCE = 40; // seconds without even a ping: the connection is dead

/** Yield `{ type, data }` until the video has ended. Raises `Problem` when there is no such video. */
export async function* events(id, signal) {
  let last = "";
  let failures = 0;
  while (!signal.aborted) {
    let wait = 0;
    const began = Date.now();
    try {
      for await (const event of once(id, last, signal)) {
        if (event.id) last = event.id;
        if (event.type === "end") return;
        yield event;
      }
    } catch (error) {
      if (signal.aborted) return;
      const problem = error instanceof Problem ? error : OFFLINE();
      if (problem.status === 401 && (await newKey())) continue;
      if (problem.status >= 400 && problem.status < 500 && problem.status !== 429) throw problem;
      report(problem);
      wait = problem.retryAfter;
    }
    failures = Date.now() - began > STEADY * 1000 ? 0 : failures;
    await pause(1000 * (wait || Math.min(LONGEST_WAIT, 2 ** failures / 4)), signal);
    failures += 1;
  }
}

async function* once(id, last, outer) {
  const { signal, heard, rest } = attentive(outer, SILENCE);
  try {
    const answer = await fetch(`v1/videos/${id}/events`, {
      headers: headers({ Accept: "text/event-stream", ...(last ? { "Last-Event-ID": last } : {}) }),
      signal,
      cache: "no-store",
    });
    if (!answer.ok) throw await problemOf(answer);
    report(null);
    yield* parse(answer.body, heard);
  } finally {
    rest();
  }
}

/** Server-sent events out of a stream of bytes. */
export async function* parse(stream, heard = () => {}) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let event = fresh();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    heard();
    const lines = (rest + value).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop();
    for (const line of lines) {
      if (line === "") {
        if (event.text.length) yield { type: event.type, id: event.id, data: JSON.parse(event.text.join("\n")) };
        event = fresh();
      } else take(event, line);
    }
  }
}

function fresh() {
  return { type: "message", id: "", text: [] };
}

function take(event, line) {
  const at = line.indexOf(":");
  const name = at < 0 ? line : line.slice(0, at);
  const value = at < 0 ? "" : line.slice(at + 1).replace(/^ /, "");
  if (name === "data") event.text.push(value);
  else if (name === "event") event.type = value;
  else if (name === "id") event.id = value;
}
