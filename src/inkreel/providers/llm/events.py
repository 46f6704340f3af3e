"""Bytes of a stream → the data of its events, and the scenes in the text that they bring."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

from inkreel.providers.policies import Failed

SCENE_LETTERS = 60_000
"""Most of one scene; also of what stands before the first."""

_OUTSIDE = re.compile(r"[{\[]|</?(?:think|thinking|reasoning)>", re.IGNORECASE)
_THOUGHT_END = re.compile(r"</(?:think|thinking|reasoning)>", re.IGNORECASE)
_INSIDE = re.compile(r'["{}\[\]]')
_QUOTED = re.compile(r'["\\]')
_TAG = 12
"""Letters that are kept of what stands between scenes: a tag may come in two pieces."""


async def events(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The data of each event. A body that is no stream of events is one event."""
    rest, plain = b"", b""
    seen = False
    async for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            if line.startswith(b"data:"):
                seen = True
                yield line[5:].strip()
            elif not seen:
                plain += line + b"\n"
    if rest.startswith(b"data:"):
        yield rest[5:].strip()
    elif not seen:
        yield plain + rest


class Scenes:
    """Text that comes piece by piece → the JSON of each scene, as soon as it closes.

    A scene is an object in a list, `[{…}]` or `{"scenes": [{…}]}`, whatever stands around: thoughts
    of a model, a fence, a polite word. Each letter is looked at once, and of what was seen only the
    scene is held that has not closed.
    """

    def __init__(self) -> None:
        self.found: list[str] = []
        """What closed so far. Thoughts that end take back what they held."""
        self.begun = False
        """Whether anything looked like JSON."""
        self._text = ""
        self._at = 0
        self._open = ""
        """Brackets that are open, the outermost first."""
        self._start = 0
        self._quoted = self._thinking = False

    def add(self, text: str) -> None:
        """The next piece. Raises `Failed` (bad) for a scene without an end."""
        self._text += text
        while self._step():
            pass
        held = self._start if self._in_scene else min(self._at, max(0, len(self._text) - _TAG))
        self._text = self._text[held:]
        self._at -= held
        self._start = 0
        if len(self._text) > SCENE_LETTERS:
            raise Failed("bad", "a scene of its answer has no end")

    @property
    def _in_scene(self) -> bool:
        return self._open.startswith(("[{", "{[{"))

    def _step(self) -> bool:
        """Go on to what comes next; False when that is not there yet."""
        if self._quoted:
            return self._string()
        if self._thinking:
            return self._thought()
        seen = (_INSIDE if self._open else _OUTSIDE).search(self._text, self._at)
        if seen is None:
            self._at = len(self._text) if self._open else max(self._at, len(self._text) - _TAG)
            return False
        self._at = seen.end()
        mark = seen.group()
        if mark == '"':
            self._quoted = True
        elif mark.startswith("</"):  # the thoughts had no beginning
            self.found.clear()
        elif mark.startswith("<"):
            self._thinking = True
        elif mark in "{[":
            self._opened(mark, seen.start())
        else:
            self._closed()
        return True

    def _opened(self, mark: str, place: int) -> None:
        self.begun = True
        inside = self._in_scene
        self._open += mark
        if self._in_scene and not inside:
            self._start = place

    def _closed(self) -> None:
        inside = self._in_scene
        self._open = self._open[:-1]
        if inside and not self._in_scene:
            self.found.append(self._text[self._start : self._at])

    def _string(self) -> bool:
        stop = _QUOTED.search(self._text, self._at)
        if stop is None:
            self._at = len(self._text)
            return False
        if stop.group() == '"':
            self._quoted = False
            self._at = stop.end()
            return True
        if stop.end() == len(self._text):  # what is escaped is in the next piece
            self._at = stop.start()
            return False
        self._at = stop.end() + 1
        return True

    def _thought(self) -> bool:
        ended = _THOUGHT_END.search(self._text, self._at)
        if ended is None:
            self._at = max(self._at, len(self._text) - _TAG)
            return False
        self._thinking = False
        self._at = ended.end()
        return True
