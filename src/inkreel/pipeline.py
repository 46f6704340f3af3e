"""The flow: `Source → Document → Storyboard → Narration ∥ Picture → Clip → Video`.

Scenes move on one by one: each is narrated, drawn and encoded as soon as there is room, and the
movie takes them in order. Nothing here knows of caches, retries or processes: `Builder` finds or
makes every artifact, which is also how a run that was killed goes on and how an edit re-makes
only what it touches.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter
from pathlib import Path
from typing import Protocol, TypeVar

from inkreel import recipes
from inkreel.build import Builder, Built, persist, together
from inkreel.cueing import cues
from inkreel.errors import InkreelError, OptionError, VoiceFailed
from inkreel.model import (
    Counts,
    Degraded,
    Digest,
    Document,
    Footage,
    FrameRate,
    ImageChoice,
    Language,
    Options,
    Progress,
    Result,
    Scene,
    SceneResult,
    Source,
    Storyboard,
    Struct,
    Verified,
    VoiceChoice,
    WriterChoice,
    Writing,
)
from inkreel.narrator import Narrator
from inkreel.studio import Direction, Report, Show, Studio, Take
from inkreel.threads import in_thread, let_go
from inkreel.writer import Task, Written, write

T = TypeVar("T")

SPAN_FRAMES = 300, 1_800
"""Least and most frames that a worker decodes at a time to verify them."""


class Movie(Protocol):
    """What takes the scenes in order."""

    @property
    def path(self) -> Path:
        """Where the video will be."""

    def add(self, scene: Scene, footage: Footage) -> None:
        """Append a scene, or a part of it."""

    def close(self, poster: bytes) -> tuple[recipes.TracksRequest, ...]:
        """Write what stands at the end of the video; answers what must be in its files now. It may
        be aborted meanwhile."""

    def finish(self, poster: bytes) -> None:
        """Put everything in its place."""

    def abort(self) -> None:
        """Remove what was written."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The choices made for a video."""

    options: Options
    choose_voice: Callable[[str, Language], VoiceChoice]
    at_once: int
    """Scenes under way at once."""
    max_pages: int
    writer: WriterChoice | None = None
    """The language model that writes the storyboard; without, the writer of the house does."""
    seen: bool = True
    """With pictures; else it is only heard."""
    music: Digest | None = None
    """A music file in the store, to lie under the voice."""
    verify: bool = False
    """Decode the finished video before it gets its name."""
    fallbacks: tuple[str, ...] = ()
    """Voices to tell the whole video in, in this order, when the chosen one fails for good."""
    degraded: tuple[Degraded, ...] = ()
    """The voices that were given up."""
    images: ImageChoice | None = None
    """The source of images; None: every picture is drawn."""

    def narrator(self, language: Language) -> VoiceChoice:
        """The voice that tells the video. The storyboard keeps the pace of the chosen one, so that
        a fallback makes no picture anew."""
        chain = (self.options.voice, *self.fallbacks)
        at = min(len(self.degraded), len(self.fallbacks))  # the settings may have changed
        try:
            return self.choose_voice(chain[at], language)
        except OptionError as error:
            if not self.degraded:
                raise
            # It does not speak the language: the next one may.
            raise VoiceFailed(error.message, hint=error.hint) from error

    @property
    def direction(self) -> Direction:
        """How its scenes are made."""
        return Direction(self.options, self.seen, self.music, self.images)

    @property
    def revoiced(self) -> Progress:
        """That the voice before was given up, for the user."""
        lost = self.degraded[-1]
        return Progress("narration", "warning", heading=f"{lost.why} Now {lost.what}.")

    def after(self, failed: VoiceFailed) -> Plan | None:
        """The same with the next voice; None when there is none."""
        if len(self.degraded) >= len(self.fallbacks):
            return None
        following = self.fallbacks[len(self.degraded)]
        lost = Degraded(what=f"the whole video is told by {following}", why=failed.message)
        return replace(self, degraded=(*self.degraded, lost))


async def make_video(
    material: Source | Storyboard,
    plan: Plan,
    open_movie: Callable[[Storyboard], Movie],
    builder: Builder,
    report: Report,
    show: Show | None = None,
) -> Result:
    """The whole flow: says what was made, what was found and how long it took. `show` is given a
    small picture of each scene."""
    tally = Tally(plan.options.rate)
    builder = builder.for_run()
    lost, writing = plan.degraded, None
    async with together() as group:
        early = Early(plan, builder, group)
        if isinstance(material, Storyboard):
            board = material
        else:
            _, written = await read_and_write(material, plan, builder, report, early)
            board, writing = written.board, written.writing
            lost = (*lost, *written.degraded)
            tally.count("storyboards", made=written.built.made)
        if plan.seen:
            board = await fit_storyboard(board, plan.options, builder, report)
        studio = Studio(
            builder, board, plan.direction, early.narrator(board.language), report, show
        )
        movie = open_movie(board)
        try:
            async for scene, take, footage in film(studio, board, movie, plan.at_once):
                tally.add(scene, take, footage.frames)
            report(Progress("video", "started"))
            poster = await studio.poster()
            files = await let_go(movie.close, poster)
            verified = await verify(files, builder, plan) if plan.verify else None
            await in_thread(movie.finish, poster)
        except BaseException:
            await asyncio.shield(asyncio.to_thread(movie.abort))
            raise
        early.stop()
    report(Progress("video", "done"))
    return tally.result(movie.path, lost, verified, writing)


