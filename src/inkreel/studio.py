"""One scene: `Scene → Narration ∥ Picture → Clip ∥ Sound`, and the transition into it.

What the flow needs to know about a scene is in its `Take`; everything else is asked of the
`Builder` by recipe.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from inkreel import recipes
from inkreel.build import Builder, Built, persist, together
from inkreel.compose.captions import cards_for, cues, track
from inkreel.compose.timeline import scene_frames
from inkreel.cueing import onsets, shown
from inkreel.errors import ArtifactLost, InvalidStoryboard
from inkreel.illustrator import Illustrator
from inkreel.model import (
    PACKET_SAMPLES,
    Clip,
    Credit,
    Cue,
    Degraded,
    Digest,
    Footage,
    ImageChoice,
    Narration,
    Options,
    Photo,
    Progress,
    SectionVisual,
    Segment,
    Sound,
    Stage,
    State,
    Storyboard,
    Token,
)
from inkreel.narrator import Narrator

LEAD_MS = 400
"""Length of the transition into a scene; its narration begins with the first frame of it."""
OPENING_MS = (1_067, 4_267)
"""Where the first scene is cut into parts, so that playing starts before it is encoded whole."""
LEAST_PART_MS = 1_000

Report = Callable[[Progress], None]
Show = Callable[[int, Digest], Awaitable[None]]
"""Takes the small picture (WebP) of a scene as soon as it is there."""

Tell = Callable[[Stage, State, int], None]

THUMBNAIL_WIDTH = 480
"""Pixels."""


Span = tuple[int, int] | None
"""Frames `[first, last)` of a scene; None: all."""


@dataclass(frozen=True, slots=True)
class Direction:
    """How a storyboard is to be made."""

    options: Options
    seen: bool = True
    """With pictures; else it is only heard."""
    music: Digest | None = None
    """A music file in the store, to lie under the voice."""
    images: ImageChoice | None = None
    """Where pictures for scenes that want one are from."""


@dataclass(frozen=True, slots=True)
class Take:
    """A scene, or a part of it: what it is made of, and whether this run made it. What is only
    heard has narration and sound alone."""

    index: int
    part: int
    narration: Built
    sound: Built
    picture: Built | None = None
    captions: Built | None = None
    clip: Built | None = None
    transition: Built | None = None
    span: Span = None
    unillustrated: Degraded | None = None
    """The picture that a source of images was to give, and did not."""
    credit: Credit | None = None
    """Of the one that it gave."""

    @property
    def outcome(self) -> Built:
        """What it was made for."""
        return self.clip or self.sound

    @property
    def degraded(self) -> Degraded | None:
        """The first fallback among its parts."""
        parts = (self.narration, self.picture, self.captions, self.clip, self.transition)
        for built in parts:
            if built is not None and built.artifact.degraded:
                return built.artifact.degraded[0]
        return self.unillustrated


class Studio:
    """Makes the scenes of one storyboard; `show` is for those who want to look on."""

    def __init__(
        self,
        builder: Builder,
        board: Storyboard,
        direction: Direction,
        narrator: Narrator,
        report: Report,
        show: Show | None = None,
    ) -> None:
        self._builder = builder
        self._board = board
        self._options = options = direction.options
        self._seen, self._music = direction.seen, direction.music
        self._narrator = narrator
        self._report = report
        self._show = show
        self._rate = options.rate
        self._recording = recipes.recording_for(options)
        self._lengths: dict[int, int] = {}
        self._warned: set[Degraded] = set()
        self._begins = [0]
        """First frames of the scenes, as far as they are known."""
        self._opened = asyncio.Event()
        """What is played first is made: until then no other clip takes a core from it."""
        self._filmed: dict[int, dict[int, Built]] = {}
        """Clips of the scenes by their parts."""
        self._illustrator = Illustrator(board, direction.images, options.pixels)
        self._drawn: set[int] = set()
        """Scenes whose picture this run made, for whichever part asked first."""

    def parts(self, index: int) -> int:
        """In how many takes a scene is made, at most."""
        return 1 if index or not self._seen else len(OPENING_MS) + 1

    async def take(self, index: int, part: int) -> Take | None:
        """Narrate ∥ draw, then encode a part of the scene, and before the first one the transition
        into it; None where the scene is too short for that part."""
        try:
            async with together() as group:
                make = self._take if self._seen else self._heard
                take = group.create_task(persist(lambda: make(index, part)))
                if self._show is not None and part == 0:
                    show = self._show
                    group.create_task(persist(lambda: self._thumbnail(index, show)))
            return take.result()
        finally:
            if index == part == 0:
                self._opened.set()  # also when it fails: nobody is to wait for it then

    async def _heard(self, index: int, part: int) -> Take:
        narration = await self._narration(index, self._tell)
        self._tell("clip", "started", index)
        sound = await self._sound(index, narration)
        self._tell("clip", sound.state, index)
        return Take(index, part, narration, sound)

    async def _take(self, index: int, part: int) -> Take | None:
        tell = self._tell if part == 0 else _silent
        if part:
            await self._opened.wait()  # what it shares with the first part is found
        async with together() as group:
            narrating = group.create_task(self._narration(index, tell))
            drawing = group.create_task(self._picture(index, tell))
            captioning = group.create_task(self._captions(index))
            previous = group.create_task(
                self._draw(index - 1) if self._effect(index) else _nothing()
            )
        if index:
            await self._opened.wait()
        narration, picture = narrating.result(), drawing.result()
        captions, before = captioning.result(), previous.result()
        shown = captions.artifact.digest if captions else None
        spans = await self._spans(index, narration)
        if part >= len(spans):
            return None
        tell("clip", "started", index)
        async with together() as group:
            filming = group.create_task(
                self._clip(index, part, picture, narration, shown, spans[part])
            )
            sounding = group.create_task(self._sound(index, narration))
            fading = group.create_task(self._transition(index, before, picture, narration, shown))
        clip, sound, transition = filming.result(), sounding.result(), fading.result()
        filmed = self._filmed.setdefault(index, {})
        filmed[part] = clip
        if len(filmed) == len(spans):
            made = any(each.made for each in filmed.values())
            self._tell("clip", "made" if made else "found", index)
        photo = self._illustrator.given(index)
        return Take(
            *(index, part, narration, sound, picture, captions, clip, transition, spans[part]),
            unillustrated=photo if isinstance(photo, Degraded) else None,
            credit=photo.credit if isinstance(photo, Photo) else None,
        )

    async def _spans(self, index: int, narration: Built) -> list[Span]:
        """The parts of a scene."""
        if index:
            return [None]
        frames, quantum = await self._frames(0, narration), self._rate.quantum
        least = self._rate.count(LEAST_PART_MS)
        cuts = (self._rate.count(cut) // quantum * quantum for cut in OPENING_MS)
        ends = [cut for cut in cuts if cut <= frames - least]
        return list(zip([0, *ends], [*ends, frames], strict=True)) if ends else [None]

    async def _frames(self, index: int, narration: Built) -> int:
        """Length of a scene."""
        if index not in self._lengths:
            told = await self._builder.load(narration, Narration)
            self._lengths[index] = scene_frames(told, self._rate)
        return self._lengths[index]

    async def _sound(self, index: int, narration: Built) -> Built:
        begin = await self._first_sample(index)
        request = recipes.SoundRequest(
            narration.artifact.digest,
            await self._track(index),
            self._options.fps,
            begin % PACKET_SAMPLES,
            self._recording.bit_rate,
            await self._under(index, begin),
        )
        return await self._builder.at(index).build(recipes.SOUND.recipe(request))

    async def _under(self, index: int, begin: int) -> recipes.Under | None:
        if self._music is None:
            return None
        last = index == len(self._board.scenes) - 1
        async with together() as group:
            preparing = group.create_task(self._bed(self._music))
            following = group.create_task(_nothing() if last else self._track(index + 1))
        return recipes.Under(
            preparing.result(),
            begin,
            following.result(),
            self._options.music_volume,
        )

    async def _bed(self, music: Digest) -> Digest:
        built = await self._builder.build(recipes.BED.recipe(recipes.BedRequest(music)))
        for each in built.artifact.degraded:
            if each not in self._warned:
                self._warned.add(each)
                self._report(Progress("reading", "warning", heading=f"{each.what}: {each.why}"))
        return built.artifact.digest

    async def _first_sample(self, index: int) -> int:
        """Where the scene begins in the video; 0 where only the place in an AAC packet matters,
        and every scene begins with one."""
        if self._music is None and self._rate.quantum * self._rate.samples % PACKET_SAMPLES == 0:
            return 0
        return await self._begin(index) * self._rate.samples

    async def _begin(self, index: int) -> int:
        """The scene's first frame in the video, once all scenes before it are narrated."""
        for each in range(len(self._begins) - 1, index):
            frames = await self._frames(each, await self._narration(each, _silent))
            if each == len(self._begins) - 1:  # nobody else has gone on meanwhile
                self._begins.append(self._begins[each] + frames)
        return self._begins[index]

    async def _transition(
        self,
        index: int,
        before: Built | None,
        after: Built,
        narration: Built,
        captions: Digest | None,
    ) -> Built | None:
        effect = self._effect(index)
        if before is None or effect is None:
            return None
        request = recipes.TransitionRequest(
            before=before.artifact.digest,
            after=after.artifact.digest,
            narration=narration.artifact.digest,
            captions=captions,
            frames=self._lead(index),
            effect=effect,
            encoding=self._recording.encoding,
        )
        return await self._builder.at(index).build(recipes.TRANSITION.recipe(request))

    def _lead(self, index: int) -> int:
        """Frames of the transition into a scene."""
        return self._rate.count(LEAD_MS) if self._effect(index) else 0

    async def poster(self) -> bytes:
        """The opening picture as JPEG."""
        return await persist(self._poster)

    async def _poster(self) -> bytes:
        picture = await self._draw(0)
        request = recipes.PosterRequest(picture.artifact.digest)
        built = await self._builder.build(recipes.POSTER.recipe(request))
        return await asyncio.to_thread(self._builder.store.read, built.artifact.digest)

    async def _thumbnail(self, index: int, show: Show) -> None:
        picture = await self._draw(index)
        request = recipes.ThumbnailRequest(picture.artifact.digest, THUMBNAIL_WIDTH)
        # After all other steps of the scene that wait.
        built = await self._builder.at(index, 1).build(recipes.THUMBNAIL.recipe(request))
        await show(index, built.artifact.digest)

    async def _narration(self, index: int, tell: Tell) -> Built:
        tell("narration", "started", index)
        sentences = self._sentences(index)
        built = await self._narrator.narrate(sentences, self._builder.at(index))
        tell("narration", built.state, index)
        return built

    async def _track(self, index: int) -> Digest:
        return await self._narrator.track(self._sentences(index), self._builder.at(index))

    def _sentences(self, index: int) -> list[tuple[Token, ...]]:
        """The scene's sentences, read aloud."""
        scene = self._board.scenes[index]
        said = self._narrator.read(scene.narration)
        if not said:
            raise InvalidStoryboard(
                f"Scene {scene.id} has nothing to say.", hint="Give its narration a sentence."
            )
        return said

    def _shown(self, index: int) -> tuple[tuple[str, ...], ...]:
        """The words of its sentences, as they are shown."""
        said = self._sentences(index)
        return tuple(tuple(token.shown for token in sentence) for sentence in said)

    async def load(self, take: Take) -> Footage:
        """What a take shows and sounds like; what the store lost is made again."""
        try:
            return await self._load(take)
        except ArtifactLost:
            return await persist(lambda: self._make_and_load(take))

    async def _make_and_load(self, lost: Take) -> Footage:
        take = await self.take(lost.index, lost.part)
        assert take is not None  # noqa: S101  it was there before
        return await self._load(take)

    async def _load(self, take: Take) -> Footage:
        load = self._builder.load
        sound = await load(take.sound, Sound)
        if take.clip is None:
            told = await load(take.narration, Narration)
            timed = track(told, cards_for(told), sound.frames, self._rate)
            unseen = Segment(sound.frames, b"", ())
            return Footage((unseen,), sound.packets, sound.extradata, tuple(cues(told, timed, ())))
        clip = await load(take.clip, Clip)
        moved = await load(take.transition, Segment) if take.transition else None
        segments = (moved, clip.body) if moved else (clip.body,)
        if take.span is None:
            return Footage(segments, sound.packets, sound.extradata, clip.cues, clip.previews)
        begin = take.span[0]
        # The first scene begins with a packet.
        start, end = (frame * self._rate.samples // PACKET_SAMPLES for frame in take.span)
        moved_up = tuple(Cue(cue.start - begin, cue.end - begin, cue.text) for cue in clip.cues)
        previews = tuple(preview.moved(-begin) for preview in clip.previews)
        return Footage(segments, sound.packets[start:end], sound.extradata, moved_up, previews)

    async def _picture(self, index: int, tell: Tell) -> Built:
        built = await self._draw(index)
        tell("picture", built.state, index)
        return built

    async def _draw(self, index: int) -> Built:
        scene = self._board.scenes[index]
        width, height = self._options.pixels
        photo = await self._illustrator.illustrate(index, self._builder.at(index))
        request = recipes.DrawRequest(
            heading=scene.heading,
            eyebrow=scene.eyebrow,
            visual=scene.visual,
            language=self._board.language,
            theme=self._options.theme,
            width=width,
            height=height,
            photo=photo,
            still=self._options.profile == "draft",
        )
        built = await self._builder.at(index).build(recipes.DRAW.recipe(request))
        if built.made:
            self._drawn.add(index)
        return Built(built.artifact, made=index in self._drawn)

    async def _captions(self, index: int) -> Built | None:
        if not self._options.captions.burned:
            return None
        width, height = self._options.pixels
        request = recipes.CaptionRequest(
            self._shown(index), self._board.language, self._options.theme, width, height
        )
        return await self._builder.at(index).build(recipes.CAPTION.recipe(request))

    async def _clip(
        self,
        index: int,
        part: int,
        picture: Built,
        narration: Built,
        captions: Digest | None,
        span: Span,
    ) -> Built:
        visual = self._board.scenes[index].visual
        request = recipes.ClipRequest(
            picture=picture.artifact.digest,
            narration=narration.artifact.digest,
            captions=captions,
            cues=visual.cues,
            words=onsets(shown(visual), self._shown(index), visual.cues),
            lead=self._lead(index),
            span=span,
            encoding=self._recording.encoding,
        )
        return await self._builder.at(index, part).build(recipes.CLIP.recipe(request))

    def _effect(self, index: int) -> recipes.Effect | None:
        """How a scene takes over, None with a cut. Where nobody says, chapters come in with a
        movement, everything within them with a calm fade."""
        scene = self._board.scenes[index]
        asked = self._options.transition if scene.transition == "auto" else scene.transition
        if index == 0 or asked == "cut":
            return None
        if asked == "auto":
            return "slide" if isinstance(scene.visual, SectionVisual) else "fade"
        return asked

    def _tell(self, stage: Stage, state: State, index: int) -> None:
        scenes = self._board.scenes
        self._report(Progress(stage, state, index, len(scenes), scenes[index].heading))


async def _nothing() -> None:
    return None


def _silent(stage: Stage, state: State, index: int) -> None:
    """Another take of the scene tells it."""
