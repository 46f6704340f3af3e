"""`POST /audio/speech` as OpenAI made it, which many servers speak; and Kokoro-FastAPI's own form
of it, which tells when each word begins."""

from __future__ import annotations

import msgspec

from inkreel.model import Utterance
from inkreel.providers.dialect import Ask, decoded, unpacked
from inkreel.providers.openai import Compatible
from inkreel.providers.tts.remote.dialect import placed, utterance
from inkreel.recipes import SayRequest


class OpenAI(Compatible):
    """The plain protocol: sound, and nothing of its words."""

    name = "openai/1"

    def ask(self, request: SayRequest) -> Ask:
        body: dict[str, object] = {
            "model": request.model,
            "input": request.text,
            "voice": request.voice,
            "response_format": request.form,
        }
        if request.speed != 1.0:  # some models refuse to be asked
            body["speed"] = request.speed
        return Ask("/audio/speech", body)

    def read(self, request: SayRequest, body: bytes) -> Utterance:
        return utterance(body, request)


class _Stamp(msgspec.Struct):
    word: str
    start_time: float | None = None


class _Captioned(msgspec.Struct):
    audio: str
    timestamps: list[_Stamp] | None = None


class Kokoro(OpenAI):
    """Kokoro-FastAPI's captioned speech, which lies beside `/v1`."""

    name = "kokoro/1"

    def ask(self, request: SayRequest) -> Ask:
        plain = super().ask(request)
        return Ask("/../dev/captioned_speech", {**plain.body, "stream": False})

    def read(self, request: SayRequest, body: bytes) -> Utterance:
        answer = decoded(body, _Captioned)
        stamps = ((one.word, one.start_time) for one in answer.timestamps or ())
        words = placed(request.text, ((word, at) for word, at in stamps if at is not None))
        return utterance(unpacked(answer.audio), request, words)