class Early:
    """What is made for a video before its turn: the level of the voice while a document is read,
    the first scenes while later sections of it are being written. What fails is for those to hear
    who need it, so that a language model writes on though the voice is dead."""

    def __init__(self, plan: Plan, builder: Builder, group: asyncio.TaskGroup) -> None:
        self._plan = plan
        self._builder = builder
        self._group = group
        self._narrators: dict[Language, Narrator] = {}
        self._rehearsals: list[asyncio.Task[None]] = []

    def narrator(self, language: Language) -> Narrator:
        """The voice of the video, whose level is being measured."""
        if language not in self._narrators:
            voice = self._plan.narrator(language)
            narrator = self._narrators[language] = Narrator(self._builder, voice, language)
            self._group.create_task(self._level(narrator, language))
        return self._narrators[language]

    async def _level(self, narrator: Narrator, language: Language) -> None:
        """Of a voice that fails, the next one's is measured."""
        trying: Plan | None = self._plan
        while trying is not None:
            try:
                if trying is not self._plan:
                    narrator = Narrator(self._builder, trying.narrator(language), language)
                await persist(narrator.gain)
            except VoiceFailed as failed:
                trying = trying.after(failed)
            else:
                return

    def rehearse(self, board: Storyboard) -> None:
        """Begin to make the scenes of a board but its last one, to be found when they are
        filmed."""
        self._rehearsals.append(self._group.create_task(self._rehearse(board)))

    async def _rehearse(self, board: Storyboard) -> None:
        plan, builder = self._plan, self._builder.rehearsing()
        room = asyncio.Semaphore(plan.at_once)

        async def make(index: int, part: int) -> None:
            async with room:
                with contextlib.suppress(InkreelError):
                    await studio.take(index, part)

        with contextlib.suppress(InkreelError):
            if plan.seen:
                board = await fit_storyboard(board, plan.options, builder, lambda _: None)
            narrator = self.narrator(board.language)
            studio = Studio(builder, board, plan.direction, narrator, lambda _: None)
            async with together() as group:
                for index in range(len(board.scenes) - 1):
                    for part in range(studio.parts(index)):
                        group.create_task(make(index, part))

    def stop(self) -> None:
        """Nobody needs it any more."""
        for rehearsal in self._rehearsals:
            rehearsal.cancel()


async def read_and_write(
    source: Source, plan: Plan, builder: Builder, report: Report, early: Early | None = None
) -> tuple[Document, Written]:
    """Source → Document → Storyboard; `early` makes meanwhile what it can."""

    async def work() -> tuple[Document, Written]:
        document, read = await read_document(source, plan, builder, report)
        if early is not None:
            early.narrator(document.language)
        return document, await write_storyboard(document, read, plan, builder, report, early)

    return await persist(work)


async def read_document(
    source: Source, plan: Plan, builder: Builder, report: Report
) -> tuple[Document, Built]:
    """Source → Document."""
    report(Progress("reading", "started"))
    request = recipes.ReadRequest(source, plan.options.language, plan.max_pages)
    built = await builder.build(recipes.READ.recipe(request))
    document = await builder.load(built, Document)
    report(Progress("reading", built.state))
    for warning in document.warnings:
        report(Progress("reading", "warning", heading=warning))
    return document, built


async def write_storyboard(
    document: Document,
    read: Built,
    plan: Plan,
    builder: Builder,
    report: Report,
    early: Early | None,
) -> Written:
    """Document → Storyboard, at the pace of the voice that will tell it."""
    report(Progress("storyboard", "started"))
    pace = plan.choose_voice(plan.options.voice, document.language).pace
    task = Task(read.artifact.digest, plan.options.seconds, pace, plan.images is not None)

    def told(done: int, sections: int) -> None:
        report(Progress("storyboard", "started", heading=f"{done}/{sections}"))

    # Where there is a length to keep, what comes last decides what is cut of the first.
    ahead = early.rehearse if early and plan.options.seconds is None else None
    written = await write(task, plan.writer, builder, told, ahead)
    report(Progress("storyboard", written.built.state, None, len(written.board.scenes)))
    lost = (f"{one.what}: {one.why}" for one in written.degraded)
    for note in (*lost, *written.board.notes):
        report(Progress("storyboard", "warning", heading=note))
    return written


async def fit_storyboard(
    board: Storyboard, options: Options, builder: Builder, report: Report
) -> Storyboard:
    """The storyboard as it is filmed at a size: a scene that is too much for one picture is shown
    in parts, which is told."""
    request = recipes.FitRequest(
        storyboard=board,
        cues=tuple(cues(scene.visual, scene.narration) for scene in board.scenes),
        theme=options.theme,
        width=options.pixels[0],
        height=options.pixels[1],
    )

    async def work() -> Storyboard:
        built = await builder.build(recipes.FIT.recipe(request))
        return await builder.load(built, Storyboard)

    fitted = await persist(work)
    for note in fitted.notes[len(board.notes) :]:
        report(Progress("storyboard", "warning", heading=note))
    return fitted


