"""WriteRequest → Draft: asks a language model for the scenes of a section, checks what came, has
what is wrong with it written anew, once, and keeps what is good.

The checks are the storyboard's own (`recipes.CHECK`); what they refuse is never kept. How a model
is made to answer in JSON is found out once for each model: see `RUNGS`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import msgspec

from inkreel.errors import WriterFailed
from inkreel.model import Artifact, Degraded, Draft, DraftScene, LostScene, Usage
from inkreel.ports import Build, Meter, Store
from inkreel.providers import lines
from inkreel.providers.calls import answered
from inkreel.providers.llm import schema
from inkreel.providers.llm.dialect import RUNGS, Dialect, Question, Rung, Turn
from inkreel.providers.llm.events import Scenes, events
from inkreel.providers.policies import Failed, around
from inkreel.recipes import CHECK, Checked, CheckedScene, CheckRequest, Recipe, WriteRequest

log = logging.getLogger(__name__)

ANSWER_BYTES = 8_000_000
"""Most that is taken for one request: a token of text is about 250 bytes of events."""
LETTERS_A_TOKEN = 3.5
"""Where a server does not count."""
LINGER_SECONDS = 0.5
"""After the last event."""
MOST_SCENES = 24
"""Of a section; a model that goes on and on is not listened to."""
_UNHEARD = frozenset({400, 415, 422, 501})
"""How servers refuse a form of answer that they do not know."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model said: the JSON of its scenes, and why it ended."""

    scenes: tuple[str, ...]
    begun: bool
    over: str


@dataclass(slots=True)
class Line(lines.Line[Dialect]):
    """One service of language models."""

    rungs: dict[str, int] = field(default_factory=dict)
    """How each model is asked, once it has answered."""

    async def answer(self, question: Question, spent: Callable[[Usage], None]) -> Answer:
        """Ask once. Raises `Failed`."""
        ask = self.dialect.ask(question)
        post = self.request("POST", ask.path, json=ask.body)
        heard, letters, over = Scenes(), 0, ""
        usage: Usage | None = None
        try:
            async with answered(self.client, post, ANSWER_BYTES, self.secrets) as chunks:
                stream = events(chunks)
                async for event in stream:
                    piece = self.dialect.read(event)
                    if piece is None:
                        await _to_its_end(stream)
                        break
                    letters += len(piece.text)
                    heard.add(piece.text)
                    over, usage = piece.over or over, piece.usage or usage
                    if len(heard.found) >= MOST_SCENES:
                        break
        except Failed as failed:
            failed.why = self.secrets.hidden(failed.why)
            raise
        finally:
            spent(_counted(usage, question, letters))
        if not over and not heard.found:
            raise Failed("down", "its answer broke off")
        return Answer(tuple(heard.found), heard.begun, over)


