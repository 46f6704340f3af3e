"""What the service counts, for Prometheus; right however many processes it has.

A process counts into files of its own in a folder that all processes of a service share
(`FOLDER_VARIABLE`); whichever is asked sums them all. Without such a folder a process tells of
itself alone. The queue is not counted but asked, when somebody looks.

Counting sits around what is counted, so that neither routes nor runners know of it: `Counting`
around the HTTP application, `counted` around the queue.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import (
    Awaitable,
    Callable,
    Iterable,
    Iterator,
    Mapping,
    MutableMapping,
    Sequence,
)
from typing import Any, Literal, cast

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector

from inkreel import __version__
from inkreel.job import ENDED, Change, Job, JobId, Load, SceneState, Told
from inkreel.ports import JobQueue

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""Names the shared folder; it must be set before this module is imported."""
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
REQUEST_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
CALL_SECONDS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)
JOB_SECONDS = (1.0, 2.5, 5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0, 640.0, 1_280.0, 3_600.0)

ERROR = "inkreel.error"
"""Where in the scope of a request the code of the error lies that it was answered with."""

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class ServiceMetrics:
    """A `Meter` of services outside."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.calls = Counter(
            "inkreel_service_calls",
            "Calls to services outside, by how they ended.",
            ("port", "service", "ended"),
            registry=registry,
        )
        self.call_seconds = Histogram(
            "inkreel_service_call_seconds",
            "Until the whole answer was there, or the call failed.",
            ("port", "service"),
            buckets=CALL_SECONDS,
            registry=registry,
        )
        self.tokens = Counter(
            "inkreel_service_tokens",
            "Tokens of language models, estimated where a server does not count.",
            ("service", "kind"),
            registry=registry,
        )
        self.resting = Gauge(
            "inkreel_service_resting",
            "Worker processes that leave a service alone, since it failed too often.",
            ("port", "service"),
            multiprocess_mode="livesum",
            registry=registry,
        )

    def called(self, port: str, service: str, ended: str, seconds: float, /) -> None:
        self.calls.labels(port, service, ended).inc()
        self.call_seconds.labels(port, service).observe(seconds)

    def spent(self, service: str, prompt_tokens: int, answer_tokens: int, /) -> None:
        self.tokens.labels(service, "prompt").inc(prompt_tokens)
        self.tokens.labels(service, "answer").inc(answer_tokens)

    def rests(self, port: str, service: str, resting: bool, /) -> None:  # noqa: FBT001
        self.resting.labels(port, service).set(int(resting))


class Metrics:
    """The counters of this process; make one."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self.requests = Counter(
            "inkreel_http_requests",
            "Requests answered.",
            ("method", "route", "status"),
            registry=registry,
        )
        self.request_seconds = Histogram(
            "inkreel_http_request_seconds",
            "Until the last byte of the answer.",
            ("method", "route"),
            buckets=REQUEST_SECONDS,
            registry=registry,
        )
        self.refusals = Counter(
            "inkreel_http_refusals",
            "Requests refused, by the code of the error.",
            ("route", "code"),
            registry=registry,
        )
        self.listeners = _live(
            "inkreel_event_listeners", "Open event streams.", "livesum", registry
        )
        self.jobs_ended = Counter(
            "inkreel_jobs_ended", "Jobs ended.", ("status",), registry=registry
        )
        self.job_seconds = Histogram(
            "inkreel_job_seconds",
            "From the start of a job to its end.",
            ("status",),
            buckets=JOB_SECONDS,
            registry=registry,
        )
        self.tries_failed = Counter(
            "inkreel_tries_failed", "Tries that failed, by error.", ("code",), registry=registry
        )
        self.artifacts = Counter(
            "inkreel_artifacts",
            "Artifacts of finished videos: made, or found in the store.",
            ("kind", "how"),
            registry=registry,
        )
        self.fallbacks = Counter(
            "inkreel_fallbacks",
            "Videos made with another service than was asked for, by what failed.",
            ("what",),
            registry=registry,
        )
        self.spooled = _live(
            "inkreel_spooled_jobs",
            "Orders that this machine keeps until the queue answers again.",
            "livemax",
            registry,
        )
        self.services = ServiceMetrics(registry)
        _tell_start(registry)

    def changed(self, before: Job, after: Job) -> None:
        """Count what a step in a job's life means."""
        again = after.status == "queued" and after.attempt == before.attempt
        if before.status == "running" and after.error and (again or after.status == "failed"):
            self.tries_failed.labels(after.error.code).inc()
        if len(after.fallbacks) > len(before.fallbacks):
            self.fallbacks.labels("voice").inc()
        if after.status == before.status or after.status not in ENDED:
            return
        if after.status == "expired" and before.status != "queued":
            return  # its end was counted when it was done
        self.jobs_ended.labels(after.status).inc()
        if after.started is not None and after.ended is not None:
            self.job_seconds.labels(after.status).observe(max(0.0, after.ended - after.started))
        if after.status == "done" and after.outcome is not None:
            if after.outcome.writing is not None and after.outcome.writing.own:
                self.fallbacks.labels("writer").inc()
            for how in ("made", "found"):
                counts = getattr(after.outcome, how)
                for kind in counts.__struct_fields__:
                    self.artifacts.labels(kind, how).inc(getattr(counts, kind))

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """An event stream is open."""
        self.listeners.inc()
        try:
            yield
        finally:
            self.listeners.dec()

    def page(self, load: Load | None, sizes: Mapping[str, int]) -> bytes:
        """What `/metrics` answers: the counters of all processes, the queue as it is (None: it does
        not answer), and the `sizes` in bytes of the places that things are kept in."""
        now = _Now([*_queue_gauges(load), *_size_gauges(sizes)])
        registry = CollectorRegistry()
        registry.register(now)
        folder = os.environ.get(FOLDER_VARIABLE)
        if not folder:
            return generate_latest(self._registry) + generate_latest(registry)
        registry.register(_Folder(folder))
        return generate_latest(registry)


