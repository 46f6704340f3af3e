"""`Document → Storyboard`: by the writer of the house, or section by section by a language model.

Sections are written side by side; what failed is told by the house, and the result says so. As
everywhere, an edit of one section has that one written anew: its brief holds nothing of the others
but their headings.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from inkreel import recipes
from inkreel.build import Builder, Built, together
from inkreel.errors import InkreelError, WriterFailed
from inkreel.model import (
    Artifact,
    Brief,
    Degraded,
    Digest,
    Draft,
    Storyboard,
    Usage,
    WriterChoice,
    Writing,
)
from inkreel.ports import Store

Told = Callable[[int, int], None]
"""Is told how many sections of how many are written."""

Ahead = Callable[[Storyboard], object]
"""Is given the first scenes, and the one behind them, while later sections are being written. They
may yet change a little."""


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be written: a document in the store, within `seconds`, at a voice's pace."""

    document: Digest
    seconds: float | None
    pace: float
    illustrated: bool = False
    """Whether scenes say what a picture beside them is to show."""

    def outline(self) -> recipes.Recipe[Storyboard]:
        """How the house writes it."""
        request = recipes.OutlineRequest(self.document, self.seconds, self.pace, self.illustrated)
        return recipes.OUTLINE.recipe(request)

    def briefs(self, choice: WriterChoice) -> recipes.Recipe[recipes.Briefs]:
        """What a language model is told of it."""
        request = recipes.BriefRequest(self.document, self.seconds, self.pace, choice.characters)
        return recipes.BRIEF.recipe(request)

    def assembled(
        self, choice: WriterChoice, briefs: recipes.Briefs, drafts: Sequence[Artifact | None]
    ) -> recipes.Recipe[Storyboard]:
        """What became of its sections, put together."""
        request = recipes.AssembleRequest(
            document=self.document,
            seconds=self.seconds,
            words_per_minute=self.pace,
            characters=choice.characters,
            briefed=tuple(brief is not None for brief in briefs.sections),
            drafts=tuple(draft.digest if draft else None for draft in drafts),
            illustrated=self.illustrated,
        )
        return recipes.ASSEMBLE.recipe(request)


@dataclass(frozen=True, slots=True)
class Written:
    """A storyboard, whether this run made it, and what became of the language model."""

    board: Storyboard
    built: Built
    degraded: tuple[Degraded, ...] = ()
    writing: Writing | None = None


class Sections:
    """Those of a document, while a language model writes them."""

    def __init__(self, briefs: recipes.Briefs) -> None:
        self.briefs = briefs
        self.answers: list[Built | WriterFailed | None] = [None] * len(briefs.sections)
        """A draft of each section that has a brief, or why there is none."""
        self._news = asyncio.Condition()

    @property
    def count(self) -> int:
        """How many are to be written."""
        return sum(brief is not None for brief in self.briefs.sections)

    @property
    def done(self) -> int:
        return sum(answer is not None for answer in self.answers)

    @property
    def first(self) -> int:
        """How many, from the first one on, need not be waited for."""
        pairs = enumerate(zip(self.briefs.sections, self.answers, strict=True))
        open_ = (at for at, (brief, answer) in pairs if brief and answer is None)
        return next(open_, len(self.answers))

    async def answer(self, at: int, answer: Built | WriterFailed) -> None:
        """A section is written, or never will be."""
        async with self._news:
            self.answers[at] = answer
            self._news.notify_all()

    async def reach(self, first: int) -> None:
        """Wait until so many need not be waited for."""
        async with self._news:
            await self._news.wait_for(lambda: self.first >= first)


async def write(
    task: Task,
    choice: WriterChoice | None,
    builder: Builder,
    told: Told,
    ahead: Ahead | None = None,
) -> Written:
    """Write a storyboard. No failure of a language model is its end."""
    if choice is None:
        return await _by_the_house(task, builder)
    briefs = await builder.load(await builder.build(task.briefs(choice)), recipes.Briefs)
    sections = Sections(briefs)
    async with together() as group:
        if ahead is not None:
            foreseeing = group.create_task(_foresee(sections, task, choice, builder, ahead))
            await _ask(sections, choice, builder, told)
            foreseeing.cancel()
        else:
            await _ask(sections, choice, builder, told)
    answers = sections.answers
    drafts = [one if isinstance(one, Built) else None for one in answers]
    failed = [one for one in answers if isinstance(one, WriterFailed)]
    loaded = [await builder.load(draft, Draft) for draft in drafts if draft]
    writing = _accounts(choice, [draft for draft in drafts if draft], loaded, len(failed))
    artifacts = [draft.artifact if draft else None for draft in drafts]
    within = [one for artifact in artifacts if artifact for one in artifact.degraded]
    if writing.own == writing.sections:
        why = failed[0].message if failed else within[0].why if within else ""
        lost = (Degraded("the storyboard is written without a language model", why),)
        house = await _by_the_house(task, builder)
        return Written(house.board, house.built, lost if writing.sections else (), writing)
    built = await builder.build(task.assembled(choice, briefs, artifacts))
    board = await builder.load(built, Storyboard)
    degraded = dict.fromkeys((*_lost(failed, writing.sections), *within))
    return Written(board, built, tuple(degraded), writing)


