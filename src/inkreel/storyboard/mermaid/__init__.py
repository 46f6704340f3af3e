"""Mermaid source → a diagram's nodes and edges.

What is read: flowcharts, sequence diagrams, mind maps, time lines and state diagrams, as far as
they say what is joined to what. Colours, classes, clicks and directions are left aside: a theme
and the video's format decide about those. Anything else is refused, with its line.
"""

from inkreel.storyboard.mermaid.reading import diagram
from inkreel.storyboard.mermaid.source import Unread

__all__ = ["Unread", "diagram"]
