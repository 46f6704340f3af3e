"""Orders over HTTP: what is accepted is kept, what is refused leaves nothing behind."""

from __future__ import annotations

import gzip
import json
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

from inkreel.job import SceneState, ThumbnailTold, source_key
from inkreel.model import Digest
from tests.entrypoints.http.server import TEXT, Running, every

BOARD = {
    "title": "Tides",
    "language": "en",
    "scenes": [
        {
            "heading": "High water",
            "narration": ["The sea is high twice a day."],
            "visual": {"kind": "slide", "bullets": [{"text": "Twice a day"}]},
        }
    ],
}


def upload(client: httpx2.Client, data: bytes, name: str = "tides.md", **fields: str):
    headers = {"Idempotency-Key": fields.pop("key")} if "key" in fields else {}
    return client.post("/v1/videos", files={"document": (name, data)}, data=fields, headers=headers)


def test_a_document_is_taken_in(server: Running, client: httpx2.Client) -> None:
    """202 with where to look; the upload is kept under a name of ours, and nothing else is."""
    chosen = {"theme": "dark", "fps": "25", "profile": "draft", "priority": "7", "title": ""}
    answer = upload(client, TEXT, "../../các thuỷ triều.md", **chosen)
    video = answer.json()
    assert answer.status_code == 202
    assert answer.headers["location"] == video["links"]["self"] == f"/v1/videos/{video['id']}"
    assert video["status"] == "queued"
    assert video["title"] == "Tides"
    assert video["priority"] == 7
    told = {name: video["options"][name] for name in ("theme", "fps", "profile", "size")}
    assert told == {"theme": "dark", "fps": 25, "profile": "draft", "size": "1280x720"}
    assert video["source"] == {
        "name": "các thuỷ triều.md",
        "media_type": "text/markdown",
        "words": 14,
    }
    assert server.service.objects.read(source_key(video["id"])) == TEXT
    assert server.left() == []
    assert client.get(video["links"]["self"]).json() == video


@pytest.mark.parametrize(
    "body",
    [
        {"text": TEXT.decode(), "format": "md", "seconds": 30},
        {"storyboard": BOARD},
        {"storyboard": json.dumps(BOARD), "title": "Ebbe\u0000 und  Flut"},
    ],
)
def test_json_is_taken_in(client: httpx2.Client, body: dict[str, object]) -> None:
    """Text, a storyboard as an object, and one as YAML text make a video as a file does."""
    answer = client.post("/v1/videos", json=body)
    assert answer.status_code == 202
    assert answer.json()["title"] == ("Ebbe und Flut" if "title" in body else "Tides")


def test_gzip_is_taken_in(client: httpx2.Client) -> None:
    """A compressed body is the same as a plain one, in one member or several."""
    for text in (b'{"text": "# A\\n\\nThe sea is high."}', b'{"text": "The sea is low."}'):
        packed = gzip.compress(text[:9]) + gzip.compress(text[9:])
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        answer = client.post("/v1/videos", content=packed, headers=headers)
        assert answer.status_code == 202, answer.text


def scan() -> bytes:
    """A PDF with a page and nothing on it."""
    import io

    import pypdfium2

    document = pypdfium2.PdfDocument.new()
    document.new_page(200, 200)
    out = io.BytesIO()
    document.save(out)
    document.close()
    return out.getvalue()


