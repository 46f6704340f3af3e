// Errors as sentences: what failed, why, what to do.

import { h, icon } from "./dom.js";
import { has, language, t } from "./i18n.js";

/** Sentences for a `Problem`, or for the `error` of a video. Where the page has none in the
 * reader's language, the server's own stand. */
export function said(problem) {
  const { code } = problem;
  const detail = problem.detail || problem.message || "";
  const own = `error_${code}`;
  if (has(own)) {
    const exact = language() === "vi" && detail ? detail : "";
    return { title: t(own), text: t(`hint_${code}`), exact, code };
  }
  const title = problem.title || t("error_unknown");
  return { title: detail || title, text: problem.hint || t("hint_unknown"), exact: "", code };
}

/** A notice of an error, with what can be done. */
export function problemNotice(problem, ...actions) {
  const { title, text, exact } = said(problem);
  return h(
    "div",
    { class: "notice bad", role: "alert" },
    icon("warning"),
    h(
      "div",
      { class: "body" },
      h("h2", null, title),
      h("p", null, text),
      exact && h("p", { class: "small quiet", lang: "en" }, exact),
      problem.requestId && problem.status >= 500 && h("p", { class: "small quiet" }, t("request_id", { id: problem.requestId })),
      actions.length > 0 && h("div", { class: "row actions" }, actions),
    ),
  );
}
