"""The page in a real browser against a real service with real workers: from a dropped file to a
video, and everything that a user may do with it."""

import json
import re
from pathlib import Path

import httpx2
from playwright.sync_api import Page, expect

from tests.web.conftest import Visit

MAKING = 120_000
"""Milliseconds within which a short video is made on a busy machine."""

DROP = """([name, text]) => {
    const data = new DataTransfer();
    data.items.add(new File([text], name, { type: "text/markdown" }));
    const tell = (type) => document.querySelector(".drop").dispatchEvent(
        new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: data }));
    tell("dragenter"); tell("dragover");
    const over = document.querySelector(".drop").className;
    tell("drop");
    return over;
}"""

PLAY = """async (video) => {
    video.muted = true;
    await video.play();
    const began = video.currentTime;
    while (video.currentTime < began + 0.3)
        await new Promise((told) => video.addEventListener("timeupdate", told, { once: true }));
    video.pause();
    return [video.videoWidth, video.videoHeight, video.duration];
}"""


TO_THE_END = """async (video) => {
    const all = () => video.buffered.length === 1 && video.duration - video.buffered.end(0) < 0.1;
    while (!all()) await new Promise((told) => setTimeout(told, 50));
    video.muted = true;
    video.currentTime = video.duration - 0.7;
    const ended = new Promise((told) => video.addEventListener("ended", told, { once: true }));
    await video.play();
    await ended;
    return video.currentTime;
}"""

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def small(page: Page) -> None:
    """Choose what is made fastest."""
    page.locator(".options > summary").click()
    page.locator("#option-size").select_option(label="Ngang 720p")
    page.locator(".advanced > summary").click()
    page.locator("#option-profile").select_option(label="Nháp, nhanh")


def test_from_a_dropped_file_to_an_edited_video(visit: Visit, service: str, document: Path) -> None:
    """A dropped file becomes a video that plays, with its progress told and kept over a reload;
    an edited scene is made anew and the others are found; files are saved; deleting can be
    undone, and then is done."""
    page = visit()
    small(page)
    dropped = page.evaluate(DROP, [document.name, document.read_text("utf-8")])
    assert "over" in dropped  # the zone shows that it will take the file

    page.wait_for_url(re.compile(r"#/videos/vid_"))
    video = page.url.rpartition("/")[2]
    bar = page.get_by_role("progressbar")
    expect(bar.first).to_be_visible()
    page.reload()  # in the middle of it
    expect(page.get_by_role("heading", level=1)).to_have_text("Nước sôi ở đâu sớm hơn")
    screen = page.locator("ink-player video")
    expect(screen).to_be_visible(timeout=MAKING)
    assert screen.evaluate(PLAY)[:2] == [1280, 720]
    expect(page.locator(".badge")).to_have_text("Xong")
    assert page.title().startswith("Nước sôi")

    chapters = page.locator(".chapter")
    chapters.last.click()
    expect(chapters.last).to_have_attribute("aria-current", "true")
    with page.expect_download() as saved:
        page.get_by_role("link", name=re.compile("Tải video")).click()
    assert saved.value.suggested_filename.endswith(".mp4")
    assert saved.value.path().read_bytes()[4:8] == b"ftyp"
    with page.expect_download() as saved:
        page.get_by_role("link", name=re.compile("SRT")).click()
    assert "-->" in saved.value.path().read_text("utf-8")

    scenes = chapters.count()
    page.get_by_role("link", name="Sửa kịch bản").click()
    page.get_by_label("Câu 1").first.fill(
        "Nước sôi ở một trăm độ, nhưng không phải ở đâu cũng vậy."
    )
    expect(page.locator(".board-bar")).to_contain_text(f"1 trên {scenes} cảnh")
    page.get_by_role("button", name="Dựng lại").click()
    page.wait_for_url(re.compile(f"#/videos/{video}$"))
    expect(page.locator(".facts")).to_contain_text(
        f"1 làm mới, {scenes - 1} dùng lại", timeout=MAKING
    )
    expect(page.locator(".video-head")).to_contain_text("Bản 2")

    page.get_by_role("button", name="Xóa").click()
    expect(page.locator(".empty")).to_be_visible()
    page.get_by_role("button", name="Hoàn tác").click()
    expect(page.locator(".video-name")).to_have_text("Nước sôi ở đâu sớm hơn")
    page.get_by_role("button", name=re.compile("^Xóa: ")).click()
    with page.expect_response(lambda answer: answer.request.method == "DELETE") as removed:
        page.locator(".toast").get_by_role("button", name="Đóng").click()
    assert removed.value.status == 204
    assert httpx2.get(f"{service}/v1/videos/{video}", trust_env=False).status_code == 404


