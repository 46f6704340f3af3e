// Runs before the first paint, so that the chosen colours and language do not flash in late.
"use strict";
{
  let theme = null;
  let language = null;
  try {
    theme = localStorage.getItem("inkreel.theme");
    language = localStorage.getItem("inkreel.language");
  } catch {
    // Storage may be forbidden; then the system's choice holds.
  }
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  const preferred = (navigator.languages ?? []).find((tag) => /^(vi|en)\b/i.test(tag)) ?? "en";
  document.documentElement.lang = (language ?? preferred).slice(0, 2).toLowerCase();
}
