"""Document → Storyboard: what is said, scene by scene, and what is shown meanwhile."""

from __future__ import annotations

from inkreel.model import Document, Storyboard
from inkreel.ports import Shelf
from inkreel.recipes import OutlineRequest


def outline(request: OutlineRequest, shelf: Shelf) -> Storyboard:
    """Tell a document without a language model, in Vietnamese or English."""
    from inkreel.storyboard.drafting import draft

    document = shelf.load(request.document, Document)
    return draft(document, request.seconds, request.words_per_minute)
