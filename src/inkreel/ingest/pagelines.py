"""A PDF page → pieces of lines with their box and typeface.

pdfium orders and spaces characters; this module asks it for one box per word instead of one per
character, and cuts a line where the gap is wider than between words: at a column's gutter, at a
table's next cell, behind a bullet.
"""

from __future__ import annotations

import ctypes
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from inkreel.ingest import formulas

MAX_CHARACTERS = 200_000
"""Of one page; a page of a newspaper has 30,000."""

# How pdfium marks a hyphen at a line's end, where it leaves the line break out.
_LINE_HYPHENS = (0x02, 0xFFFE)
_NOTED_HYPHEN = "\x02"
# Ligatures and mathematical letters are forms of plain letters.
_FORMS = re.compile("[\u210e\ufb00-\ufb06\U0001d400-\U0001d7ff]")
SCRIPT = 0.8
"""Exponents and marks are smaller than this share of the line's size."""
_BOLD = re.compile(r"bold|black|heavy|semibd|demi|-bd|cmbx|\.b$", re.IGNORECASE)
_MONO = re.compile(
    r"mono|monl|courier|consol|menlo|typewriter|cmtt|inconsolata|fixed|code", re.IGNORECASE
)
_MATHS = re.compile("[\u210e\U0001d400-\U0001d7ff]")
_MATHS_FONT = re.compile(r"cmmi|cmsy|cmex|math|msbm|msam|symbol", re.IGNORECASE)
_NOTE = re.compile(r"[\d,*†‡]{1,5}")
_WORD = re.compile(r"[^\W\d_]{4,}")


@dataclass(slots=True)
class Piece:
    """Words of one line, set close together. Points from the page's top left."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    size: float
    bold: bool = False
    mono: bool = False
    maths: bool = False
    """A formula: mathematical letters, and no word beside them."""
    linear: bool = True
    """Nothing in it is raised, lowered or set small."""
    strong: tuple[str, ...] = ()
    """Runs of bold words, when not all are bold."""


@dataclass(frozen=True, slots=True)
class _Face:
    size: float
    bold: bool
    mono: bool
    maths: bool
    angle: int
    """Quarter turns, counter-clockwise."""


@dataclass(slots=True)
class _Word:
    text: str
    box: tuple[float, float, float, float]
    face: _Face
    goes_on: bool = False
    """No space is before it: it is the rest of a word, in another size."""


class PageText:
    """The text layer of a page. Closes with `close`."""

    def __init__(self, page: pdfium.PdfPage) -> None:
        self.page = page
        self.layer = page.get_textpage()
        self.fonts: dict[int, tuple[bool, bool, bool]] = {}
        self.faces: dict[int, _Face] = {}
        self.box = (ctypes.c_float * 4)()
        self.rect = raw.FS_RECTF()

    def close(self) -> None:
        self.layer.close()

    def pieces(self) -> list[Piece]:
        """All upright text of the page, in pdfium's order. Upright is how most words stand."""
        lines = list(self._lines())
        angles = Counter(word.face.angle for line in lines for word in line)
        if not angles:
            return []
        upright = angles.most_common(1)[0][0]
        frame = _Frame(self.page.get_cropbox(), upright)
        return [
            piece
            for line in lines
            for piece in _cut([w for w in line if w.face.angle == upright], frame)
        ]

    def _lines(self) -> Iterator[list[_Word]]:
        """Words, line by line as pdfium breaks them."""
        line: list[_Word] = []
        for start, letters, breaks in self._spans():
            words = self._words(start, letters)
            # Marks without their letter: how some typesetters draw a quotation mark.
            line.extend(word for word in words if not all(map(unicodedata.combining, word.text)))
            if breaks and line:
                yield line
                line = []
        if line:
            yield line

    def _words(self, start: int, letters: list[str]) -> Iterator[_Word]:
        """A word, parted where its size changes: a footnote's mark, an exponent."""
        # A hyphen that pdfium only notes has no place of its own.
        noted = len(letters) > 1 and letters[-1] == _NOTED_HYPHEN
        end = start + len(letters) - 1 - noted
        runs = [(start, end)] if letters else []
        if letters and self._face(start).size != self._face(end).size:
            sized = groupby(range(start, end + 1), key=lambda at: self._face(at).size)
            runs = [(places[0], places[-1]) for places in (list(run) for _, run in sized)]
        for first, last in runs:
            text = _joined(letters[first - start : last - start + 1])
            if noted and last == end:
                text += "-"
            yield _Word(text, self._union(first, last), self._face(first), first > start)

    def _spans(self) -> Iterator[tuple[int, list[str], bool]]:
        """The place of each word's first letter, its letters, and whether a line ends behind."""
        count = min(self.layer.count_chars(), MAX_CHARACTERS)
        letters: list[str] = []
        start = 0
        unicode_of = raw.FPDFText_GetUnicode
        layer = self.layer.raw
        for at in range(count):
            code = unicode_of(layer, at)
            if code > 32 and code not in (0xA0, 0xFFFE):
                if not letters:
                    start = at
                letters.append(_character(code))
            elif code in _LINE_HYPHENS and letters:
                yield start, [*letters, _NOTED_HYPHEN], True
                letters = []
            elif letters or code in (10, 13):
                yield start, letters, code in (10, 13)
                letters = []
        if letters:
            yield start, letters, True

    def _union(self, start: int, end: int) -> tuple[float, float, float, float]:
        """Left, bottom, right, top around the first and the last character."""
        first = self._loose(start)
        last = self._loose(end) if end != start else first
        return (
            min(first[0], last[0]),
            min(first[1], last[1]),
            max(first[2], last[2]),
            max(first[3], last[3]),
        )

    def _loose(self, at: int) -> tuple[float, float, float, float]:
        rect = self.rect
        if not raw.FPDFText_GetLooseCharBox(self.layer.raw, at, rect):
            return (0.0, 0.0, 0.0, 0.0)
        return rect.left, rect.bottom, rect.right, rect.top

    def _face(self, at: int) -> _Face:
        shape = raw.FPDFText_GetTextObject(self.layer.raw, at)
        address = ctypes.cast(shape, ctypes.c_void_p).value or 0
        face = self.faces.get(address)
        if face is None:
            face = self.faces[address] = self._look_up(at, shape)
        return face

    def _look_up(self, at: int, shape: object) -> _Face:
        matrix = raw.FS_MATRIX()
        raw.FPDFText_GetMatrix(self.layer.raw, at, matrix)
        scale = math.hypot(matrix.c, matrix.d) or 1.0
        angle = round(math.degrees(math.atan2(matrix.b, matrix.a)) / 90) % 4
        size = raw.FPDFText_GetFontSize(self.layer.raw, at) * scale
        return _Face(max(1.0, size), *self._font(shape), angle)

    def _font(self, shape: object) -> tuple[bool, bool, bool]:
        """Whether a font is bold, of fixed width, mathematical."""
        font = raw.FPDFTextObj_GetFont(shape)
        address = ctypes.cast(font, ctypes.c_void_p).value or 0
        known = self.fonts.get(address)
        if known is None:
            buffer = ctypes.create_string_buffer(256)
            length = raw.FPDFFont_GetBaseFontName(font, buffer, 256) if font else 0
            name = buffer.value.decode("utf-8", "replace") if length else ""
            heavy = bool(font) and raw.FPDFFont_GetWeight(font) >= 600
            fixed = bool(font) and raw.FPDFFont_GetFlags(font) & 1 == 1
            bold, mono = bool(_BOLD.search(name)) or heavy, bool(_MONO.search(name)) or fixed
            known = bold, mono, bool(_MATHS_FONT.search(name))
            self.fonts[address] = known
        return known


