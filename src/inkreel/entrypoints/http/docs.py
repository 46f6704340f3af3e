"""The API's own page at /docs: made here from the OpenAPI document, without scripts."""

from __future__ import annotations

import json
from html import escape
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from inkreel.entrypoints.http import openapi, problems

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"
_STYLE = """
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{max-width:60rem;margin:0 auto;padding:1rem}
pre{overflow:auto;padding:.75rem;border:1px solid #8886;border-radius:.4rem;font-size:.85rem}
code{font-size:.9em}section{border-top:1px solid #8886;padding-top:.5rem;margin-top:2rem}
table{border-collapse:collapse;width:100%}
td,th{text-align:left;vertical-align:top;padding:.2rem .6rem .2rem 0}
b.m{font:600 .8rem ui-monospace,monospace;border:1px solid;border-radius:.3rem;padding:.1rem .4rem}
summary{cursor:pointer}
"""

router = APIRouter(default_response_class=Response)


@router.get("/openapi.json", include_in_schema=False)
async def get_openapi(request: Request) -> Response:
    """The OpenAPI document."""
    made = json.dumps(request.app.openapi(), ensure_ascii=False)
    return Response(made, media_type="application/json", headers={"Cache-Control": "no-cache"})


@router.get("/docs", include_in_schema=False)
async def get_docs(request: Request) -> Response:
    """The same for people."""
    made = request.app.openapi()
    return HTMLResponse(_page(made), headers={"Content-Security-Policy": _POLICY})


def _page(made: dict[str, Any]) -> str:
    operations = openapi.operations(made)
    contents = "".join(
        f"<li><a href='#{one['told']['operationId']}'>{escape(one['told']['summary'])}</a></li>"
        for one in operations
    )
    codes = "".join(
        f"<tr id='{code}'><td><code>{code}</code></td><td>{escape(problems.title(code, 'en'))}</td>"
        f"<td lang=vi>{escape(problems.title(code, 'vi'))}</td></tr>"
        for code in problems.CODES
    )
    introduction = "".join(
        f"<p>{escape(part).replace('**', '').replace('`', '')}</p>"
        for part in made["info"]["description"].split("\n\n")
    )
    return (
        "<!doctype html><html lang=en><meta charset=utf-8>"
        "<meta name=viewport content='width=device-width'><title>Inkreel API</title>"
        f"<style>{_STYLE}</style><h1>Inkreel API {escape(made['info']['version'])}</h1>"
        f"{introduction}<p><a href='openapi.json'>openapi.json</a></p><ul>{contents}</ul>"
        + "".join(map(_operation, operations))
        + f"<section><h2>Errors</h2><table>{codes}</table></section></html>"
    )


def _operation(one: dict[str, Any]) -> str:
    told = one["told"]
    rows = "".join(
        f"<tr><td><code>{escape(given['name'])}</code></td><td>{given['in']}</td>"
        f"<td>{escape(given.get('description', ''))}</td></tr>"
        for given in told.get("parameters", ())
    )
    answers = "".join(
        f"<tr><td>{status}</td><td>{escape(answer['description']).replace('`', '')}</td></tr>"
        for status, answer in told["responses"].items()
    )
    bodies = "".join(
        _example(f"Body: {media}", content)
        for media, content in told.get("requestBody", {}).get("content", {}).items()
    )
    shown = "".join(
        _example(f"{status}: {media}", content)
        for status, answer in told["responses"].items()
        for media, content in answer.get("content", {}).items()
        if "example" in content
    )
    return (
        f"<section id='{told['operationId']}'><h2><b class=m>{one['method']}</b> "
        f"<code>{escape(one['path'])}</code></h2><p>{escape(told.get('description', ''))}</p>"
        f"<table>{rows}</table>{bodies}{shown}<table>{answers}</table></section>"
    )


def _example(title: str, content: dict[str, Any]) -> str:
    example = content.get("example")
    if example is None:
        return ""
    text = (
        example if isinstance(example, str) else json.dumps(example, indent=2, ensure_ascii=False)
    )
    return f"<details><summary>{escape(title)}</summary><pre>{escape(text)}</pre></details>"
