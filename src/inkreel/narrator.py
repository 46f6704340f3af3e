"""One voice: `Sentences → Speech → Narration, VoiceTrack`, at a level that is measured once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import PurePath

from inkreel import recipes
from inkreel.build import Builder, Built, together
from inkreel.errors import OptionError, VoiceFailed, WorkerFailed
from inkreel.model import Digest, Language, Speech, Token, VoiceChoice, VoiceFile
from inkreel.speech.calibration import calibration_sentences
from inkreel.speech.clauses import pieces
from inkreel.speech.normalise import read_aloud, spoken_text


class Narrator:
    """Says the scenes of a video in a voice."""

    def __init__(self, builder: Builder, voice: VoiceChoice, language: Language) -> None:
        self._builder = builder
        self._voice = voice
        self._language = language
        self._gain: float | VoiceFailed | None = None

    def read(self, sentences: Sequence[str]) -> list[tuple[Token, ...]]:
        """Sentences as they are read aloud; those that are only signs have nothing to say."""
        read = (read_aloud(sentence, self._language) for sentence in sentences)
        return [tokens for tokens in read if spoken_text(tokens)]

    async def narrate(self, sentences: Sequence[tuple[Token, ...]], builder: Builder) -> Built:
        """The narration of a scene, built by `builder` in its turn."""
        speeches = await self._speak(sentences, builder)
        request = recipes.NarrateRequest(sentences=tuple(sentences), speeches=tuple(speeches))
        return await builder.build(recipes.NARRATE.recipe(request))

    async def track(self, sentences: Sequence[tuple[Token, ...]], builder: Builder) -> Digest:
        """How that narration sounds."""
        async with together() as group:
            speaking = group.create_task(self._speak(sentences, builder))
            levelling = group.create_task(self.gain())
        request = recipes.TrackRequest(tuple(speaking.result()), levelling.result())
        return (await builder.build_artifact(recipes.TRACK.recipe(request))).digest

    async def say(self, sentence: str) -> Speech:
        """One text as the voice says it, at its own level."""
        spoken = [spoken_text(tokens) for tokens in self.read([sentence])]
        if not spoken:
            raise OptionError(
                "There is nothing to say in that.", hint="Write a sentence.", field="text"
            )
        digest = await self._sentence(spoken[0], self._builder)
        return await asyncio.to_thread(self._builder.store.load, digest, Speech)

    async def gain(self) -> float:
        """The voice's gain in dB, measured on sentences of our own; a voice that failed to say
        them is not asked again."""
        if self._gain is None:
            try:
                self._gain = await self._measured()
            except VoiceFailed as failed:
                self._gain = failed
        if isinstance(self._gain, VoiceFailed):
            raise self._gain
        return self._gain

    async def _measured(self) -> float:
        sentences = self.read(calibration_sentences(self._language))
        speeches = tuple(await self._speak(sentences, self._builder))
        built = await self._builder.build(recipes.LEVEL.recipe(recipes.LevelRequest(speeches)))
        return (await self._builder.load(built, recipes.Level)).gain_db

    async def _speak(
        self, sentences: Sequence[tuple[Token, ...]], builder: Builder
    ) -> list[Digest]:
        async with together() as group:
            speaking = [
                group.create_task(self._sentence(spoken_text(tokens), builder))
                for tokens in sentences
            ]
        return [task.result() for task in speaking]

    async def _sentence(self, text: str, builder: Builder) -> Digest:
        """Speech of one sentence, whoever says it."""
        voice = self._voice
        if voice.file is not None:
            return await self._synthesised(text, voice.file, builder)
        if not voice.characters:
            request = recipes.SpeakRequest(
                text, voice.provider, voice.voice, voice.words_per_minute
            )
            return (await builder.build_artifact(recipes.SPEAK.recipe(request))).digest
        parts = pieces(text, voice.characters)
        async with together() as group:
            saying = [
                group.create_task(builder.build_artifact(recipes.SAY.recipe(self._asked(part))))
                for part in parts
            ]
        utterances = tuple(task.result().digest for task in saying)
        heard = recipes.HearRequest(parts, utterances, voice.speed)
        return (await builder.build_artifact(recipes.HEAR.recipe(heard))).digest

    async def _synthesised(self, text: str, file: VoiceFile, builder: Builder) -> Digest:
        request = recipes.SynthesiseRequest(text, self._voice.provider, file, self._voice.voice)
        try:
            return (await builder.build_artifact(recipes.SYNTHESISE.recipe(request))).digest
        except WorkerFailed as error:  # it is the user's own: another voice may tell the video
            raise VoiceFailed(
                f"The voice file {PurePath(file.path).name} cannot be used: {error.message}",
                hint="Get both files of the voice anew, or choose another --voice.",
            ) from error

    def _asked(self, text: str) -> recipes.SayRequest:
        voice = self._voice
        return recipes.SayRequest(
            text, voice.provider, voice.model, voice.voice, voice.form, voice.speed
        )
