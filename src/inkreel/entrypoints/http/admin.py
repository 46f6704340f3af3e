"""Who am I, and how is the service: for the page and its operator."""

from __future__ import annotations

import time
from functools import cache
from typing import get_args

import msgspec
from fastapi import APIRouter
from starlette.responses import Response

from inkreel import __version__
from inkreel.entrypoints.http import body, examples
from inkreel.entrypoints.http.answers import json
from inkreel.entrypoints.http.auth import Operator, Reader
from inkreel.entrypoints.http.openapi import JSON, answers, refusals
from inkreel.entrypoints.http.schemas import (
    AdminQueue,
    AdminSizes,
    AdminView,
    Cleaned,
    ClientLimits,
    Defaults,
    Me,
    OptionChoices,
)
from inkreel.entrypoints.http.state import Served
from inkreel.entrypoints.http.videos import BOARD_BYTES
from inkreel.ingest.sources import SUFFIXES
from inkreel.job import DEFAULT_PRIORITY, PRIORITIES
from inkreel.model import (
    FRAME_RATES,
    SHAPES,
    SIZES,
    CaptionsMode,
    Profile,
    Still,
    Transition,
)
from inkreel.providers.tts import piper
from inkreel.providers.tts.espeak import DEFAULT_VOICES, voice_names
from inkreel.settings import Settings
from inkreel.wiring import themes
from inkreel.wiring.options import options_from
from inkreel.wiring.voices import piper_voices

router = APIRouter(prefix="/v1", tags=["service"], default_response_class=Response)


@router.get(
    "/me",
    operation_id="get_me",
    summary="Who asks, and what they may",
    responses={**answers(200, "You.", (JSON, Me, examples.ME)), **refusals()},
)
async def get_me(service: Served, caller: Reader) -> Response:
    """Your name, scopes and limits, and what can be chosen for a video."""
    settings = service.settings
    limits = ClientLimits(
        document_bytes=settings.max_input_bytes,
        json_bytes=body.JSON_BYTES,
        storyboard_bytes=BOARD_BYTES,
        pages=settings.max_pages,
        requests_per_minute=settings.rate_per_minute if service.asks_for_keys else 0,
        burst=settings.rate_burst,
        waiting=settings.client_waiting,
        running=settings.client_running,
    )
    return json(
        Me(
            client=caller.client,
            auth=service.asks_for_keys,
            scopes=caller.scopes,
            limits=limits,
            options=_choices(settings),
        )
    )


def _choices(settings: Settings) -> OptionChoices:
    chosen = options_from(settings)
    return OptionChoices(
        languages=("auto", "vi", "en"),
        sizes=(*SHAPES, *SIZES),
        themes=themes.names(settings),
        voices=(*_voices(), *_piper(settings), *settings.voices),
        writers=("auto", "own", *settings.models),
        captions=tuple(CaptionsMode),
        illustrators=("none", *settings.images),
        fps=FRAME_RATES,
        profiles=get_args(Profile),
        stills=get_args(Still),
        transitions=get_args(Transition),
        formats=SUFFIXES,
        priorities=tuple(PRIORITIES),
        defaults=Defaults(
            **{
                **msgspec.structs.asdict(chosen),
                "size": settings.size,
                "theme": chosen.theme_name,
            },
            priority=DEFAULT_PRIORITY,
        ),
    )


@cache
def _voices() -> tuple[str, ...]:
    """`auto`, the standard voices, and all others of the two languages."""
    others = [name for name in voice_names() if name.partition("-")[0] in DEFAULT_VOICES]
    names = dict.fromkeys((*DEFAULT_VOICES.values(), *others))
    return ("auto", *(f"espeak:{name}" for name in names))


def _piper(settings: Settings) -> tuple[str, ...]:
    if not piper.installed():
        return ()
    return tuple(f"piper:{one.name}" for one in piper_voices(settings).values() if not one.fault)


@router.get(
    "/admin",
    operation_id="get_admin",
    summary="The service at a glance",
    responses={**answers(200, "How it is.", (JSON, AdminView, examples.ADMIN)), **refusals()},
)
async def get_admin(service: Served, caller: Operator) -> Response:  # noqa: ARG001  who may see it
    """Queue, workers and sizes, over all clients."""
    load = await service.queue.load(time.time())
    return json(
        AdminView(
            version=__version__,
            uptime_seconds=service.uptime,
            draining=service.draining.is_set(),
            queue=AdminQueue(
                by_status={str(status): count for status, count in load.by_status.items()},
                waiting_by_priority={
                    str(priority): count for priority, count in load.waiting_by_priority.items()
                },
                oldest_wait_seconds=round(load.oldest_wait, 3),
            ),
            workers=load.workers,
            sizes=AdminSizes(**await service.sizes.look()),
        )
    )


@router.post(
    "/admin/clean",
    operation_id="clean",
    summary="Remove what may go, now",
    responses={**answers(200, "Done.", (JSON, Cleaned, examples.CLEANED)), **refusals()},
)
async def clean(service: Served, caller: Operator) -> Response:  # noqa: ARG001  who may do it
    """Remove what belongs to nobody, and bring the store to its size."""
    before = await service.sizes.look(now=True)
    await service.clean()
    after = await service.sizes.look(now=True)
    freed = sum(before[place] - after[place] for place in ("objects", "store"))
    return json(Cleaned(bytes=max(0, freed)))
