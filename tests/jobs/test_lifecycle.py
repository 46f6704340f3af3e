"""The life of a job: which steps there are, and which are refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from inkreel.errors import (
    Conflict,
    InkreelError,
    InputError,
    LeaseLost,
    OptionError,
    VoiceFailed,
)
from inkreel.job import (
    ENDED,
    JOB_ID,
    Change,
    Failure,
    File,
    Job,
    Outcome,
    Status,
    Summary,
    Webhook,
    new_job_id,
)
from inkreel.jobs import lifecycle
from inkreel.jobs.lifecycle import MAX_LOST, RETRY_SECONDS, TRIES
from inkreel.model import Counts, Degraded, Digest, Options

NOW = 1_800_000_000.0
KEEPING = lifecycle.Keeping(waiting=1_000, results=2_000, record=3_000)
FILES = (File("video", "k", Digest("d"), 9),)
OUTCOME = Outcome(60.0, 5.0, Counts(), Counts())
BOARD = Digest("b" * 64)


LOST_VOICE = (Degraded("the whole video is told by espeak", "The voice failed."),)


def exact(_low: float, _high: float) -> float:
    return 1.0


def a_job() -> Job:
    return Job(
        id=new_job_id(NOW),
        client="ann",
        title="",
        options=Options(),
        source=None,
        created=NOW,
        queued=NOW,
        sweep=NOW + KEEPING.waiting,
        webhook=Webhook("https://example.org/"),
    )


def running() -> Job:
    return lifecycle.claimed("w", NOW, 10.0)(a_job())


def failed(job: Job, error: InkreelError, now: float = NOW) -> Job:
    return lifecycle.failed(job.fence, now, KEEPING, error, exact)(job)


def done(job: Job) -> Job:
    return lifecycle.finished(job.fence, NOW, KEEPING, OUTCOME, FILES, ())(job)


def in_status(status: Status) -> Job:
    job = running()
    made = {
        "queued": a_job,
        "running": lambda: job,
        "done": lambda: done(job),
        "failed": lambda: failed(job, InputError("no text")),
        "cancelled": lambda: lifecycle.cancelled(NOW, KEEPING)(job),
        "expired": lambda: lifecycle.aged(NOW + 1e6, KEEPING)(done(job)),
    }[status]()
    assert made.status == status
    return made


STEPS: dict[str, tuple[Callable[[Job], Change], set[Status]]] = {
    "finished": (
        lambda job: lifecycle.finished(job.fence, NOW, KEEPING, OUTCOME, (), ()),
        {"running"},
    ),
    "failed": (
        lambda job: lifecycle.failed(job.fence, NOW, KEEPING, VoiceFailed("no")),
        {"running"},
    ),
    "handed back": (lambda job: lifecycle.handed_back(job.fence, NOW, KEEPING), {"running"}),
    "revoiced": (lambda job: lifecycle.revoiced(job.fence, NOW, KEEPING, LOST_VOICE), {"running"}),
    "lost": (lambda _job: lifecycle.lost(NOW + 10, KEEPING), {"running"}),
    "cancelled": (
        lambda _job: lifecycle.cancelled(NOW, KEEPING),
        {"queued", "running", "cancelled"},
    ),
    "retried": (lambda _job: lifecycle.retried(NOW, KEEPING), {"failed", "cancelled"}),
    "reboarded": (
        lambda _job: lifecycle.reboarded(NOW, KEEPING, BOARD, 9),
        {"queued", "running", "done", "failed", "cancelled"},
    ),
    "reprioritised": (lambda _job: lifecycle.reprioritised(9), {"queued"}),
    "aged": (
        lambda _job: lifecycle.aged(NOW + 1e9, KEEPING),
        {"queued", "done", "failed", "cancelled"},
    ),
}


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("status", ["queued", "running", *sorted(ENDED)])
def test_steps_are_taken_where_they_may(name: str, status: Status) -> None:
    """Each step is taken in the states it is for and refused in all others; whatever takes a job
    from its worker raises the fence; nobody holds a job that does not run."""
    step, allowed = STEPS[name]
    job = in_status(status)
    if status not in allowed:
        with pytest.raises((Conflict, LeaseLost)):
            step(job)(job)
        return
    after = step(job)(job)
    assert (after.status == "running") == (after.lease is not None) == bool(after.worker)
    if status == "running":
        assert after.fence > job.fence
    assert (after.status in ENDED) == (after.ended is not None)


@pytest.mark.parametrize("name", ["finished", "failed", "handed back"])
def test_an_older_fence_is_refused(name: str) -> None:
    """Who held the job before can not finish, fail or return it."""
    step, _ = STEPS[name]
    before = running()
    again = lifecycle.claimed("w2", NOW + 20, 10)(lifecycle.lost(NOW + 10, KEEPING)(before))
    with pytest.raises(LeaseLost):
        step(before)(again)


def test_a_job_is_tried_four_times() -> None:
    """The second, third and fourth try follow after 2, 8 and 32 seconds; then it has failed, and
    says why. Each wait is put off or brought forward by up to a quarter."""
    job, waits = running(), []
    for _ in range(TRIES - 1):
        job = failed(job, VoiceFailed("away", hint="wait"))
        assert job.status == "queued"
        assert job.error == Failure("voice_failed", "away", "wait")
        waits.append(job.queued - NOW)
        job = lifecycle.claimed("w", NOW, 10)(job)
    assert waits == list(RETRY_SECONDS)
    job = failed(job, VoiceFailed("away"))
    assert (job.status, job.attempt) == ("failed", 4)
    asked: list[tuple[float, float]] = []
    lifecycle.failed(
        running().fence,
        NOW,
        KEEPING,
        VoiceFailed(""),
        lambda low, high: asked.append((low, high)) or 1,  # type: ignore[func-returns-value]
    )(running())
    assert asked == [(0.75, 1.25)]


@pytest.mark.parametrize("error", [InputError("no text"), OptionError("no such size")])
def test_what_cannot_help_is_not_tried_again(error: InkreelError) -> None:
    """A document or option that is refused is refused for good."""
    assert failed(running(), error).status == "failed"


def test_a_dead_worker_is_no_try_but_five_are_the_end() -> None:
    """A job waits again at once when its worker dies; one that kills every worker is given up."""
    job = running()
    for n in range(1, MAX_LOST):
        with pytest.raises(LeaseLost):
            lifecycle.lost(NOW + 9.9, KEEPING)(job)
        job = lifecycle.lost(NOW + 10, KEEPING)(job)
        assert (job.status, job.attempt, job.lost, job.queued) == ("queued", 0, n, NOW + 10)
        job = lifecycle.claimed("w", NOW, 10)(job)
    job = lifecycle.lost(NOW + 10, KEEPING)(job)
    assert (job.status, job.error and job.error.code) == ("failed", "worker_failed")


def test_a_retry_starts_afresh_and_an_edit_keeps_what_was_made() -> None:
    """Tries count anew; the last edition's files stay until the next one is done."""
    again = lifecycle.retried(NOW + 5, KEEPING)(in_status("failed"))
    assert (again.attempt, again.error, again.ended, again.queued) == (0, None, None, NOW + 5)
    edited = lifecycle.reboarded(NOW + 5, KEEPING, BOARD, 77)(in_status("done"))
    assert (edited.edition, edited.board, edited.words) == (2, BOARD, 77)
    assert edited.files == FILES
    assert edited.summary == Summary()


