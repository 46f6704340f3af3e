"""The bar of scenes below the video: pointer, keys, and what is shown over it."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from pathlib import Path

import av
import httpx2
import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.web.conftest import Visit

HEADINGS = ("Sông", "Biển", "Mây")
BOARD = {
    "title": "Nước đi đâu",
    "language": "vi",
    "scenes": [
        {
            "heading": heading,
            "narration": [f"{heading} là nơi nước đi qua trên đường về."],
            "visual": {"kind": "number", "value": str(number), "label": heading},
        }
        for number, heading in enumerate(HEADINGS, 1)
    ],
}


@pytest.fixture(scope="module")
def video(service: str) -> Iterator[str]:
    """A finished video of three scenes; its path in the API."""
    order = {"storyboard": BOARD, "size": "1280x720", "theme": "dark"}
    with httpx2.Client(base_url=service, trust_env=False) as client:
        place = client.post("/v1/videos", json=order).json()["links"]["self"]
        for _ in range(600):
            if client.get(place).json()["status"] == "done":
                break
            time.sleep(0.1)
        yield place
        client.delete(place)


def opened(visit: Visit, video: str, **options: object) -> Page:
    page = visit(f"#{video.removeprefix('/v1')}", **options)
    expect(page.locator("ink-player video")).to_have_js_property("readyState", 4)
    return page


def point(page: Page, share: float) -> None:
    """Move the mouse over this part of the bar."""
    rail = page.locator(".rail")
    rail.scroll_into_view_if_needed()
    box = rail.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + share * box["width"], box["y"] + box["height"] / 2)


def at(screen: Locator) -> float:
    return float(screen.evaluate("(it) => it.currentTime"))


def frame_at(film: bytes, seconds: float, size: tuple[int, int]) -> np.ndarray:
    """The frame that is seen then, scaled down."""
    with av.open(io.BytesIO(film)) as file:
        for frame in file.decode(video=0):
            if frame.time is not None and frame.time >= seconds - 1e-3:
                return frame.reformat(*size, "rgb24", interpolation="AREA").to_ndarray()
    raise AssertionError(seconds)


def test_a_pointer_sees_and_seeks(visit: Visit, service: str, video: str, tmp_path: Path) -> None:
    """Over the bar stands the picture of the film at that time, with its scene and the time; a
    click goes there and leaves a video that stands still standing."""
    page = opened(visit, video)
    told = httpx2.get(f"{service}{video}", trust_env=False).json()
    scene, length = told["scenes"][1], told["outcome"]["seconds"]
    peek = page.locator(".peek")
    expect(peek).to_be_hidden()
    middle = scene["start"] + scene["seconds"] / 2
    point(page, middle / length)
    expect(peek).to_be_visible()
    expect(peek.locator(".peek-name")).to_have_text("Biển")
    expect(peek.locator(".numbers")).to_have_text(f"0:0{int(middle)}")
    picture = peek.locator("svg image")
    expect(picture).to_have_count(1)
    shot = tmp_path / "peek.png"
    peek.locator(".peek-picture").screenshot(path=shot)
    with av.open(str(shot)) as file:
        seen = next(file.decode(video=0)).to_ndarray(format="rgb24").astype(int)
    height, width, _ = seen.shape
    films = {file["variant"]: file["url"] for file in told["files"]}
    film = httpx2.get(f"{service}{films['video']}", trust_env=False).content
    text = httpx2.get(f"{service}{films['thumbnails']}", trust_env=False).text
    assert text.count("-->") >= len(HEADINGS)
    inside = np.s_[8:-8, 8:-8]  # its corners are round
    distances = [
        np.abs(frame_at(film, each["start"] + each["seconds"] / 2, (width, height)) - seen)[inside]
        for each in told["scenes"]
    ]
    assert int(np.argmin([distance.mean() for distance in distances])) == 1
    assert distances[1].mean() < 8

    screen = page.locator("ink-player video")
    page.mouse.down()
    page.mouse.up()
    expect(page.locator(".chapter[aria-current]")).to_contain_text("Biển")
    assert abs(at(screen) - middle) < length / 300
    assert screen.evaluate("(it) => it.paused")
    played = page.locator(".piece").evaluate_all(
        "(them) => them.map((it) => it.firstChild.offsetWidth / it.offsetWidth)"
    )
    assert played[0] > 0.9
    assert 0.4 < played[1] < 0.6
    assert played[2] == 0
    page.mouse.move(5, 5)
    expect(peek).to_be_hidden()


def test_keys_see_and_seek(visit: Visit, video: str) -> None:
    """The bar is a slider: arrows go five seconds, page keys scene by scene, Home and End to the
    ends; it shows the picture and says in words where it is, in the reader's language."""
    page = opened(visit, video, language="en")
    screen, rail = page.locator("ink-player video"), page.get_by_role("slider", name="Seek")
    starts = page.locator(".chapter .numbers").all_text_contents()
    rail.focus()
    page.keyboard.press("PageDown")
    expect(page.locator(".peek")).to_be_visible()
    expect(page.locator(".peek-name")).to_have_text("Biển")
    assert rail.get_attribute("aria-valuetext").startswith(f"{starts[1]} of 0:")  # type: ignore[union-attr]
    assert rail.get_attribute("aria-valuetext").endswith(", Biển")  # type: ignore[union-attr]
    second = at(screen)
    page.keyboard.press("ArrowRight")
    assert abs(at(screen) - second - 5) < 0.1
    assert rail.get_attribute("aria-valuenow") == str(int(second + 5))
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("PageUp")
    assert at(screen) < 0.1
    page.keyboard.press("End")
    expect(screen).to_have_js_property("ended", value=True)
    page.keyboard.press("Home")
    assert at(screen) == 0
    page.keyboard.press("Escape")
    expect(page.locator(".peek")).to_be_hidden()


