"""A source of images as a package: the protocol of an imaginary server called Easel."""

from inkreel.model import Credit
from inkreel.providers.dialect import Ask, decoded
from inkreel.providers.images.dialect import Named, picked, query
from inkreel.recipes import IllustrateRequest


class Easel:
    name = "easel/1"  # raise it when what comes is another: nothing older is shown then
    models = "/painters"

    def headers(self, key: str) -> dict[str, str]:
        return {"X-Easel-Key": key} if key else {}

    def signed(self, path: str, key: str) -> str:  # noqa: ARG002  where it stands in the URL
        return path

    def ask(self, request: IllustrateRequest) -> Ask:
        return Ask(query("/find", q=request.query, shape=request.shape))

    def read(self, request: IllustrateRequest, body: bytes) -> Named:
        return Named(Credit(source="Easel"), url=picked(decoded(body, list[str]), request))

    def known(self, body: bytes) -> frozenset[str]:
        return frozenset(decoded(body, list[str]))