def test_another_voice_is_another_edition_and_no_try() -> None:
    """The next edition waits for nothing and counts no try; it is marked from its claim on, until
    the user has it made again with the voice that was chosen."""
    job = running()
    again = lifecycle.revoiced(job.fence, NOW, KEEPING, LOST_VOICE)(job)
    assert (again.status, again.edition, again.attempt, again.queued) == ("queued", 2, 0, NOW)
    assert again.fence > job.fence
    told = lifecycle.claimed("w", NOW, 10.0)(again)
    assert (told.degraded, told.attempt, told.stream) == (LOST_VOICE, 1, None)
    assert failed(told, VoiceFailed("no")).fallbacks == LOST_VOICE
    ended = lifecycle.cancelled(NOW, KEEPING)(told)
    assert lifecycle.retried(NOW, KEEPING)(ended).fallbacks == ()
    assert lifecycle.reboarded(NOW, KEEPING, BOARD, 9)(told).fallbacks == ()


def test_every_end_is_told_once() -> None:
    """Done, failed, cancelled and timed out: each makes the webhook due; the expiry of results
    that were kept long enough does not."""
    for status in ("done", "failed", "cancelled"):
        job = in_status(status)
        assert job.webhook is not None
        assert job.webhook.due == NOW
    told = replace(in_status("done"), webhook=Webhook("https://example.org/", state="delivered"))
    kept = lifecycle.aged(NOW + 1e6, KEEPING)(told)
    assert kept.webhook == told.webhook
    waited = lifecycle.aged(NOW + 1e6, KEEPING)(a_job())
    assert waited.webhook is not None
    assert waited.webhook.due == NOW + 1e6
    assert (waited.status, waited.error and waited.error.code) == ("expired", "job_expired")


def test_results_and_records_have_their_time() -> None:
    """Results go when they were kept long enough, and then the record; not a second before."""
    job = in_status("done")
    assert job.sweep == NOW + KEEPING.results
    with pytest.raises(LeaseLost):
        lifecycle.aged(job.sweep - 1, KEEPING)(job)
    expired = lifecycle.aged(job.sweep, KEEPING)(job)
    assert expired.files == ()
    assert expired.sweep == job.sweep + KEEPING.record
    assert expired.ended == job.ended


def test_ids_sort_by_time_and_match_their_pattern() -> None:
    """Ids of one format; a later job's is greater."""
    import re

    ids = [new_job_id(NOW + n / 1_000) for n in range(1_000)]
    assert ids == sorted(ids)
    assert all(re.fullmatch(JOB_ID, one) for one in ids)
    assert len({new_job_id(NOW) for _ in range(1_000)}) == 1_000
