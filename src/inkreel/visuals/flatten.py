"""Picture → the frame that is seen when a step has settled, for posters, tests and eyes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inkreel.model import Effect, Layer, Picture


def flatten(picture: Picture, step: int | None = None) -> NDArray[np.uint8]:
    """RGB8 rows of a picture at a step; at None all has come in and nothing is in focus."""
    frame = np.frombuffer(picture.base, np.uint8).reshape(picture.height, picture.width, 3).copy()
    for layer in picture.layers:
        if not _is_seen(layer, step):
            continue
        pixels = np.frombuffer(layer.rgba, np.uint8).reshape(layer.height, layer.width, 4)
        below = frame[layer.y : layer.y + layer.height, layer.x : layer.x + layer.width]
        alpha = pixels[..., 3:].astype(np.uint16)
        mixed = pixels[..., :3] * alpha + below * (255 - alpha)
        below[...] = (mixed + 127) // 255
    return frame


def _is_seen(layer: Layer, step: int | None) -> bool:
    if layer.effect is Effect.FOCUS:
        return layer.step == step
    return step is None or layer.step <= step
