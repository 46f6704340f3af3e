"""One source of images: what a scene wants → Photo, or why there is none."""

from __future__ import annotations

import asyncio
from collections import defaultdict

import msgspec

from inkreel import recipes
from inkreel.build import Builder
from inkreel.errors import ImageFailed
from inkreel.model import (
    ILLUSTRATED,
    Degraded,
    Illustration,
    ImageChoice,
    Photo,
    Storyboard,
)


class Illustrator:
    """Finds the pictures of a storyboard. Each scene's is asked for once: who asks again hears
    what came, also when nothing did."""

    def __init__(self, board: Storyboard, images: ImageChoice | None, pixels: tuple[int, int]):
        self._board = board
        self._images = images
        self._pixels = pixels
        self._asking: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._given: dict[int, Photo | Degraded] = {}

    def given(self, index: int) -> Photo | Degraded | None:
        """What came for a scene; None where nothing was asked for."""
        return self._given.get(index)

    async def illustrate(self, index: int, builder: Builder) -> Photo | None:
        """The picture of a scene, built by `builder` in its turn; None where none is wanted or
        none can be had."""
        scene = self._board.scenes[index]
        if self._images is None or not scene.illustrate:
            return None
        if not isinstance(scene.visual, ILLUSTRATED):
            return None
        async with self._asking[index]:
            if index not in self._given:
                try:
                    self._given[index] = await self._photo(index, self._images, builder)
                except ImageFailed as failed:
                    lost = Degraded("the scene has no picture beside it", failed.message)
                    self._given[index] = lost
        given = self._given[index]
        return given if isinstance(given, Photo) else None

    async def _photo(self, index: int, images: ImageChoice, builder: Builder) -> Photo:
        # All of drawing comes with it: half a second that most videos need not wait for.
        from inkreel.visuals.shape import panel_shape

        scenes = self._board.scenes
        query = scenes[index].illustrate
        request = recipes.IllustrateRequest(
            query=query,
            language=self._board.language,
            shape=panel_shape(*self._pixels),
            provider=images.provider,
            model=images.model,
            style=images.style,
            size=images.size,
            pick=sum(scene.illustrate == query for scene in scenes[:index]),
        )
        built = await builder.build(recipes.ILLUSTRATE.recipe(request))
        found = await builder.load(built, Illustration)
        developed = await builder.build(recipes.DEVELOP.recipe(recipes.DevelopRequest(found.image)))
        photo = await builder.load(developed, Photo)
        return msgspec.structs.replace(photo, credit=found.credit)