async def film(
    studio: Studio, board: Storyboard, movie: Movie, at_once: int
) -> AsyncIterator[tuple[Scene, Take, Footage]]:
    """Storyboard → Video, take by take in order.

    At most `at_once` takes are under way or wait for their turn in the movie, so that memory
    does not grow with their number and the first ones are finished first.
    """
    room = asyncio.Semaphore(at_once)

    async def make(index: int, part: int) -> Take | None:
        await room.acquire()  # released when the movie has taken it
        return await studio.take(index, part)

    order = [(at, part) for at in range(len(board.scenes)) for part in range(studio.parts(at))]
    tasks = [asyncio.create_task(make(*each)) for each in order]
    try:
        for (index, _), task in zip(order, tasks, strict=True):
            take = await task
            if take is not None:
                footage = await studio.load(take)
                await in_thread(movie.add, board.scenes[index], footage)
                yield board.scenes[index], take, footage
            room.release()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def verify(files: Sequence[recipes.TracksRequest], builder: Builder, plan: Plan) -> Verified:
    """Decode finished files, in spans that the workers share; answers what is in the first.
    Raises `VideoDamaged`."""
    async with together() as group:
        reading = [group.create_task(_seen(builder, recipes.VERIFY_TRACKS, file)) for file in files]
        decoding = [
            group.create_task(_seen(builder, recipes.VERIFY_FRAMES, span))
            for file in files
            for span in _spans(file, plan.at_once)
        ]
    tracks, spans = reading[0].result(), [task.result() for task in decoding]
    return Verified(
        frames=sum(each.frames for each in spans),
        skipped=sum(each.skipped for each in spans),
        samples=tracks.samples,
        captions=tracks.cues,
        chapters=files[0].chapters,
    )


def _spans(file: recipes.TracksRequest, at_once: int) -> Iterator[recipes.FramesRequest]:
    """The frames of a file in shares for that many workers; none where nothing is seen."""
    least, most = SPAN_FRAMES
    span = min(most, max(least, file.frames // (2 * at_once)))
    for first in range(0, file.frames if file.seen else 0, span):
        last = min(first + span, file.frames)
        yield recipes.FramesRequest(file.video, file.fps, first, last)


async def _seen(builder: Builder, step: recipes.Step[T], request: Struct) -> T:
    return await builder.load(await builder.build(step.recipe(request)), step.output)


@dataclass(slots=True)
class Filmed:
    """A scene in the movie."""

    scene: Scene
    start: int
    takes: list[Take] = field(default_factory=list)
    frames: int = 0

    def made(self, artifact: Callable[[Take], Built | None]) -> bool | None:
        """Whether this run made it, for whichever take; None: it has none."""
        built = [each for each in map(artifact, self.takes) if each is not None]
        return any(each.made for each in built) if built else None

    def result(self, rate: FrameRate) -> SceneResult:
        """As the user is told."""
        degraded = (take.degraded for take in self.takes)
        return SceneResult(
            id=self.scene.id,
            heading=self.scene.heading,
            visual=self.scene.visual.kind,
            start=rate.seconds(self.start),
            seconds=rate.seconds(self.frames),
            made=bool(self.made(attrgetter("outcome"))),
            degraded=next((each for each in degraded if each), None),
            credit=self.takes[0].credit,
        )


class Tally:
    """Counts what a run made and found, and where its scenes lie."""

    def __init__(self, rate: FrameRate) -> None:
        self._rate = rate
        self._began = time.monotonic()
        self._made: Counter[str] = Counter()
        self._found: Counter[str] = Counter()
        self._scenes: list[Filmed] = []
        self._frames = 0

    def count(self, kind: str, *, made: bool) -> None:
        """Count an artifact."""
        (self._made if made else self._found)[kind] += 1

    def add(self, scene: Scene, take: Take, frames: int) -> None:
        """Count the next take."""
        if take.part == 0:
            self._scenes.append(Filmed(scene, self._frames))
        self._scenes[-1].takes.append(take)
        self._scenes[-1].frames += frames
        self._frames += frames

    def result(
        self,
        video: Path,
        degraded: tuple[Degraded, ...],
        verified: Verified | None,
        writing: Writing | None,
    ) -> Result:
        """The figures of the finished run."""
        for filmed in self._scenes:
            for kind in ("narration", "picture", "clip"):
                made = filmed.made(attrgetter(kind))
                if made is not None:
                    self.count(f"{kind}s", made=made)
        return Result(
            video=str(video),
            seconds=self._rate.seconds(self._frames),
            scenes=tuple(filmed.result(self._rate) for filmed in self._scenes),
            verified=verified,
            made=Counts(**self._made),
            found=Counts(**self._found),
            wall_seconds=round(time.monotonic() - self._began, 3),
            degraded=degraded,
            writing=writing,
        )
