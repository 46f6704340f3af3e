// The service over HTTP: requests, its errors as `Problem`, uploads with progress.

import { language } from "./i18n.js";
import { keep, kept } from "./storage.js";

/** An answer that is not what was asked for; `code` is stable, `fields` are its `errors`. */
export class Problem extends Error {
  constructor(status, body = {}, retryAfter = 0) {
    super(body.detail ?? body.title ?? `HTTP ${status}`);
    this.status = status;
    this.code = body.code ?? (status ? "unknown" : "offline");
    this.title = body.title ?? "";
    this.detail = body.detail ?? "";
    this.hint = body.hint ?? "";
    this.requestId = body.request_id ?? "";
    this.fields = body.errors ?? [];
    this.retryAfter = retryAfter;
  }

  /** The service cannot be reached, or says that it is away for now. */
  get away() {
    return this.status === 0 || this.status === 502 || this.status === 503 || this.status === 504;
  }
}

export const OFFLINE = () => new Problem(0);

/** Set by the page: asks the user for a key, resolves to it; it is told whether one was refused. */
export const keys = { ask: async () => null };

let asking = null;
let declined = false; // the user does not want to give a key: the page is not to ask again and again
let skew = 0; // the server's clock minus ours, in milliseconds

/** Now, by the server's clock. */
export function serverNow() {
  return Date.now() + skew;
}

export function headers(more = {}) {
  const key = kept("key");
  return {
    "Accept-Language": language(),
    ...(key ? { Authorization: `Bearer ${key}` } : {}),
    ...more,
  };
}

/** Ask for a key once, however many requests were refused for want of one. */
export async function newKey() {
  if (declined) return null;
  asking ??= keys.ask(kept("key") !== null).finally(() => (asking = null));
  const key = await asking;
  declined = !key;
  if (key) keep("key", key);
  return key;
}

/** A request; the answer's JSON, or text, or null when there is none. Raises `Problem`. */
export async function call(method, path, { body, signal, accept } = {}) {
  const json = body !== undefined && typeof body !== "string";
  let answer;
  try {
    answer = await fetch(path, {
      method,
      signal,
      headers: headers({
        ...(accept ? { Accept: accept } : {}),
        ...(json ? { "Content-Type": "application/json" } : {}),
        ...(method === "POST" && body !== undefined ? { "Idempotency-Key": nonce() } : {}),
      }),
      body: json ? JSON.stringify(body) : body,
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw report(OFFLINE());
  }
  clockFrom(answer.headers.get("Date"));
  if (answer.ok) {
    report(null);
    if (answer.status === 204) return null;
    return answer.headers.get("Content-Type")?.includes("json") ? answer.json() : answer.text();
  }
  const problem = await problemOf(answer);
  if (problem.status === 401 && (await newKey())) return call(method, path, { body, signal, accept });
  throw report(problem);
}

export async function problemOf(answer) {
  const wait = Number(answer.headers.get("Retry-After")) || 0;
  const body = await answer.json().catch(() => ({}));
  return new Problem(answer.status, body, wait);
}

/** Tell the page whether the service is there; gives the problem back. */
export function report(problem) {
  const away = problem?.away ?? false;
  dispatchEvent(new CustomEvent("inkreel:connection", { detail: { away, problem } }));
  return problem;
}

function clockFrom(date) {
  const time = Date.parse(date ?? "");
  if (time && Math.abs(time + 500 - Date.now() - skew) > 2000) skew = time + 500 - Date.now();
}

/** A name for this submission, so that sending it twice makes one video. */
function nonce() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((n) => n.toString(16).padStart(2, "0")).join("");
}

/** Upload a document with its options; `onProgress` gets 0 … 1. Tries again while the service is
 * away or busy, under one idempotency key. Resolves to the video. */
export async function upload(file, options, onProgress, signal) {
  const form = new FormData();
  for (const [name, value] of Object.entries(options)) form.append(name, String(value));
  form.append("document", file, file.name);
  const once = nonce();
  for (let tries = 0; ; tries += 1) {
    try {
      const video = await send(form, once, onProgress, signal);
      report(null);
      return video;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.status === 401 && (await newKey())) continue;
      const passing = error.away || error.code === "busy" || error.code === "rate_limited";
      if (!passing || tries >= 3) throw report(error);
      await pause(Math.min(15, error.retryAfter || 2 ** tries) * 1000, signal);
    }
  }
}

function send(form, once, onProgress, signal) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", "v1/videos");
    for (const [name, value] of Object.entries(headers({ "Idempotency-Key": once }))) {
      request.setRequestHeader(name, value);
    }
    request.responseType = "json";
    request.upload.onprogress = (event) => onProgress(event.total ? event.loaded / event.total : 0);
    request.onload = () => {
      if (request.status === 202) resolve(request.response);
      else {
        const wait = Number(request.getResponseHeader("Retry-After")) || 0;
        reject(new Problem(request.status, request.response ?? {}, wait));
      }
    };
    request.onerror = () => reject(OFFLINE());
    request.onabort = () => reject(new DOMException("Aborted", "AbortError"));
    signal?.addEventListener("abort", () => request.abort());
    request.send(form);
  });
}

export function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(new DOMException("Aborted", "AbortError"));
    });
  });
}

/** A `signal` that also aborts when nothing was `heard` for so many seconds: however slow a
 * connection is, something comes. `rest` ends the waiting. */
export function attentive(outer, seconds) {
  const silence = new AbortController();
  let timer = 0;
  const rest = () => clearTimeout(timer);
  const heard = () => {
    rest();
    timer = setTimeout(() => silence.abort(), seconds * 1000);
  };
  heard();
  return { signal: AbortSignal.any([outer, silence.signal]), heard, rest };
}

export const videos = {
  list: (query, signal) => call("GET", `v1/videos?${new URLSearchParams(query)}`, { signal }),
  get: (id, signal) => call("GET", `v1/videos/${id}`, { signal }),
  make: (body) => call("POST", "v1/videos", { body }),
  cancel: (id) => call("POST", `v1/videos/${id}/cancel`),
  retry: (id) => call("POST", `v1/videos/${id}/retry`),
  prioritise: (id, priority) => call("PATCH", `v1/videos/${id}`, { body: { priority } }),
  remove: (id) => call("DELETE", `v1/videos/${id}`),
  board: (id, signal) =>
    call("GET", `v1/videos/${id}/storyboard`, { signal, accept: "application/json" }),
  film: (id, board) => call("PUT", `v1/videos/${id}/storyboard`, { body: board }),
};

/** Remove it even though the page is being left. */
export function removeLeaving(id) {
  fetch(`v1/videos/${id}`, { method: "DELETE", headers: headers(), keepalive: true }).catch(() => {});
}

let mine = null;

/** Who we are, what we may do, and what can be chosen; asked once. */
export function me() {
  mine ??= call("GET", "v1/me").catch((error) => {
    mine = null;
    throw error;
  });
  return mine;
}
