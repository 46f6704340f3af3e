// Short messages at the foot of the page, some with an undo.

import { removeLeaving, videos } from "./api.js";
import { t } from "./i18n.js";
import { said } from "./problems.js";

/** Show a message. `undo` adds a button; `then` runs when it went by without that. */
export function toast(text, { undo = null, then = null, seconds = 6 } = {}) {
  dispatchEvent(new CustomEvent("inkreel:toast", { detail: { text, undo, then, seconds } }));
}

/** Videos that the user deleted a moment ago and may still want back. */
export const leaving = new Set();

addEventListener("pagehide", () => leaving.forEach(removeLeaving));

/** Delete a video once the user had time to think again. */
export function removeSoon(video) {
  leaving.add(video.id);
  dispatchEvent(new Event("inkreel:videos"));
  const back = () => {
    leaving.delete(video.id);
    dispatchEvent(new Event("inkreel:videos"));
  };
  toast(t("deleted", { title: video.title }), {
    undo: back,
    then: async () => {
      try {
        await videos.remove(video.id);
      } catch (error) {
        if (error.status !== 404) {
          back();
          toast(said(error).title);
        }
      }
    },
  });
}
