"""What can be measured of how the page reads: room, contrast, names, languages, colours."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from inkreel.visuals.themes import theme_named
from tests.web.conftest import Visit

WEB = Path(__file__).resolve().parents[2] / "src" / "inkreel" / "web"
MODULES = sorted(path.relative_to(WEB).as_posix() for path in WEB.rglob("*.js"))

CHECK = Path(__file__).with_name("check.js").read_text("utf-8")


@pytest.fixture(scope="module")
def video(service: str) -> Iterator[str]:
    """The id of a video that is done."""
    with httpx2.Client(base_url=service, trust_env=False, timeout=60) as ask:
        text = "# Gió\n\nGió là không khí chuyển động.\n\n- Nhẹ: lá rung.\n- Mạnh: cây đổ.\n"
        made = ask.post("/v1/videos", json={"text": text, "size": "1280x720"}).json()["id"]
        with ask.stream("GET", f"/v1/videos/{made}/events", timeout=60) as told:
            assert "event: end" in list(told.iter_lines())
        yield made
        ask.delete(f"/v1/videos/{made}")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("language", "width"), [("vi", 360), ("en", 1280)])
def test_every_view_can_be_read(
    visit: Visit, video: str, theme: str, language: str, width: int
) -> None:
    """In both languages and colours, on a phone and a desk: nothing is wider than the window,
    text has a contrast of at least 4.5 and room for its marks, and everything has a name."""
    page = visit(language=language, width=width, color_scheme=theme, reduced_motion="reduce")
    faults = []
    for view, sign in {
        "": ".recent",
        "#/videos": ".video-row",
        f"#/videos/{video}": ".player",
        f"#/videos/{video}/storyboard": ".scene",
        "#/system": ".panel",
        "#/nowhere": ".empty",
    }.items():
        page.goto(page.url.partition("#")[0] + view)
        page.locator(sign).first.wait_for()
        if not view:
            page.locator(".options > summary").click()
            page.locator(".advanced > summary").click()
        faults += [f"{view}: {fault}" for fault in page.evaluate(CHECK)]
    assert faults == []
    assert page.evaluate("document.documentElement.lang") == language


def test_language_and_colours_can_be_chosen(visit: Visit, video: str) -> None:
    """Both are a click away, at once, and remembered."""
    page = visit(f"#/videos/{video}", color_scheme="light")
    page.locator(".player").wait_for()
    page.get_by_role("button", name="English").click()
    page.get_by_role("link", name=re.compile("Download video")).wait_for()
    page.get_by_role("button", name="Dark appearance").click()
    page.reload()
    page.get_by_role("link", name=re.compile("Download video")).wait_for()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(12, 17, 34)"


def test_both_languages_say_everything(visit: Visit) -> None:
    """Every text that is asked for is there in both languages, and none is there for nothing."""
    page = visit()
    texts = {
        name: set(page.evaluate(f"import('/lang/{name}.js').then((it) => Object.keys(it.default))"))
        for name in ("vi", "en")
    }
    translated = {name for name in texts["vi"] if re.match("(error|hint)_", name)}
    assert texts["vi"] - translated == texts["en"] - {
        name for name in texts["en"] if re.match("(error|hint)_", name)
    }
    assert {name.replace("hint_", "error_") for name in translated} <= translated
    code = "\n".join((WEB / name).read_text("utf-8") for name in MODULES if "lang/" not in name)
    asked = set(re.findall(r'\bt\("(\w+)"', code))
    assert asked - texts["vi"] == set()
    spoken = set(re.findall(r'"(\w+)"', code))
    choices = page.evaluate("import('/core/options.js').then((it) => Object.keys(it.CHOICES))")
    stems = tuple(f"{name}_" for name in choices) + tuple(re.findall(r"[`]([a-z_]+_)\$\{", code))
    unused = {name for name in texts["vi"] if name not in spoken and not name.startswith(stems)}
    assert unused == set()


def test_previews_have_the_videos_colours(visit: Visit) -> None:
    """A preview shows the theme as it will be filmed."""
    themes = visit().evaluate("import('/core/themes.js').then((it) => it.THEMES)")
    for name, shown in themes.items():
        theme = theme_named(name)
        own = {
            part: getattr(theme, part) for part in ("bg", "ink", "muted", "accent", "on", "soft")
        }
        own |= {"caption": theme.caption, "lit": theme.caption_lit, "tiles": list(theme.tiles)}
        assert shown == own


def test_files_are_served_as_they_are(service: str) -> None:
    """Each file comes with its type, a tag that saves sending it again, and a policy that allows
    nothing from elsewhere and nothing inline; and the page names all its modules at once."""
    page = (WEB / "index.html").read_text("utf-8")
    assert not re.search(r"<style|\bstyle=|\bon\w+=|<script(?![^>]*\bsrc=)|https?://", page)
    for name in MODULES:
        assert f'href="{name}"' in page or f'src="{name}"' in page, name
    types = {"/": "text/html", "/app.js": "text/javascript", "/css/base.css": "text/css"}
    types |= {"/icon.svg": "image/svg+xml", "/fonts/400.ttf": "font/ttf"}
    with httpx2.Client(base_url=service, trust_env=False) as ask:
        for path, kind in types.items():
            first = ask.get(path)
            assert first.headers["content-type"].startswith(kind)
            assert first.headers["content-security-policy"].startswith("default-src 'self';")
            again = ask.get(path, headers={"If-None-Match": first.headers["etag"]})
            assert (again.status_code, again.content) == (304, b"")
        for path in ("/core/none.js", "/core/..%2fapp.js", "/fonts/500.ttf", "/none.js"):
            missing = ask.get(path)
            assert missing.status_code == 404
            assert missing.headers["content-type"] == "application/problem+json"
