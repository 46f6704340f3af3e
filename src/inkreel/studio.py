"""One scene: `Scene → Narration ∥ Picture → Clip`, and the transition into it.

What the flow needs to know about a scene is in `SceneParts`; everything else is asked of the
`Builder` by recipe.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from inkreel import recipes
from inkreel.build import Builder, Built, persist, together
from inkreel.errors import ArtifactLost, InvalidStoryboard
from inkreel.model import (
    Clip,
    Degraded,
    Digest,
    Options,
    Progress,
    SectionVisual,
    Segment,
    Stage,
    State,
    Storyboard,
    Token,
    VoiceChoice,
)
from inkreel.speech.calibration import calibration_sentences
from inkreel.speech.normalise import read_aloud, spoken_text

LEAD_FRAMES = 12
"""Frames of the transition into a scene (0.4 s); its narration begins with the first of them."""

Report = Callable[[Progress], None]
Show = Callable[[int, Digest], Awaitable[None]]
"""Takes the small picture (JPEG) of a scene as soon as it is there."""

THUMBNAIL_WIDTH = 480
"""Pixels."""


@dataclass(frozen=True, slots=True)
class SceneParts:
    """What a scene is made of, and whether this run made it."""

    narration: Built
    picture: Built
    captions: Built | None
    clip: Built
    transition: Built | None

    @property
    def degraded(self) -> Degraded | None:
        """The first fallback among its parts."""
        for built in (self.narration, self.picture, self.captions, self.clip, self.transition):
            if built is not None and built.artifact.degraded:
                return built.artifact.degraded[0]
        return None


class Studio:
    """Makes the scenes of one storyboard; `show` is for those who want to look on."""

    def __init__(
        self,
        builder: Builder,
        board: Storyboard,
        options: Options,
        voice: VoiceChoice,
        report: Report,
        show: Show | None = None,
    ) -> None:
        self._builder = builder
        self._board = board
        self._options = options
        self._voice = voice
        self._report = report
        self._show = show
        self._gain: float | None = None
        self._drawn: set[int] = set()
        """Scenes whose picture this run made, for whichever part asked first."""

    async def scene(self, index: int) -> SceneParts:
        """Narrate ∥ draw, then encode the scene and the transition into it."""
        async with together() as group:
            parts = group.create_task(persist(lambda: self._scene(index)))
            if self._show is not None:
                show = self._show
                group.create_task(persist(lambda: self._thumbnail(index, show)))
        return parts.result()

    async def _scene(self, index: int) -> SceneParts:
        async with together() as group:
            narrating = group.create_task(self._narration(index))
            drawing = group.create_task(self._picture(index))
            captioning = group.create_task(self._captions(index))
            previous = group.create_task(self._draw(index - 1) if index else _nothing())
        narration, picture = narrating.result(), drawing.result()
        captions, before = captioning.result(), previous.result()
        shown = captions.artifact.digest if captions else None
        async with together() as group:
            filming = group.create_task(
                self._clip(index, picture.artifact.digest, narration.artifact.digest, shown)
            )
            fading = group.create_task(
                self._transition(index, before, picture, narration, shown) if before else _nothing()
            )
        transition = fading.result()
        return SceneParts(narration, picture, captions, filming.result(), transition)

    async def _transition(
        self, index: int, before: Built, after: Built, narration: Built, captions: Digest | None
    ) -> Built:
        request = recipes.TransitionRequest(
            before=before.artifact.digest,
            after=after.artifact.digest,
            narration=narration.artifact.digest,
            captions=captions,
            frames=LEAD_FRAMES,
            effect=self._effect(index),
        )
        return await self._builder.at(index).build(recipes.TRANSITION.recipe(request))

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
        request = recipes.PosterRequest(picture.artifact.digest, width=THUMBNAIL_WIDTH)
        # After all other steps of the scene that wait.
        built = await self._builder.at(index, 1).build(recipes.THUMBNAIL.recipe(request))
        await show(index, built.artifact.digest)

    async def _narration(self, index: int) -> Built:
        self._tell("narration", "started", index)
        tokens = self._sentences(index)
        said = [spoken_text(sentence) for sentence in tokens]
        async with together() as group:
            speaking = group.create_task(self._speak(said, self._builder.at(index)))
            levelling = group.create_task(self.gain())
        request = recipes.NarrateRequest(
            sentences=tuple(tokens),
            speeches=tuple(speaking.result()),
            gain_db=levelling.result(),
        )
        return await self._built("narration", index, recipes.NARRATE.recipe(request))

    def _sentences(self, index: int) -> list[tuple[Token, ...]]:
        """The scene's sentences, read aloud; those that are only signs have nothing to say."""
        scene = self._board.scenes[index]
        read = [read_aloud(sentence, self._board.language) for sentence in scene.narration]
        said = [tokens for tokens in read if spoken_text(tokens)]
        if not said:
            raise InvalidStoryboard(
                f"Scene {scene.id} has nothing to say.", hint="Give its narration a sentence."
            )
        return said

    async def _speak(self, texts: list[str], builder: Builder) -> list[Digest]:
        voice = self._voice
        requests = (
            recipes.SpeakRequest(text, voice.provider, voice.voice, voice.words_per_minute)
            for text in texts
        )
        async with together() as group:
            speaking = [
                group.create_task(builder.build(recipes.SPEAK.recipe(request)))
                for request in requests
            ]
        return [task.result().artifact.digest for task in speaking]

    async def load(self, index: int, parts: SceneParts) -> tuple[Clip, Segment | None]:
        """The encoded scene and the transition into it; what the store lost is made again."""
        try:
            return await self._load(parts)
        except ArtifactLost:
            return await persist(lambda: self._make_and_load(index))

    async def _make_and_load(self, index: int) -> tuple[Clip, Segment | None]:
        return await self._load(await self.scene(index))

    async def _load(self, parts: SceneParts) -> tuple[Clip, Segment | None]:
        load = self._builder.load
        transition = await load(parts.transition, Segment) if parts.transition else None
        return await load(parts.clip, Clip), transition

    async def gain(self) -> float:
        """The voice's gain in dB, measured once on sentences of our own."""
        if self._gain is None:
            self._gain = await self._level()
        return self._gain

    async def _level(self) -> float:
        language = self._board.language
        texts = [
            spoken_text(read_aloud(sentence, language))
            for sentence in calibration_sentences(language)
        ]
        request = recipes.LevelRequest(speeches=tuple(await self._speak(texts, self._builder)))
        built = await self._builder.build(recipes.LEVEL.recipe(request))
        return (await self._builder.load(built, recipes.Level)).gain_db

    async def _picture(self, index: int) -> Built:
        built = await self._draw(index)
        self._tell("picture", built.state, index)
        return built

    async def _draw(self, index: int) -> Built:
        scene = self._board.scenes[index]
        width, height = self._options.pixels
        request = recipes.DrawRequest(
            heading=scene.heading,
            eyebrow=scene.eyebrow,
            visual=scene.visual,
            language=self._board.language,
            theme=self._options.theme,
            width=width,
            height=height,
        )
        built = await self._builder.at(index).build(recipes.DRAW.recipe(request))
        if built.made:
            self._drawn.add(index)
        return Built(built.artifact, made=index in self._drawn)

    async def _captions(self, index: int) -> Built | None:
        if not self._options.captions.burned:
            return None
        width, height = self._options.pixels
        sentences = tuple(
            tuple(token.shown for token in sentence) for sentence in self._sentences(index)
        )
        request = recipes.CaptionRequest(
            sentences, self._board.language, self._options.theme, width, height
        )
        return await self._builder.at(index).build(recipes.CAPTION.recipe(request))

    async def _clip(
        self, index: int, picture: Digest, narration: Digest, captions: Digest | None
    ) -> Built:
        self._tell("clip", "started", index)
        request = recipes.ClipRequest(
            picture=picture,
            narration=narration,
            captions=captions,
            cues=self._board.scenes[index].visual.cues,
            lead=LEAD_FRAMES if index else 0,
        )
        return await self._built("clip", index, recipes.CLIP.recipe(request))

    def _effect(self, index: int) -> recipes.Effect:
        """Chapters come in with a movement, everything within them with a calm fade."""
        visual = self._board.scenes[index].visual
        return "slide" if isinstance(visual, SectionVisual) else "fade"

    async def _built(self, stage: Stage, index: int, recipe: recipes.Recipe[Any]) -> Built:
        built = await self._builder.at(index).build(recipe)
        self._tell(stage, built.state, index)
        return built

    def _tell(self, stage: Stage, state: State, index: int) -> None:
        scenes = self._board.scenes
        self._report(Progress(stage, state, index, len(scenes), scenes[index].heading))


async def _nothing() -> None:
    return None
