"""A running service and a browser that notes whatever goes wrong on the page."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from bench.chaos.service import Service

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), "")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]

# Nothing here is about how long it takes; a loaded machine takes long.
expect.set_options(timeout=30_000)

WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation",
    (event) => violations.push(`${event.violatedDirective}: ${event.sourceFile}`));
"""

Visit = Callable[..., Page]


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`inkreel serve` with two workers, as a user starts it; its address."""
    running = Service(tmp_path_factory.mktemp("service"), "--workers", "2")
    running.start()
    yield running.url
    running.kill()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """It ends with the module: while it runs, this thread counts as one with an event loop, in
    which tests of other rooms could not start theirs."""
    if not CHROMIUM:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Browser, service: str) -> Iterator[Visit]:
    """Open the page in a fresh profile. At the end no error may be in its console, no script may
    have failed, and nothing may have broken its security policy; answers of 4xx that a test asks
    for are named by `page.expected`."""
    faults: list[str] = []
    pages: list[Page] = []

    def open_page(
        path: str = "",
        *,
        language: str = "vi",
        width: int = 1280,
        expected: str = "^$",
        **more: object,
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 800},
            locale={"vi": "vi-VN", "en": "en-US"}[language],
            **more,  # type: ignore[arg-type]
        )
        context.set_default_timeout(60_000)
        page = context.new_page()
        page.add_init_script(WATCH)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "console",
            lambda said: (
                faults.append(f"{said.text} {said.location}")
                if said.type in ("error", "warning") and not re.search(expected, said.text)
                else None
            ),
        )
        pages.append(page)
        page.goto(f"{service}/{path}")
        return page

    yield open_page
    for page in pages:
        faults += page.evaluate("window.violations")
        page.context.close()
    assert faults == []


@pytest.fixture
def document(tmp_path: Path) -> Path:
    """A document of a title and two short chapters."""
    path = tmp_path / "nuoc.md"
    path.write_text(
        "# Nước sôi ở đâu sớm hơn\n\nTrên núi cao, nước sôi sớm hơn.\n\n"
        "## Vì sao\n\nKhông khí loãng ép lên mặt nước ít hơn.\n",
        "utf-8",
    )
    return path