def _live(
    name: str,
    says: str,
    over: Literal["livesum", "livemax", "livemin"],
    registry: CollectorRegistry,
) -> Gauge:
    """A number that a process has as long as it lives; `over` says what all of them make."""
    return Gauge(name, says, multiprocess_mode=over, registry=registry)


def _tell_start(registry: CollectorRegistry) -> None:
    says = "When the oldest living process began, in seconds since the epoch."
    _live("inkreel_start_time_seconds", says, "livemin", registry).set(time.time())


class _Folder:
    """What all processes have counted.

    A file is empty until the process that makes it has given it its size, or for ever if it was
    killed between the two; the library cannot read such a one, and it holds nothing.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def collect(self) -> Iterable[Metric]:
        files = [
            one.path
            for one in os.scandir(self._folder)
            if one.name.endswith(".db") and _size(one) > 0
        ]
        return MultiProcessCollector.merge(files)  # type: ignore[no-untyped-call,no-any-return]


def _size(entry: os.DirEntry[str]) -> int:
    """In bytes; 0 for a file that has just gone, as the gauges of a dead process do."""
    try:
        return entry.stat().st_size
    except FileNotFoundError:
        return 0


class _Now:
    """Gauges that are set at the moment somebody looks."""

    def __init__(self, gauges: Sequence[Metric]) -> None:
        self._gauges = gauges

    def collect(self) -> Sequence[Metric]:
        return self._gauges


def _gauge(name: str, says: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, says, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family


def _queue_gauges(load: Load | None) -> Iterator[Metric]:
    yield _gauge("inkreel_info", "What runs.", "version", {__version__: 1})
    says = "Whether the queue answers."
    yield GaugeMetricFamily("inkreel_queue_up", says, value=load is not None)
    if load is None:
        return
    waiting = {str(priority): count for priority, count in load.waiting_by_priority.items()}
    statuses: dict[str, float] = {str(one): count for one, count in load.by_status.items()}
    yield _gauge("inkreel_jobs", "Jobs that are known.", "status", statuses)
    yield _gauge("inkreel_jobs_waiting", "Jobs that wait.", "priority", waiting)
    yield _gauge("inkreel_worker_jobs", "Jobs that a worker holds.", "worker", load.workers)
    steps = {"waiting": load.steps_waiting, "running": load.steps_running}
    yield _gauge("inkreel_steps", "Steps of videos that were handed out.", "state", steps)
    says = "How long the longest waiting job has been ready."
    yield GaugeMetricFamily("inkreel_oldest_wait_seconds", says, value=load.oldest_wait)


def _size_gauges(sizes: Mapping[str, int]) -> Iterator[Metric]:
    yield _gauge("inkreel_stored_bytes", "Bytes on the disk.", "place", sizes)


class Counting:
    """ASGI middleware, the outermost: counts requests by route template, never by raw path."""

    def __init__(self, app: Application, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        answered = False

        async def noted(message: Message) -> None:
            nonlocal answered
            if message["type"] == "http.response.start":
                answered = True
                self._count(scope, str(message["status"]))  # before who asked can know
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            if not answered:
                self._count(scope, "cut")
            seconds = time.perf_counter() - began
            self._metrics.request_seconds.labels(*_route(scope)).observe(seconds)

    def _count(self, scope: Scope, status: str) -> None:
        method, route = _route(scope)
        self._metrics.requests.labels(method, route, status).inc()
        if ERROR in scope:
            self._metrics.refusals.labels(route, scope[ERROR]).inc()


def _route(scope: Scope) -> tuple[str, str]:
    """Method and route template, of few values each."""
    method = scope["method"] if scope["method"] in METHODS else "other"
    return method, getattr(scope.get("route"), "path", None) or "other"


class _Counted:
    """A queue whose changes are counted once they are there."""

    def __init__(self, queue: JobQueue, metrics: Metrics) -> None:
        self._queue = queue
        self._metrics = metrics

    def __getattr__(self, name: str) -> Any:
        return getattr(self._queue, name)

    async def change(
        self,
        job: JobId,
        change: Change,
        told: Sequence[Told] = (),
        scenes: tuple[SceneState, ...] | None = None,
    ) -> Job:
        steps: list[tuple[Job, Job]] = []

        def noted(before: Job) -> Job:
            after = change(before)
            steps[:] = [(before, after)]  # a transaction that is tried again counts once
            return after

        changed = await self._queue.change(job, noted, told, scenes)
        for before, after in steps:
            self._metrics.changed(before, after)
        return changed


def counted(queue: JobQueue, metrics: Metrics) -> JobQueue:
    """The same queue, whose changes are counted."""
    return cast("JobQueue", _Counted(queue, metrics))
