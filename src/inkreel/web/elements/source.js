// Where a player's pictures come from.

/** Have `screen` play a file of a video; call the answer to stop. */
export function attach(screen, { url }) {
  screen.src = url;
  return () => {
    screen.removeAttribute("src");
    screen.load();
  };
}
