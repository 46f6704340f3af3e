"""The code → the reference pages in docs/: what can be read from the code is not written twice.

    python tools/reference.py

`tests/test_house.py` fails when a page is stale.
"""

from __future__ import annotations

import inspect
import json
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from inkreel import errors
from inkreel.entrypoints.cli import app
from inkreel.settings import (
    ImageSettings,
    ModelSettings,
    ServiceSettings,
    Settings,
    VoiceSettings,
)

DOCS = Path(__file__).resolve().parent.parent / "docs"
NOTICE = "<!-- Made by `make reference`; do not edit. -->"


def error_types() -> Iterator[type[errors.InkreelError]]:
    """All error types, parents before their children, in the order of errors.py."""
    for kind in vars(errors).values():
        if inspect.isclass(kind) and issubclass(kind, errors.InkreelError):
            yield kind


def errors_page() -> str:
    """Every error with its code, HTTP status and exit code."""
    rows = "\n".join(
        f"| `{kind.code}` | `{kind.__name__}` | {_parent(kind)} | {kind.exit_code} "
        f"| {kind.http_status} | {'yes' if kind.retryable else 'no'} |"
        for kind in error_types()
    )
    return f"""{NOTICE}
# Errors

Every error says what failed, why, and what to do (`message` and `hint`). The code is stable: it is
the same in the library, on the command line and over HTTP. The exit code names the family. A
retryable error may pass by itself; all others need a change of the input, the options or the
machine.

| code | class | is a | exit | HTTP | retryable |
|---|---|---|---|---|---|
{rows}
"""


def settings_page() -> str:
    """Every setting with its variable, type, default and meaning."""
    rows = "\n".join(
        f"| `{name}` | `INKREEL_{name.upper()}` | {_type(field)} | {_default(field)} "
        f"| {field.description} |"
        for name, field in Settings.model_fields.items()
    )
    images = _rows(ImageSettings, ServiceSettings)
    voices = _rows(VoiceSettings, ServiceSettings)
    models = _rows(ModelSettings, ServiceSettings)
    services = _rows(ServiceSettings)
    return f"""{NOTICE}
# Settings

A flag beats an `INKREEL_*` variable, which beats the settings file, which beats the default. The
file is `inkreel.toml` in the working folder, else the one in the user's configuration folder;
`INKREEL_CONFIG` names another. It holds the names of the first column: `workers = 2`. A variable
holds a list with commas: `INKREEL_WEBHOOK_NETWORKS=10.1.0.0/16,10.2.0.0/16`. By default `cache` and
`data` are the platform's folders for such things: on Linux `~/.cache/inkreel` and
`~/.local/share/inkreel`.

| name | variable | type | default | meaning |
|---|---|---|---|---|
{rows}

<a id="images"></a>
## A source of `images`

A table `[images.NAME]` in the file, or variables `INKREEL_IMAGES__NAME__FIELD`:
see [images](images.md).

| name | type | default | meaning |
|---|---|---|---|
{images}

<a id="voices"></a>
## A voice of `voices`

A table `[voices.NAME]` in the file, or variables `INKREEL_VOICES__NAME__FIELD`:
see [voices](voices.md).

| name | type | default | meaning |
|---|---|---|---|
{voices}

<a id="models"></a>
## A language model of `models`

A table `[models.NAME]` in the file, or variables `INKREEL_MODELS__NAME__FIELD`:
see [models](models.md).

| name | type | default | meaning |
|---|---|---|---|
{models}

<a id="services"></a>
## A service outside

Each of them, whatever it is for, also has, where nothing else is said above:

| name | type | default | meaning |
|---|---|---|---|
{services}
"""


def _rows(settings: type[BaseModel], base: type[BaseModel] | None = None) -> str:
    """Of the fields of a table of settings, without those that are as in its base."""
    own, usual = settings.model_fields, base.model_fields if base else {}
    same = ((name, own[name], field) for name, field in usual.items())
    shared = {n for n, a, b in same if (a.default, a.description) == (b.default, b.description)}
    shared |= set() if base else {"kind"}
    return "\n".join(
        f"| `{name}` | {_type(field)} | {_default(field)} | {field.description} |"
        for name, field in settings.model_fields.items()
        if name not in shared
    )


def commands_page() -> str:
    """Every command with its arguments and options."""
    commands = "\n".join(_commands(typer.main.get_command(app), "inkreel"))
    return f"""{NOTICE}
# The command line

Progress and errors go to stderr, the answer to stdout. The exit code names the family of an error:
see [errors](errors.md). What an option leaves open comes from the [settings](settings.md).
{commands}
"""


