"""Storyboard → Storyboard whose pictures can be read: what is too much for one is shown in parts.

A part is a scene of its own: some of the bullets, rows, lines, points, formulas or sentences of a
quote, with what is said of them. It is cut where a sentence begins, as evenly as that allows. Of
diagrams a sequence is cut between messages and a time line between events; what has no parts (a
graph, a chart) stays as it is, and the picture tells that it is small.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import msgspec

from inkreel.errors import DiagramTooLarge
from inkreel.model import (
    AnyVisual,
    CodeVisual,
    ComparisonVisual,
    DiagramVisual,
    FormulaVisual,
    QuoteVisual,
    Scene,
    SlideVisual,
    Span,
    Storyboard,
    TableVisual,
)
from inkreel.ports import Shelf
from inkreel.recipes import DrawRequest, FitRequest
from inkreel.visuals.drawing import lay_out, least_px
from inkreel.visuals.kinds.apart import is_one_formula
from inkreel.visuals.typefaces import typeface_of

_MOST_PARTS = 8
_BEYOND = 3
"""So many parts more than needed are tried where sentences do not allow even ones."""
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|(?<=[.!?…][”\"»])\s+")
_CLAUSE = re.compile(r"(?<=[,;:])\s+|\s+[–—]\s+")
_SHORTEST_CLAUSE = 2
"""Words."""
_NOTES = {
    "vi": "“{heading}” được chia thành {count} cảnh để chữ đủ lớn.",
    "en": "“{heading}” is shown in {count} scenes, so that its text can be read.",
}

See = Callable[[Scene], float]
"""How well a scene can be read: from 1 on, well."""


@dataclass(frozen=True, slots=True)
class Joint:
    """Where a scene can be cut: before a unit (bullet, row, line …) and a sentence."""

    unit: int
    sentence: int


def fit(request: FitRequest, shelf: Shelf) -> Storyboard:
    """Show in parts what is too much for one picture, and note it."""
    board = request.storyboard
    scenes: list[Scene] = []
    notes: list[str] = []
    taken = {scene.id for scene in board.scenes}
    with typeface_of(request.theme):
        see = _seen_by(request, shelf)
        for scene, cues in zip(board.scenes, request.cues, strict=True):
            parts = _parts(scene, cues, see)
            if len(parts) > 1:
                note = _NOTES[board.language]
                notes.append(note.format(heading=scene.heading, count=len(parts)))
            scenes += _named(parts, taken)
    return msgspec.structs.replace(board, scenes=tuple(scenes), notes=(*board.notes, *notes))


def _seen_by(request: FitRequest, shelf: Shelf) -> See:
    def see(scene: Scene) -> float:
        asked = DrawRequest(
            heading=scene.heading,
            eyebrow=scene.eyebrow,
            visual=scene.visual,
            language=request.storyboard.language,
            theme=request.theme,
            width=request.width,
            height=request.height,
        )
        try:
            drawn = lay_out(asked, shelf)
        except DiagramTooLarge:
            return 0.0
        least = least_px(scene.visual)
        size = min(drawn.canvas.body_px, default=least) / least
        return min(size, 0.99) if drawn.crowded else max(size, 1.0)

    return see


def _parts(scene: Scene, cues: Sequence[int], see: See) -> list[Scene]:
    """The scene, or the parts in which it is read best."""
    count = _units(scene.visual)
    if count < 2 or see(scene) >= 1:
        return [scene]
    wanted = _needed(scene, count, see)
    if len(scene.narration) < wanted:
        scene, cues = _by_clauses(scene, cues)
    joints = _joints(scene, cues, wanted)
    best, worth = [scene], see(scene)
    for parts in range(min(wanted, len(joints) + 1), min(wanted + _BEYOND, len(joints) + 1) + 1):
        cut = _cut(scene, _even(joints, count, parts))
        seen = min(map(see, cut))
        if seen > worth:
            best, worth = cut, seen
        if seen >= 1:
            break
    return best


def _needed(scene: Scene, count: int, see: See) -> int:
    """In how many parts it could be read, if the narration could be cut anywhere."""
    for parts in range(2, min(count, _MOST_PARTS) + 1):
        bounds = [part * count // parts for part in range(parts + 1)]
        pieces = (_piece(scene.visual, first, last) for first, last in pairwise(bounds))
        if all(see(msgspec.structs.replace(scene, visual=piece)) >= 1 for piece in pieces):
            return parts
    return min(count, _MOST_PARTS)


# --- Where to cut --------------------------------------------------------------------------------


def _by_clauses(scene: Scene, cues: Sequence[int]) -> tuple[Scene, list[int]]:
    """The scene with a sentence for each clause; steps that shared a sentence share its clauses."""
    clauses = [list(_clauses(sentence)) for sentence in scene.narration]
    firsts = [sum(map(len, clauses[:number])) for number in range(len(clauses))]
    moved: list[int] = []
    for step, cue in enumerate(cues):
        sharing = [k for k, other in enumerate(cues) if other == cue]
        moved.append(firsts[cue] + sharing.index(step) * len(clauses[cue]) // len(sharing))
    narration = tuple(clause for each in clauses for clause in each)
    visual = msgspec.structs.replace(scene.visual, cues=tuple(moved) if scene.visual.cues else ())
    return msgspec.structs.replace(scene, narration=narration, visual=visual), moved


def _clauses(sentence: str) -> Iterator[str]:
    pieces = _CLAUSE.split(sentence.strip())
    if any(len(piece.split()) < _SHORTEST_CLAUSE for piece in pieces):
        yield sentence
        return
    for number, piece in enumerate(pieces):
        text = piece.strip(" ,;:") if number < len(pieces) - 1 else piece.strip()
        text = text[:1].upper() + text[1:] if number else text
        yield text if text[-1:] in ".!?…" else f"{text}."


def _joints(scene: Scene, cues: Sequence[int], wanted: int) -> list[Joint]:
    """Where units and sentences can be cut together: as the cues say, else in proportion."""
    cued = _cued(scene.visual, cues)
    if len(cued) + 1 >= wanted:
        return cued
    count, said = _units(scene.visual), len(scene.narration)
    near = [(unit, unit * said / count) for unit in _natural(scene.visual)]
    return [Joint(unit, min(max(1, round(at)), said - 1)) for unit, at in near if said > 1]


def _cued(visual: AnyVisual, cues: Sequence[int]) -> list[Joint]:
    """A joint before each unit that comes with a later sentence than all before it."""
    starts = list(range(_units(visual)))
    if isinstance(visual, QuoteVisual):
        return []  # its steps are lines, which are set anew in each part
    if isinstance(visual, CodeVisual):
        starts = [span.first - 1 for span in visual.focus]
    if isinstance(visual, DiagramVisual):
        cues = [cues[step] for step in _steps(visual) if step < len(cues)]
    joints: list[Joint] = []
    unit, sentence = 0, cues[0] if cues else 0
    for start, cue in zip(starts, cues, strict=False):
        if start > unit and cue > sentence:
            joints.append(Joint(start, cue))
        unit, sentence = max(unit, start), max(sentence, cue)
    return joints


def _natural(visual: AnyVisual) -> list[int]:
    """Units before which one may cut; of code, lines that begin something."""
    count = _units(visual)
    if not isinstance(visual, CodeVisual):
        return list(range(1, count))
    lines = visual.text.split("\n")
    filled = [k for k in range(1, count) if lines[k].strip()]
    margin = min((_indent(lines[k]) for k in filled), default=0)
    opening = [k for k in filled if _indent(lines[k]) == margin or not lines[k - 1].strip()]
    return opening if len(opening) * 8 >= count else filled


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _even(joints: Sequence[Joint], count: int, parts: int) -> list[Joint]:
    """The joints that make `parts` parts of about the same length (of least squares), or as many
    parts as they can."""
    chains: list[tuple[float, tuple[Joint, ...]]] = [(0.0, ())]
    for _ in range(parts - 1):
        longer = [
            (cost + (joint.unit - _at(chain)) ** 2, (*chain, joint))
            for cost, chain in chains
            for joint in joints
            if joint.unit > _at(chain) and joint.sentence > (chain[-1].sentence if chain else 0)
        ]
        ends: dict[Joint, tuple[float, tuple[Joint, ...]]] = {}
        for cost, chain in longer:
            if chain[-1] not in ends or cost < ends[chain[-1]][0]:
                ends[chain[-1]] = cost, chain
        chains = list(ends.values()) or chains
    return list(min(chains, key=lambda each: each[0] + (count - _at(each[1])) ** 2)[1])


def _at(chain: Sequence[Joint]) -> int:
    return chain[-1].unit if chain else 0


# --- The parts -----------------------------------------------------------------------------------


def _units(visual: AnyVisual) -> int:
    """Of how many things it is made that can stand in different pictures."""
    match visual:
        case SlideVisual(bullets=bullets):
            return len(bullets)
        case TableVisual(rows=rows):
            return len(rows)
        case ComparisonVisual(columns=columns):
            return max((len(side.points) for side in columns), default=1)
        case FormulaVisual(steps=steps):
            return 1 if is_one_formula(steps) else len(steps)
        case QuoteVisual(text=text):
            return len(_SENTENCE.split(text.strip()))
        case CodeVisual(text=text):
            return text.rstrip().count("\n") + 1
        case DiagramVisual(form="sequence" | "timeline"):
            return len(_steps(visual))
    return 1


def _steps(visual: DiagramVisual) -> list[int]:
    """When each of its messages or events appears."""
    steps: list[int] = []
    given = [own.step for own in visual.edges] if visual.form == "sequence" else None
    for own in given if given is not None else [node.step for node in visual.nodes]:
        steps.append(own if own is not None else steps[-1] + 1 if steps else 0)
    return steps


def _cut(scene: Scene, joints: Sequence[Joint]) -> list[Scene]:
    """Its parts, numbered in their eyebrows."""
    units = [0, *(joint.unit for joint in joints), _units(scene.visual)]
    sentences = [0, *(joint.sentence for joint in joints), len(scene.narration)]
    total = len(units) - 1
    made: list[Scene] = []
    for number in range(total):
        visual = _piece(scene.visual, units[number], units[number + 1])
        first, last = sentences[number], sentences[number + 1]
        narration = scene.narration[first:last]
        cues = tuple(min(max(cue - first, 0), len(narration) - 1) for cue in visual.cues)
        counted = f"{number + 1}/{total}"
        made.append(
            msgspec.structs.replace(
                scene,
                eyebrow=f"{scene.eyebrow} · {counted}" if scene.eyebrow else counted,
                narration=narration,
                visual=msgspec.structs.replace(visual, cues=cues),
                derived=tuple(d for d in scene.derived if any(d.value in s for s in narration)),
                transition=scene.transition if number == 0 else "auto",
            )
        )
    return made


def _named(parts: Sequence[Scene], taken: set[str]) -> Iterator[Scene]:
    """The first part keeps the scene's id."""
    yield parts[0]
    for number, part in enumerate(parts[1:], 2):
        name = f"{part.id}-{number}"
        while name in taken:
            name += "b"
        taken.add(name)
        yield msgspec.structs.replace(part, id=name)


