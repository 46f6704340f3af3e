"""A voice of one's own as a package: the protocol of an imaginary server called Parrot."""

from inkreel.model import Utterance
from inkreel.providers.dialect import Ask, decoded
from inkreel.providers.tts.remote.dialect import utterance
from inkreel.recipes import SayRequest


class Parrot:
    name = "parrot/1"  # raise it when what comes sounds otherwise: nothing older is served then
    models = "/parrots"

    def headers(self, key: str) -> dict[str, str]:
        return {"X-Parrot-Key": key} if key else {}

    def ask(self, request: SayRequest) -> Ask:
        return Ask("/say", {"text": request.text, "who": request.voice, "as": request.form})

    def read(self, request: SayRequest, body: bytes) -> Utterance:
        return utterance(body, request)

    def known(self, body: bytes) -> frozenset[str]:
        return frozenset(decoded(body, list[str]))