def http_page() -> str:
    """Every operation of the API, as its OpenAPI document tells it."""
    from inkreel.entrypoints.http import openapi
    from inkreel.entrypoints.http.app import create_app

    made = create_app().openapi()
    operations = openapi.operations(made)
    rows = "\n".join(
        f"| [`{one['method']} {one['path']}`](#{one['told']['operationId']}) "
        f"| {one['told']['summary']} |"
        for one in operations
    )
    known = made["components"]["schemas"]
    sections = "\n".join(_operation(**one, known=known) for one in operations)
    return f"""{NOTICE}
# The HTTP API

{made["info"]["description"].strip()}

The same as OpenAPI 3.1 is at `/openapi.json` of every service, and for reading at `/docs`. What a
code of an error means stands in [errors](errors.md), what the service may be told in
[settings](settings.md).

| operation | |
|---|---|
{rows}
{sections}
"""


def _fields(schema: dict[str, Any], known: dict[str, Any]) -> str:
    """The fields of a body that are described."""
    schema = known.get(schema.get("$ref", "").rpartition("/")[2], schema)
    rows = [
        f"| `{name}` | {told['description']} |"
        for name, told in schema.get("properties", {}).items()
        if "description" in told
    ]
    return "\n".join(["| field | |", "|---|---|", *rows, ""]) if rows else ""


def _operation(path: str, method: str, told: dict[str, Any], known: dict[str, Any]) -> str:
    lines = [f'\n<a id="{told["operationId"]}"></a>\n## `{method} {path}`\n', told["description"]]
    if "parameters" in told:
        lines.append("\n| parameter | in | |\n|---|---|---|")
        lines += [
            f"| `{one['name']}` | {one['in']} | {one.get('description', '')} |"
            for one in told["parameters"]
        ]
    for media, content in told.get("requestBody", {}).get("content", {}).items():
        lines.append(f"\nTakes `{media}`:\n\n{_fields(content['schema'], known)}")
        lines.append(_example(content["example"]))
    lines.append("\n| answer | |\n|---|---|")
    lines += [
        f"| {status} | {answer['description'].replace('|', '/')} |"
        for status, answer in told["responses"].items()
    ]
    for status, answer in told["responses"].items():
        for media, content in answer.get("content", {}).items():
            if "example" in content:
                lines.append(f"\n{status}, `{media}`:\n\n{_example(content['example'])}")
    return "\n".join(lines)


def _example(example: Any) -> str:
    if isinstance(example, str):
        return f"```\n{example.rstrip()}\n```"
    return f"```json\n{json.dumps(example, indent=2, ensure_ascii=False)}\n```"


def pages() -> dict[Path, str]:
    """Path → text of every generated page."""
    return {
        DOCS / "cli.md": commands_page(),
        DOCS / "errors.md": errors_page(),
        DOCS / "http.md": http_page(),
        DOCS / "settings.md": settings_page(),
    }


def _commands(command: Any, name: str) -> Iterator[str]:
    """Lines for a command and those below it; `Any`, as typer carries a click of its own."""
    below = getattr(command, "commands", {})
    if not below:
        arguments = [p for p in command.params if p.param_type_name == "argument"]
        options = [p for p in command.params if p.param_type_name == "option"]
        usage = " ".join([name, *(p.name.upper() for p in arguments)])
        yield f"\n## `{usage}`\n\n{command.help}\n\n| | |\n|---|---|"
        yield from (f"| `{p.name.upper()}` | {p.help} |" for p in arguments)
        yield from (f"| {', '.join(f'`{opt}`' for opt in p.opts)} | {p.help} |" for p in options)
    for word, one in below.items():
        yield from _commands(one, f"{name} {word}")


def _parent(kind: type[errors.InkreelError]) -> str:
    return f"`{kind.__base__.__name__}`" if kind.__base__ is not Exception else "–"


def _type(field: FieldInfo) -> str:
    return _spell(field.annotation)


def _spell(annotation: object) -> str:
    if typing.get_origin(annotation) in (types.UnionType, typing.Union):
        kinds = [part for part in typing.get_args(annotation) if part is not type(None)]
        return " or ".join(map(_spell, kinds))
    if typing.get_origin(annotation) is typing.Literal:
        return ", ".join(f"`{choice}`" for choice in typing.get_args(annotation))
    if typing.get_origin(annotation) in (tuple, dict):
        return {tuple: "list", dict: "tables"}[typing.get_origin(annotation)]
    names = {
        Path: "path",
        int: "whole number",
        float: "number",
        str: "text",
        bool: "yes/no",
        SecretStr: "secret",
    }
    return names[typing.cast("type", annotation)]


def _default(field: FieldInfo) -> str:
    if field.default_factory is not None:
        return "from the machine"
    if isinstance(field.default, tuple):
        return f"`{','.join(field.default)}`" if field.default else "–"
    return "–" if field.default in (None, "", {}) else f"`{field.default}`"


def main() -> None:
    """Write all pages."""
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
        print(path)


if __name__ == "__main__":
    main()
