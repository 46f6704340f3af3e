"""Utterances → Speech, if that is what they hold: decoded, checked against the text, joined.

Services answer 200 with half a sentence, with silence, with what another text sounds like. What
cannot be this text raises `VoiceFailed`, so that it is asked for again and never kept.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from inkreel.errors import VoiceFailed
from inkreel.model import Speech, SpokenWord, Utterance
from inkreel.ports import Shelf
from inkreel.recipes import HearRequest
from inkreel.speech.sentence import KEEP_MS, THRESHOLD_DBFS

Pcm = npt.NDArray[np.int16]

LETTER_MS = (42.0, 170.0)
"""Sound per letter, of the fastest and the slowest voices at their usual speed; 60 to 120 is common
in both languages. Half a sentence of most voices is below."""
SLACK_MS = (150.0, 1_500.0)
"""Less and more than that for whole texts: short ones vary, and are spoken with pauses."""
FRAME_MS = 12
HEARD_SHARE = 0.25
"""Of the frames between the first and the last sound, those that are not silent."""
CUT_LEVEL = 1.0
"""A last frame louder than the loud frames is no end of a sentence. Of 600 whole sentences none was
above 0.76, of those cut at random 28 of 100 are: a false alarm would cost a video its voice."""
PIECE_GAP_MS = 140
"""Between the pieces of a sentence: what a comma is worth."""
RATES = range(8_000, 96_001)
_HINT = "Run it again, or choose another --voice."


def hear(request: HearRequest, shelf: Shelf) -> Speech:
    """The pieces, one after the other, as one sentence. Raises `VoiceFailed`."""
    parts: list[Pcm] = []
    words: list[SpokenWord] = []
    rate = samples = character = 0
    for text, digest in zip(request.pieces, request.utterances, strict=True):
        said = shelf.load(digest, Utterance)
        pcm, own = decode(said)
        _check(text, pcm, own, request.speed)
        if rate not in (0, own):
            raise VoiceFailed("The voice changed its sample rate.", hint=_HINT)
        rate = own
        first, last = _extent(pcm, rate) if len(request.pieces) > 1 else (0, len(pcm))
        if parts:
            parts.append(np.zeros(PIECE_GAP_MS * rate // 1000, np.int16))
            samples += len(parts[-1])
        words += _moved(said.words, rate, character, samples - first)
        parts.append(pcm[first:last])
        samples += last - first
        character += len(text) + 1  # pieces were a space apart
    return Speech(rate=rate, pcm=np.concatenate(parts).astype("<i2").tobytes(), words=tuple(words))


def _moved(
    words: tuple[SpokenWord, ...], rate: int, character: int, sample: int
) -> Iterator[SpokenWord]:
    """Words of a piece as words of the sentence; their times become samples."""
    for word in words:
        at = max(0, sample + word.at * rate // 1000)
        yield SpokenWord(character + word.start, character + word.end, at)


# --- Is it this text? ----------------------------------------------------------------------------


def _check(text: str, pcm: Pcm, rate: int, speed: float) -> None:
    if rate not in RATES or not len(pcm):
        raise VoiceFailed("The voice sent no sound.", hint=_HINT)
    first, last = _extent(pcm, rate)
    if first >= last:
        raise VoiceFailed("The voice answered with silence.", hint=_HINT)
    letters = sum(letter.isalpha() for letter in text)
    heard = (last - first) * 1000 / rate
    least = LETTER_MS[0] * letters / speed - SLACK_MS[0]
    most = LETTER_MS[1] * letters / speed + SLACK_MS[1]
    if not least <= heard <= most:
        why = "It broke off" if heard < least else "It is another text"
        raise VoiceFailed(
            f"The voice said {heard / 1000:.1f} s for {letters} letters. {why}.", hint=_HINT
        )
    levels = _levels(pcm[first:last], rate)
    if np.mean(levels > _threshold()) < HEARD_SHARE:
        raise VoiceFailed("The voice sent hardly any sound.", hint=_HINT)
    ends_at_once = len(pcm) - last < FRAME_MS * rate // 1000
    loud = float(np.percentile(levels, 75))
    if ends_at_once and levels[-1] > CUT_LEVEL * loud and letters > 3:
        raise VoiceFailed("The voice broke off in the middle of a sound.", hint=_HINT)


def _threshold() -> float:
    return float(32768 * 10 ** (THRESHOLD_DBFS / 20))


def _extent(pcm: Pcm, rate: int) -> tuple[int, int]:
    """From the first to the last sound, with a little silence kept about it."""
    loud = np.flatnonzero(np.abs(pcm.astype(np.int32)) >= _threshold())
    if not len(loud):
        return 0, 0
    keep = KEEP_MS * rate // 1000
    return max(0, int(loud[0]) - keep), min(len(pcm), int(loud[-1]) + 1 + keep)


def _levels(pcm: Pcm, rate: int) -> npt.NDArray[np.float64]:
    """Root mean square of each frame; the last one ends with the sound."""
    size = min(len(pcm), max(1, FRAME_MS * rate // 1000))
    count = len(pcm) // size
    frames = pcm[len(pcm) - count * size :].reshape(count, size).astype(np.float64)
    levels: npt.NDArray[np.float64] = np.sqrt(np.mean(frames * frames, axis=1))
    return levels


# --- Decoding ------------------------------------------------------------------------------------


def decode(said: Utterance) -> tuple[Pcm, int]:
    """Mono samples and their rate. Raises `VoiceFailed` for what is damaged or cut."""
    if said.form == "pcm":
        whole = said.sound[: len(said.sound) // 2 * 2]
        return np.frombuffer(whole, "<i2").astype(np.int16), said.rate
    if said.form == "wav":
        return _wav(said.sound)
    return _packed(said)


_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE


def _wav(data: bytes) -> tuple[Pcm, int]:
    """RIFF by hand: servers that stream write any length into it, so that the file's own end
    counts; a length that names more than came, as a file would have it, means that it was cut."""
    kind = channels = rate = bits = 0
    for name, start, length in _chunks(data):
        if name == b"fmt " and length >= 16:
            kind, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", data, start)
            if kind == _EXTENSIBLE and length >= 26:
                (kind,) = struct.unpack_from("<H", data, start + 24)
        elif name == b"data" and channels:
            here = len(data) - start
            if here < length < 0x7FFF_0000:
                raise VoiceFailed(f"The voice sent {here} of {length} bytes of sound.", hint=_HINT)
            sound = data[start : start + length] if _goes_on(data, start, length) else data[start:]
            return _samples(sound, kind, bits, channels), rate
    raise VoiceFailed("The voice sent a WAV file without sound.", hint=_HINT)


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Name, start and told length of each chunk."""
    at = 12
    while at + 8 <= len(data):
        name, length = struct.unpack_from("<4sI", data, at)
        yield name, at + 8, length
        at += 8 + length + length % 2


