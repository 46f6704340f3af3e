"""SynthesiseRequest → Speech: a neural voice of the user's, a Piper file on this machine.

A voice is two files, `NAME.onnx` and `NAME.onnx.json`. Finding and choosing one reads the second
alone. Piper (GPL-3) and ONNX Runtime are loaded in `synthesise` only, which is to say in a worker
process: neither the licence nor a crash of theirs reaches the parent.
"""

from __future__ import annotations

import difflib
import hashlib
import importlib.metadata
import importlib.util
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inkreel.errors import OptionError, VoiceFailed
from inkreel.model import Digest, Language, Speech, SpokenWord, VoiceChoice, VoiceFile
from inkreel.ports import Shelf
from inkreel.recipes import SynthesiseRequest

if TYPE_CHECKING:
    from piper import AudioChunk, PiperVoice

PACKAGE = "piper-tts"
EXTRA = "pip install '.[piper]' in a checkout"

PACE: dict[Language, float] = {"vi": 190.0, "en": 160.0}
"""Shown words a minute that a voice is taken to say; they differ, and none was measured."""

SUGGESTED: dict[Language, str] = {"vi": "vi_VN-vais1000-medium", "en": "en_US-lessac-medium"}
"""Names of voices that Piper's own downloader knows."""

SIDECAR_BYTES = 1_000_000
DEPTH = 5
"""Folders below the given one that are looked into: collections sort by language, name, quality."""
CHOSEN = "*.onnx"
_UNHEARD = re.compile(r"[\sˈˌ,.;:?!^$_]")
"""Among phonemes: stress, pauses and padding, which one word has alone and another in company."""
_REMEMBERED = 2
"""Voices that a worker keeps loaded."""
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Found:
    """A voice file, and what its sidecar says; `fault` is why it cannot be used."""

    name: str
    path: Path
    language: str = ""
    """Two letters."""
    rate: int = 0
    quality: str = ""
    speakers: tuple[str, ...] = ()
    fault: str = ""

    @property
    def said(self) -> str:
        """In words."""
        if self.fault:
            return self.fault
        speakers = f", {len(self.speakers)} speakers" if len(self.speakers) > 1 else ""
        quality = f", {self.quality}" if self.quality else ""
        return f"{self.language or 'unknown language'}, {self.rate} Hz{quality}{speakers}"


# --- Finding and choosing ------------------------------------------------------------------------


@cache
def installed() -> bool:
    """Whether the package is here; it is not loaded."""
    return importlib.util.find_spec("piper") is not None


def provider() -> str:
    """Its name with the version of the package."""
    return f"piper/{importlib.metadata.version(PACKAGE)}"


def find(places: Sequence[Path]) -> dict[str, Found]:
    """Voices by name, in files or in folders of them; of equal names the first counts."""
    found: dict[str, Found] = {}
    for place in places:
        for path in _files(place):
            found.setdefault(path.stem, _read(path))
    return found


def _files(place: Path) -> list[Path]:
    if place.suffix == ".onnx":
        return [place]
    if not place.is_dir():
        return []
    try:
        files = [
            path
            for depth in range(DEPTH)
            for path in place.glob("/".join(("*",) * depth + (CHOSEN,)))
            if path.is_file()
        ]
    except OSError:
        return []
    return sorted(files)


def _read(path: Path) -> Found:
    """What the sidecar says of a voice."""
    sidecar = _sidecar(path)
    try:
        with sidecar.open("rb") as file:
            told = json.loads(file.read(SIDECAR_BYTES))
        language = told.get("language") or {}
        code = language.get("code") or told["espeak"]["voice"]
        speakers = told.get("speaker_id_map") or {}
        return Found(
            name=path.stem,
            path=path,
            language=re.split(r"[-_]", str(code))[0].lower(),
            rate=int(told["audio"]["sample_rate"]),
            quality=str(told["audio"].get("quality") or ""),
            speakers=tuple(sorted(speakers, key=lambda one: (speakers[one], one))),
            fault="" if path.is_file() else f"{path} is not there",
        )
    except FileNotFoundError:
        return Found(path.stem, path, fault=f"{sidecar.name} is not beside it")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        return Found(
            path.stem, path, fault=f"{sidecar.name} is no voice's ({type(error).__name__})"
        )


