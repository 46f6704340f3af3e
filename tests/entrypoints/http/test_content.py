"""Files over HTTP: in parts, once, by links that expire."""

from __future__ import annotations

import hashlib
import time
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from inkreel.entrypoints.http.links import Links, disposition
from inkreel.job import result_key
from inkreel.jobs import lifecycle
from inkreel.model import Digest
from tests.entrypoints.http.server import KEEPING, Running

FILM = bytes(range(256)) * 400
SIZE = len(FILM)


@pytest.fixture
def place(server: Running) -> str:
    job = server.done({"video": FILM, "vtt": b"WEBVTT\n\n" * 200}, title="Thuỷ triều: lên & xuống")
    return f"/v1/videos/{job.id}"


def test_files_are_served_whole_and_in_parts(client: httpx2.Client, place: str) -> None:
    """Range, If-Range, 416, HEAD and ETag as browsers' players need them."""
    url = f"{place}/content?variant=video"
    whole = client.get(url)
    assert whole.content == FILM
    digest = hashlib.sha256(FILM).hexdigest()
    etag = whole.headers["etag"]
    assert etag == f'"{digest}"'
    assert whole.headers["content-type"] == "video/mp4"
    assert whole.headers["accept-ranges"] == "bytes"
    assert whole.headers["cache-control"] == "private, no-cache"
    head = client.head(url)
    assert (head.status_code, head.headers["content-length"]) == (200, str(SIZE))
    for asked, start, end in (
        ("bytes=0-0", 0, 1),
        ("bytes=100-199", 100, 200),
        ("bytes=100-", 100, SIZE),
        ("bytes=0-", 0, SIZE),
        ("bytes=-5", SIZE - 5, SIZE),
        (f"bytes=5-{SIZE + 99}", 5, SIZE),
    ):
        part = client.get(url, headers={"Range": asked, "If-Range": etag})
        assert part.status_code == 206
        assert part.content == FILM[start:end]
        assert part.headers["content-range"] == f"bytes {start}-{end - 1}/{SIZE}"
    for ignored in ("bytes=9-5", "lines=1-2", "bytes=0-1,5-6", "bytes", "bytes=a-b"):
        answer = client.get(url, headers={"Range": ignored})
        assert (answer.status_code, answer.content) == (200, FILM), ignored
    other = client.get(url, headers={"Range": "bytes=0-1", "If-Range": '"other"'})
    assert (other.status_code, len(other.content)) == (200, SIZE)
    for beyond in (f"bytes={SIZE}-", "bytes=-0"):
        for further in ({}, {"If-Range": etag}):
            answer = client.get(url, headers={"Range": beyond, **further})
            assert (answer.status_code, answer.json()["code"]) == (416, "range_refused")
            assert answer.headers["content-range"] == f"bytes */{SIZE}"
    known = client.get(url, headers={"If-None-Match": f'"x", {etag}'})
    assert (known.status_code, known.content) == (304, b"")


