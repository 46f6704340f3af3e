"""What a storyboard must hold, as a function that lists its breaches."""

from __future__ import annotations

import re
from collections.abc import Iterator

from inkreel.model import (
    Bullet,
    ChartVisual,
    CodeVisual,
    ComparisonVisual,
    DiagramVisual,
    EndVisual,
    Scene,
    SlideVisual,
    Storyboard,
    TableVisual,
    Visual,
)
from inkreel.storyboard import shorthand
from inkreel.storyboard.pace import Pace

WORDS = re.compile(r"[^\W_]+")
LEANING = {
    "en": re.compile(
        r"(?:moreover|furthermore|however|therefore|thus|hence|consequently|additionally|in "
        r"addition|"
        r"as a result|nevertheless|meanwhile|also|besides|but|and|or|so|then|this|that|these|"
        r"those|it|"
        r"its|they|their|them|he|she|his|her|such|both|which)\b",
        re.IGNORECASE,
    ),
    "vi": re.compile(
        r"(?:tuy nhiên|do đó|vì vậy|vì thế|ngoài ra|hơn nữa|bên cạnh đó|thêm vào đó|nhưng|và|song|"
        r"điều này|điều đó|việc này|nó|chúng(?! ta| tôi)|họ(?! hàng)|đây là|đó là|như vậy|khi đó|"
        r"sau đó|từ đó|nhờ đó|tóm lại|mặt khác|ngược lại)(?!\w)",
        re.IGNORECASE,
    ),
}
SPOKEN = re.compile(
    r"https?://|www\.|\S+@\S+\.\w|\[\^?\w{1,12}\]|\[\d+|\]\(|</?\w+>|\*\*|```|`|\\[a-z]+|\$\$|"
    r"\([^)]*\b(?:19|20)\d\d\)|(?:^|\s)#{1,6}\s|\bsee (?:table|figure)|\bxem (?:hình|bảng)",
    re.IGNORECASE,
)


def share(shown: str, sentence: str) -> float:
    """The share of the shown words that stand in the sentence."""
    shown_words = [w.casefold() for w in WORDS.findall(shown)]
    heard = {w.casefold() for w in WORDS.findall(sentence)}
    return sum(w in heard for w in shown_words) / max(1, len(shown_words))


def breaches(board: Storyboard, pace: Pace) -> list[str]:
    """Every rule that the storyboard breaks, with the scene."""
    found = [f"{scene.id}: {text}" for scene in board.scenes for text in _scene(scene, board, pace)]
    said = [_folded(text) for scene in board.scenes for text in scene.narration]
    found += [f"said twice: {text}" for text in {t for t in said if said.count(t) > 1}]
    ids = [scene.id for scene in board.scenes]
    if len(set(ids)) != len(ids):
        found.append("two scenes share an id")
    return found


def _folded(text: str) -> str:
    return " ".join(w.casefold() for w in WORDS.findall(text))


def _scene(scene: Scene, board: Storyboard, pace: Pace) -> Iterator[str]:
    seconds = pace.sentences(scene.narration)
    # A document of three words makes a video of three words.
    if seconds > 25.0 or (seconds < 4.0 and len(board.scenes) > 1):
        yield f"lasts {seconds:.1f} s"
    if LEANING[board.language].match(scene.narration[0]):
        yield f"opens with what is gone: {scene.narration[0]}"
    for text in scene.narration:
        if SPOKEN.search(text):
            yield f"speaks what is to be read: {text}"
        if not text[:1].strip() or not text.rstrip('"”’»)').endswith((".", "!", "?", "…")):
            yield f"is no sentence: {text!r}"
    if len(scene.heading) > 90 or not scene.heading.strip():
        yield f"heading {scene.heading!r}"
    if any(not 0 <= cue < len(scene.narration) for cue in scene.visual.cues):
        yield f"cues {scene.visual.cues}"
    if list(scene.visual.cues) != sorted(scene.visual.cues):
        yield f"cues go back {scene.visual.cues}"
    yield from _visual(scene.visual, scene)
    yield from _frame(scene.visual, scene)


def _visual(visual: Visual, scene: Scene) -> Iterator[str]:
    if isinstance(visual, SlideVisual):
        yield from _bullets(visual, scene)
    elif isinstance(visual, CodeVisual):
        lines = visual.text.split("\n")
        if len(lines) > 18 or max(map(len, lines)) > 96:
            yield f"{len(lines)} lines of code, {max(map(len, lines))} columns"
        if any(not 1 <= s.first <= s.last <= len(lines) for s in visual.focus):
            yield f"focus {visual.focus}"
    elif isinstance(visual, TableVisual) and (len(visual.rows) > 7 or len(visual.header) > 6):
        yield f"table of {len(visual.rows)} × {len(visual.header)}"
    elif isinstance(visual, DiagramVisual):
        yield from shorthand.misfits(visual)
        steps = [node.step or 0 for node in visual.nodes] + [e.step or 0 for e in visual.edges]
        if visual.form != "sequence" and len(visual.cues) != max(steps) + 1:
            yield f"{len(visual.cues)} cues for {max(steps) + 1} steps"
    elif isinstance(visual, ChartVisual) and any(
        len(s.values) != len(visual.labels) for s in visual.series
    ):
        yield "series and labels differ in length"


def _frame(visual: Visual, scene: Scene) -> Iterator[str]:
    if isinstance(visual, EndVisual):
        if not 1 <= len(visual.takeaways) <= 3:
            yield f"{len(visual.takeaways)} things to take home"
        yield from _bullets(SlideVisual(bullets=tuple(map(Bullet, visual.takeaways))), scene)
    elif isinstance(visual, ComparisonVisual) and (
        not 2 <= len(visual.columns) <= 3 or max(len(c.points) for c in visual.columns) > 5
    ):
        yield f"comparison of {len(visual.columns)} columns"


def _bullets(visual: SlideVisual, scene: Scene) -> Iterator[str]:
    if len(visual.bullets) > 4:
        yield "more than four bullets"
    for bullet in visual.bullets:
        spoken = max(share(f"{bullet.text} {bullet.detail}", s) for s in scene.narration)
        if spoken > 0.5:
            yield f"bullet {bullet.text!r} is read aloud ({spoken:.2f})"
        if not bullet.text or bullet.text[0].islower():
            yield f"bullet {bullet.text!r}"
