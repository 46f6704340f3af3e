"""The Lua scripts in `lua/`, each run whole by Redis: nothing comes between its steps.

`index.lua` stands before each of them: it keeps the indexes, and says what each key holds.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files


class Script:
    """A script with the name by which Redis knows it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.sha = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


@cache
def script(name: str) -> Script:
    """`lua/NAME.lua`."""
    folder = files("inkreel.backends.redis") / "lua"
    parts = [(folder / file).read_text("utf-8") for file in ("index.lua", f"{name}.lua")]
    return Script("\n".join(parts))
