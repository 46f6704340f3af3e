"""Settings → language models: which there are, which one is meant, and what carries its words."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from inkreel.errors import OptionError
from inkreel.model import WriterChoice
from inkreel.ports import Meter, Service
from inkreel.providers.llm.dialect import Dialect
from inkreel.providers.llm.openai import Anthropic, Chat
from inkreel.recipes import WRITE
from inkreel.settings import ModelSettings, Settings
from inkreel.wiring import lines
from inkreel.wiring.storage import Storage

if TYPE_CHECKING:
    from inkreel.providers.llm import Line

Choose = Callable[[str], WriterChoice | None]

LETTERS_A_TOKEN = 2.5
"""At worst, in Vietnamese."""
PROMPT_TOKENS = 3_500
"""What is said around the document, with the schema."""
CHARACTERS = 2_000, 12_000
"""Least and most of a section that a model is shown at once."""

Kind = lines.Kind[Dialect]

KINDS: dict[str, Kind] = {
    "openai": Kind(Chat("max_completion_tokens"), "https://api.openai.com/v1", "", keyed=True),
    "gemini": Kind(
        Chat(), "https://generativelanguage.googleapis.com/v1beta/openai", "", keyed=True
    ),
    "anthropic": Kind(Anthropic(), "https://api.anthropic.com/v1", "", keyed=True),
    "ollama": Kind(Chat(), "http://127.0.0.1:11434/v1", ""),
    "vllm": Kind(Chat(), "http://127.0.0.1:8000/v1", ""),
    "llama": Kind(Chat(), "http://127.0.0.1:8080/v1", "default"),
    "litellm": Kind(Chat(), "http://127.0.0.1:4000/v1", ""),
}
"""Models come and go: which one is meant, the settings say."""


@dataclass(frozen=True)
class Model(lines.Outside[Dialect]):
    """A language model of the settings."""

    noun = "model"
    setting = "models"
    own = ("auto", "own")
    bad = 3

    given: ModelSettings

    def choice(self, chosen: str) -> WriterChoice:
        """Raises `OptionError`."""
        self.check_ready()
        model, given = chosen or self.model, self.given
        if not model:
            raise OptionError(
                f"The service {self.name} is not told which model.",
                hint=f"Write --writer {self.name}:MODEL, or set {self.variable('model')}.",
            )
        room = given.context - given.answer_tokens - PROMPT_TOKENS
        least, most = CHARACTERS
        return WriterChoice(
            name=self.name,
            provider=self.provider,
            model=model,
            temperature=given.temperature,
            answer_tokens=min(given.answer_tokens, given.context // 2),
            characters=min(most, max(least, round(room * LETTERS_A_TOKEN))),
            prompt_price=given.prompt_price,
            answer_price=given.answer_price,
        )


def configured(settings: Settings) -> dict[str, Model]:
    """The language models that the settings name. Raises `SettingError`."""
    return {
        name: Model(name, lines.kind_of(Model, name, given, KINDS, _packaged), given).checked()
        for name, given in settings.models.items()
    }


def _packaged(dialect: Dialect) -> Kind:
    return Kind(dialect, "", "")


def chooser(settings: Settings) -> Choose:
    """What the option `writer` stands for: `auto`, `own`, or `NAME[:MODEL]` of the settings."""
    known = configured(settings)

    def choose(writer: str) -> WriterChoice | None:
        name, _, chosen = writer.partition(":")
        if name in known:
            return known[name].choice(chosen)
        if writer in Model.own:
            return None
        raise lines.unknown(Model, writer, KINDS, known, "Use auto, own, or NAME or NAME:MODEL of")

    return choose


@asynccontextmanager
async def open_service(
    settings: Settings, storage: Storage, meter: Meter
) -> AsyncIterator[dict[str, Service]]:
    """Who writes what language models are to write, by the step's role; nobody without models."""
    async with lines.open_lines(configured(settings), _line, meter) as opened:
        if not opened:
            yield {}
            return
        from inkreel.providers.llm import Writers

        by_provider = {model.provider: line for model, line in opened.values()}
        yield {WRITE.role: Writers(storage.store, by_provider, meter)}


def _line() -> type[Line]:
    from inkreel.providers.llm import Line

    return Line
