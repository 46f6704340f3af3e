"""Music files of all kinds, also hostile ones, in the sandbox → Bed, or a clear refusal."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from inkreel.backends.children import ChildWorkers
from inkreel.backends.files import FileStore
from inkreel.errors import MusicUnreadable
from inkreel.model import BED_LUFS, BED_PIECE, Bed
from inkreel.music import bed, decoding
from inkreel.music.bed import CEILING
from inkreel.recipes import BED, BedRequest
from tests.compose.handmade import MemoryShelf
from tests.music.files import loudness, write

SECOND = 48_000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[FileStore]:
    store = FileStore(tmp_path / "cache")
    yield store
    store.scratch.close()


def prepared(store: FileStore, data: bytes) -> Bed:
    """What a real worker makes of it."""

    async def run() -> Bed:
        workers = ChildWorkers(store.root)
        try:
            artifact = await workers.run(BED.recipe(BedRequest(store.put(data))))
        finally:
            await workers.close()
        return store.load(artifact.digest, Bed)

    return asyncio.run(run())


def samples(store: FileStore, made: Bed) -> np.ndarray:
    pcm = b"".join(store.load(piece, bytes) for piece in made.pieces)
    return np.frombuffer(pcm, "<i2").reshape(-1, 2).T / 32_768


def tones(seconds: float, rate: int = SECOND, level: float = 0.1) -> np.ndarray:
    """One on the left, another on the right."""
    at = np.arange(round(seconds * rate)) / rate
    return np.stack([np.sin(2 * np.pi * 330 * at), np.sin(2 * np.pi * 440 * at)]) * level


@pytest.mark.parametrize("suffix", ["mp3", "m4a", "ogg", "wav", "flac"])
def test_every_kind_becomes_a_bed(store: FileStore, tmp_path: Path, suffix: str) -> None:
    """Whatever the kind, rate and level: stereo at 48 kHz, at one loudness, its peaks held, each
    side its own."""
    music = tones(12, 44_100, 0.02)
    data = write(tmp_path / f"tune.{suffix}", music, 44_100)
    made = prepared(store, data)
    heard = samples(store, made)
    assert heard.shape == (2, made.samples)
    assert abs(made.samples - 12 * SECOND) < 0.1 * SECOND
    assert len(made.pieces) == -(-made.samples // BED_PIECE)
    assert abs(loudness(heard)[0] - BED_LUFS) < 0.6
    assert np.abs(heard).max() <= CEILING + 1e-3
    left, right = (np.abs(np.fft.rfft(side[:SECOND])).argmax() for side in heard)
    assert (left, right) == (330, 440)
    assert made.degraded == ()


def test_mono_is_heard_on_both_sides(store: FileStore, tmp_path: Path) -> None:
    """Silence at the ends is left away."""
    music = np.pad(tones(3, 44_100)[:1], ((0, 0), (44_100, 88_200)))
    made = prepared(store, write(tmp_path / "mono.wav", music, 44_100))
    left, right = samples(store, made)
    assert np.array_equal(left, right)
    assert abs(made.samples - 3 * SECOND) < 0.03 * SECOND


def test_peaks_are_limited(store: FileStore, tmp_path: Path) -> None:
    """Rare loud beats do not make the rest inaudible, nor do they reach the voice."""
    music = tones(10, level=0.02)
    music[:, ::SECOND] = 0.98
    made = prepared(store, write(tmp_path / "beats.wav", music, SECOND))
    heard = samples(store, made)
    assert np.abs(heard).max() <= CEILING + 1e-3
    assert abs(loudness(heard)[0] - BED_LUFS) < 1.5


def test_what_cannot_be_heard_is_refused(store: FileStore, tmp_path: Path) -> None:
    """Each with a code of its own and a hint."""
    song = write(tmp_path / "a.m4a", tones(5), SECOND)
    wav = write(tmp_path / "a.wav", tones(5), SECOND)
    silence = write(tmp_path / "b.wav", np.zeros((2, SECOND)), SECOND)
    short = write(tmp_path / "c.wav", tones(0.2), SECOND)
    many = wav[:22] + (200).to_bytes(2, "little") + wav[24:]
    refused = {
        b"": "of no kind",
        b"#EXTM3U\nfile:///etc/hostname\n": "of no kind",
        b"ID3" + bytes(4_000): "decoded",
        song[:1_000]: "decoded",
        b"OggS" + np.random.default_rng(1).bytes(50_000): "decoded",
        silence: "silent",
        short: "0.2 s",
        many: "200 channels",
    }
    for data, said in refused.items():
        with pytest.raises(MusicUnreadable, match=said) as caught:
            prepared(store, data)
        assert caught.value.hint


def test_damage_is_passed_over_and_told(store: FileStore, tmp_path: Path) -> None:
    """A song with a torn middle is still a song."""
    data = bytearray(write(tmp_path / "a.flac", tones(20), SECOND))
    middle = len(data) // 2
    data[middle : middle + 30_000] = np.random.default_rng(3).bytes(30_000)
    made = prepared(store, bytes(data))
    assert made.samples > 10 * SECOND
    assert [one.what for one in made.degraded] in ([], ["parts of the music are left out"])


def test_a_bomb_is_cut(store: FileStore, tmp_path: Path) -> None:
    """Forty minutes of silence in a small file are refused after the ten that are used."""
    minutes = np.zeros((1, 40 * 60 * 8_000), np.float32)
    silence = write(tmp_path / "silence.flac", minutes, 8_000)
    assert len(silence) < 3_000_000
    with pytest.raises(MusicUnreadable, match="silent"):
        prepared(store, silence)


def test_of_long_music_the_beginning_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And that is told."""
    monkeypatch.setattr(decoding, "MAX_SECONDS", 30)
    shelf = MemoryShelf()
    digest = shelf.save(write(tmp_path / "long.flac", tones(40, 8_000), 8_000))
    made = bed.prepare(BedRequest(digest), shelf)
    assert made.samples == 30 * SECOND
    assert [one.why for one in made.degraded] == ["no more of it is used"]
