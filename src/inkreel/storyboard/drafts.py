"""What a language model wrote → scenes that may be filmed, and what is wrong with the others.

A scene must be one of ours by its types, cite blocks that are there, be of a length one can listen
to, and say what its blocks say: its figures and names stand in them, its code, quotes, formulas,
tables and charts are theirs. Fields that a scene does not have are passed over, whatever they hold:
what a model returns chooses nothing but its own scene.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, get_args

import msgspec

from inkreel.model import (
    AnyDrafted,
    Brief,
    ChartVisual,
    Cited,
    CodeVisual,
    ComparisonVisual,
    DraftScene,
    FigureVisual,
    FormulaVisual,
    NumberVisual,
    QuoteVisual,
    SlideVisual,
    Struct,
    TableVisual,
    Visual,
)
from inkreel.recipes import Checked, CheckedScene, CheckRequest
from inkreel.storyboard import briefs, faithful, spoken
from inkreel.storyboard.misfits import misfits
from inkreel.storyboard.pace import SHORTEST, Pace

LONGEST = 32.0
"""Seconds that a scene may take as it is written; one that is asked for anew is to be shorter."""
HEADING_LETTERS = 90
SENTENCE_LETTERS = 400
MOST_BULLETS, BULLET_LETTERS = 6, 110
MOST_POINTS = 6
VALUE_LETTERS = 24
_KINDS: dict[str, type[Visual]] = {
    str(kind.__struct_config__.tag): kind for kind in get_args(AnyDrafted)
}
_UNSAID = re.compile(r"https?://|www\.|\]\(|\*\*|```|</?\w+>|^\s*[#>*-] ", re.MULTILINE)


class Refused(Exception):
    """Why a scene cannot be used."""


def check(request: CheckRequest) -> Checked:
    """The verdict on each scene."""
    return Checked(tuple(_checked(text, request.brief) for text in request.scenes))


def _checked(text: str, brief: Brief) -> CheckedScene:
    scene: DraftScene | None = None
    try:
        scene = _scene(text)
        Look(scene, brief).all()
    except Refused as refused:
        fault = str(refused)
        repair = briefs.prompt("repair", brief.language).format(fault=fault)
        return CheckedScene(scene, _there(scene, brief), fault, repair)
    return CheckedScene(scene, scene.sources)


def _there(scene: DraftScene | None, brief: Brief) -> tuple[str, ...]:
    """The blocks it tells; all of them where it does not say."""
    ids = [block.id for block in brief.blocks]
    cited = tuple(source for source in (scene.sources if scene else ()) if source in ids)
    return cited or tuple(ids)


# --- JSON → DraftScene ---------------------------------------------------------------------------


def _scene(text: str) -> DraftScene:
    try:
        raw = msgspec.json.decode(text)
        raw = _fields(raw, DraftScene)
        kind = _KINDS.get(str(raw.get("visual", {}).get("kind")))
        if kind is None:
            raise Refused(f"visual.kind must be one of {', '.join(_KINDS)}")
        raw["visual"] = {"kind": raw["visual"]["kind"], **_fields(raw["visual"], kind)}
        for name in ("narration", "sources"):
            if isinstance(raw.get(name), str):
                raw[name] = [raw[name]]
        return msgspec.convert(raw, DraftScene, strict=False)
    except (msgspec.MsgspecError, AttributeError, TypeError) as error:
        raise Refused(f"it does not fit the schema: {error}"[:300]) from error


def _fields(raw: Any, kind: type[Struct]) -> dict[str, Any]:
    """The fields that there are, and hold something."""
    names = {field.encode_name for field in msgspec.structs.fields(kind)}
    return {name: value for name, value in raw.items() if name in names and value is not None}


# --- What is looked at ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Look:
    """A scene beside its brief. Each look raises `Refused`."""

    scene: DraftScene
    brief: Brief

    def all(self) -> None:
        self.sources()
        self.narration()
        self.heading()
        self.visual()
        self.copied()
        self.figures()
        self.names()

    @property
    def cited(self) -> list[Cited]:
        return [block for block in self.brief.blocks if block.id in self.scene.sources]

    def sources(self) -> None:
        known = {block.id for block in self.brief.blocks}
        wrong = [source for source in self.scene.sources if source not in known]
        if wrong or not self.scene.sources:
            said = f"{wrong[0][:40]!r} in sources is no block" if wrong else "sources is empty"
            raise Refused(f"{said}; the blocks are {', '.join(sorted(known))}")

    def narration(self) -> None:
        said = self.scene.narration
        if not said or not all(spoken.speakable(sentence) for sentence in said):
            raise Refused("its narration is empty")
        for sentence in said:
            if len(sentence) > SENTENCE_LETTERS:
                raise Refused("a sentence is longer than one can listen to")
            if _UNSAID.search(sentence):
                raise Refused(f"the narration has markup or an address in {sentence[:60]!r}")
        if len({sentence.casefold() for sentence in said}) < len(said):
            raise Refused("a sentence is said twice")
        seconds = Pace(self.brief.words_per_minute, self.brief.language).sentences(said)
        if seconds > LONGEST or seconds < SHORTEST / 2:
            raise Refused(f"its narration takes {seconds:.0f} seconds; 8 to 18 are good")

    def heading(self) -> None:
        if not self.scene.heading.strip() or len(self.scene.heading) > HEADING_LETTERS:
            raise Refused("its heading is empty or too long")

    def visual(self) -> None:
        visual = self.scene.visual
        if isinstance(visual, FigureVisual):
            return
        for problem in (*misfits(visual), *_unshowable(visual)):
            raise Refused(problem.rstrip("."))

    def copied(self) -> None:
        """What is to be the document's own stands there."""
        visual = self.scene.visual
        match visual:
            case CodeVisual():
                self._within("code", visual.text.splitlines(), "the code")
            case FormulaVisual():
                self._within("formula", [step.tex for step in visual.steps], "a formula")
            case QuoteVisual():
                self._within("", [visual.text, visual.by], "the quote")
            case FigureVisual():
                if visual.block not in {b.id for b in self.cited if b.kind == "figure"}:
                    raise Refused("visual.block is no figure among its sources")
            case _:
                pass

    def _within(self, kind: str, parts: Iterable[str], what: str) -> None:
        there = " ".join(b.text for b in self.cited if not kind or b.kind == kind)
        there = _squeezed(there)
        for part in parts:
            if _squeezed(part) not in there:
                raise Refused(f"{what} does not stand in its sources: {part[:60]!r}")

    def figures(self) -> None:
        text = "\n".join((self.scene.heading, *self.scene.narration, *_texts(self.scene.visual)))
        source = "\n".join((*(block.text for block in self.cited), self.brief.named))
        counts = [n for b in self.cited for n in (b.text.count("\n") + 1, b.text.count("\n"))]
        wrong = faithful.invented_figures(text, source, counts)
        if wrong:
            raise Refused(f"{', '.join(wrong[:4])} does not stand in the cited blocks")

    def names(self) -> None:
        source = "\n".join((*(block.text for block in self.cited), self.brief.named))
        wrong = faithful.invented_names(self.scene.narration, source)
        if wrong:
            raise Refused(f"the name {', '.join(wrong[:4])} does not stand in the cited blocks")


