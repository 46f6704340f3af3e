"""What can be watched of a video while it is made: its segments and small pictures."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from pathlib import Path

from inkreel.job import Job, SceneSegment, SegmentTold, Stream, segment_key, thumbnail_key
from inkreel.jobs.journal import Journal
from inkreel.model import Digest, Footage, Scene, Storyboard
from inkreel.pipeline import Movie
from inkreel.ports import Objects, Store
from inkreel.recipes import TracksRequest


class Showing:
    """Places what can be watched of a job among its `objects`, and tells it to its journal."""

    def __init__(self, job: Job, journal: Journal, objects: Objects, store: Store) -> None:
        self._job = job
        self._journal = journal
        self._objects = objects
        self._store = store

    def movie(self, board: Storyboard, movie: Movie) -> Movie:
        """The scenes of `board` are to go into `movie`, and can be watched meanwhile."""
        self._journal.begin(board)
        loop = asyncio.get_running_loop()

        def publish(stream: Stream, segment: SegmentTold) -> None:
            loop.call_soon_threadsafe(self._journal.publish, stream, segment)

        return Streamed(movie, self._job, self._objects, publish)

    async def show(self, scene: int, picture: Digest) -> None:
        """The small picture of a scene is there."""
        data = await asyncio.to_thread(self._store.read, picture)
        await asyncio.to_thread(self._objects.write, thumbnail_key(self._job.id, picture), data)
        self._journal.show(scene, picture)


class Streamed:
    """A `Movie` of which each piece is also placed as a segment that players may stream at once,
    and told with `publish`, in the thread that adds it."""

    def __init__(
        self,
        movie: Movie,
        job: Job,
        objects: Objects,
        publish: Callable[[Stream, SegmentTold], object],
    ) -> None:
        self._movie = movie
        self._job = job.id
        self._objects = objects
        self._publish = publish
        self._size, self._rate = job.options.pixels, job.options.rate
        self._segments = self._frames = 0
        self._scene = -1
        self._last: Scene | None = None
        self._stream: Stream | None = None

    @property
    def path(self) -> Path:
        return self._movie.path

    def add(self, scene: Scene, footage: Footage) -> None:
        # Brings FFmpeg's libraries, as the movie does: by now the workers are busy.
        from inkreel.compose import fragments

        self._movie.add(scene, footage)
        if self._stream is None:
            opening = fragments.initialisation(footage, self._size, self._rate)
            self._stream = Stream(self._place(opening), fragments.codecs(footage))
        if scene is not self._last:
            self._scene, self._last = self._scene + 1, scene
        data = fragments.fragment(self._segments, self._frames, footage, self._rate)
        self._segments += 1
        seconds = self._rate.seconds(footage.frames)
        segment = SceneSegment(self._segments, self._place(data), seconds)
        start = self._rate.seconds(self._frames)
        self._publish(self._stream, SegmentTold(self._scene, segment, start))
        self._frames += footage.frames

    def close(self, poster: bytes) -> tuple[TracksRequest, ...]:
        return self._movie.close(poster)

    def finish(self, poster: bytes) -> None:
        self._movie.finish(poster)

    def abort(self) -> None:
        self._movie.abort()

    def _place(self, data: bytes) -> Digest:
        digest = Digest(hashlib.sha256(data).hexdigest())
        self._objects.write(segment_key(self._job, digest), data)
        return digest
