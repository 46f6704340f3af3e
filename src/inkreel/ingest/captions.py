"""Blocks → blocks whose tables and images carry the caption that stood beside them."""

from __future__ import annotations

import re

import msgspec

from inkreel.model import AnyBlock, Image, Paragraph, Table

_NUMBER = r"\s+[\dIVX]+[\d.-]*\s*(?:[:.–—-]\s*|\s(?=[A-ZÀ-Ỹ]))"
_NUMBERED = {
    Table: re.compile(rf"(?:Table|Bảng){_NUMBER}", re.IGNORECASE),
    Image: re.compile(rf"(?:Figure|Fig\.|Hình|Ảnh|Biểu đồ|Sơ đồ){_NUMBER}", re.IGNORECASE),
}
_LONGEST = 300


def attach_captions(blocks: list[AnyBlock]) -> list[AnyBlock]:
    """Move "Table 2: …", "Hình 1. …" and a wholly emphasised line behind an image into the block
    they describe."""
    kept: list[AnyBlock] = []
    at = 0
    while at < len(blocks):
        block = blocks[at]
        if isinstance(block, Table | Image) and not block.caption:
            after = _caption(block, blocks[at + 1] if at + 1 < len(blocks) else None, behind=True)
            before = "" if after else _caption(block, kept[-1] if kept else None, behind=False)
            if before:
                kept.pop()
            if after:
                at += 1
            block = msgspec.structs.replace(block, caption=after or before)
        kept.append(block)
        at += 1
    return kept


def _caption(block: Table | Image, beside: AnyBlock | None, *, behind: bool) -> str:
    if not isinstance(beside, Paragraph) or len(beside.text) > _LONGEST:
        return ""
    numbered = _NUMBERED[type(block)].match(beside.text)
    if numbered:
        return beside.text[numbered.end() :].strip() or beside.text
    if behind and isinstance(block, Image) and beside.terms == (beside.text,):
        return beside.text
    return ""