def _squeezed(text: str) -> str:
    """Without what copying may change: blanks, the kind of quotes, the end mark."""
    text = re.sub(r"[“”„]", '"', text).replace("’", "'").strip().rstrip(".…")
    return re.sub(r"\s+", "", text).casefold()


_SHOWABLE: tuple[tuple[type[Visual], Callable[[Any], object], str], ...] = (
    (SlideVisual, lambda v: 1 <= len(v.bullets) <= MOST_BULLETS, "a slide has 2 to 5 bullets"),
    (
        SlideVisual,
        lambda v: all(b.text.strip() and len(b.text) <= BULLET_LETTERS for b in v.bullets),
        "a bullet is empty, or no short phrase",
    ),
    (ComparisonVisual, lambda v: len(v.columns) in (2, 3), "a comparison has 2 or 3 columns"),
    (
        ComparisonVisual,
        lambda v: all(0 < len(column.points) <= MOST_POINTS for column in v.columns),
        "a column has no points, or too many",
    ),
    (ChartVisual, lambda v: v.labels and v.series, "the chart has no values"),
    (TableVisual, lambda v: v.header and v.rows, "the table is empty"),
    (CodeVisual, lambda v: v.text.strip(), "the code is empty"),
    (FormulaVisual, lambda v: v.steps, "there is no formula"),
    (
        NumberVisual,
        lambda v: v.value.strip() and len(v.value) <= VALUE_LETTERS and v.label.strip(),
        "a number has a short value, and a label that says what it counts",
    ),
)


def _unshowable(visual: AnyDrafted) -> Iterator[str]:
    """What has nothing, or too much, to show."""
    for kind, holds, said in _SHOWABLE:
        if isinstance(visual, kind) and not holds(visual):
            yield said


_NAMELESS = frozenset(
    {"kind", "form", "id", "from", "to", "highlight", "step", "cues", "mark", "tex"}
)
"""Fields that are not read by who watches, or are copied."""


def _texts(value: Any, name: str = "") -> Iterator[str]:
    """What a visual shows in words and figures of its own, which are to be the document's."""
    if isinstance(value, CodeVisual | QuoteVisual | FigureVisual):
        return
    if isinstance(value, Visual):
        value = msgspec.to_builtins(value)
    if isinstance(value, dict):
        for field, own in value.items():
            if field not in _NAMELESS:
                yield from _texts(own, field)
    elif isinstance(value, list | tuple):
        for own in value:
            yield from _texts(own, name)
    elif isinstance(value, str):
        yield value
    elif isinstance(value, float | int) and name == "values":
        yield f"{value:.10g}"
