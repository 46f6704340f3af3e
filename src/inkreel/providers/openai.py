"""What all of OpenAI's endpoints, and those that are compatible, have alike."""

from __future__ import annotations

import msgspec

from inkreel.providers.dialect import decoded


class _Model(msgspec.Struct):
    id: str


class _Models(msgspec.Struct):
    data: list[_Model]


class Compatible:
    """The key as a bearer's, and a list of models."""

    models = "/models"

    def headers(self, key: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {key}"} if key else {}

    def known(self, body: bytes) -> frozenset[str]:
        names = (model.id for model in decoded(body, _Models).data)
        return frozenset(name.removeprefix("models/") for name in names)  # Gemini's have that
