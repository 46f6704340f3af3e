"""The steps of this package, with all that they stand on."""

from __future__ import annotations

from inkreel.model import Document, Draft, Storyboard
from inkreel.ports import Shelf
from inkreel.recipes import (
    AssembleRequest,
    BriefRequest,
    Briefs,
    Checked,
    CheckRequest,
    OutlineRequest,
)
from inkreel.storyboard import briefs
from inkreel.storyboard.assembling import assemble as put_together
from inkreel.storyboard.drafting import LONGEST_VIDEO, draft, writer_for
from inkreel.storyboard.drafts import check as checked
from inkreel.storyboard.illustrating import illustrated


def outline(request: OutlineRequest, shelf: Shelf) -> Storyboard:
    """Tell a document without a language model, in Vietnamese or English."""
    document = shelf.load(request.document, Document)
    board = draft(document, request.seconds, request.words_per_minute)
    return illustrated(board) if request.illustrated else board


def brief(request: BriefRequest, shelf: Shelf) -> Briefs:
    """What a language model is told of each section."""
    document = shelf.load(request.document, Document)
    writer = writer_for(document, request.words_per_minute)
    sections = briefs.partition(document, writer.tongue, request.characters)
    return Briefs(briefs.write(document, sections, request.seconds, writer.pace, LONGEST_VIDEO))


def check(request: CheckRequest, shelf: Shelf) -> Checked:  # noqa: ARG001  it has all it needs
    """Whether what a language model wrote may be filmed."""
    return checked(request)


def assemble(request: AssembleRequest, shelf: Shelf) -> Storyboard:
    """Put the sections together that a language model wrote, and tell the others."""
    document = shelf.load(request.document, Document)
    drafts = [shelf.load(digest, Draft) if digest else None for digest in request.drafts]
    writer = writer_for(document, request.words_per_minute)
    plan = request.seconds, request.characters
    board = put_together(document, drafts, request.briefed, writer, plan)
    return illustrated(board) if request.illustrated else board