def _piece(visual: AnyVisual, first: int, last: int) -> AnyVisual:
    """Units `[first, last)` of it, with their cues."""
    if isinstance(visual, CodeVisual):
        return _lines(visual, first, last)
    if isinstance(visual, DiagramVisual):
        return _stretch(visual, first, last)
    cues = visual.cues[first:last]
    changes: dict[str, Any] = {"cues": cues}
    match visual:
        case SlideVisual(bullets=bullets):
            changes |= {"bullets": bullets[first:last], "first": visual.first + first}
        case QuoteVisual(text=text):
            said = " ".join(_SENTENCE.split(text.strip())[first:last])
            changes |= {"text": said, "cues": ()}
        case FormulaVisual(steps=steps):
            changes |= {"steps": steps[first:last], "first": visual.first + first}
        case TableVisual(rows=rows, highlight=lit):
            inside = lit is not None and first <= lit < last
            moved = lit - first if inside and lit is not None else None
            changes |= {"rows": rows[first:last], "highlight": moved}
        case ComparisonVisual(columns=columns):
            sides = (msgspec.structs.replace(c, points=c.points[first:last]) for c in columns)
            changes["columns"] = tuple(sides)
    return msgspec.structs.replace(visual, **changes)


def _stretch(visual: DiagramVisual, first: int, last: int) -> DiagramVisual:
    """Messages of a sequence among all its participants, or events of a time line."""
    steps = _steps(visual)[first:last]
    begin, end = min(steps), max(steps) + 1
    cues = visual.cues[begin:end]
    replace = msgspec.structs.replace
    if visual.form == "sequence":
        edges = zip(visual.edges[first:last], steps, strict=True)
        return replace(
            visual, edges=tuple(replace(edge, step=at - begin) for edge, at in edges), cues=cues
        )
    nodes = zip(visual.nodes[first:last], steps, strict=True)
    return replace(
        visual,
        nodes=tuple(replace(node, step=at - begin) for node, at in nodes),
        edges=(),
        cues=cues,
    )


def _lines(visual: CodeVisual, first: int, last: int) -> CodeVisual:
    """Lines `[first, last)` of a listing, without the empty ones around them."""
    lines = visual.text.rstrip().split("\n")[first:last]
    while len(lines) > 1 and not lines[-1].strip():
        lines.pop()
    while len(lines) > 1 and not lines[0].strip():
        lines, first = lines[1:], first + 1
    end = first + len(lines)
    focus: list[Span] = []
    cues: list[int] = []
    for step, span in enumerate(visual.focus):
        begin, stop = max(span.first, first + 1), min(span.last, end)
        if begin <= stop:
            focus.append(Span(begin - first, stop - first))
            cues += visual.cues[step : step + 1]
    kept = tuple(cues) if len(cues) == len(focus) else ()
    return msgspec.structs.replace(
        visual, text="\n".join(lines), first=visual.first + first, focus=tuple(focus), cues=kept
    )
