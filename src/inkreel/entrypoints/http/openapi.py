"""The OpenAPI document: routes say what they answer in msgspec types, with an example each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from inkreel import __version__, errors
from inkreel.entrypoints.http import examples, problems, schemas
from inkreel.errors import InkreelError

Described = dict[str, Any]
Responses = dict[int | str, Described]

JSON = "application/json"
YAML = "application/yaml"
_PLACE = "the example "
ALWAYS: tuple[type[InkreelError], ...] = (InkreelError, errors.Busy, errors.Unavailable)
KEYED: tuple[type[InkreelError], ...] = (
    *ALWAYS,
    errors.NotAuthenticated,
    errors.NotAllowed,
    errors.RateLimited,
    errors.RequestInvalid,
)
"""What every request with a key may be refused with."""

_INTRODUCTION = """\
A document goes in, a narrated, captioned explainer video comes out.

Send a document with `POST /v1/videos`, follow its `links.events`, and fetch what stands in its
`files` when its status is `done`.

- **Keys.** `Authorization: Bearer ink_…` where the service asks for keys; a service that listens
  on loopback does not.
- **Errors** are `application/problem+json` with a stable `code`, a `hint` and a `request_id`; the
  title is in Vietnamese or English by Accept-Language. 429 and 503 carry Retry-After.
- **Repeating.** A POST with an `Idempotency-Key` can be sent again: it is answered with the video
  that it made before.
- **Links** to files are signed and expire; they need no key.
"""


def schema(kind: Any) -> Described:
    """A reference to a type among the components."""
    return {"$ref": f"#/components/schemas/{kind.__name__}"}


def answers(status: int, description: str, *contents: tuple[str, Any, Any]) -> Responses:
    """A success: its contents are media type, schema or type, and example."""
    told: Described = {"description": description}
    if contents:
        told["content"] = {
            media: {
                "schema": kind if isinstance(kind, dict) else schema(kind),
                **({} if example is None else {"example": _named(example)}),
            }
            for media, kind, example in contents
        }
    return {status: told}


def _named(example: Any) -> Any:
    """The example's name for now: FastAPI drops what is null from everything that it is given."""
    named = (f"{_PLACE}{name}" for name, value in vars(examples).items() if value is example)
    return next(named, example)


def _filled(told: Any) -> Any:
    """The same with examples in the place of their names."""
    if isinstance(told, dict):
        return {name: _filled(value) for name, value in told.items()}
    if isinstance(told, list):
        return [_filled(value) for value in told]
    if isinstance(told, str) and told.startswith(_PLACE):
        return getattr(examples, told.removeprefix(_PLACE))
    return told


def refusals(*kinds: type[InkreelError], base: Sequence[type[InkreelError]] = KEYED) -> Responses:
    """Responses for these errors and those that the route always has."""
    by_status: dict[int, list[type[InkreelError]]] = {}
    for kind in dict.fromkeys((*base, *kinds)):
        by_status.setdefault(kind.http_status, []).append(kind)
    return {status: _refusal(status, by_status[status]) for status in sorted(by_status)}


def _refusal(status: int, kinds: list[type[InkreelError]]) -> Described:
    told: Described = {
        "description": "; ".join(f"`{kind.code}`" for kind in kinds),
        "content": {
            problems.MEDIA_TYPE: {
                "schema": schema(problems.Problem),
                "examples": {
                    kind.code: {"value": examples.problem(kind, problems.title(kind.code, "en"))}
                    for kind in kinds
                },
            }
        },
    }
    if status in (429, 503):
        told["headers"] = {
            "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}
        }
    return told


def takes(*contents: tuple[str, Any, Any]) -> Described:
    """`openapi_extra` for a route with a body: media type, schema or type, example."""
    return {
        "requestBody": {
            "required": True,
            "content": {
                media: {
                    "schema": kind if isinstance(kind, dict) else schema(kind),
                    "example": _named(example),
                }
                for media, kind, example in contents
            },
        }
    }


def upload_schema() -> Described:
    """multipart/form-data: the document, music, and what every order may choose."""
    (choices,), components = _components([schemas.Choices])
    name = choices["$ref"].rpartition("/")[2]
    own = dict(components[name]["properties"])
    document = {"type": "string", "format": "binary", "description": "The document, one file."}
    music = {
        "type": "string",
        "format": "binary",
        "description": "To lie under the voice: MP3, M4A, OGG, WAV or FLAC.",
    }
    fields = {field: _written(told) for field, told in own.items()}
    return {
        "type": "object",
        "properties": {"document": document, "music": music, **fields},
        "required": ["document"],
        "additionalProperties": False,
    }


def _written(told: Described) -> Described:
    """A schema without null: a form field is there or not."""
    kept = {key: value for key, value in told.items() if key not in ("anyOf", "default")}
    given = [one for one in told.get("anyOf", ()) if one.get("type") != "null"]
    merged = {**kept, **(given[0] if len(given) == 1 else {})}
    if "enum" in merged:
        merged["enum"] = [one for one in merged["enum"] if one is not None]
        merged["type"] = "string"
    return merged


def _components(kinds: list[Any]) -> tuple[Any, dict[str, Any]]:
    return msgspec.json.schema_components(kinds, ref_template="#/components/schemas/{name}")


def _types() -> list[Any]:
    return [
        kind
        for kind in vars(schemas).values()
        if isinstance(kind, type)
        and issubclass(kind, schemas.Shown | schemas.Asked)
        and kind not in (schemas.Shown, schemas.Asked)
    ] + [problems.Problem]


def document(app: FastAPI) -> Described:
    """The whole, made once."""
    if app.openapi_schema is None:
        made = get_openapi(
            title="Inkreel",
            version=__version__,
            summary="Documents → narrated explainer videos.",
            description=_INTRODUCTION,
            routes=app.routes,
            license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
            tags=[
                {"name": "videos", "description": "From the order to the files."},
                {"name": "service", "description": "How the service is."},
            ],
        )
        _, components = _components(_types())
        made.setdefault("components", {})["schemas"] = components
        made["components"]["securitySchemes"] = {
            "key": {"type": "http", "scheme": "bearer", "description": "An API key: `ink_…`."}
        }
        for operation in operations(made):
            if operation["path"].startswith("/v1/") or operation["path"] == "/metrics":
                operation["told"]["security"] = [{"key": []}, {}]
        app.openapi_schema = _filled(made)
    return app.openapi_schema


def operations(made: Described) -> list[Described]:
    """Path, method and description of every operation."""
    return [
        {"path": path, "method": method.upper(), "told": cast("Described", told)}
        for path, methods in made["paths"].items()
        for method, told in methods.items()
        if method in ("get", "head", "post", "put", "patch", "delete")
    ]
