"""`inkreel serve` as a user starts it: real processes on loopback, killed and told to end."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import httpx2
import psutil
import pytest

from bench.chaos import haproxy
from bench.chaos.service import Service
from inkreel import settings
from inkreel.entrypoints import keeping, serve
from inkreel.entrypoints.keeping import Child, worker_kept
from inkreel.entrypoints.keys import check_may_listen
from inkreel.errors import SettingError
from tests.entrypoints.test_metrics import read


def until(true: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait for what must happen."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def client(service: Service) -> httpx2.Client:
    """Each request on a connection of its own, so that all processes get some."""
    limits = httpx2.Limits(max_keepalive_connections=0)
    return httpx2.Client(base_url=service.url, trust_env=False, timeout=20, limits=limits)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """Two API processes, and nobody who runs jobs."""
    running = Service(
        tmp_path,
        "--workers",
        "0",
        "--processes",
        "2",
        INKREEL_AUTH="auto",
        INKREEL_GRACE_SECONDS="5",
    )
    running.start()
    yield running
    running.kill()


def start_job(ask: httpx2.Client) -> str:
    """A job that waits for ever, where nobody runs jobs."""
    answer = ask.post("/v1/videos", json={"text": "The sea is deep.", "format": "txt"})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def test_processes_are_one_service(service: Service) -> None:
    """Any process tells the metrics of all; one that is killed is replaced, its port stays, and
    what it had counted is not lost."""
    with client(service) as ask:
        for _ in range(40):
            assert ask.get("/livez").status_code == 200
        sample = 'inkreel_http_requests_total{method="GET",route="/livez",status="200"}'
        assert {read(ask.get("/metrics").content)[sample] for _ in range(6)} == {40}
        job = start_job(ask)
        assert ask.post("/v1/videos", json={"text": "", "format": "txt"}).status_code == 422
        victim = service.api()[0]
        victim.kill()
        until(lambda: len(service.api()) == 2 and victim.pid not in {p.pid for p in service.api()})
        for _ in range(10):  # the new one is starting: the other one answers
            assert ask.get(f"/v1/videos/{job}").status_code == 200
        until(lambda: len(_starts(service, ask)) == 2)
        page = read(ask.get("/metrics").content)
        assert page[sample] == 40
        assert page['inkreel_jobs{status="queued"}'] == 1
        refused = 'inkreel_http_refusals_total{code="document_empty",route="/v1/videos"}'
        assert page[refused] == 1
    assert any("started again" in line for line in service.lines)


def _starts(service: Service, ask: httpx2.Client) -> set[int]:
    """The processes that answer, told apart by when they began."""
    now = time.monotonic()
    ages = [ask.get("/startupz").json()["uptime_seconds"] for _ in range(10)]
    return {round(now - age) for age in ages}


def test_open_streams_do_not_hold_the_end(service: Service) -> None:
    """SIGTERM: an open event stream is ended properly, and all processes are gone at once; the
    exit status is that of success."""
    with client(service) as ask:
        job = start_job(ask)
        with ask.stream("GET", f"/v1/videos/{job}/events") as stream:
            parts = stream.iter_bytes()
            while b"snapshot" not in next(parts):
                pass
            taken = threading.Thread(target=lambda: list(parts))  # raises if the stream is cut
            taken.start()
            assert service.stop() < 10
            taken.join(5)
            assert not taken.is_alive()
    assert service.process.wait(5) == 0


def test_nobody_is_cut_off(service: Service) -> None:
    """SIGTERM under load, without a load balancer: every request that was let in is answered, on
    kept connections too; then new ones are refused."""
    seen: Counter[str] = Counter()

    async def ask() -> None:
        async with httpx2.AsyncClient(base_url=service.url, trust_env=False) as client:
            while not seen["refused"]:
                try:
                    answer = await client.get("/livez")
                    seen[f"{answer.status_code}"] += 1
                except httpx2.ConnectError:
                    seen["refused"] += 1
                except httpx2.TransportError as error:
                    seen[f"cut: {error!r}"] += 1
                await asyncio.sleep(0.005)

    async def load() -> None:
        clients = [asyncio.create_task(ask()) for _ in range(10)]
        while seen["200"] < 50:  # noqa: ASYNC110  other tasks count
            await asyncio.sleep(0.01)
        service.process.send_signal(signal.SIGTERM)
        await asyncio.gather(*clients)

    asyncio.run(load())
    assert service.process.wait(10) == 0
    assert {what for what, count in seen.items() if count} == {"200", "refused"}


def test_behind_a_load_balancer_one_of_two_may_end(tmp_path: Path) -> None:
    """Two services on one data folder behind HAProxy with the configuration in deploy/: any
    answers anything, and when one is ended under load no request is cut."""
    if haproxy.program() is None:
        pytest.skip("haproxy is not here (Debian: apt-get install haproxy)")

    async def run() -> haproxy.Load:
        flags = ("--workers", "0")
        async with haproxy.pair(tmp_path, *flags, INKREEL_DRAIN_SECONDS="1.5") as (one, two, url):
            with client(one) as ask:
                job = start_job(ask)
            async with two.client() as other:
                assert (await other.get(f"/v1/videos/{job}")).json()["id"] == job
            load, _ = await haproxy.drain_under_load(one, url, job, steady=0.3)
            return load

    load = asyncio.run(run())
    assert load.cut == []
    assert load.answered > 50


def test_kill_leaves_no_orphan(tmp_path: Path) -> None:
    """When the supervisor is killed, API processes and the worker end by themselves."""
    running = Service(tmp_path, "--workers", "1:2", "--processes", "2")
    running.start()
    family = running.process.children(recursive=True)
    try:
        assert len(family) == 3
        running.process.kill()
        running.process.wait(5)
        _, alive = psutil.wait_procs(family, timeout=60)
        assert alive == []
    finally:
        for process in family:
            if process.is_running():
                process.kill()


def test_draining_goes_on_answering(tmp_path: Path) -> None:
    """For `drain_seconds` after SIGTERM /readyz says 503 and everything else is answered as
    before, on connections that close; a second signal ends it at once."""
    running = Service(tmp_path, "--workers", "0", INKREEL_DRAIN_SECONDS="60")
    running.start()
    try:
        with client(running) as ask:
            running.process.send_signal(signal.SIGTERM)
            until(lambda: ask.get("/readyz").status_code == 503)
            answer = ask.get("/v1/videos")
            assert answer.status_code == 200
            assert "close" in answer.headers["connection"]
            assert ask.get("/livez").status_code == 200
        running.process.send_signal(signal.SIGTERM)
        running.process.wait(10)
    finally:
        running.kill()


def test_other_servers_do_as_well(tmp_path: Path) -> None:
    """Under plain `uvicorn inkreel.main:app` a worker is kept too, an open stream does not hold
    the end, and nobody is left behind."""
    port = haproxy.free_port()
    folders = {"INKREEL_DATA": str(tmp_path / "data"), "INKREEL_CACHE": str(tmp_path / "cache")}
    command = (sys.executable, "-m", "uvicorn", "inkreel.main:app", "--port", str(port))
    with (tmp_path / "log").open("wb") as log:
        process = psutil.Popen(
            command, env={**os.environ, **folders, "INKREEL_WORKERS": "1"}, stdout=log, stderr=log
        )
    running = Service(tmp_path)
    running.process, running.url = process, f"http://127.0.0.1:{port}"
    try:
        with client(running) as ask:
            until(lambda: _answers(ask))
            until(lambda: running.children("inkreel.entrypoints.worker") != [])
            job = ask.post("/v1/videos", json={"text": "Deep. " * 2_000, "format": "txt"}).json()
            with ask.stream("GET", f"{job['links']['events']}") as stream:
                parts = stream.iter_bytes()
                next(parts)
                family = [process, *process.children(recursive=True)]
                process.send_signal(signal.SIGTERM)
                assert b"event: end" not in b"".join(parts)
        _, alive = psutil.wait_procs(family, timeout=60)
        assert alive == []
    finally:
        running.kill()


def _answers(ask: httpx2.Client) -> bool:
    try:
        return ask.get("/readyz").status_code == 200
    except httpx2.ConnectError:
        return False


# --- What is refused ------------------------------------------------------------------------------


def run(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command, to its end."""
    return subprocess.run(
        [sys.executable, "-m", "inkreel", *arguments, "--data", str(tmp_path / "data")],
        capture_output=True,
        text=True,
        timeout=100,
    )