def test_every_option_is_sent(visit: Visit, service: str) -> None:
    """What is chosen, the advanced part included, is what the service is asked for; what it can
    do is all there; the choice is kept for the next visit."""
    page = visit(language="en", expected="status of 4")
    can = httpx2.get(f"{service}/v1/me", trust_env=False).json()["options"]
    page.locator(".options > summary").click()
    page.locator(".advanced > summary").click()
    wanted = {
        "size": "Tall 4K",
        "profile": "Draft, fast",
        "transition": "Wipe",
        "fps": "25",
        "still": "Encode them",
    }
    names = {"size": "sizes", "profile": "profiles", "transition": "transitions", "still": "stills"}
    for field, label in wanted.items():
        select = page.locator(f"#option-{field}")
        assert select.locator("option").count() == len(can[names.get(field, field)])
        select.select_option(label=label)
    page.reload()
    page.get_by_role("button", name="Paste text").click()
    page.locator("#paste").fill("One is one.")
    page.route("**/v1/videos", lambda route: route.fulfill(status=422, json={"code": "internal"}))
    with page.expect_request(lambda one: one.method == "POST") as asked:
        page.get_by_role("button", name="Make the video").click()
    sent = asked.value.post_data_json
    assert {name: sent[name] for name in wanted} == {
        "size": "2160x3840",
        "profile": "draft",
        "transition": "wipe",
        "fps": 25,
        "still": "encode",
    }


def test_it_plays_while_it_is_made(visit: Visit, service: str) -> None:
    """The first scenes can be watched while later ones are being made; when the video is done it
    plays on from where it was to its very end, and it is as long as its file."""
    page = visit()
    small(page)
    text = "\n\n".join((EXAMPLES / "water-cycle.txt").read_text("utf-8").split("\n\n")[:5])
    told = {"name": "water.txt", "mimeType": "text/plain", "buffer": text.encode()}
    page.set_input_files("input[type=file]", told)
    screen = page.locator("ink-player video")
    screen.wait_for(timeout=MAKING)
    expect(page.locator(".making")).to_be_visible()
    handle = screen.element_handle()
    screen.evaluate(PLAY)
    seen = page.evaluate("(it) => [it.currentTime, it.currentSrc, it.buffered.end(0)]", handle)
    assert seen[0] > 0.3
    assert seen[1].startswith("blob:")
    expect(page.locator(".badge")).to_have_text("Đang làm")
    expect(page.locator(".facts")).to_be_visible(timeout=MAKING)
    assert page.evaluate("(it) => it.isConnected && it.currentTime", handle) >= seen[0]
    streamed = screen.evaluate(TO_THE_END)
    page.reload()
    expect(screen).to_have_js_property("readyState", 4)
    whole = screen.evaluate("(it) => [it.duration, it.currentSrc]")
    assert "/content?" in whole[1]
    assert abs(streamed - whole[0]) < 0.1
    httpx2.delete(f"{service}/v1/videos/{page.url.rpartition('/')[2]}", trust_env=False)


def test_refused_documents_and_scenes_are_explained(visit: Visit, service: str) -> None:
    """A refusal is a sentence with what to do, in the reader's language, and the page goes on;
    a fault of a scene stands at its field, found here or by the service."""
    page = visit(expected="status of 4")
    page.set_input_files("input[type=file]", {"name": "a.md", "mimeType": "", "buffer": b""})
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Tài liệu trống")
    expect(alert).to_contain_text("Chọn một tài liệu có nội dung.")
    expect(page.locator(".drop")).to_be_focused()

    board = {
        "title": "Một câu",
        "language": "vi",
        "scenes": [
            {
                "narration": ["Một là một."],
                "heading": "Một",
                "visual": {
                    "kind": "chart",
                    "form": "bar",
                    "labels": ["a"],
                    "series": [{"name": "s", "values": [1]}],
                },
            }
        ],
    }
    ordered = httpx2.post(
        f"{service}/v1/videos", json={"storyboard": board, "size": "1280x720"}, trust_env=False
    ).json()["id"]
    page.goto(f"{service}/#/videos/{ordered}/storyboard")
    page.get_by_label("Câu 1").fill(" ")
    page.get_by_role("button", name="Dựng lại").click()
    expect(alert).to_contain_text("Cảnh này chưa có lời đọc")
    expect(page.get_by_label("Câu 1")).to_be_focused()
    page.get_by_label("Câu 1").fill("Một là một.")
    expect(alert).to_have_count(0)
    page.get_by_label("Hàng 2, cột 2").fill("một")
    page.get_by_role("button", name="Dựng lại").click()
    expect(page.locator(".scene.faulty .fault")).to_be_visible()
    page.get_by_label("Hàng 2, cột 2").fill("2,5")
    page.get_by_role("button", name="Dựng lại").click()
    page.wait_for_url(re.compile(f"#/videos/{ordered}$"))
    told = httpx2.get(f"{service}/v1/videos/{ordered}/storyboard", trust_env=False).json()
    assert told["scenes"][0]["visual"]["series"][0]["values"] == [2.5]
    httpx2.delete(f"{service}/v1/videos/{ordered}", trust_env=False)


