"""The page's modules by themselves, in the browser that they are written for."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.web.conftest import Visit


@pytest.fixture
def page(visit: Visit) -> Page:
    return visit()


def test_events_survive_any_cut(page: Page) -> None:
    """Events come out whole, however the stream is cut into pieces, in the middle of letters too;
    comments are not events."""
    script = """async (size) => {
        const { parse } = await import("/core/events.js");
        const text = ": ping\\n\\nid: 7\\nevent: progress\\ndata: {\\"heading\\":\\"Nước\\"}\\n\\n"
            + "id: 8\\r\\nevent: end\\r\\ndata: {\\r\\ndata: }\\r\\n\\r\\n";
        const bytes = new TextEncoder().encode(text);
        const stream = new ReadableStream({ start(control) {
            for (let at = 0; at < bytes.length; at += size)
                control.enqueue(bytes.slice(at, at + size));
            control.close();
        } });
        const found = [];
        for await (const event of parse(stream)) found.push(event);
        return found;
    }"""
    for size in (1, 2, 3, 7, 1000):
        assert page.evaluate(script, size) == [
            {"type": "progress", "id": "7", "data": {"heading": "Nước"}},
            {"type": "end", "id": "8", "data": {}},
        ]


def test_a_cut_stream_goes_on(page: Page) -> None:
    """After every break the stream is asked for from the last event on, so that nothing is missed
    or told twice; it ends with the video."""
    script = """async () => {
        const { events } = await import("/core/events.js");
        const told = (from, to) => Array.from({ length: to - from }, (_, at) =>
            `id: ${from + at}\\nevent: progress\\ndata: ${from + at}\\n\\n`).join("");
        const asked = [];
        window.fetch = async (path, { headers }) => {
            if (!path.endsWith("/events")) return new Response("{}", { status: 404 });
            asked.push(headers["Last-Event-ID"] ?? "");
            if (asked.length === 2) throw new TypeError("cut");
            return new Response({
                1: told(1, 4),
                3: told(4, 6) + "id: 6\\nevent: progress\\nda",
                4: told(6, 8) + "event: end\\ndata: {}\\n\\n",
            }[asked.length]);
        };
        const found = [];
        const { signal } = new AbortController();
        for await (const { data } of events("vid_x", signal)) found.push(data);
        return { found, asked };
    }"""
    assert page.evaluate(script) == {
        "found": [1, 2, 3, 4, 5, 6, 7],
        "asked": ["", "3", "3", "5"],
    }


def board(page: Page, expression: str, scene: dict[str, Any]) -> Any:
    script = (
        f"async (scene) => {{ const it = await import('/core/board.js'); return {expression}; }}"
    )
    return page.evaluate(script, scene)


def test_cues_follow_their_sentences(page: Page) -> None:
    """Sentences and bullets may come and go: what appeared with a sentence still does, and no cue
    points at nothing."""
    scene = {
        "narration": ["a", "b", "c"],
        "visual": {"kind": "slide", "bullets": [{"text": "x"}, {"text": "y"}], "cues": [1, 2]},
    }

    def cues(expression: str) -> Any:
        return board(page, f"{expression}.visual.cues", scene)

    assert cues("it.sentenceIn(scene, 0, 'new')") == [2, 3]
    assert cues("it.sentenceIn(scene, 3, 'new')") == [1, 2]
    assert cues("it.sentenceOut(scene, 1)") == [0, 1]
    assert cues("it.sentenceOut(scene, 0)") == [0, 1]
    assert cues("it.stepIn(scene, 'bullets', {text: 'z'})") == [1, 2, 2]
    assert cues("it.stepOut(scene, 'bullets', 0)") == [2]
    blank = {**scene, "narration": ["a", " ", "c"]}
    assert board(page, "it.tidy({scenes: [scene]}).scenes[0].visual.cues", blank) == [0, 1]


def test_a_scene_can_be_shown_another_way(page: Page) -> None:
    """A visual of words turned into another kind keeps its words; what a picture beside it is to
    show goes only where there is no room for one."""
    slide: dict[str, Any] = {
        "kind": "slide",
        "bullets": [{"text": "Nước sôi ở 100 độ"}, {"text": "Ở biển"}],
    }
    for kind, field, kept in (
        ("quote", "text", "Nước sôi ở 100 độ"),
        ("number", "value", "100"),
        ("section", "subtitle", "Nước sôi ở 100 độ"),
        ("slide", "bullets", slide["bullets"]),
    ):
        scene = {"visual": slide, "illustrate": "kettle"}
        turned = board(page, f"it.turned(scene, '{kind}')", scene)
        visual = turned["visual"]
        assert (visual["kind"], visual[field], turned["illustrate"]) == (kind, kept, "kettle")
    card = board(page, "it.turned(scene, 'title')", {"visual": slide, "illustrate": "kettle"})
    assert card == {"visual": {"kind": "title", "subtitle": "Nước sôi ở 100 độ"}}


def test_credits_link_to_the_web_alone(page: Page) -> None:
    """Whose a picture is stands once, with its scenes and its link; a link that a service made up
    to run something is only text."""
    jane = {"author": "Jane Doe", "source": "Pexels", "link": "https://www.pexels.com/photo/1"}
    evil = {"author": "Eve", "source": "<b>E</b>", "link": "javascript:alert(1)"}
    scenes = [
        {"number": number, "credit": credit}
        for number, credit in enumerate((jane, None, jane, evil), 1)
    ]
    script = """async (scenes) => {
        const { credits } = await import("/elements/outcome.js");
        const shown = credits({ scenes });
        return [
            [...shown.querySelectorAll("li")].map((it) => it.textContent),
            [...shown.querySelectorAll("a")].map((it) => it.href),
            credits({ scenes: [scenes[1]] }),
        ];
    }"""
    assert page.evaluate(script, scenes) == [
        ["Cảnh 1, 3: Jane Doe · Pexels", "Cảnh 4: Eve · <b>E</b>"],
        ["https://www.pexels.com/photo/1"],
        None,
    ]


@pytest.mark.parametrize(
    ("detail", "at", "field"),
    [
        ("Scene 3 (why-1) says nothing: `narration` is empty.", 2, "narration"),
        ("Scene 1 (a), field visual.bullets[0].text: Expected `str`.", 0, "bullets"),
        ("Scene 2: cue 4 points at no sentence.", 1, ""),
        ("Scene 2 (b), visual (slide): unknown field 'x'.", 1, ""),
    ],
)
def test_refusals_find_their_scene(page: Page, detail: str, at: int, field: str) -> None:
    """What the service says of a storyboard is shown at the scene and the field that it names."""
    found = board(page, "it.placed({detail: scene.detail, fields: []})", {"detail": detail})
    assert (found["at"], found["field"]) == (at, field)
    assert found["exact"]


def test_unknown_words_are_not_refused_for_their_form(page: Page) -> None:
    """A message that names no scene has no place."""
    assert board(page, "it.placed({detail: 'No.', fields: []})", {}) is None
