"""What the service counts is right over all of its processes, and names no raw path."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from prometheus_client.parser import text_string_to_metric_families

from inkreel.entrypoints.metrics import Counting, Metrics, counted
from inkreel.entrypoints.serve import _forget
from inkreel.errors import LeaseLost, VoiceFailed
from inkreel.job import Change, Job, JobId, Load, Outcome, new_job_id
from inkreel.jobs import lifecycle
from inkreel.model import Counts, Degraded, Options, Usage, Writing

KEEPING = lifecycle.Keeping(60, 60, 60)
LOAD = Load({"queued": 3, "running": 1}, {5: 2, 9: 1}, 12.5, {"host-7": 1}, 40, 2)


def read(page: bytes) -> dict[str, float]:
    """Each sample as `name{label="value",…}` → value."""
    found = {}
    for family in text_string_to_metric_families(page.decode()):
        for sample in family.samples:
            labels = ",".join(f'{key}="{value}"' for key, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


def waiting() -> Job:
    """A job that waits."""
    return Job(
        id=new_job_id(0),
        client="ada",
        title="",
        options=Options(),
        source=None,
        created=0,
        queued=0,
        sweep=60,
    )


class Queue:
    """One job, changed as a queue changes it."""

    def __init__(self, job: Job) -> None:
        self.job = job

    async def change(
        self, job: JobId, change: Change, told: Sequence[Any] = (), scenes: Any = None
    ) -> Job:
        self.job = change(change(self.job) and self.job)  # a transaction that was tried again
        return self.job

    async def last_event(self, job: JobId) -> int:
        return 7


def test_lives_of_jobs_are_counted_once() -> None:
    """Failed tries, ends and what was made are counted when the queue has stored them, and each
    once; a refused step counts for nothing, and results that age are no second end."""

    async def run() -> dict[str, float]:
        metrics = Metrics()
        queue = Queue(waiting())
        same = counted(queue, metrics)  # type: ignore[arg-type]
        job = queue.job.id
        for now in (1.0, 20.0):
            await same.change(job, lambda job, now=now: lifecycle.claimed("w", now, 5)(job))
            if now == 1.0:
                step = lifecycle.failed(queue.job.fence, 2.0, KEEPING, VoiceFailed("No."))
                await same.change(job, step)
        with pytest.raises(LeaseLost):
            await same.change(job, lifecycle.handed_back(99, 20.0, KEEPING))
        done = lifecycle.finished(
            queue.job.fence,
            31.0,
            KEEPING,
            Outcome(60.0, 11.0, Counts(clips=4), Counts(clips=2)),
            (),
            (),
        )
        await same.change(job, done)
        await same.change(job, lambda job: replace(job, title="told"))
        await same.change(job, lambda job: replace(job, status="expired"))
        assert await same.last_event(job) == 7
        return read(metrics.page(LOAD, {"store": 5}))

    page = asyncio.run(run())
    assert page['inkreel_jobs_ended_total{status="done"}'] == 1
    assert 'inkreel_jobs_ended_total{status="expired"}' not in page
    assert page['inkreel_tries_failed_total{code="voice_failed"}'] == 1
    assert page['inkreel_job_seconds_sum{status="done"}'] == 30
    assert page['inkreel_artifacts_total{how="made",kind="clips"}'] == 4
    assert page['inkreel_artifacts_total{how="found",kind="clips"}'] == 2


def test_services_outside_are_counted() -> None:
    """Calls by how they ended and how long they took, rests, tokens, and videos begun again;
    services of one name that are for different things are told apart."""

    async def run() -> dict[str, float]:
        metrics = Metrics()
        for ended in ("ok", "ok", "slow"):
            metrics.services.called("voices", "mine", ended, 2.0)
        metrics.services.called("models", "mine", "ok", 30.0)
        metrics.services.rests("voices", "mine", True)
        metrics.services.rests("models", "mine", False)
        for answered in (100, 50):
            metrics.services.spent("mine", 1_000, answered)
        queue = Queue(lifecycle.claimed("w", 1.0, 5)(waiting()))
        lost = (Degraded("the whole video is told by espeak", "It failed."),)
        step = lifecycle.revoiced(queue.job.fence, 2.0, KEEPING, lost)
        await counted(queue, metrics).change(queue.job.id, step)  # type: ignore[arg-type]
        return read(metrics.page(LOAD, {}))

    page = asyncio.run(run())
    assert page['inkreel_service_calls_total{ended="ok",port="voices",service="mine"}'] == 2
    assert page['inkreel_service_calls_total{ended="slow",port="voices",service="mine"}'] == 1
    assert page['inkreel_service_calls_total{ended="ok",port="models",service="mine"}'] == 1
    assert page['inkreel_service_call_seconds_sum{port="voices",service="mine"}'] == 6
    assert page['inkreel_service_resting{port="voices",service="mine"}'] == 1
    assert page['inkreel_service_resting{port="models",service="mine"}'] == 0
    assert page['inkreel_service_tokens_total{kind="prompt",service="mine"}'] == 2_000
    assert page['inkreel_service_tokens_total{kind="answer",service="mine"}'] == 150
    assert page['inkreel_fallbacks_total{what="voice"}'] == 1
    assert 'inkreel_fallbacks_total{what="writer"}' not in page


@pytest.mark.parametrize(("own", "counted_"), [(0, None), (1, 1)])
def test_videos_written_without_their_model_are_counted(own: int, counted_: int | None) -> None:
    """A video of which the house wrote a section in place of the language model counts once, when
    it is done."""

    async def run() -> dict[str, float]:
        metrics = Metrics()
        queue = Queue(lifecycle.claimed("w", 1.0, 5)(waiting()))
        writing = Writing("mine", "m", sections=3, found=0, own=own, usage=Usage())
        outcome = Outcome(60.0, 11.0, Counts(), Counts(), writing=writing)
        step = lifecycle.finished(queue.job.fence, 31.0, KEEPING, outcome, (), ())
        await counted(queue, metrics).change(queue.job.id, step)  # type: ignore[arg-type]
        return read(metrics.page(LOAD, {}))

    assert asyncio.run(run()).get('inkreel_fallbacks_total{what="writer"}') == counted_


def test_the_queue_is_asked() -> None:
    """Gauges of the queue and of what is stored are of the moment."""
    page = read(Metrics().page(LOAD, {"store": 123}))
    assert page['inkreel_jobs{status="queued"}'] == 3
    assert page['inkreel_jobs_waiting{priority="9"}'] == 1
    assert page["inkreel_oldest_wait_seconds"] == 12.5
    assert page['inkreel_stored_bytes{place="store"}'] == 123
    assert page['inkreel_worker_jobs{worker="host-7"}'] == 1
    assert page['inkreel_steps{state="waiting"}'] == 40
    assert page['inkreel_steps{state="running"}'] == 2


def test_requests_are_counted_by_route() -> None:
    """Labels are bounded: templates, not paths; known methods; and a cut request is counted."""

    class Route:
        path = "/v1/videos/{video}"

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/bad":
            raise ConnectionError
        if scope["path"].startswith("/v1"):
            scope["route"] = Route()
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body"})

    async def send(message: Any) -> None:
        pass

    async def run() -> dict[str, float]:
        metrics = Metrics()
        counting = Counting(app, metrics)
        for number in range(50):
            scope = {"type": "http", "method": "GET", "path": f"/v1/videos/{number}"}
            await counting(scope, None, send)  # type: ignore[arg-type]
            scope = {"type": "http", "method": f"M{number}", "path": f"/{number}"}
            await counting(scope, None, send)  # type: ignore[arg-type]
        scope = {"type": "http", "method": "GET", "path": "/bad"}
        with pytest.raises(ConnectionError):
            await counting(scope, None, send)  # type: ignore[arg-type]
        return read(metrics.page(LOAD, {}))

    page = asyncio.run(run())
    requests = {name: value for name, value in page.items() if "requests_total" in name}
    assert requests == {
        'inkreel_http_requests_total{method="GET",route="/v1/videos/{video}",status="200"}': 50,
        'inkreel_http_requests_total{method="other",route="other",status="200"}': 50,
        'inkreel_http_requests_total{method="GET",route="other",status="cut"}': 1,
    }


PROCESS = """
import sys
from inkreel.entrypoints.metrics import Metrics
from inkreel.job import Load
metrics = Metrics()
metrics.jobs_ended.labels("done").inc(int(sys.argv[1]))
metrics.request_seconds.labels("GET", "/").observe(0.2)
metrics.listeners.inc(3)
if sys.argv[2:]:
    sys.stdout.buffer.write(metrics.page(Load({}, {}, 0.0, {}), {}))
"""


def test_all_processes_are_summed(tmp_path: Path) -> None:
    """Whichever process is asked answers for all: what a dead one counted stays, what only a
    living one can say goes with it."""
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}

    def process(*arguments: str) -> bytes:
        return subprocess.run(
            [sys.executable, "-c", PROCESS, *arguments],
            env=environment,
            capture_output=True,
            check=True,
        ).stdout

    process("5")
    dead = {int(re.findall(r"\d+", path.name)[-1]) for path in tmp_path.glob("*.db")}
    _forget(tmp_path, dead.pop())
    for kind in ("counter", "gauge_livesum"):
        tmp_path.joinpath(f"{kind}_0.db").touch()  # of one that is just beginning, or was killed
    page = read(process("2", "page"))
    assert page['inkreel_jobs_ended_total{status="done"}'] == 7
    assert page['inkreel_http_request_seconds_count{method="GET",route="/"}'] == 2
    assert page["inkreel_event_listeners"] == 3
    assert [name for name in page if "pid" in name] == []