async def _to_its_end(stream: AsyncIterator[bytes]) -> None:
    """Read what is left, if it is there: a connection that was read to its end is used again."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LINGER_SECONDS):
            async for _ in stream:
                pass


def _counted(usage: Usage | None, question: Question, letters: int) -> Usage:
    if usage is not None and usage.prompt_tokens:
        return msgspec.structs.replace(usage, calls=1)
    asked = len(question.system) + sum(len(turn.text) for turn in question.turns)
    tokens = (round(asked / LETTERS_A_TOKEN), round(letters / LETTERS_A_TOKEN))
    return Usage(1, *tokens, estimated=True)


class Writers:
    """The service of `recipes.WRITE`; `lines` are by the provider that requests name."""

    def __init__(self, store: Store, lines: dict[str, Line], meter: Meter) -> None:
        self._store = store
        self._lines = lines
        self._meter = meter

    async def __call__(self, recipe: Recipe[Draft], build: Build) -> Artifact:
        request = recipe.request
        assert isinstance(request, WriteRequest)  # noqa: S101  the role's
        line = self._lines[request.provider]
        try:
            draft = await Section(line, request, build, self._store, self._meter).write()
        except Failed as failed:
            log.info("model %s gives up: %s", line.name, failed.why)
            raise WriterFailed(
                f"The model {line.name} failed: {failed.why}.",
                hint=f"`inkreel doctor` looks at it. Or choose another --writer than {line.name}.",
            ) from failed
        degraded = tuple(_told(line.name, lost) for lost in draft.lost)
        data = msgspec.msgpack.encode(draft)
        return await asyncio.to_thread(self._store.keep, recipe, data, (), degraded)


def _told(name: str, lost: LostScene) -> Degraded:
    return Degraded("a scene is told without a language model", f"The model {name}: {lost.why}")


class Section:
    """One section being written."""

    def __init__(
        self, line: Line, request: WriteRequest, build: Build, store: Store, meter: Meter
    ) -> None:
        self._line = line
        self._request = request
        self._build = build
        self._store = store
        self._meter = meter
        self._usage = Usage()

    async def write(self) -> Draft:
        """Raises `Failed` when no answer holds a scene. One that holds none that is any good is
        kept, too: it would not be better for being asked again."""
        opening = Turn("user", self._request.brief.user)
        answer, checked = await self._asked((opening,))
        pairs = zip(answer.scenes, checked.scenes, strict=True)
        mended = await asyncio.gather(*(self._mended(opening, *pair) for pair in pairs))
        scenes: list[DraftScene] = []
        lost: list[LostScene] = []
        for one in mended:
            if one.scene is not None and not one.fault:
                scenes.append(one.scene)
            else:
                lost.append(LostScene(len(scenes), one.sources, one.fault))
        if not scenes:
            lost = [LostScene(0, self._untold(scenes), lost[0].why)]
        elif answer.over == "length":
            lost.append(LostScene(len(scenes), self._untold(scenes), "its answer was cut short"))
        return Draft(tuple(scenes), tuple(one for one in lost if one.sources), self._usage)

    def _untold(self, scenes: list[DraftScene]) -> tuple[str, ...]:
        told = {source for scene in scenes for source in scene.sources}
        return tuple(one.id for one in self._request.brief.blocks if one.id not in told)

    async def _mended(self, opening: Turn, text: str, found: CheckedScene) -> CheckedScene:
        """A scene with a fault written anew, if it is good now; else as it was. It costs one
        call."""
        if not found.fault:
            return found
        turns = (opening, Turn("assistant", text), Turn("user", found.repair))
        try:
            _, checked = await self._asked(turns)
        except Failed as failed:
            log.info("model %s mends nothing: %s", self._line.name, failed.why)
            return found
        return checked.scenes[0] if not checked.scenes[0].fault else found

    async def _asked(self, turns: tuple[Turn, ...]) -> tuple[Answer, Checked]:
        """An answer with a scene in it at least, asked for on the first rung that brings one."""
        model, known = self._request.model, self._line.rungs
        at = known.get(model, 0)
        while True:
            last = at == len(RUNGS) - 1
            try:
                got = await self._line.retry(lambda: self._once(turns, RUNGS[at], last=last))  # noqa: B023
            except Failed as failed:
                if last or failed.status not in _UNHEARD:
                    raise
                got = None
            if got is not None:
                known[model] = at
                return got
            at = max(at + 1, known.get(model, 0))
            log.info("model %s is asked for %s", self._line.name, RUNGS[at])

    async def _once(
        self, turns: tuple[Turn, ...], rung: Rung, *, last: bool
    ) -> tuple[Answer, Checked] | None:
        """None for an answer that holds no scene, where there is another way to ask. Raises
        `Failed`."""
        request = self._request
        policies = self._line.policies(request.model)
        answer = await around(
            lambda: self._line.answer(self._question(turns, rung), self._spent), *policies
        )()
        checked = await self._checked(answer.scenes)
        if any(one.scene is not None for one in checked.scenes):
            return answer, checked
        if not last:
            return None
        why = "its scenes are not what they should be" if answer.begun else "its answer is no JSON"
        raise Failed("bad", why)

    async def _checked(self, scenes: tuple[str, ...]) -> Checked:
        if not scenes:
            return Checked(())
        made = await self._build(CHECK.recipe(CheckRequest(self._request.brief, scenes)))
        return await asyncio.to_thread(self._store.load, made.digest, Checked)

    def _question(self, turns: tuple[Turn, ...], rung: Rung) -> Question:
        request = self._request
        system = request.brief.system
        if rung != "schema":
            system = f"{system}\n\n{schema.instructions()}"
        return Question(
            request.model,
            system,
            turns,
            schema.strict(),
            rung,
            request.temperature,
            request.answer_tokens,
        )

    def _spent(self, usage: Usage) -> None:
        self._usage += usage
        self._meter.spent(self._line.name, usage.prompt_tokens, usage.answer_tokens)
