"""What a client may ask for: a video, another storyboard, to stop, to try again, to forget it.

Each order is refused whole or done whole. A document is read in a sandboxed child before its job
is accepted, so that what cannot be used is refused to the sender, and the worker that takes the
job finds it read.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import msgspec

from inkreel import writer
from inkreel.build import Builder, persist
from inkreel.errors import (
    ArtifactLost,
    Conflict,
    Gone,
    InvalidStoryboard,
    KeyReused,
    NotFound,
    Unavailable,
)
from inkreel.ingest.sources import source_from_bytes
from inkreel.job import (
    DEFAULT_PRIORITY,
    Admission,
    Idempotency,
    Job,
    JobId,
    Webhook,
    board_key,
    folder_key,
    music_key,
    new_job_id,
    source_key,
)
from inkreel.jobs import lifecycle
from inkreel.jobs.lifecycle import Keeping
from inkreel.model import (
    AnyBlock,
    Digest,
    Document,
    Heading,
    ImageVisual,
    Language,
    Listing,
    Options,
    Paragraph,
    Quote,
    Source,
    Storyboard,
    Struct,
    VoiceChoice,
    WriterChoice,
)
from inkreel.ports import JobQueue, Objects, Store
from inkreel.recipes import BED, READ, BedRequest, ReadRequest
from inkreel.storyboard import board as boards

TITLE_CHARACTERS = 200


class Order(Struct, frozen=True, kw_only=True):
    """What a client wants made, beside the material."""

    client: str
    options: Options
    title: str = ""
    """To show; that of the document when empty."""
    priority: int = DEFAULT_PRIORITY
    webhook: str = ""
    idempotency_key: str = ""


class Upload(Struct, frozen=True):
    """A document as it came; the name is only shown."""

    name: str
    data: bytes


class Material(Struct, frozen=True):
    """What a video is made of."""

    told: Upload | Storyboard
    music: bytes | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """On what conditions orders are taken."""

    keeping: Keeping
    admission: Admission
    max_bytes: int
    max_pages: int
    choose_voice: Callable[[str, Language], VoiceChoice]
    choose_writer: Callable[[str], WriterChoice | None]


class Orders:
    """Takes orders over a queue, the objects, and a builder that reads documents."""

    def __init__(self, queue: JobQueue, objects: Objects, builder: Builder, terms: Terms) -> None:
        self._queue = queue
        self._objects = objects
        self._builder = builder
        self._terms = terms

    @property
    def _store(self) -> Store:
        return self._builder.store

    # --- A new video -----------------------------------------------------------------------------

    async def submit(self, order: Order, take: Callable[[], Material]) -> tuple[Job, bool]:
        """A new job, or the one that was sent before with this idempotency key and whether it
        was; `take` is called in a thread. Raises what it raises, `InputError`, `KeyReused`,
        `QueueFull`, `QuotaExceeded`, `DiskFull`."""
        material, payload = await asyncio.to_thread(_taken, order, take)
        music = material.music
        if order.idempotency_key:
            known = await self._queue.by_idempotency(order.client, order.idempotency_key)
            if known is not None:
                return _same(known, payload), True
        now = time.time()
        idempotency = None
        if order.idempotency_key:
            idempotency = Idempotency(order.idempotency_key, payload)
        job = Job(
            id=new_job_id(now),
            client=order.client,
            title=order.title,
            options=order.options,
            source=None,
            music=None if music is None else await self._heard(music),
            priority=order.priority,
            created=now,
            queued=now,
            sweep=now + self._terms.keeping.waiting,
            webhook=Webhook(order.webhook) if order.webhook else None,
            idempotency=idempotency,
        )
        if isinstance(material.told, Upload):
            job = await self._with_document(job, material.told)
        # To its end, even if whoever asked is gone: all of it is kept, or nothing.
        accepted = await asyncio.shield(self._accept(job, material))
        return _same(accepted, payload), accepted.id != job.id

    async def _with_document(self, job: Job, upload: Upload) -> Job:
        source, document = await persist(lambda: self._read(job, upload))
        return msgspec.structs.replace(
            job,
            source=source,
            title=job.title or document.title[:TITLE_CHARACTERS] or upload.name,
            words=await asyncio.to_thread(_words, document),
        )

    async def _read(self, job: Job, upload: Upload) -> tuple[Source, Document]:
        put, limit = self._store.put, self._terms.max_bytes
        source = await asyncio.to_thread(
            source_from_bytes, upload.name, upload.data, put, max_bytes=limit
        )
        request = ReadRequest(source, job.options.language, self._terms.max_pages)
        built = await self._builder.build(READ.recipe(request))
        return source, await self._builder.load(built, Document)

    async def _heard(self, music: bytes) -> Digest:
        """Music that can be used. Raises `MusicUnreadable`."""

        async def prepare() -> Digest:
            digest = await asyncio.to_thread(self._store.put, music)
            await self._builder.build(BED.recipe(BedRequest(digest)))
            return digest

        return await persist(prepare)

    async def _accept(self, job: Job, material: Material) -> Job:
        try:
            job = await asyncio.to_thread(self._keep, job, material)
            accepted = await self._queue.add(job, self._terms.admission)
        except Unavailable:
            raise  # it may be there all the same; what belongs to nobody is dropped later
        except BaseException:
            await asyncio.to_thread(self._objects.drop, folder_key(job.id))
            raise
        if accepted.id != job.id:
            await asyncio.to_thread(self._objects.drop, folder_key(job.id))
        return accepted

    def _keep(self, job: Job, material: Material) -> Job:
        """The job whose material lies in the objects. Raises `InvalidStoryboard`, `DiskFull`."""
        if isinstance(material.told, Upload):
            self._objects.write(source_key(job.id), material.told.data)
        else:
            job, key, data = self._with_board(job, material.told)
            self._objects.write(key, data)
        if material.music is not None:
            self._objects.write(music_key(job.id), material.music)
        return job

    # --- One that is there -----------------------------------------------------------------------

    async def find(self, client: str, job: JobId) -> Job:
        """A job of this client. Raises `NotFound`, also for another client's."""
        found = await self._queue.get(job)
        if found is None or found.client != client:
            raise NotFound(f"There is no video {job}.", hint="Check the id: GET /v1/videos.")
        return found

    async def cancel(self, client: str, job: JobId) -> Job:
        """Stop it, now. Raises `NotFound`, `Conflict`."""
        return await self._step(client, job, lifecycle.cancelled(time.time(), self._terms.keeping))

    async def retry(self, client: str, job: JobId) -> Job:
        """Try it again. Raises `NotFound`, `Conflict`."""
        return await self._step(client, job, lifecycle.retried(time.time(), self._terms.keeping))

    async def reprioritise(self, client: str, job: JobId, priority: int) -> Job:
        """Another priority, while it waits. Raises `NotFound`, `Conflict`."""
        return await self._step(client, job, lifecycle.reprioritised(priority))

    async def film(self, client: str, job: JobId, board: Storyboard) -> Job:
        """Make the video again from this storyboard. Raises `InvalidStoryboard`, `NotFound`,
        `Conflict`, `DiskFull`."""
        found = await self.find(client, job)
        made, key, data = await asyncio.to_thread(self._with_board, found, board)
        digest = made.board
        assert digest is not None  # noqa: S101  just given
        change = lifecycle.reboarded(time.time(), self._terms.keeping, digest, made.words)
        change(found)  # refused before anything is kept
        await asyncio.to_thread(self._objects.write, key, data)
        try:
            return await self._step(client, job, change)
        except NotFound:  # deleted meanwhile
            await asyncio.to_thread(self._objects.drop, folder_key(job))
            raise

    async def delete(self, client: str, job: JobId) -> None:
        """Stop it and forget all of it. Raises `NotFound`."""
        with contextlib.suppress(Conflict):  # it has ended
            await self.cancel(client, job)
        await self.find(client, job)
        await self._queue.remove(job)
        await asyncio.to_thread(self._objects.drop, folder_key(job))

    async def _step(self, client: str, job: JobId, change: Callable[[Job], Job]) -> Job:
        await self.find(client, job)
        return await self._queue.change(job, change)

    # --- Its storyboard --------------------------------------------------------------------------

    def _with_board(self, job: Job, board: Storyboard) -> tuple[Job, str, bytes]:
        """The job with this storyboard, and under which key what is to be kept. Raises
        `InvalidStoryboard`."""
        self._check_pictures(board)
        data = boards.to_json(board)
        digest = Digest(hashlib.sha256(data).hexdigest())
        told = (sentence for scene in board.scenes for sentence in scene.narration)
        replaced = msgspec.structs.replace(
            job,
            board=digest,
            title=job.title or board.title[:TITLE_CHARACTERS],
            words=sum(len(sentence.split()) for sentence in told),
        )
        return replaced, board_key(job.id, digest), data

    def _check_pictures(self, board: Storyboard) -> None:
        """Raises `InvalidStoryboard` when a scene shows a picture that is not there."""
        for number, scene in enumerate(board.scenes, 1):
            if isinstance(scene.visual, ImageVisual):
                try:
                    self._store.read(scene.visual.digest)
                except ArtifactLost as error:
                    raise InvalidStoryboard(
                        f"Scene {number} ({scene.id}) shows a picture that is not there.",
                        hint="Give it another visual.",
                    ) from error

    async def storyboard(self, job: Job) -> Storyboard:
        """What is filmed: what the client sent, or what was written here as soon as it is.
        Raises `Conflict` until then, `Gone` when it is no longer kept."""
        if job.status == "expired":
            raise Gone(f"The video {job.id} has expired.", hint="Send the document again.")
        if job.board is not None:
            key = board_key(job.id, job.board)
            return await asyncio.to_thread(lambda: boards.from_json(self._objects.read(key)))
        kept = next((file for file in job.files if file.variant == "storyboard"), None)
        if kept is not None:
            text = await asyncio.to_thread(self._objects.read, kept.key)
            return await asyncio.to_thread(boards.parse, text.decode())
        written = await asyncio.to_thread(self._written, job)
        if written is None:
            raise Conflict(
                "The storyboard is not written yet.",
                hint="Wait for progress of the stage storyboard in its events.",
            )
        return written

    def _written(self, job: Job) -> Storyboard | None:
        """What the worker has written so far, if it is still in the store, and whole."""
        with contextlib.suppress(ArtifactLost):
            return self._found(job)
        return None

    def _found(self, job: Job) -> Storyboard | None:
        source = job.source
        if source is None:
            return None
        options = job.options
        read = self._store.find(
            READ.recipe(ReadRequest(source, options.language, self._terms.max_pages))
        )
        if read is None:
            return None
        document = self._store.load(read.digest, Document)
        pace = self._terms.choose_voice(options.voice, document.language).pace
        choice = self._terms.choose_writer(options.writer)
        task = writer.Task(read.digest, options.seconds, pace, options.illustrate != "none")
        return writer.find(task, choice, self._store, over=job.summary.scenes > 0)


def _taken(order: Order, take: Callable[[], Material]) -> tuple[Material, Digest]:
    """The material, and what tells this order from others."""
    material = take()
    sent: object = material.told
    if isinstance(material.told, Upload):
        sent = material.told.name, hashlib.sha256(material.told.data).hexdigest()
    heard = [] if material.music is None else [hashlib.sha256(material.music).hexdigest()]
    said = msgspec.json.encode((order, sent, *heard), order="deterministic")
    return material, Digest(hashlib.sha256(said).hexdigest())


def _same(job: Job, payload: Digest) -> Job:
    if job.idempotency is not None and job.idempotency.payload != payload:
        raise KeyReused(
            "This Idempotency-Key was used for another order.",
            hint="Use a new key for each order, and the same one only to repeat it.",
        )
    return job


def _words(document: Document) -> int:
    """Words that are likely to be told."""
    return sum(len(text.split()) for block in document.blocks for text in _told(block))


def _told(block: AnyBlock) -> Iterator[str]:
    match block:
        case Heading() | Paragraph() | Quote():
            yield block.text
        case Listing():
            for item in block.items:
                yield from (item.label, item.text, *item.children)
        case _:
            return