def _goes_on(data: bytes, start: int, length: int) -> bool:
    """Whether the chunk is as long as it says: what follows is its end or another chunk."""
    end = start + length + length % 2
    return length > 0 and (end >= len(data) - 1 or data[end : end + 4].strip().isalnum())


def _samples(sound: bytes, kind: int, bits: int, channels: int) -> Pcm:
    types = {(_PCM, 16): ("<i2", 1.0), (_PCM, 32): ("<i4", 2**-16), (_FLOAT, 32): ("<f4", 32767.0)}
    if (kind, bits) not in types or channels not in (1, 2):
        raise VoiceFailed(
            f"The voice sent WAV of a kind that is not read ({kind}, {bits} bits, {channels} "
            "channels).",
            hint="Set its format to pcm or mp3.",
        )
    name, scale = types[kind, bits]
    frame = bits // 8 * channels
    raw = np.frombuffer(sound[: len(sound) // frame * frame], name).reshape(-1, channels)
    mono = raw.astype(np.float64).mean(axis=1) * scale
    pcm: Pcm = np.clip(np.nan_to_num(mono), -32768, 32767).astype(np.int16)
    return pcm


def _packed(said: Utterance) -> tuple[Pcm, int]:
    """MP3, FLAC or Ogg, read as what its first bytes say and nothing else."""
    import av
    from av.audio.resampler import AudioResampler

    parts: list[Pcm] = []
    try:
        with av.open(io.BytesIO(said.sound), "r", format=said.form) as container:
            rate = container.streams.audio[0].codec_context.sample_rate
            resampler = AudioResampler(format="s16", layout="mono", rate=rate)
            for frame in container.decode(audio=0):
                parts += [made.to_ndarray()[0] for made in resampler.resample(frame)]
            parts += [made.to_ndarray()[0] for made in resampler.resample(None)]
    except (av.FFmpegError, IndexError) as error:
        raise VoiceFailed(f"The voice sent damaged {said.form}: {error}.", hint=_HINT) from error
    return (np.concatenate(parts) if parts else np.zeros(0, np.int16)), rate
