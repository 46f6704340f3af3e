"""`inkreel models`: which language models there are, what each is, and how one writes."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from inkreel.entrypoints.listing import Told, show, told
from inkreel.entrypoints.running import run
from inkreel.model import Language, Writing
from inkreel.settings import Settings

if TYPE_CHECKING:
    from inkreel.writer import Written

TRIAL: dict[Language, str] = {
    "en": """# Tides

The sea rises and falls twice a day. The Moon pulls the water towards itself, and the Earth turns
beneath it.

A harbour feels that pull as a slow wave. Ships with a deep keel wait for high water, which comes
some 50 minutes later each day.
""",
    "vi": """# Thủy triều

Mỗi ngày nước biển lên xuống hai lần. Mặt Trăng kéo nước về phía mình, còn Trái Đất quay bên dưới.

Bến cảng nhận lực kéo ấy như một con sóng chậm. Tàu lớn chờ nước lên, mỗi ngày muộn hơn chừng 50
phút.
""",
}


def models(
    try_: Annotated[
        str | None, typer.Option("--try", help="Have this model write a short storyboard.")
    ] = None,
    text: Annotated[
        Path | None, typer.Option(help="The document that it tells; default a few sentences.")
    ] = None,
    language: Annotated[str, typer.Option(help="Of those sentences: vi or en.")] = "en",
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON on stdout.")] = False,
) -> None:
    """List the language models that --writer takes; --try NAME[:MODEL] has one write."""
    from inkreel import settings
    from inkreel.errors import OptionError

    loaded = settings.load()
    if try_ is None:
        after = f"Without --writer: {loaded.writer}. When one fails, own writes in its place."
        show(listed(loaded), "auto: own", after, as_json=as_json)
        return
    if language not in TRIAL:
        raise OptionError(f"The language {language!r} is not known.", hint="Use vi or en.")
    from inkreel.wiring.trial import write

    material = text or ("trial.md", TRIAL["vi" if language == "vi" else "en"].encode())
    began = time.monotonic()
    _tell(run(write(loaded, try_, material)), time.monotonic() - began, as_json=as_json)


def listed(settings: Settings) -> list[Told]:
    """The writer of the house, then the models of the settings. Raises `SettingError`."""
    from inkreel.wiring.models import configured

    own = Told("own", "embedded", "offline, from the document's own sentences")
    return [own, *(told(one, [_which(one.model)]) for one in configured(settings).values())]


def _which(model: str) -> str:
    return model or "no model is set: write NAME:MODEL"


def _tell(written: Written, seconds: float, *, as_json: bool) -> None:
    scenes, writing = written.board.scenes, written.writing
    if as_json:
        told_scenes = [{"heading": one.heading, "narration": one.narration} for one in scenes]
        said = {"scenes": told_scenes, "writing": writing, "degraded": written.degraded}
        typer.echo(msgspec.json.encode({**said, "seconds": round(seconds, 1)}).decode())
        return
    for scene in scenes:
        typer.echo(f"{scene.heading}\n    {' '.join(scene.narration)}")
    for lost in written.degraded:
        typer.echo(f"{lost.what}: {lost.why}", err=True)
    what = accounts(writing) if writing else "storyboard by own"
    typer.echo(f"{what}, in {seconds:.1f} s", err=True)


def accounts(writing: Writing) -> str:
    """What a language model did, and what it took."""
    usage = writing.usage
    about = "about " if usage.estimated else ""
    cost = "" if writing.cost is None else f", cost {writing.cost:.4g}"
    return (
        f"storyboard by {writing.writer} ({writing.model}): {writing.sections} sections, "
        f"{writing.found} found, {writing.own} told without it; {usage.calls} calls, "
        f"{about}{usage.prompt_tokens} + {usage.answer_tokens} tokens{cost}"
    )