REFUSED = {
    "empty": (b"", "a.md", 422, "document_empty"),
    "blank": (b" \n\t\r\n", "a.txt", 422, "document_empty"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(99), "a.md", 415, "format_mismatch"),
    "unknown": (b"PK\x03\x04" + bytes(99), "a.docx", 415, "format_unsupported"),
    "not a pdf": (b"# Just text", "a.pdf", 415, "format_mismatch"),
    "a pdf": (b"%PDF-1.7\n", "a.txt", 415, "format_mismatch"),
    "torn": (b"%PDF-1.7\nnothing follows", "a.pdf", 422, "document_damaged"),
    "no text": (scan(), "a.pdf", 422, "document_no_text"),
    "large": (b"a" * 2_000_001, "a.txt", 413, "document_too_large"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_bad_documents_are_refused(server: Running, client: httpx2.Client, what: str) -> None:
    """Each kind has its own code, says what to do, and leaves nothing behind."""
    data, name, status, code = REFUSED[what]
    before = sorted(server.service.objects.sizes(""))
    answer = upload(client, data, name)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["hint"]
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert sorted(server.service.objects.sizes("")) == before
    assert server.left() == []


def test_a_type_that_belies_the_file_is_refused(client: httpx2.Client) -> None:
    """The part's Content-Type is held against the bytes, as the name is."""
    for declared, status in (("image/png", 415), ("application/pdf", 415), ("text/markdown", 202)):
        answer = client.post("/v1/videos", files={"document": ("a.md", TEXT, declared)})
        assert answer.status_code == status


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"text": "a", "colour": "red"}, "colour"),
        ({"text": "a", "priority": 10}, "priority"),
        ({"text": "a", "priority": "high"}, "priority"),
        ({"text": "a", "theme": "purple"}, "theme"),
        ({"text": "a", "fps": 29}, "fps"),
        ({"text": "a", "size": "1x1"}, "size"),
        ({"text": "a", "voice": "espeak:klingon"}, "voice"),
        ({"text": "a", "seconds": 0}, "seconds"),
        ({"text": "a", "webhook_url": "http://169.254.169.254/"}, "webhook_url"),
        ({"text": "a", "webhook_url": "file:///etc/passwd"}, "webhook_url"),
        ({"text": "a", "storyboard": {}}, "text"),
        ({}, "text"),
        ({"text": 1}, "text"),
    ],
)
def test_fields_are_checked(client: httpx2.Client, body: dict[str, object], field: str) -> None:
    """What is unknown or out of range is refused, by the field's name."""
    answer = client.post("/v1/videos", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


def test_forms_are_checked(client: httpx2.Client) -> None:
    """Exactly one file, known fields, each once, no part without its end."""
    one = ("document", ("a.md", TEXT))
    for files, data in (
        ([one, one], {}),
        ([one, ("other", ("b.md", TEXT))], {}),
        ([("other", ("b.md", TEXT))], {}),
        ([one], {"colour": "red"}),
        ([one], {"title": ["a", "b"]}),
        ([one], {"title": "a" * 9_000}),
        ([one], {f"field{number}": "a" for number in range(30)}),
    ):
        assert client.post("/v1/videos", files=files, data=data).status_code == 422
    head = {"Content-Type": "multipart/form-data; boundary=x"}
    part = b'--x\r\nContent-Disposition: form-data; name="document"; filename="a.md"\r\n\r\n'
    for content in (b"", b"--x--\r\n", part + TEXT, part + TEXT + b"\r\n--x\r\n", b"garbage" * 99):
        answer = client.post("/v1/videos", content=content, headers=head)
        assert answer.status_code == 422, content


def test_bodies_of_other_kinds_are_refused(client: httpx2.Client) -> None:
    """415 for what is neither JSON nor a form, or packed in a way that is not taken."""
    for headers in (
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/json", "Content-Encoding": "br"},
        {},
    ):
        answer = client.post("/v1/videos", content=b"{}", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (415, "body_type_refused")


def test_a_bomb_stops_at_the_limit(client: httpx2.Client) -> None:
    """The limit holds for what comes out of gzip, not for what goes in."""
    head = b'--x\r\nContent-Disposition: form-data; name="document"; filename="a.md"\r\n\r\n'
    bomb = gzip.compress(head + bytes(100_000_000), 9)
    assert len(bomb) < 200_000
    headers = {"Content-Type": "multipart/form-data; boundary=x", "Content-Encoding": "gzip"}
    answer = client.post("/v1/videos", content=bomb, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "document_too_large")
    headers["Content-Type"] = "application/json"
    assert client.post("/v1/videos", content=bomb, headers=headers).status_code == 413
    torn = client.post("/v1/videos", content=gzip.compress(b"{}")[:-4], headers=headers)
    assert torn.status_code == 422


def test_what_the_store_lost_is_read_again(server: Running, client: httpx2.Client) -> None:
    """Damaged bytes in the store are no fault of whoever sends a document."""
    body = {"text": "# Moon\n\nThe moon pulls the sea. The sun does, too."}
    assert client.post("/v1/videos", json=body).status_code == 202
    for blob in server.cache.glob("blobs/??/*"):
        blob.write_bytes(bytes(byte ^ 1 for byte in blob.read_bytes()))
    assert client.post("/v1/videos", json=body).status_code == 202


def test_one_key_makes_one_video(server: Running) -> None:
    """Fifty orders at once under one Idempotency-Key are answered with one video; the same key
    with another order is refused."""
    with server.client() as client, ThreadPoolExecutor(50) as threads:
        answers = list(
            threads.map(lambda _: upload(client, TEXT, key="one", theme="dark"), range(50))
        )
        assert {answer.status_code for answer in answers} == {202}
        assert len({answer.json()["id"] for answer in answers}) == 1
        replayed = [answer.headers.get("idempotent-replayed") for answer in answers]
        assert replayed.count(None) == 1
        other = upload(client, TEXT, key="one", theme="light")
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
        objects = [key for key, _ in server.service.objects.sizes("videos/")]
        owners = [key.split("/")[1] for key in objects]
        known = {answer.json()["id"] for answer in answers}
        listed = {video["id"] for video in every(client)}
        assert known <= listed
        assert set(owners) <= listed


def test_a_job_is_steered(server: Running, client: httpx2.Client) -> None:
    """Priority while it waits, cancel, retry, delete; each is refused where it makes no sense."""
    place = upload(client, TEXT).json()["links"]["self"]
    assert client.patch(place, json={"priority": 9}).json()["priority"] == 9
    assert client.post(f"{place}/retry").status_code == 409
    cancelled = client.post(f"{place}/cancel").json()
    assert cancelled["status"] == "cancelled"
    assert cancelled["finished_at"]
    assert cancelled["expires_at"]
    assert client.post(f"{place}/cancel").status_code == 200
    assert client.patch(place, json={"priority": 1}).status_code == 409
    again = client.post(f"{place}/retry")
    assert (again.status_code, again.json()["status"]) == (202, "queued")
    assert client.delete(place).status_code == 204
    assert client.get(place).status_code == 404
    assert client.delete(place).status_code == 404
    assert not list(server.service.objects.sizes(place.removeprefix("/v1/")))


def test_another_storyboard_makes_another_edition(server: Running, client: httpx2.Client) -> None:
    """JSON and YAML have one shape; what was put is what is read; a bad one changes nothing."""
    sent = upload(client, TEXT).json()
    place = sent["links"]["self"]
    assert client.get(f"{place}/storyboard").json()["code"] == "conflict"
    put = client.put(f"{place}/storyboard", json=BOARD)
    assert (put.status_code, put.json()["edition"]) == (202, 2)
    assert put.json()["status"] == "queued"
    assert put.json()["source"] == sent["source"]
    shown = client.get(f"{place}/storyboard")
    assert shown.json()["scenes"][0]["narration"] == BOARD["scenes"][0]["narration"]
    yaml = client.get(f"{place}/storyboard", headers={"Accept": "application/yaml"})
    assert yaml.headers["content-type"].startswith("application/yaml")
    headers = {"Content-Type": "application/yaml"}
    put = client.put(f"{place}/storyboard", content=yaml.content, headers=headers)
    assert put.json()["edition"] == 3
    assert client.get(f"{place}/storyboard").json() == shown.json()
    bad = client.put(f"{place}/storyboard", json={"title": "x", "language": "en", "scenes": []})
    assert (bad.status_code, bad.json()["code"]) == (422, "storyboard_invalid")
    assert client.get(place).json()["edition"] == 3
    assert client.get(f"{place}/storyboard", headers={"Accept": "image/png"}).status_code == 406


@pytest.mark.parametrize("digest", ["0" * 64, "../../x", "", "/etc/hostname"])
def test_pictures_that_are_not_there_are_refused(client: httpx2.Client, digest: str) -> None:
    """At once, not after four tries; nothing but a picture that is kept is ever opened."""
    visual = {"kind": "image", "digest": digest, "width": 4, "height": 3}
    board = {**BOARD, "scenes": [{**BOARD["scenes"][0], "visual": visual}]}
    place = client.post("/v1/videos", json={"storyboard": BOARD}).json()["links"]["self"]
    for answer in (
        client.post("/v1/videos", json={"storyboard": board}),
        client.put(f"{place}/storyboard", json=board),
    ):
        assert (answer.status_code, answer.json()["code"]) == (422, "storyboard_invalid")
        assert "Scene 1" in answer.json()["detail"]


def test_lists_go_on_where_they_ended(server: Running, client: httpx2.Client) -> None:
    """Pages of any size give each video once, newest first; a status picks some."""
    made = [server.job(client="local", title=f"Page {number}").id for number in range(7)]
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = client.get("/v1/videos", params={"limit": 3, **cursor}).json()
        assert all("scenes" not in video for video in page["data"])
        seen += [video["id"] for video in page["data"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert seen == sorted(set(seen), reverse=True)
    assert set(made) <= set(seen)
    server.done({"video": b"film"})
    done = client.get("/v1/videos?status=done&status=failed&limit=200").json()["data"]
    assert done
    assert {video["status"] for video in done} <= {"done", "failed"}
    for query in ("status=lost", "limit=0", "limit=201", "cursor=1", "limit=x"):
        assert client.get(f"/v1/videos?{query}").status_code == 422


def test_status_is_asked_cheaply(server: Running, client: httpx2.Client) -> None:
    """The ETag stays while nothing changes, and is another one after any change."""
    job = server.running()
    place = f"/v1/videos/{job.id}"
    etag = client.get(place).headers["etag"]
    known = client.get(place, headers={"If-None-Match": etag})
    assert (known.status_code, known.content) == (304, b"")
    assert known.headers["etag"] == etag
    server.tell(job.id, ThumbnailTold(0, Digest("0" * 64)))
    server.change(job.id, lambda job: job, scenes=(SceneState("A scene"),))
    assert client.get(place, headers={"If-None-Match": etag}).status_code == 200


@pytest.mark.parametrize(
    "bad", ["x", "vid_", "vid_8" + "0" * 25, "vid_" + "u" * 26, "%00", "vid_" + "0" * 27]
)
def test_ids_have_one_shape(client: httpx2.Client, bad: str) -> None:
    """Malformed is 422 and unknown 404, on every path, before anything is looked up."""
    for method, below in (
        ("GET", ""),
        ("GET", "/events"),
        ("GET", "/content"),
        ("GET", "/storyboard"),
        ("GET", "/scenes/1/thumbnail"),
        ("DELETE", ""),
        ("POST", "/cancel"),
        ("POST", "/retry"),
        ("PATCH", ""),
    ):
        assert client.request(method, f"/v1/videos/{bad}{below}").status_code == 422
        unknown = client.request(method, f"/v1/videos/vid_{'0' * 26}{below}")
        assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")
