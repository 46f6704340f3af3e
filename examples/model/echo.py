"""A language model of one's own as a package: the protocol of an imaginary server called Echo."""

from inkreel.providers.dialect import Ask, decoded
from inkreel.providers.llm.dialect import Piece, Question


class Echo:
    name = "echo/1"  # raise it when what comes reads otherwise: nothing older is served then
    models = "/echoes"

    def headers(self, key: str) -> dict[str, str]:
        return {"X-Echo-Key": key} if key else {}

    def ask(self, question: Question) -> Ask:
        said = [question.system, *(turn.text for turn in question.turns)]
        return Ask("/talk", {"to": question.model, "said": said})

    def read(self, event: bytes) -> Piece:
        return Piece(decoded(event, dict[str, str])["answer"], over="stop")

    def known(self, body: bytes) -> frozenset[str]:
        return frozenset(decoded(body, list[str]))