def _sidecar(path: Path) -> Path:
    return path.with_name(f"{path.name}.json")


def best(found: dict[str, Found], language: Language) -> Found | None:
    """The first usable voice of a language."""
    return next((one for one in found.values() if one.language == language and not one.fault), None)


def choose(chosen: str, language: Language, found: dict[str, Found], folder: Path) -> VoiceChoice:
    """The voice for what follows `piper:` in an option, which is empty for any of the language:
    NAME, or NAME#SPEAKER. `folder` is where to put one. Raises `OptionError`."""
    if not installed():
        raise OptionError("Piper is not installed.", hint=f"Install its extra: {EXTRA}.")
    name, _, speaker = chosen.partition("#")
    voice = found.get(name) if name else best(found, language)
    if voice is None:
        what = f"no Piper voice {name[:_SHOWN]!r}" if name else f"no Piper voice for {language}"
        raise OptionError(f"There is {what}.", hint=_how(found, language, folder))
    if voice.fault:
        raise OptionError(
            f"The Piper voice {voice.name} cannot be used: {voice.fault}.",
            hint="Put both files of the voice, .onnx and .onnx.json, beside each other.",
        )
    if speaker and speaker not in voice.speakers:
        names = ", ".join(voice.speakers[:12]) or "only one"
        raise OptionError(
            f"The Piper voice {voice.name} has no speaker {speaker[:_SHOWN]!r}.",
            hint=f"It has: {names}.",
        )
    return VoiceChoice(
        provider=provider(),
        voice=speaker,
        words_per_minute=round(PACE[language]),
        pace=PACE[language],
        file=VoiceFile(str(voice.path), _digest(voice.path)),
    )


def _how(found: dict[str, Found], language: Language, folder: Path) -> str:
    names = f"Here are: {', '.join(found)}. " if found else ""
    return f"{names}Get one: {fetching(language, folder)}"


def fetching(language: Language, folder: Path) -> str:
    """The command that gets a voice to where it is found."""
    return f"python -m piper.download_voices {SUGGESTED[language]} --data-dir {folder}"


def _digest(path: Path) -> Digest:
    """Of both files. Raises `OptionError`."""
    try:
        stats = [file.stat() for file in (path, _sidecar(path))]
        return _hashed(path, tuple((one.st_size, one.st_mtime_ns) for one in stats))
    except OSError as error:
        raise OptionError(
            f"The voice file {path} cannot be read: {error.strerror}.", hint="Check its rights."
        ) from error


@lru_cache(maxsize=64)
def _hashed(path: Path, changed: tuple[tuple[int, int], ...]) -> Digest:  # noqa: ARG001  the key
    """Read once for each change of the files: a model has some 60 MB."""
    digest = hashlib.sha256()
    for file in (path, _sidecar(path)):
        with file.open("rb") as opened:
            digest.update(hashlib.file_digest(opened, "sha256").digest())
    return Digest(digest.hexdigest())


# --- In the worker -------------------------------------------------------------------------------


def synthesise(request: SynthesiseRequest, shelf: Shelf) -> Speech:  # noqa: ARG001  a step
    """Say one sentence. Raises `VoiceFailed` when the voice cannot be used or says nothing."""
    voice = _loaded(request.file)
    from piper import SynthesisConfig

    speaker = voice.config.speaker_id_map.get(request.voice) if request.voice else None
    text = request.text.replace("[[", "[ [")  # between double ones it would read phonemes
    asked = SynthesisConfig(speaker_id=speaker)
    chunks = list(voice.synthesize(text, asked, include_alignments=True))
    pcm = b"".join(chunk.audio_int16_bytes for chunk in chunks)
    if not pcm.strip(b"\0"):
        raise VoiceFailed(
            f"The Piper voice {Path(request.file.path).stem} said nothing for {text[:_SHOWN]!r}.",
            hint="`inkreel voices --try piper` tries it. Or choose another --voice.",
        )
    words = tuple(_words(voice, text, chunks))
    return Speech(rate=voice.config.sample_rate, pcm=pcm, words=words)


