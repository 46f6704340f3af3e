"""One voice: `Sentences → Speech → Narration`, at a level that is measured once."""

from __future__ import annotations

from collections.abc import Sequence

from inkreel import recipes
from inkreel.build import Builder, Built, together
from inkreel.model import Digest, Language, Token, VoiceChoice
from inkreel.speech.calibration import calibration_sentences
from inkreel.speech.normalise import read_aloud, spoken_text


class Narrator:
    """Says the scenes of a video in a voice."""

    def __init__(self, builder: Builder, voice: VoiceChoice, language: Language) -> None:
        self._builder = builder
        self._voice = voice
        self._language = language
        self._gain: float | None = None

    def read(self, sentences: Sequence[str]) -> list[tuple[Token, ...]]:
        """Sentences as they are read aloud; those that are only signs have nothing to say."""
        read = (read_aloud(sentence, self._language) for sentence in sentences)
        return [tokens for tokens in read if spoken_text(tokens)]

    async def narrate(self, sentences: Sequence[tuple[Token, ...]], builder: Builder) -> Built:
        """The narration of a scene, built by `builder` in its turn."""
        async with together() as group:
            speaking = group.create_task(self._speak(sentences, builder))
            levelling = group.create_task(self.gain())
        request = recipes.NarrateRequest(
            sentences=tuple(sentences),
            speeches=tuple(speaking.result()),
            gain_db=levelling.result(),
        )
        return await builder.build(recipes.NARRATE.recipe(request))

    async def gain(self) -> float:
        """The voice's gain in dB, measured on sentences of our own."""
        if self._gain is None:
            sentences = self.read(calibration_sentences(self._language))
            speeches = tuple(await self._speak(sentences, self._builder))
            built = await self._builder.build(recipes.LEVEL.recipe(recipes.LevelRequest(speeches)))
            self._gain = (await self._builder.load(built, recipes.Level)).gain_db
        return self._gain

    async def _speak(
        self, sentences: Sequence[tuple[Token, ...]], builder: Builder
    ) -> list[Digest]:
        voice = self._voice
        requests = (
            recipes.SpeakRequest(
                spoken_text(tokens), voice.provider, voice.voice, voice.words_per_minute
            )
            for tokens in sentences
        )
        async with together() as group:
            speaking = [
                group.create_task(builder.build(recipes.SPEAK.recipe(request)))
                for request in requests
            ]
        return [task.result().artifact.digest for task in speaking]
