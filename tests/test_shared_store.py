"""Videos over a bucket: what one machine made is found by the next, and nothing else is shared."""

from __future__ import annotations

import asyncio
import secrets
import time
from pathlib import Path

import inkreel
from inkreel.backends.bucket.bucket import REST_SECONDS
from inkreel.model import Counts
from inkreel.settings import Settings
from inkreel.wiring.worker import open_worker
from tests import buckets
from tests.entrypoints.http.server import Running

TEXT = "# Tide tables\n\nA tide table tells when the sea is high.\n"


def test_a_video_is_found_whole_on_another_machine(s3: str, tmp_path: Path) -> None:
    """The second machine makes nothing, and a third time costs no request for what is there; the
    files are the same."""
    (tmp_path / "tides.md").write_text(TEXT)
    url = f"s3://{buckets.BUCKET}/{secrets.token_hex(8)}"

    def make(machine: str) -> inkreel.Result:
        return inkreel.make(
            tmp_path / "tides.md",
            tmp_path / f"{machine}.mp4",
            cache=tmp_path / machine,
            store=url,
            size="1280x720",
            profile="draft",
        )

    with buckets.proxy_to(s3) as proxy, buckets.environment(**buckets.settings_of(proxy.address)):
        first = make("one")
        assert first.made.clips
        second = make("two")
        assert second.made == Counts()
        assert second.found == first.made
        proxy.forget()
        assert make("two").made == Counts()
        kinds = {line.partition("?")[0].split("/", 5)[-1][:5] for line in proxy.requests}
        assert not [line for line in proxy.requests if "/index/" in line], kinds
        assert not proxy.counts["PUT"]
    assert (tmp_path / "one.mp4").read_bytes() == (tmp_path / "two.mp4").read_bytes()


def test_a_worker_and_those_who_answer_share_no_disk(s3: str, tmp_path: Path) -> None:
    """A document that is sent to one machine is filmed on another: what it needs and what it makes
    goes through the bucket, any part of the film is served, and folders hold no result. When the
    store is away, the answer says so, and the service is still ready."""
    url = f"s3://{buckets.BUCKET}/{secrets.token_hex(8)}"
    with buckets.proxy_to(s3) as proxy, buckets.environment(**buckets.settings_of(proxy.address)):
        server = Running(tmp_path, store=url)
        server.start()
        try:
            with server.client() as client:
                sent = client.post("/v1/videos", json={"text": TEXT, "profile": "draft"})
                assert sent.status_code == 202, sent.text
                place = sent.headers["location"]
                elsewhere = Settings(  # the queue is still one: SQLite lies in a folder
                    data=tmp_path / "data", cache=tmp_path / "elsewhere", store=url, workers=1
                )
                asyncio.run(work_until_idle(elsewhere))
                video = client.get(place).json()
                assert video["status"] == "done", video
                assert video["outcome"]["made"]["clips"]
                (link,) = [one["url"] for one in video["files"] if one["variant"] == "video"]
                film = client.get(link)
                assert film.content[4:8] == b"ftyp"
                part = client.get(link, headers={"Range": "bytes=100-199"})
                assert (part.status_code, part.content) == (206, film.content[100:200])
                for scene in video["scenes"]:
                    assert client.get(scene["thumbnail"]).content[8:12] == b"WEBP"
                    assert client.get(scene["segments"][0]["url"]).status_code == 200
                kept = (tmp_path / "data" / "objects").rglob("*")
                assert not [path for path in kept if path.is_file() and path.name != "lock"]
                proxy.faults = buckets.Faults(refuse=503)
                away = client.get(link)
                assert (away.status_code, away.json()["code"]) == (503, "unavailable")
                ready = client.get("/readyz").json()
                assert ready["checks"]["store"] == "away"
                proxy.faults = buckets.Faults()
                time.sleep(REST_SECONDS[0])
                assert client.delete(place).status_code == 204
        finally:
            server.stop()


async def work_until_idle(settings: Settings) -> None:
    """A worker that ends when nothing waits or runs."""
    stop = asyncio.Event()
    async with open_worker(settings) as worker:
        working = asyncio.create_task(worker.run(stop))
        async with asyncio.timeout(150):
            while True:
                load = await worker.queue.load(time.time())
                if not load.by_status.get("queued") and not load.by_status.get("running"):
                    break
                await asyncio.sleep(0.05)
        stop.set()
        await working