def find(task: Task, choice: WriterChoice | None, store: Store, *, over: bool) -> Storyboard | None:
    """What was written, if it is in the store. `over`: a language model has had its turn."""
    recipe = task.outline()
    if choice is not None:
        told = store.find(task.briefs(choice))
        if told is None:
            return None
        briefs = store.load(told.digest, recipes.Briefs)
        drafts = [store.find(_asked(b, choice)) if b else None for b in briefs.sections]
        if any(store.load(one.digest, Draft).scenes for one in drafts if one):
            recipe = task.assembled(choice, briefs, drafts)
        elif not over:
            return None
    found = store.find(recipe)
    return None if found is None else store.load(found.digest, Storyboard)


async def _by_the_house(task: Task, builder: Builder) -> Written:
    built = await builder.build(task.outline())
    return Written(await builder.load(built, Storyboard), built)


async def _ask(sections: Sections, choice: WriterChoice, builder: Builder, told: Told) -> None:
    async def one(at: int, brief: Brief) -> None:
        try:
            answer: Built | WriterFailed = await builder.at(at).build(_asked(brief, choice))
        except WriterFailed as failed:
            answer = failed
        await sections.answer(at, answer)
        told(sections.done, sections.count)

    async with together() as group:
        for at, brief in enumerate(sections.briefs.sections):
            if brief is not None:
                group.create_task(one(at, brief))


async def _foresee(
    sections: Sections, task: Task, choice: WriterChoice, builder: Builder, ahead: Ahead
) -> None:
    """Put the first sections together, each time that twice as many are written. What fails is
    told when all are."""
    rehearsing = builder.rehearsing()
    first = 1
    while first < len(sections.answers):
        await sections.reach(first)
        first = sections.first
        known = sections.answers[:first] + [None] * (len(sections.answers) - first)
        drafts = [one.artifact if isinstance(one, Built) else None for one in known]
        if any(drafts):
            with contextlib.suppress(InkreelError):
                built = await rehearsing.build(task.assembled(choice, sections.briefs, drafts))
                board = await rehearsing.load(built, Storyboard)
                ahead(_begun(board, sections.briefs.sections[first:]))
        first *= 2


def _begun(board: Storyboard, later: Sequence[Brief | None]) -> Storyboard:
    """The scenes before the first one that tells of a later section."""
    theirs = {block.id for brief in later if brief for block in brief.blocks}
    ends = (at for at, scene in enumerate(board.scenes) if theirs & set(scene.sources))
    return msgspec.structs.replace(board, scenes=board.scenes[: next(ends, len(board.scenes))])


def _asked(brief: Brief, choice: WriterChoice) -> recipes.Recipe[Draft]:
    request = recipes.WriteRequest(
        brief, choice.provider, choice.model, choice.temperature, choice.answer_tokens
    )
    return recipes.WRITE.recipe(request)


def _accounts(
    choice: WriterChoice, drafts: Sequence[Built], loaded: Sequence[Draft], failed: int
) -> Writing:
    """What this run asked for, and what it cost."""
    pairs = list(zip(drafts, loaded, strict=True))
    usage = sum((told.usage for draft, told in pairs if draft.made), Usage())
    return Writing(
        writer=choice.name,
        model=choice.model,
        sections=len(pairs) + failed,
        found=sum(not draft.made for draft in drafts),
        own=failed + sum(not told.scenes for told in loaded),
        usage=usage,
        cost=choice.cost(usage),
    )


def _lost(failed: Sequence[WriterFailed], sections: int) -> tuple[Degraded, ...]:
    if not failed:
        return ()
    what = f"{len(failed)} of {sections} sections are told without a language model"
    return (Degraded(what, failed[0].message),)
