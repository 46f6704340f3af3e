"""Visual → Picture, shown words → Captions, and Storyboard → one whose pictures can be read."""

from inkreel.visuals.captions import draw_captions
from inkreel.visuals.drawing import draw
from inkreel.visuals.fitting import fit
from inkreel.visuals.flatten import flatten

__all__ = ["draw", "draw_captions", "fit", "flatten"]
