"""How the embedded voice speaks: pace, cost, level, and words against what is heard.

    OPENBLAS_NUM_THREADS=1 python bench/speech.py

Reads the prose of examples/ aloud at the default rates, in one process. A word start is compared
with the sound's own onset where one can be seen: the first sample above −40 dBFS after 60 ms of
silence, inside of sentences and at their beginnings.
"""

from __future__ import annotations

import hashlib
import re
import resource
import time
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from inkreel.model import SAMPLE_RATE, Digest, Language, Narration, VoiceTrack
from inkreel.providers.tts import espeak
from inkreel.recipes import LevelRequest, NarrateRequest, SpeakRequest, TrackRequest
from inkreel.speech import calibration_sentences, level, narrate, read_aloud, spoken_text, track
from inkreel.speech.loudness import integrated_loudness, true_peak

ROOT = Path(__file__).resolve().parent.parent
TEXTS: dict[Language, tuple[str, ...]] = {
    "vi": ("gioi-thieu.vi.md",),
    "en": ("content-addressing.md", "water-cycle.txt"),
}
SENTENCES_A_SCENE = 3
REPEAT = 4


class Shelf:
    """A store in a dictionary."""

    def __init__(self) -> None:
        self.blobs: dict[Digest, bytes] = {}

    def keep(self, artifact: object) -> Digest:
        data = msgspec.msgpack.encode(artifact)
        digest = Digest(hashlib.sha256(data).hexdigest())
        self.blobs[digest] = data
        return digest

    def load(self, digest: Digest, kind: Any) -> Any:
        return msgspec.msgpack.decode(self.blobs[digest], type=kind)


def prose(name: str) -> list[str]:
    """Sentences of the paragraphs: no headings, tables, lists, code."""
    text = re.sub(
        r"(?s)^---.*?\n---\n|```.*?```|\$\$.*?\$\$",
        "",
        (ROOT / "examples" / name).read_text("utf-8"),
    )
    blocks = [" ".join(block.split()) for block in text.split("\n\n")]
    kept = [block for block in blocks if re.match(r"[^\W\d_]", block) and block[-1] in ".?!"]
    plain = [re.sub(r"[*`]|\[(.*?)\]\(.*?\)", r"\1", block) for block in kept]
    return [sentence for block in plain for sentence in re.split(r"(?<=[.?!])\s+", block)]


def say(shelf: Shelf, texts: list[str], language: Language) -> tuple[Any, Any]:
    voice = espeak.choose("auto", language)
    tokens = tuple(read_aloud(text, language) for text in texts)
    speeches = []
    for said in map(spoken_text, tokens):
        request = SpeakRequest(said, voice.provider, voice.voice, voice.words_per_minute)
        speeches.append(shelf.keep(espeak.speak(request, shelf)))
    return tokens, tuple(speeches)


def onset_errors(narration: Narration, heard: VoiceTrack) -> list[float]:
    """Milliseconds from a seen onset to the nearest word start; positive when the word is late."""
    samples = np.abs(np.frombuffer(heard.pcm, "<i2").astype(np.float32) / 32768)
    loud = np.flatnonzero(samples > 10 ** (-40 / 20))
    after_silence = np.diff(loud, prepend=-SAMPLE_RATE) > SAMPLE_RATE * 60 // 1000
    starts = np.array([word.start for word in narration.words])
    return [
        float((starts - onset)[np.argmin(np.abs(starts - onset))] * 1000 / SAMPLE_RATE)
        for onset in loud[after_silence]
    ]


def measure(language: Language) -> None:
    shelf = Shelf()
    began = time.process_time()
    calibration = say(shelf, list(calibration_sentences(language)), language)[1]
    gain = level(LevelRequest(calibration), shelf)
    calibrated = time.process_time() - began
    sentences = [sentence for name in TEXTS[language] for sentence in prose(name)]
    words = seconds = cost = 0.0
    errors: list[float] = []
    parts: list[bytes] = []
    for _ in range(REPEAT):
        for start in range(0, len(sentences), SENTENCES_A_SCENE):
            began = time.process_time()
            tokens, speeches = say(shelf, sentences[start : start + SENTENCES_A_SCENE], language)
            narration = narrate(NarrateRequest(tokens, speeches), shelf)
            heard = track(TrackRequest(speeches, gain.gain_db), shelf)
            cost += time.process_time() - began
            words += len(narration.words)
            seconds += narration.samples / SAMPLE_RATE
            errors += onset_errors(narration, heard)
            parts += [heard.pcm, bytes(SAMPLE_RATE * 6 // 10 * 2)]
    video = np.frombuffer(b"".join(parts), "<i2").astype(np.float32) / 32768
    off = np.abs(errors)
    loudness, peak = integrated_loudness(video), 20 * np.log10(true_peak(video))
    print(f"{language}: {len(sentences)} sentences, {seconds / 60:.1f} min, {gain}")
    print(f"  shown words a minute   {words / seconds * 60:.0f}")
    print(
        f"  CPU seconds a minute   {cost / seconds * 60:.3f} (calibration once: {calibrated:.2f})"
    )
    print(f"  whole video            {loudness:.2f} LUFS, {peak:.2f} dBTP")
    print(f"  word starts, ms off    mean {off.mean():.1f}, 95 % {np.percentile(off, 95):.1f}")
    print(f"                         signed mean {np.mean(errors):.1f}, {len(off)} onsets")


if __name__ == "__main__":
    for spoken in ("vi", "en"):
        measure(spoken)  # type: ignore[arg-type]
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")
