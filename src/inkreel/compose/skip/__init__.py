"""Changed frames, encoded → all frames: what stands still costs a few bytes and no encoding.

A frame that equals the one before it is a *skipped picture*: a P picture in which every macroblock
is P_Skip, about thirty bytes that repeat the last reference picture sample by sample. Nothing
refers to it (`nal_ref_idc` 0), so the pictures that x264 made keep their reference lists; only
their place in the order of output is written anew. Clauses are those of ITU-T H.264 (08/2021).

- `bits`: single bits, Exp-Golomb codes, emulation prevention;
- `parameters`: what the parameter sets say, and the wider picture order count;
- `slices`: slice headers, read and put in another place of the order;
- `filler`: the skipped picture;
- `weave`: all of it, with the checks that a finished segment must pass.
"""

from __future__ import annotations

from inkreel.compose.skip.bits import Unexpected
from inkreel.compose.skip.parameters import ParameterSets, read_extradata
from inkreel.compose.skip.weave import weave

__all__ = ["X264_PARAMS", "ParameterSets", "Unexpected", "read_extradata", "weave"]

X264_PARAMS = "weightb=0:direct=spatial:cabac=1:slices=1"
"""What x264 must leave be beside `b-pyramid=none`: implicit weights (8.4.2.3) and temporal direct
prediction (8.4.1.2.3) are computed from the very order counts that are written anew."""
