"""Blocks without ids → blocks named by their content.

An id is a short hash of kind and text, with a counter when the content repeats: an edit
elsewhere, a moved line or another page does not rename a block.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable

import msgspec

from inkreel.model import AnyBlock, Place


def name_blocks(blocks: Iterable[AnyBlock]) -> tuple[AnyBlock, ...]:
    """Give each block its id: 8 hex digits, from the second equal one on `-2`, `-3`, …"""
    seen: Counter[str] = Counter()
    named: list[AnyBlock] = []
    for block in blocks:
        digest = _digest(block)
        seen[digest] += 1
        id_ = digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"
        named.append(msgspec.structs.replace(block, id=id_))
    return tuple(named)


def _digest(block: AnyBlock) -> str:
    content = msgspec.structs.replace(block, id="", place=Place())
    return hashlib.sha256(msgspec.json.encode(content)).hexdigest()[:8]