def test_files_are_not_compressed(client: httpx2.Client, place: str) -> None:
    """Ranges and tags are of the bytes that are sent."""
    captions = client.get(f"{place}/content?variant=vtt", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in captions.headers
    assert captions.headers["content-type"].startswith("text/vtt")


def test_a_version_is_kept_for_ever(client: httpx2.Client, place: str) -> None:
    """Only a link that names the bytes may be cached without asking."""
    links = {file["variant"]: file["url"] for file in client.get(place).json()["files"]}
    fixed = client.get(links["video"])
    assert fixed.content == FILM
    assert "immutable" in fixed.headers["cache-control"]
    assert client.get(f"{place}/content?variant=video&version={'0' * 64}").status_code == 404
    assert client.get(f"{place}/content?variant=video&version=../../x").status_code == 422
    assert client.get(f"{place}/content?variant=poster").status_code == 404
    assert client.get(f"{place}/content?variant=film").status_code == 422


def test_downloads_are_named_after_the_video(client: httpx2.Client, place: str) -> None:
    """In any script, and as plain letters for old clients."""
    url = next(file["url"] for file in client.get(place).json()["files"])
    told = client.get(f"{url}&download=1").headers["content-disposition"]
    assert told.startswith('attachment; filename="Thuy trieu: len & xuong.mp4"; ')
    assert "filename*=UTF-8''Thu%E1%BB%B7%20tri%E1%BB%81u" in told
    assert client.get(url).headers["content-disposition"].startswith("inline; ")
    named = disposition("Đường đi của nước", "mp4", download=True)
    assert named.startswith('attachment; filename="Duong di cua nuoc.mp4"; ')
    for title in ("", "...", '"\r\nX: y', "/etc/passwd", "水", "a" * 999, "%00", "＂／＼"):
        named = disposition(title, "mp4", download=True)
        assert named.isascii()
        assert "\r" not in named
        assert "/" not in named
        assert "\\" not in named
        assert named.count('"') == 2


def test_thumbnails_are_served(client: httpx2.Client, place: str) -> None:
    """By a signed link, and by number."""
    scene = client.get(place).json()["scenes"][0]
    picture = client.get(scene["thumbnail"])
    assert picture.headers["content-type"] == "image/webp"
    assert client.get(f"{place}/scenes/1/thumbnail").content == picture.content
    for number, status in (("2", 404), ("0", 422), ("x", 422), ("999999999", 422)):
        assert client.get(f"{place}/scenes/{number}/thumbnail").status_code == status


def test_signed_links_open_one_file_for_a_while(keyed: Running) -> None:
    """They need no key; what is changed in them, or too old, is refused; deleted is gone."""
    headers = keyed.key("reader", "write")
    job = keyed.done({"video": FILM}, client="reader")
    place = f"/v1/videos/{job.id}"
    with keyed.client() as client:
        url = client.get(place, headers=headers).json()["files"][0]["url"]
        assert client.get(url).content == FILM
        assert client.get(f"{url}&download=1").status_code == 200
        split = urlsplit(url)
        query = {name: values[0] for name, values in parse_qs(split.query).items()}
        for name, value in (
            ("expires", str(int(query["expires"]) + 1)),
            ("variant", "poster"),
            ("version", "0" * 64),
            ("signature", query["signature"][:-2] + "AA"),
        ):
            changed = client.get(split.path, params={**query, name: value})
            assert (changed.status_code, changed.json()["code"]) == (403, "not_allowed"), name
        unsigned = {**query, "signature": ""}
        assert client.get(split.path, params=unsigned).status_code == 401
        other = keyed.done({"video": FILM}, client="reader")
        moved = client.get(f"/v1/videos/{other.id}/content", params=query)
        assert moved.status_code == 403
        links = Links(keyed.service.link_secret, int(time.time()) - 1)
        late = client.get(links.content(job.id, "video", job.files[0].digest))
        assert (late.status_code, late.json()["detail"]) == (403, "This link has expired.")
        assert client.get(place).status_code == 401
        assert client.delete(place, headers=headers).status_code == 204
        assert client.get(url).status_code == 404


def test_thumbnails_open_their_sprites(keyed: Running) -> None:
    """Who has the link to a video's thumbnails has links to all its sprites in them, which need no
    key and open nothing else; they are never kept, since the links expire."""
    sprites = [b"\xff\xd8 one", b"\xff\xd8 two"]
    digests = [hashlib.sha256(data).hexdigest() for data in sprites]
    cues = "".join(
        f"00:00:0{at}.000 --> 00:00:0{at + 1}.000\n{digest}#xywh=240,0,240,135\n\n"
        for at, digest in enumerate(digests)
    )
    headers = keyed.key("reader", "write")
    job = keyed.done({"thumbnails": f"WEBVTT\n\n{cues}".encode()}, client="reader")
    for digest, data in zip(digests, sprites, strict=True):
        keyed.service.objects.write(result_key(job.id, Digest(digest), "sprite"), data)
    with keyed.client() as client:
        told = client.get(f"/v1/videos/{job.id}", headers=headers).json()["files"]
        answer = client.get(told[0]["url"])
        assert answer.headers["content-type"].startswith("text/vtt")
        assert answer.headers["cache-control"] == "private, no-store"
        lines = [line for line in answer.text.splitlines() if "#xywh" in line]
        for line, data in zip(lines, sprites, strict=True):
            url, _, place = line.partition("#")
            assert place == "xywh=240,0,240,135"
            sprite = client.get(url)
            assert (sprite.content, sprite.headers["content-type"]) == (data, "image/jpeg")
            assert "immutable" in sprite.headers["cache-control"]
            assert client.get(url.replace("sprite", "video")).status_code == 403
        assert client.get(f"/v1/videos/{job.id}/content?variant=thumbnails").status_code == 401
        named = client.head(f"{told[0]['url']}&download=1").headers["content-disposition"]
        assert 'filename="Tides.thumbnails.vtt"' in named


def test_links_stay_the_same_for_a_while() -> None:
    """So that a browser that asks again keeps the pictures that it has."""
    secret, seconds = b"s" * 32, 3600
    at = [Links.at(secret, now, seconds).expires for now in (7200, 7201, 8999, 9000)]
    assert at[0] == at[1] == at[2] < at[3]
    assert all(
        expires - now >= seconds for expires, now in zip(at, (7200, 7201, 8999, 9000), strict=True)
    )


def test_what_expired_is_gone(server: Running, client: httpx2.Client) -> None:
    """410 tells that it was there."""
    job = server.done({"video": FILM})
    aged = lifecycle.aged(time.time() + 4000, KEEPING)
    server.change(job.id, aged)
    server.service.objects.drop(f"videos/{job.id}/")
    for below in ("content?variant=video", "storyboard", "scenes/1/thumbnail"):
        answer = client.get(f"/v1/videos/{job.id}/{below}")
        assert (answer.status_code, answer.json()["code"]) == (410, "gone"), below
