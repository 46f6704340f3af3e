// Start: define our elements; the shell (already in the page) then shows the view of the address.

import { keys } from "./core/api.js";
import { askKey } from "./core/ask.js";
import { t } from "./core/i18n.js";
import "./elements/board.js";
import "./elements/library.js";
import "./elements/new.js";
import "./elements/shell.js";
import "./elements/system.js";
import "./elements/video.js";
import "./elements/watch.js";

keys.ask = askKey;

const skip = document.querySelector(".skip");
const name = () => (skip.textContent = t("skip"));
skip.addEventListener("click", (event) => {
  event.preventDefault(); // the address names the view
  document.querySelector("main").focus();
});
addEventListener("inkreel:language", name);
name();