def test_a_port_in_use_is_told(tmp_path: Path) -> None:
    """Not with a trace, but with what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run(tmp_path, "serve", "--port", str(port))
    assert done.returncode == 2
    assert f"port {port}" in done.stderr
    assert "--port 0" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_data_folder_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    """Exit status and words, no traceback."""
    (tmp_path / "file").write_bytes(b"")
    command = (sys.executable, "-m", "inkreel", "serve", "--port", "0")
    environment = {**os.environ, "INKREEL_DATA": str(tmp_path / "file")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "error setting_invalid: The data folder" in done.stderr
    assert "Traceback" not in done.stderr


def test_strangers_need_a_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond loopback it does not listen without keys, nor with auth off; a revoked key is none.
    The error names the command that makes one."""

    def check(**flags: object) -> None:
        asyncio.run(check_may_listen(settings.load(data=tmp_path, **flags)))

    for refused in ({"host": "0.0.0.0"}, {"host": "::"}, {"auth": "on"}):
        with pytest.raises(SettingError) as caught:
            check(**refused)
        assert "inkreel keys create" in caught.value.hint
    for fine in (
        {},
        {"host": "127.8.0.1"},
        {"host": "localhost"},
        {"host": "::1"},
        {"auth": "off"},
    ):
        check(**fine)
    assert not (tmp_path / "service.db").exists()
    made = subprocess.run(
        [sys.executable, "-m", "inkreel", "keys", "create", "--client", "ada", "--data", tmp_path],
        capture_output=True,
        text=True,
    )
    check(host="0.0.0.0")
    check(auth="on")
    with pytest.raises(SettingError):
        check(host="0.0.0.0", auth="off")
    key = made.stdout.strip()
    subprocess.run(
        [sys.executable, "-m", "inkreel", "keys", "revoke", key, "--data", tmp_path], check=True
    )
    with pytest.raises(SettingError):
        check(host="0.0.0.0")


