"""Pictures of the page at every step of a video, from a real service.

    python tools/screenshots.py [--only vi-dark-360]

Writes out/screenshots/STEP-LANGUAGE-COLOURS-WIDTH.png for vi and en, light and dark, a desk and a
phone, and says which page is wider than its window.
"""

from __future__ import annotations

import argparse
import itertools
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402

from bench.chaos.service import Service  # noqa: E402

DOCUMENTS = {"vi": "gioi-thieu.vi.md", "en": "content-addressing.md"}
SIZES = {1280: (("Ngang 720p", "Wide 720p"), 800), 360: (("Dọc 9:16", "Tall 9:16"), 740)}
LONG = 300_000
"""Milliseconds that a video may take on a slow machine."""


class Walk:
    """One visitor: a language, colours, a width."""

    def __init__(self, browser: Browser, url: str, out: Path, look: tuple[str, str, int]) -> None:
        self.language, self.colours, self.width = look
        self.url, self.out = url, out
        self.page: Page = browser.new_context(
            viewport={"width": self.width, "height": SIZES[self.width][1]},
            locale={"vi": "vi-VN", "en": "en-US"}[self.language],
            color_scheme=self.colours,  # type: ignore[arg-type]
            device_scale_factor=1 if self.width > 500 else 2,
            has_touch=self.width < 500,
        ).new_page()
        self.page.set_default_timeout(LONG)

    def shoot(self, step: str, *, whole: bool = True) -> None:
        """Take a picture of what is shown now."""
        self.page.wait_for_timeout(300)
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        name = f"{step}-{self.language}-{self.colours}-{self.width}.png"
        if wide > self.width:
            print(f"{name}: {wide} px wide")
        self.page.screenshot(path=self.out / name, full_page=whole)

    def go(self, view: str, sign: str) -> None:
        """Open a view and wait for what belongs to it."""
        self.page.goto(self.url + view)
        self.page.locator(sign).first.wait_for()

    def all(self) -> None:
        """From the first screen to the system view."""
        page = self.page
        self.go("/", ".drop")
        self.shoot("01-first")
        page.click("text=Dán văn bản" if self.language == "vi" else "text=Paste text")
        self.shoot("02-paste")
        self.go("/#/videos", ".filters")
        self.go("/#/", ".drop")
        page.click(".options > summary")
        page.check(f"input[name=theme] >> nth={int(self.colours == 'dark')}", force=True)
        page.select_option("#option-size", label=SIZES[self.width][0][self.language == "en"])
        self.shoot("03-options")
        page.set_input_files("input[type=file]", ROOT / "examples" / DOCUMENTS[self.language])
        page.wait_for_selector(".frame.made")
        page.wait_for_timeout(3000)
        self.shoot("04-making")
        page.wait_for_selector(".facts")
        page.wait_for_timeout(1000)
        self.shoot("05-done")
        page.click("a[href$=storyboard]")
        page.fill(".sentence textarea >> nth=0", "")
        self.shoot("06-storyboard", whole=False)
        page.fill(".sentence textarea >> nth=0", f"{self.language}, {self.colours}.")
        page.click(".board-bar .first")
        page.wait_for_selector(".frame.found")
        self.shoot("07-again")
        self.go("/#/videos", ".video-row")
        self.shoot("08-library")
        self.go("/#/system", ".panel")
        self.shoot("09-system")
        self.go("/#/", ".drop")
        empty = {"name": "a.md", "mimeType": "text/markdown", "buffer": b""}
        page.set_input_files("input[type=file]", empty)
        page.wait_for_selector(".notice.bad")
        self.shoot("10-error")
        page.context.close()


def main() -> None:
    """Start a service, walk through it, stop it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--out", type=Path, default=ROOT / "out" / "screenshots")
    options.add_argument("--only", default="", help="e.g. vi-dark-360")
    given = options.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        service = Service(Path(folder))
        service.start()
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        try:
            for look in itertools.product(DOCUMENTS, ("light", "dark"), SIZES):
                if given.only in "-".join(map(str, look)):
                    Walk(browser, service.url, given.out, look).all()
        finally:
            browser.close()
            service.kill()


if __name__ == "__main__":
    main()
