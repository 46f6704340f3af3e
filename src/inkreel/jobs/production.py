"""Scenes → the objects that a job's user gets: video, captions, poster, storyboard."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from inkreel.compose import fragments
from inkreel.delivery import Reel
from inkreel.job import File, JobId, SegmentTold, Stream, Variant, result_key, segment_key
from inkreel.model import FPS, Clip, Digest, Options, Scene, Segment, Storyboard
from inkreel.ports import Objects
from inkreel.storyboard.board import dump


class Production:
    """A `Movie` in an unfinished file whose results are placed, whole and under their digests, by
    `finish`; then `files` names them. Each scene is also placed as a segment that players may
    stream at once, and told with `publish`, in the thread that adds it."""

    def __init__(
        self,
        job: JobId,
        board: Storyboard,
        options: Options,
        objects: Objects,
        publish: Callable[[Stream, SegmentTold], object],
    ) -> None:
        self.path = objects.scratch()
        self.files: tuple[File, ...] = ()
        self._job = job
        self._board = board
        self._objects = objects
        self._publish = publish
        self._size = options.pixels
        self._scenes = self._frames = 0
        self._stream: Stream | None = None
        self._reel = Reel(self.path, board, options, shown=Path("the video"))

    def add(self, scene: Scene, clip: Clip, transition: Segment | None) -> None:
        self._reel.add(scene, clip, transition)
        if self._stream is None:
            start = fragments.initialisation(clip, *self._size)
            self._stream = Stream(self._place(start), fragments.codecs(clip))
        frames = clip.lead + clip.body.frames
        data = fragments.fragment(self._scenes, self._frames, clip, transition)
        told = SegmentTold(
            self._scenes,
            self._place(data),
            round(self._frames / FPS, 6),
            round(frames / FPS, 6),
        )
        self._publish(self._stream, told)
        self._scenes += 1
        self._frames += frames

    def finish(self, poster: bytes) -> None:
        beside: dict[Variant, bytes] = {
            "poster": poster,
            **self._reel.close(),
            "storyboard": dump(self._board, None).encode(),
        }
        self.files = (self._video(), *(self._write(*one) for one in beside.items()))

    def abort(self) -> None:
        self._reel.abort()

    def _place(self, data: bytes) -> Digest:
        digest = Digest(hashlib.sha256(data).hexdigest())
        self._objects.write(segment_key(self._job, digest), data)
        return digest

    def _video(self) -> File:
        size = self.path.stat().st_size
        with self.path.open("rb") as file:
            # Read once more, from the disk's cache: the index at its start is written last.
            digest = Digest(hashlib.file_digest(file, "sha256").hexdigest())
        key = result_key(self._job, digest, "video")
        self._objects.place(key, self.path)
        return File("video", key, digest, size)

    def _write(self, variant: Variant, data: bytes) -> File:
        digest = Digest(hashlib.sha256(data).hexdigest())
        key = result_key(self._job, digest, variant)
        self._objects.write(key, data)
        return File(variant, key, digest, len(data))
