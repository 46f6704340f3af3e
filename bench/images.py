"""Posters and small pictures: bytes and likeness of JPEG, plain and optimised, WebP and AVIF.

    python -m bench.images [DOCUMENT…]

Each is compressed from the picture itself and compared with it: structural similarity of luma
(Wang et al. 2004), its mean. A form pays where it saves 40 % of a plain JPEG at 0.98.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pyvips

from inkreel import recipes
from inkreel.compose.stills import flattened
from inkreel.model import Picture, Source
from inkreel.pipeline import read_and_write
from inkreel.settings import Settings
from inkreel.studio import THUMBNAIL_WIDTH
from inkreel.wiring.options import options_from, plan_for
from inkreel.wiring.video import open_builder, take_in

DOCUMENTS = [
    Path("examples/gioi-thieu.vi.md"),
    Path("examples/content-addressing.md"),
    Path("examples/water-cycle.txt"),
]
FORMS: dict[str, Callable[[pyvips.Image], bytes]] = {
    "jpeg 88": lambda image: image.jpegsave_buffer(Q=88, keep="none"),
    **{
        f"jpeg {quality} optimised": lambda image, quality=quality: image.jpegsave_buffer(
            Q=quality, keep="none", optimize_coding=True, interlace=True
        )
        for quality in (75, 80, 88)
    },
    **{
        f"webp {quality}": lambda image, quality=quality: image.webpsave_buffer(
            Q=quality, effort=4, keep="none"
        )
        for quality in (75, 80, 85, 90)
    },
    **{
        f"avif {quality}": lambda image, quality=quality: image.heifsave_buffer(
            Q=quality, compression="av1", effort=4, keep="none"
        )
        for quality in (50, 60, 70)
    },
}


def likeness(one: pyvips.Image, other: pyvips.Image) -> float:
    """SSIM with a Gaussian window of 1.5 pixels."""
    x, y = (image.colourspace("b-w").cast("float") for image in (one, other))

    def mean(image: pyvips.Image) -> pyvips.Image:
        return image.gaussblur(1.5, precision="float")

    mx, my = mean(x), mean(y)
    vx, vy, both = mean(x * x) - mx * mx, mean(y * y) - my * my, mean(x * y) - mx * my
    c1, c2 = 2.55**2, 7.65**2
    map_ = ((mx * my * 2 + c1) * (both * 2 + c2)) / ((mx * mx + my * my + c1) * (vx + vy + c2))
    return float(map_.avg())


async def pictures(document: Path, cache: Path) -> list[Picture]:
    """All scenes of a document as they are drawn."""
    settings = Settings(cache=cache)
    plan = plan_for(settings, options_from(settings))
    async with open_builder(settings) as (builder, _):
        source = take_in(document, builder.store, settings)
        assert isinstance(source, Source)
        _, written = await read_and_write(source, plan, builder, lambda _: None)
        board = written.board
        width, height = plan.options.pixels
        drawn = []
        for scene in board.scenes:
            request = recipes.DrawRequest(
                heading=scene.heading,
                eyebrow=scene.eyebrow,
                visual=scene.visual,
                language=board.language,
                theme=plan.options.theme,
                width=width,
                height=height,
            )
            built = await builder.build(recipes.DRAW.recipe(request))
            drawn.append(await builder.load(built, Picture))
        return drawn


def measure(name: str, images: list[pyvips.Image]) -> None:
    sizes: dict[str, list[int]] = defaultdict(list)
    alike: dict[str, list[float]] = defaultdict(list)
    took: dict[str, float] = defaultdict(float)
    for image in images:
        for form, save in FORMS.items():
            began = time.process_time()
            data = save(image)
            took[form] += time.process_time() - began
            sizes[form].append(len(data))
            alike[form].append(likeness(image, pyvips.Image.new_from_buffer(data, "")))
    usual = sum(sizes["jpeg 88"])
    print(f"{name}: {len(images)}")
    for form in FORMS:
        saved = 1 - sum(sizes[form]) / usual
        print(
            f"  {form:18} {sum(sizes[form]) / len(images) / 1_000:7.1f} KB  saves {saved:5.0%}  "
            f"likeness mean {statistics.mean(alike[form]):.4f} least {min(alike[form]):.4f}  "
            f"{took[form] / len(images) * 1_000:5.0f} ms",
            flush=True,
        )


def main() -> None:
    documents = [Path(one) for one in sys.argv[1:]] or DOCUMENTS
    posters, thumbnails = [], []
    with tempfile.TemporaryDirectory() as folder:
        for document in documents:
            for number, picture in enumerate(asyncio.run(pictures(document, Path(folder)))):
                image = flattened(picture)
                if number == 0:
                    posters.append(image)
                thumbnails.append(image.thumbnail_image(THUMBNAIL_WIDTH).copy_memory())
    measure("posters", posters)
    measure(f"thumbnails of {THUMBNAIL_WIDTH} pixels", thumbnails)


if __name__ == "__main__":
    main()
