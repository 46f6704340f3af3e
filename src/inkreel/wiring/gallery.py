"""Settings → a folder with every kind of picture in every theme and shape, to look at."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from inkreel import recipes
from inkreel.build import Builder, persist, together
from inkreel.delivery import write_text
from inkreel.errors import OptionError
from inkreel.model import (
    THEMES,
    Brand,
    Credit,
    Digest,
    ImageVisual,
    Photo,
    Picture,
    Scene,
    Storyboard,
)
from inkreel.settings import Settings
from inkreel.storyboard.board import parse
from inkreel.wiring.options import check_workers
from inkreel.wiring.themes import find
from inkreel.wiring.video import open_builder

SHAPES: dict[str, tuple[int, int]] = {
    "16:9": (1920, 1080),
    "9:16": (1080, 1920),
    "1:1": (1080, 1080),
    "4K": (3840, 2160),
}
USUAL = ("16:9", "9:16", "1:1")
_HERE = Path(__file__).parent
_SHOWN = {"16:9": 960, "9:16": 540, "1:1": 720, "4K": 1920}
"""Pixels across of the pictures on the sheet."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture on the sheet."""

    file: str
    scene: Scene
    theme: str
    shape: str
    text_px: int
    told: tuple[str, ...]


def samples() -> Storyboard:
    """The scenes of the gallery; images are named by their file."""
    return parse((_HERE / "gallery.yaml").read_text("utf-8"))


async def make_gallery(
    folder: Path,
    settings: Settings,
    themes: Sequence[str] = THEMES,
    shapes: Sequence[str] = USUAL,
    report: Callable[[str], None] = lambda _: None,
) -> Path:
    """Draw the gallery into `folder`; answers its page. Raises `OptionError` for a shape that is
    not known."""
    check_workers(settings)
    unknown = [shape for shape in shapes if shape not in SHAPES]
    if unknown:
        known = ", ".join(SHAPES)
        raise OptionError(f"There is no shape {unknown[0]!r}.", hint=f"Use: {known}.", field="size")
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    looks = [find(settings, theme) for theme in themes]
    async with open_builder(settings) as (builder, _):
        shown: list[Shown] = []
        for theme in looks:
            for shape in shapes:
                report(f"{_named(theme)} {shape}")
                async with together() as group:
                    drawing = [
                        group.create_task(_draw(builder, folder, scene, theme, shape))
                        for scene in samples().scenes
                    ]
                shown += [task.result() for task in drawing]
    page = folder / "index.html"
    await asyncio.to_thread(write_text, page, _page(shown))
    return page


async def _draw(
    builder: Builder, folder: Path, scene: Scene, theme: str | Brand, shape: str
) -> Shown:
    async def work() -> Shown:
        visual, photo = scene.visual, None
        if isinstance(visual, ImageVisual):
            digest = await _kept(builder, visual.digest)
            visual = msgspec.structs.replace(visual, digest=digest)
        if scene.illustrate:  # here the name of a file
            digest = await _kept(builder, scene.illustrate)
            photo = Photo(digest, 1200, 800, Credit(source="vẽ cho trang này"))
        width, height = SHAPES[shape]
        request = recipes.DrawRequest(
            heading=scene.heading,
            eyebrow=scene.eyebrow,
            visual=visual,
            language=samples().language,
            theme=theme,
            width=width,
            height=height,
            photo=photo,
        )
        built = await builder.build(recipes.DRAW.recipe(request))
        picture = await builder.load(built, Picture)
        small = recipes.PosterRequest(built.artifact.digest, quality=86, width=_SHOWN[shape])
        jpeg = await builder.build(recipes.POSTER.recipe(small))
        name = f"{_slug(theme)}-{shape.replace(':', 'x').lower()}-{scene.id}.jpg"
        data = await asyncio.to_thread(builder.store.read, jpeg.artifact.digest)
        await asyncio.to_thread((folder / name).write_bytes, data)
        told = tuple(f"{one.what}: {one.why}" for one in picture.degraded)
        return Shown(name, scene, _named(theme), shape, picture.text_px, told)

    return await persist(work)


async def _kept(builder: Builder, name: str) -> Digest:
    data = await asyncio.to_thread((_HERE / name).read_bytes)
    return await asyncio.to_thread(builder.store.put, data)


def _named(theme: str | Brand) -> str:
    return theme if isinstance(theme, str) else theme.name


def _slug(theme: str | Brand) -> str:
    return re.sub(r"\W+", "-", _named(theme).lower())


# --- The page ------------------------------------------------------------------------------------

_STYLE = """
body { margin: 0 auto; max-width: 1680px; padding: 32px; font: 16px/1.5 system-ui, sans-serif;
  background: #eceef4; color: #111633; }
h2 { margin: 48px 0 16px; } nav a { margin-right: 16px; }
.sheet { display: grid; gap: 20px; grid-template-columns: repeat(auto-fill, minmax(380px, 1fr)); }
.sheet.s9x16 { grid-template-columns: repeat(auto-fill, minmax(200px, 1fr)); }
.sheet.s1x1 { grid-template-columns: repeat(auto-fill, minmax(280px, 1fr)); }
figure { margin: 0; } img { width: 100%; height: auto; display: block; border-radius: 6px; }
figcaption { font-size: 13px; color: #4b5573; padding-top: 4px; } .told { color: #b4233c; }
"""


def _page(shown: Sequence[Shown]) -> str:
    parts: dict[tuple[str, str], list[Shown]] = {}
    for one in shown:
        parts.setdefault((one.theme, one.shape), []).append(one)
    links = "".join(
        f'<a href="#{html.escape(f"{t}-{s}")}">{html.escape(t)} {s}</a>' for t, s in parts
    )
    sections = "".join(_section(theme, shape, own) for (theme, shape), own in parts.items())
    return (
        '<!doctype html>\n<html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>Inkreel: gallery</title>'
        f"<style>{_STYLE}</style>\n<h1>Every kind of picture</h1>\n<nav>{links}</nav>\n{sections}"
        "</html>\n"
    )


def _section(theme: str, shape: str, shown: Sequence[Shown]) -> str:
    figures = "".join(map(_figure, shown))
    kind = f"s{shape.replace(':', 'x').lower()}"
    theme = html.escape(theme)
    head = f'<h2 id="{theme}-{shape}">{theme} · {shape}</h2>\n'
    return f'{head}<div class="sheet {kind}">{figures}</div>\n'


def _figure(one: Shown) -> str:
    told = "".join(f'<br><span class="told">{html.escape(text)}</span>' for text in one.told)
    alt = html.escape(f"{one.scene.id}: {one.scene.heading}")
    said = f"{one.scene.visual.kind} · {one.scene.id} · {one.text_px} px{told}"
    return (
        f'<figure><a href="{one.file}"><img loading="lazy" src="{one.file}" alt="{alt}"></a>'
        f"<figcaption>{said}</figcaption></figure>\n"
    )