def test_a_finger_draws_and_then_seeks(visit: Visit, video: str) -> None:
    """On a phone a finger on the bar shows pictures while it moves, inside the window, and goes
    there when it leaves; sliding away does not."""
    page = opened(visit, video, width=390, has_touch=True)
    screen = page.locator("ink-player video")
    touch = """([kind, share]) => {
        const rail = document.querySelector(".rail");
        const { left, top, width, height } = rail.getBoundingClientRect();
        rail.dispatchEvent(new PointerEvent(kind, { bubbles: true, pointerType: "touch",
            pointerId: 1, clientX: left + share * width, clientY: top + height / 2 }));
    }"""
    page.evaluate("() => { Element.prototype.setPointerCapture = () => {}; }")
    for kind, share in (("pointerdown", 0.1), ("pointermove", 0.98)):
        page.evaluate(touch, [kind, share])
    expect(page.locator(".peek-name")).to_have_text("Mây")
    box = page.locator(".peek").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert at(screen) == 0
    page.evaluate(touch, ["pointercancel", 0.98])
    expect(page.locator(".peek")).to_be_hidden()
    assert at(screen) == 0
    for kind in ("pointerdown", "pointerup"):
        page.evaluate(touch, [kind, 0.98])
    assert at(screen) > 1
    expect(page.locator(".peek")).to_be_hidden()


def test_what_is_not_there_yet_is_pale(visit: Visit) -> None:
    """While a video is made its scenes stand in the bar, those to come as long as the others are on
    average: they show their own pictures and what becomes of them, and cannot be gone to."""
    page = visit("#/nowhere", language="en")  # a view that nothing comes into later
    page.locator(".empty").wait_for()
    script = """async () => {
        await import("/elements/seekbar.js");
        const bar = document.createElement("ink-seekbar");
        const scene = (number, more) => ({ number, heading: `S${number}`, narration: "waiting",
            picture: "waiting", clip: "waiting", start: null, seconds: null, segments: [],
            thumbnail: null, ...more });
        bar.video = { status: "running", options: { size: "1280x720" }, files: [], scenes: [
            scene(1, { segments: [{}], start: 0, seconds: 4 }),
            scene(2, { segments: [{}], start: 4, seconds: 8 }),
            scene(3, { narration: "made", thumbnail: "/icon.svg" }),
            scene(4),
        ] };
        window.sought = [];
        bar.addEventListener("seek", ({ detail }) => sought.push(detail));
        document.querySelector("main").replaceChildren(bar);
        return [...bar.querySelectorAll(".piece")].map((it) => [it.offsetWidth / bar.offsetWidth,
            it.classList.contains("there"), getComputedStyle(it, "::before").backgroundColor]);
    }"""
    page.evaluate("document.querySelector('main').style.paddingTop = '300px'")
    pieces = page.evaluate(script)
    assert [round(share * 24) for share, *_ in pieces] == [4, 8, 6, 6]
    assert [there for _, there, _ in pieces] == [True, True, False, False]
    assert pieces[0][2] != pieces[2][2]
    for share, name, said, picture in (
        (0.3, "S2", "0:07", ".frame-number"),
        (0.6, "S3", "In progress", "img[src='/icon.svg']"),
        (0.9, "S4", "Waiting", ".frame-number"),
    ):
        point(page, share)
        expect(page.locator(".peek-name")).to_have_text(name)
        expect(page.locator(".peek .numbers")).to_have_text(said)
        expect(page.locator(f".peek {picture}")).to_have_count(1)
        page.mouse.down()
        page.mouse.up()
    page.keyboard.press("End")
    assert [round(time) for time in page.evaluate("sought")] == [7, 12]
