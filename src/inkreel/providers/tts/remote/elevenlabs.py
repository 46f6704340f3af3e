"""ElevenLabs' speech with timestamps: sound in base64, and when each character begins."""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Iterator

import msgspec

from inkreel.model import SpokenWord, Utterance
from inkreel.providers.dialect import Ask, decoded, unpacked
from inkreel.providers.tts.remote.dialect import utterance
from inkreel.recipes import SayRequest

_FORMS = {"pcm": "pcm_24000", "mp3": "mp3_44100_128", "ogg": "opus_48000_64"}


class _Alignment(msgspec.Struct):
    characters: list[str]
    character_start_times_seconds: list[float]


class _Timed(msgspec.Struct):
    audio_base64: str
    alignment: _Alignment | None = None


class _Model(msgspec.Struct):
    model_id: str


class ElevenLabs:
    """`POST /v1/text-to-speech/VOICE/with-timestamps`."""

    name = "elevenlabs/1"
    models = "/v1/models"

    def headers(self, key: str) -> dict[str, str]:
        return {"xi-api-key": key} if key else {}

    def ask(self, request: SayRequest) -> Ask:
        voice = urllib.parse.quote(request.voice, safe="")
        form = _FORMS.get(request.form, _FORMS["pcm"])
        body: dict[str, object] = {"text": request.text, "model_id": request.model}
        if request.speed != 1.0:
            body["voice_settings"] = {"speed": request.speed}
        return Ask(f"/v1/text-to-speech/{voice}/with-timestamps?output_format={form}", body)

    def read(self, request: SayRequest, body: bytes) -> Utterance:
        answer = decoded(body, _Timed)
        words = tuple(_words(request.text, answer.alignment)) if answer.alignment else ()
        return utterance(unpacked(answer.audio_base64), request, words)

    def known(self, body: bytes) -> frozenset[str]:
        return frozenset(model.model_id for model in decoded(body, list[_Model]))


def _words(text: str, alignment: _Alignment) -> Iterator[SpokenWord]:
    """Words by their first characters, where the characters are those of the text."""
    times = alignment.character_start_times_seconds
    if alignment.characters != list(text) or len(times) != len(text):
        return
    for word in re.finditer(r"\S+", text):
        at = times[word.start()]
        if 0 <= at < 86_400:
            yield SpokenWord(word.start(), word.end(), round(at * 1000))
