"""Scenes → the objects that a job's user gets: video, sound, captions, poster, storyboard,
thumbnails."""

from __future__ import annotations

import hashlib
from pathlib import Path

from inkreel.delivery import Reel
from inkreel.job import File, JobId, Variant, result_key
from inkreel.model import Digest, Footage, Options, Scene, Storyboard
from inkreel.ports import Objects
from inkreel.recipes import TracksRequest
from inkreel.storyboard.board import dump


class Production:
    """A `Movie` in an unfinished file whose results are placed, whole and under their digests, by
    `finish`; then `files` names them."""

    def __init__(self, job: JobId, board: Storyboard, options: Options, objects: Objects) -> None:
        self.path = objects.scratch()
        self.files: tuple[File, ...] = ()
        self._job = job
        self._board = board
        self._objects = objects
        self._reel = Reel(self.path, board, options, shown=Path("the video"))
        self._heard_path = objects.scratch()
        self._heard = Reel(self._heard_path, board, options, shown=Path("the sound"))

    def add(self, scene: Scene, footage: Footage) -> None:
        self._reel.add(scene, footage)
        self._heard.add(scene, footage.unseen())

    def close(self, poster: bytes) -> tuple[TracksRequest, ...]:
        return self._reel.close(poster), self._heard.close(poster)

    def finish(self, poster: bytes) -> None:
        beside: dict[Variant, bytes] = {
            "poster": poster,
            **self._reel.captions(),
            "storyboard": dump(self._board, None).encode(),
        }
        sprites: list[File] = []

        def keep(_: int, jpeg: bytes) -> str:
            sprites.append(self._write("sprite", jpeg))
            return sprites[-1].digest  # who asks is given a link, signed for him, in its place

        beside["thumbnails"] = self._reel.thumbnails(keep)
        self.files = (
            self._movie("video", self.path),
            self._movie("audio", self._heard_path),
            *(self._write(*one) for one in beside.items()),
            *sprites,
        )

    def abort(self) -> None:
        self._reel.abort()
        self._heard.abort()

    def _movie(self, variant: Variant, path: Path) -> File:
        size = path.stat().st_size
        with path.open("rb") as file:
            # Read once more, from the disk's cache: the index at its start is written last.
            digest = Digest(hashlib.file_digest(file, "sha256").hexdigest())
        key = result_key(self._job, digest, variant)
        self._objects.place(key, path)
        return File(variant, key, digest, size)

    def _write(self, variant: Variant, data: bytes) -> File:
        digest = Digest(hashlib.sha256(data).hexdigest())
        key = result_key(self._job, digest, variant)
        self._objects.write(key, data)
        return File(variant, key, digest, len(data))
