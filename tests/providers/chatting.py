"""What a language model on loopback answers: it retells the blocks that it is shown, or fails.

Faults, beside those of every service: `prose` (no JSON), `wrong` (JSON of another shape), `cut off`
(the answer is too long for its limit), `thinks`, `fenced`, `whole` (not streamed), `uncounted` (no
usage), `plain` (refuses any response_format), `deaf` (ignores response_format), `ids`, `figures`,
`names`, `silent` (empty narration), `obeys` (does what the document tells it), `error` (breaks off
with an error event), `declines`. A word `once` behind it: what is asked anew is answered well.
"""

from __future__ import annotations

import json
import re
from typing import Any

PIECE = 40
"""Letters of an event."""


def blocks(question: str) -> list[dict[str, str]]:
    """The blocks of a question, as they are quoted in it."""
    found = re.search(r"<blocks>\n(.*?)\n</blocks>", question, re.DOTALL)
    return [json.loads(line) for line in found.group(1).splitlines()] if found else []


def sentences(text: str) -> list[str]:
    return [one.strip() for one in re.findall(r"[^.!?]+[.!?]", " ".join(text.split()))]


def scenes(question: str, fault: str) -> list[dict[str, Any]]:
    """A scene for every block with a sentence in it."""
    told: list[dict[str, Any]] = []
    for block in blocks(question):
        said = sentences(block["text"])[:3]
        if not said:
            continue
        words = said[0].rstrip(".!?").split()
        bullets = [{"text": " ".join(words[at : at + 4])} for at in range(0, min(8, len(words)), 4)]
        told.append(
            {
                "sources": [block["id"]],
                "heading": " ".join(words[:4]),
                "narration": said,
                "visual": {"kind": "slide", "bullets": bullets},
            }
        )
    return told and [spoilt(told[0], fault, question), *told[1:]]


def spoilt(scene: dict[str, Any], fault: str, question: str) -> dict[str, Any]:
    said = scene["narration"]
    if fault == "ids":
        return {**scene, "sources": ["nowhere"]}
    if fault == "figures":
        return {**scene, "narration": [*said, "That makes 98,765 in all."]}
    if fault == "names":
        return {**scene, "narration": [*said, "This was found by Baltazar Quux."]}
    if fault == "silent":
        return {**scene, "narration": []}
    if fault == "obeys":
        return {**scene, "transition": "wipe", "voice": "evil", "tools": [{"run": "rm"}],
                "visual": {**scene["visual"], "kind": "slide", "digest": "0" * 64}}  # fmt: skip
    return scene


def said(body: dict[str, Any], fault: str) -> tuple[str, str]:
    """The text of an answer and why it ends."""
    turns = body["messages"]
    mended = turns[-1]["role"] == "user" and turns[-2]["role"] == "assistant"
    question = turns[1]["content"]
    if fault.endswith(" once"):
        fault = "" if mended else fault.removesuffix(" once")
    if fault == "prose" or (fault == "deaf" and "response_format" in body):
        return "I am afraid I would rather talk about the weather.", "stop"
    if fault == "wrong":
        return json.dumps({"scenes": [{"title": "A", "text": "B"}]}), "stop"
    told = scenes(question, fault)
    if mended:
        before = json.loads(turns[-2]["content"]).get("heading", "")
        told = [one for one in told if one["heading"] == before][:1] or told[:1]
    text = json.dumps({"scenes": told}, ensure_ascii=False)
    if fault == "cut off":
        last = text.rindex('"sources"')
        return text[: last + 30], "length"
    if fault == "thinks":
        text = f'<think>Maybe {{"scenes": [{{"sources": []}}]}}? No.</think>\n{text}'
    if fault == "fenced":
        text = f"Here it is:\n```json\n{text}\n```\nTell me if [anything] is wrong."
    return text, "stop"


def answer(body: dict[str, Any], fault: str) -> tuple[int, str, bytes]:
    """Status, content type and body."""
    if fault == "plain" and "response_format" in body:
        return 400, "application/json", b'{"error": {"message": "response_format is unknown"}}'
    text, over = said(body, fault)
    counted = fault != "uncounted" and "stream_options" in body
    usage = {"prompt_tokens": 1_000, "completion_tokens": 100}
    if fault == "whole":
        message = {"role": "assistant", "content": text}
        whole = {"choices": [{"message": message, "finish_reason": over}], "usage": usage}
        return 200, "application/json", json.dumps(whole).encode()
    events: list[dict[str, Any]] = [
        {"choices": [{"index": 0, "delta": {"content": text[at : at + PIECE]}}]}
        for at in range(0, len(text), PIECE)
    ]
    if fault == "error":
        events = [*events[:2], {"error": {"message": "out of memory"}}]
    elif fault == "declines":
        events = [{"choices": [{"index": 0, "delta": {"refusal": "I cannot tell that."}}]}]
    else:
        events.append({"choices": [{"index": 0, "delta": {}, "finish_reason": over}]})
        if counted:
            events.append({"choices": [], "usage": usage})
    lines = [f"data: {json.dumps(event, ensure_ascii=False)}\n\n" for event in events]
    return 200, "text/event-stream", "".join([*lines, "data: [DONE]\n\n"]).encode()
