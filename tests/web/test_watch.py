"""The page of `inkreel make --play`: one video that plays while it is made."""

from __future__ import annotations

import re
import signal
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.conftest import Made
from tests.entrypoints.playing import playing
from tests.thorough import thorough

CHECK = (Path(__file__).parent / "check.js").read_text("utf-8")

PATIENCE = 60_000
"""Milliseconds: a video is being made on the same cores."""

WHOLE = "Finished: .+ The command has ended"
"""Said when the page has all of the video."""

A_WHILE = """async () => {
    const video = document.querySelector("video");
    video.muted = true;
    await video.play();
    while (video.currentTime < 0.5) await new Promise((told) => setTimeout(told, 50));
    return video.currentTime;
}"""

TO_THE_END = """async () => {
    const video = document.querySelector("video");
    video.muted = true;
    video.currentTime = video.duration - 0.7;
    const ended = new Promise((told) => video.addEventListener("ended", told, { once: true }));
    await video.play();
    await ended;
    return video.currentTime;
}"""

DROPPED_AND_BACK = """async () => {
    const video = document.querySelector("video");
    const happens = (it, name) =>
        new Promise((told) => it.addEventListener(name, told, { once: true }));
    video.pause();
    video.currentTime = 6;
    await happens(video, "seeked");
    for (const buffer of window.buffers) {
        buffer.remove(0, 3);
        await happens(buffer, "updateend");
    }
    const without = video.buffered.start(0);
    video.currentTime = 0.5;
    await happens(video, "seeked");
    const start = video.buffered.start(0);
    while (video.buffered.length > 1) await new Promise((told) => setTimeout(told, 50));
    return [without, start];
}"""

KEEP_BUFFERS = """
window.buffers = [];
const add = MediaSource.prototype.addSourceBuffer;
MediaSource.prototype.addSourceBuffer = function (type) {
    const buffer = add.call(this, type);
    window.buffers.push(buffer);
    return buffer;
};
"""


HURRY = """
const wait = setTimeout;
window.setTimeout = (then, milliseconds) => wait(then, milliseconds / 20);
"""


def visit(
    browser: Browser, address: str, language: str, faults: list[str], script: str = KEEP_BUFFERS
) -> Page:
    context = browser.new_context(locale=language)
    context.set_default_timeout(30_000)
    page = context.new_page()
    page.add_init_script(script)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.goto(address)
    return page


@pytest.mark.parametrize(
    ("language", "done"),
    [
        ("vi-VN", "Đã xong: .+ Lệnh đã kết thúc"),
        pytest.param("en-GB", WHOLE, marks=thorough),
    ],
)
def test_it_plays_while_it_is_made(
    made: Made, tmp_path: Path, browser: Browser, language: str, done: str
) -> None:
    """It plays before it is done, in the browser's language. When the page has all of it the
    command ends, and it still plays to its very end; nothing on the page is hard to read, and
    nothing went wrong in it."""
    faults: list[str] = []
    with playing(made, tmp_path) as command:
        with command.held():
            page = visit(browser, command.address, language, faults)
            expect(page.locator("video")).to_have_js_property("readyState", 4, timeout=PATIENCE)
            assert page.evaluate(A_WHILE) > 0.5
            expect(page.get_by_role("heading", level=1)).to_have_text("Tide tables")
            assert page.evaluate(CHECK) == []
        expect(page.get_by_role("status")).to_have_text(re.compile(done), timeout=PATIENCE)
        assert command.ended() == (0, f"{command.video}\n")
    assert page.evaluate(TO_THE_END) == pytest.approx(made.result.seconds, abs=0.1)
    expect(page.locator(".chapter")).to_have_count(len(made.result.scenes))
    assert page.evaluate(CHECK) == []
    page.context.close()
    assert faults == []


def test_what_the_browser_dropped_is_fetched_again(
    made: Made, tmp_path: Path, browser: Browser
) -> None:
    """Browsers keep so much and no more: who goes back to what was dropped sees it all the
    same."""
    faults: list[str] = []
    with playing(made, tmp_path) as command, urllib.request.urlopen(command.address) as view:
        place, _, video = view.geturl().partition("#/watch/")
        with urllib.request.urlopen(f"{place}v1/videos/{video}/events"):  # another page
            page = visit(browser, command.address, "en-GB", faults)
            # Before it has all of it, it fills the very buffers that are emptied here.
            expect(page.get_by_role("status")).to_have_text(re.compile(WHOLE), timeout=PATIENCE)
            without, start = page.evaluate(DROPPED_AND_BACK)
            assert without > 2
            assert start == 0
            page.context.close()
    assert faults == []


def test_a_segment_that_does_not_come_is_asked_for_again(
    made: Made, tmp_path: Path, browser: Browser
) -> None:
    """An answer that got stuck does not hold the video for ever."""
    asked: list[str] = []

    def once_in_vain(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) > 1:
            route.continue_()

    with playing(made, tmp_path) as command:
        with command.held():
            page = visit(browser, command.address, "en-GB", [], HURRY)
            page.route(re.compile(r"/segments/3\.m4s"), once_in_vain)
        expect(page.get_by_role("status")).to_have_text(re.compile(WHOLE), timeout=PATIENCE)
        page.context.close()
    assert len(asked) == 2


def test_a_stopped_command_is_told(made: Made, tmp_path: Path, browser: Browser) -> None:
    """Ctrl-C or a crash of the command: the page says so, and what it has goes on playing."""
    for how in (signal.SIGINT, signal.SIGKILL):
        with playing(made, tmp_path) as command, command.held():
            page = visit(browser, command.address, "en-GB", [])
            expect(page.locator("video")).to_have_js_property("readyState", 4, timeout=PATIENCE)
            command.process.send_signal(how)
            expect(page.get_by_role("status")).to_contain_text("stopped", timeout=PATIENCE)
            assert page.evaluate("document.querySelector('video').buffered.end(0)") > 0.9
            page.context.close()
