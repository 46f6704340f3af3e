"""Visual → Picture, and shown words → Captions."""

from inkreel.visuals.drawing import draw
from inkreel.visuals.flatten import flatten

__all__ = ["draw", "flatten"]