def test_a_picture_beside_a_scene_is_edited(visit: Visit, service: str) -> None:
    """What it is to show has a field; a scene that becomes one without room for it loses it, and
    is taken."""
    scenes = [
        {
            "id": name,
            "narration": ["Một."],
            "illustrate": "lamp",
            "visual": {"kind": "quote", "text": "Một"},
        }
        for name in "ab"
    ]
    board = {"title": "Đèn", "language": "vi", "scenes": scenes}
    ordered = httpx2.post(
        f"{service}/v1/videos", json={"storyboard": board, "size": "1280x720"}, trust_env=False
    ).json()["id"]
    page = visit(f"#/videos/{ordered}/storyboard")
    field = page.get_by_label("Ảnh bên cạnh")
    expect(field).to_have_count(2)
    field.last.fill("lighthouse")
    page.get_by_label("Kiểu hình").first.select_option("title")
    expect(field).to_have_count(1)
    page.get_by_role("button", name="Dựng lại").click()
    page.wait_for_url(re.compile(f"#/videos/{ordered}$"))
    told = httpx2.get(f"{service}/v1/videos/{ordered}/storyboard", trust_env=False).json()
    assert [scene.get("illustrate", "") for scene in told["scenes"]] == ["", "lighthouse"]
    httpx2.delete(f"{service}/v1/videos/{ordered}", trust_env=False)


def test_keyboard_alone_suffices(visit: Visit, service: str, document: Path) -> None:
    """Without a mouse: the first thing after the navigation is the drop zone, which opens the
    file chooser; a started video can be stopped; a dialog keeps the focus and gives it back."""
    page = visit(language="en")
    page.on("filechooser", lambda _: None)  # the browser needs a while to hand choosers over
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    drop = page.get_by_role("button", name=re.compile("Drop a document here"))
    expect(drop).to_be_focused()
    assert drop.evaluate("(it) => getComputedStyle(it).outlineStyle") == "solid"
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(document)
    page.wait_for_url(re.compile(r"#/videos/vid_"))
    page.get_by_role("button", name="Stop").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".badge")).to_have_text("Stopped")
    page.get_by_role("button", name="Delete").focus()
    page.keyboard.press("Enter")

    page.goto(f"{service}/#/system")
    clean = page.get_by_role("button", name="Clean up")
    clean.focus()
    page.keyboard.press("Enter")
    inside = "document.querySelector('dialog').contains(document.activeElement)"
    for _ in range(4):
        page.keyboard.press("Tab")
        assert page.evaluate(f"{inside} || document.activeElement === document.body")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(clean).to_be_focused()


def test_it_says_when_the_service_is_away(visit: Visit, service: str) -> None:
    """A cut connection is told and mended without the user; what was open stays open."""
    page = visit("#/videos", expected="ERR_INTERNET_DISCONNECTED")
    expect(page.get_by_role("heading", level=1)).to_have_text("Thư viện")
    page.context.set_offline(True)
    page.get_by_role("button", name="Đang chờ").click()
    expect(page.locator(".connection")).to_contain_text("Không liên lạc được với máy chủ")
    page.context.set_offline(False)
    expect(page.locator(".connection")).to_have_count(0)
    expect(page.locator(".empty")).to_be_visible()


def test_a_key_is_asked_for(visit: Visit, service: str) -> None:
    """A service that wants a key gets one from the user, once, and it goes with every request."""
    page = visit("#/lost", expected="status of 401")
    seen: list[str] = []

    def guard(route: object) -> None:
        key = route.request.headers.get("authorization", "")  # type: ignore[attr-defined]
        seen.append(key)
        if key == "Bearer ink_a_b":
            route.continue_()  # type: ignore[attr-defined]
        else:
            route.fulfill(
                status=401,
                content_type="application/problem+json",  # type: ignore[attr-defined]
                body=json.dumps({"code": "not_authenticated", "status": 401}),
            )

    page.route("**/v1/**", guard)
    page.goto(f"{service}/#/videos")
    page.locator("#ask-key").fill("ink_wrong")
    page.keyboard.press("Enter")
    expect(page.locator("dialog .fault")).to_have_text("Khóa trước không được chấp nhận.")
    page.locator("#ask-key").fill("ink_a_b")
    page.keyboard.press("Enter")
    expect(page.locator(".video-row, .empty").first).to_be_visible()
    assert page.get_by_role("dialog").count() == 0
    assert seen[-1] == "Bearer ink_a_b"