class _Frame:
    """Turns a box of PDF's user space into points from the top left of the upright page."""

    def __init__(self, crop: tuple[float, float, float, float], angle: int) -> None:
        self.crop = crop
        self.angle = angle

    def turn(self, box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        left, bottom, right, top = self.crop
        x0, y0, x1, y1 = box
        if self.angle == 1:
            return y0 - bottom, x0 - left, y1 - bottom, x1 - left
        if self.angle == 2:
            return right - x1, y0 - bottom, right - x0, y1 - bottom
        if self.angle == 3:
            return top - y1, right - x1, top - y0, right - x0
        return x0 - left, top - y1, x1 - left, top - y0


def _character(code: int) -> str:
    if code == 0xAD:
        return "-"
    return chr(code) if code < 0x110000 else "\ufffd"


def _joined(letters: list[str]) -> str:
    """Letters as a word: UTF-16 halves become one, private and broken ones fall away."""
    text = "".join(letters)
    if any("\ud800" <= c <= "\udfff" for c in letters):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def _cut(line: list[_Word], frame: _Frame) -> Iterator[Piece]:
    """Pieces of a line: cut where a gap is wider than one em or the typeface's size jumps."""
    current: list[_Word] = []
    right = 0.0
    for word in line:
        left, _, end, _ = frame.turn(word.box)
        size = word.face.size
        gap = left - right
        apart = gap > size or gap < -2 * size
        if current and (apart or not SCRIPT < size / current[-1].face.size < 1 / SCRIPT):
            yield _piece(current, frame)
            current = []
        current.append(word)
        right = end
    if current:
        yield _piece(current, frame)


def _piece(words: list[_Word], frame: _Frame) -> Piece:
    boxes = [frame.turn(word.box) for word in words]
    sizes: Counter[float] = Counter()
    for word in words:
        sizes[round(word.face.size, 1)] += len(word.text)
    size = sizes.most_common(1)[0][0]
    letters = sizes.total() or 1
    bold = sum(len(w.text) for w in words if w.face.bold) > 0.8 * letters
    maths = [w for w in words if w.face.maths or _MATHS.search(w.text)]
    return Piece(
        text=_written(words),
        left=min(box[0] for box in boxes),
        top=min(box[1] for box in boxes),
        right=max(box[2] for box in boxes),
        bottom=max(box[3] for box in boxes),
        size=size,
        bold=bold,
        mono=sum(len(w.text) for w in words if w.face.mono) > 0.97 * letters,
        maths=bool(maths) and not any(_WORD.search(_MATHS.sub("", w.text)) for w in words),
        strong=() if bold else _strong(words),
    )


def _written(words: list[_Word]) -> str:
    text = "".join(word.text if word.goes_on else f" {word.text}" for word in words).lstrip(" ")
    plain = _FORMS.sub(lambda m: unicodedata.normalize("NFKC", m.group(0)), text)
    return unicodedata.normalize("NFC", plain)


def with_script(text: str, script: str, *, up: bool) -> str:
    """`text` with an exponent or index; a raised number behind a word is the mark of a footnote,
    which goes."""
    if up and _NOTE.fullmatch(script) and _WORD.search(text.rpartition(" ")[2]):
        return text
    return text + ((formulas.raised if up else formulas.lowered)(script) or script)


def _strong(words: list[_Word]) -> tuple[str, ...]:
    runs = groupby(words, key=lambda word: word.face.bold)
    return tuple(" ".join(word.text for word in run) for bold, run in runs if bold)
