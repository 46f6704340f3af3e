"""Visual → Picture, and shown words → Captions."""

from inkreel.visuals.captions import draw_captions
from inkreel.visuals.drawing import draw
from inkreel.visuals.flatten import flatten

__all__ = ["draw", "draw_captions", "flatten"]