def test_a_missing_extra_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever installed only the command learns what to install."""
    monkeypatch.setattr(serve, "find_spec", lambda name: None if name == "fastapi" else object())
    with pytest.raises(SettingError, match="fastapi") as caught:
        serve.check_installed()
    assert "'.[service]'" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "most", "least"), [("4", 4, None), ("0", 0, None), ("1:8", 8, 1), ("0:2", 2, 0)]
)
def test_workers_are_a_number_or_a_range(text: str, most: int, least: int | None) -> None:
    """`N` or `MIN:MAX`."""
    assert serve.parse_workers(text) == (most, least)


@pytest.mark.parametrize("text", ["", "x", "-1", "8:1", "1:", ":3", "1:2:3", "1.5"])
def test_other_numbers_of_workers_are_refused(text: str) -> None:
    """With an example of a good one."""
    with pytest.raises(SettingError) as caught:
        serve.parse_workers(text)
    assert caught.value.hint


# --- Keeping --------------------------------------------------------------------------------------


def test_what_dies_is_started_again_with_growing_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that fails at its start does not cost the machine."""
    monkeypatch.setattr(keeping, "FIRST_WAIT", 0.01)
    ends: list[tuple[int, float]] = []

    async def keep() -> None:
        child = Child(
            "failing",
            (sys.executable, "-S", "-c", "raise SystemExit(7)"),
            {},
            ended=lambda process, status: ends.append((status, time.monotonic())),
        )
        task = asyncio.create_task(child.keep())
        while len(ends) < 5:  # noqa: ASYNC110  processes end when they do
            await asyncio.sleep(0.01)
        child.stop()
        await task

    asyncio.run(keep())
    assert {status for status, _ in ends} == {7}
    gaps = [later - earlier for (_, earlier), (_, later) in pairwise(ends)]
    assert gaps[3] > 0.08


KEPT_TWICE = """
import asyncio, sys
from pathlib import Path
from inkreel import settings
from inkreel.entrypoints import keeping
keeping.TAKE_OVER = 0.05
keeping.WORKER = (sys.executable, "-c", "import sys; print('worker', flush=True); sys.stdin.read()")

async def main():
    async with keeping.worker_kept(settings.load(data=Path(sys.argv[1]), workers=1)):
        print("keeper", flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


def test_one_process_keeps_a_worker(tmp_path: Path) -> None:
    """Of the processes of `uvicorn inkreel.main:app --workers 2` one keeps a worker; when it is
    killed its worker ends, and another one takes over."""
    command = [sys.executable, "-c", KEPT_TWICE, str(tmp_path)]
    first, second = (psutil.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2))
    try:
        until(lambda: len(first.children()) + len(second.children()) == 1)
        keeper, other = (first, second) if first.children() else (second, first)
        worker = keeper.children()[0]
        time.sleep(0.2)
        assert other.children() == []
        keeper.kill()
        keeper.wait()
        until(lambda: len(other.children()) == 1)
        until(lambda: not worker.is_running())
    finally:
        for process in (first, second):
            if process.is_running():
                process.kill()
            process.wait()
            process.stdout.close()


def test_waiting_for_the_lock_does_not_hold_the_end(tmp_path: Path) -> None:
    """A process that keeps none ends as fast as one that does, and 0 workers are none."""

    async def keep() -> float:
        loaded = settings.load(data=tmp_path, workers=1)
        with (tmp_path / "worker.lock").open("a") as lock:
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX)
            began = time.monotonic()
            async with worker_kept(loaded), worker_kept(settings.load(data=tmp_path, workers=0)):
                pass
            return time.monotonic() - began

    assert asyncio.run(keep()) < 5