@lru_cache(maxsize=_REMEMBERED)
def _loaded(file: VoiceFile) -> PiperVoice:
    """The voice, on one thread: there is a worker for each core. Raises `VoiceFailed`; what a file
    of the wrong kind does to the runtime is not caught: it costs the step, and the narrator tells
    of the voice."""
    path = Path(file.path)
    if not installed():
        raise VoiceFailed("Piper is not installed.", hint=f"Install its extra: {EXTRA}.")
    try:
        same = _digest(path) == file.digest
    except OptionError as error:
        raise VoiceFailed(error.message, hint=error.hint) from error
    if not same:
        raise VoiceFailed(
            f"The voice file {path.name} was changed meanwhile.", hint="Run it again."
        )
    import onnxruntime
    from piper import PiperConfig, PiperVoice

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    told = json.loads(_sidecar(path).read_text("utf-8"))
    session = onnxruntime.InferenceSession(
        _timed(path), sess_options=options, providers=["CPUExecutionProvider"]
    )
    return PiperVoice(session=session, config=PiperConfig.from_dict(told))


def _timed(path: Path) -> str | bytes:
    """The model, made to tell how long each phoneme is where it does not by itself: the lengths
    are there within it, rounded up, and are named as a further output."""
    try:
        import onnx
        from piper.patch_voice_with_alignment import add_alignment_output
    except ImportError:
        return str(path)
    model = onnx.load(str(path))
    try:
        add_alignment_output(model)
    except ValueError:  # it does, or has nothing of the kind
        return str(path)
    return bytes(model.SerializeToString())


# --- When each word begins -----------------------------------------------------------------------


def _words(voice: PiperVoice, text: str, chunks: Sequence[AudioChunk]) -> Iterator[SpokenWord]:
    """Words of the text with the samples they begin at, where the voice tells how long each
    phoneme is. A sentence is no row of its words' phonemes (`of the` becomes one), so each word
    is sought by the phonemes that it has alone; one whose first two are not found is left out."""
    sounds, starts = _sounds(chunks)
    if not sounds:
        return
    words = [word for word in re.finditer(r"\S+", text) if any(map(str.isalnum, word.group()))]
    alone = [_alone(voice, word.group()) for word in words]
    matcher = difflib.SequenceMatcher(None, "".join(alone), sounds, autojunk=False)
    placed = {
        block.a + at: block.b + at
        for block in matcher.get_matching_blocks()
        for at in range(block.size)
    }
    first = 0
    for word, phonemes in zip(words, alone, strict=True):
        begins = placed.get(first, placed.get(first + 1) if len(phonemes) > 1 else None)
        if begins is not None:
            yield SpokenWord(word.start(), word.end(), starts[begins])
        first += len(phonemes)


def _sounds(chunks: Sequence[AudioChunk]) -> tuple[str, list[int]]:
    """The phonemes that are heard, a letter each, and the sample at which each begins; nothing
    when a chunk does not tell."""
    sounds, starts, at = "", [], 0
    for chunk in chunks:
        if chunk.phoneme_alignments is None:
            return "", []
        within = at
        for one in chunk.phoneme_alignments:
            if len(one.phoneme) == 1 and not _UNHEARD.match(one.phoneme):
                sounds += one.phoneme
                starts.append(within)
            within += int(one.num_samples)
        at += len(chunk.audio_int16_array)
    return sounds, starts


def _alone(voice: PiperVoice, word: str) -> str:
    """Phonemes of a word by itself."""
    said: list[Any] = voice.phonemize(word.strip(",.;:?!…"))
    return _UNHEARD.sub("", "".join(phoneme for sentence in said for phoneme in sentence))
