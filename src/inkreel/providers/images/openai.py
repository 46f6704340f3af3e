"""`POST /images/generations` as OpenAI made it, which many servers speak."""

from __future__ import annotations

import msgspec

from inkreel.model import Credit
from inkreel.providers.dialect import Ask, decoded, unpacked
from inkreel.providers.images.dialect import Named
from inkreel.providers.openai import Compatible
from inkreel.providers.policies import Failed
from inkreel.recipes import IllustrateRequest

SIZES = {"landscape": "1536x1024", "portrait": "1024x1536", "square": "1024x1024"}
UNWRITTEN = "No letters, words, numbers or logos in the picture."
"""What models write is seldom right, and is not the document's."""


class _Image(msgspec.Struct):
    b64_json: str | None = None
    url: str | None = None


class _Images(msgspec.Struct):
    data: list[_Image]


class OpenAI(Compatible):
    """A model makes it: the bytes, or an address to fetch them from."""

    name = "openai-images/1"

    def ask(self, request: IllustrateRequest) -> Ask:
        prompt = ". ".join(filter(None, (request.query, request.style, UNWRITTEN)))
        size = request.size or SIZES[request.shape]
        # Which of the two comes is left to the server: some refuse to be asked.
        body = {"model": request.model, "prompt": prompt, "n": 1, "size": size}
        return Ask("/images/generations", body)

    def signed(self, path: str, key: str) -> str:  # noqa: ARG002  it goes in a header
        return path

    def read(self, request: IllustrateRequest, body: bytes) -> Named:
        images = decoded(body, _Images).data
        if not images or not (images[0].b64_json or images[0].url):
            raise Failed("bad", "its answer holds no picture")
        credit = Credit(source=request.model, generated=True)
        if images[0].b64_json:
            return Named(credit, data=unpacked(images[0].b64_json))
        return Named(credit, url=images[0].url or "")
