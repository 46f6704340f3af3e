"""Every arrow of the house on one page: what a step is asked, what it answers, how long it is kept.

A *step* is a pure function `(request, shelf) → output`. Its *recipe* (role, maker with version,
request) has a key; the store maps key → digest and digest → bytes. A request names what it needs
by `Digest`, never by the recipe that made it, and holds no ids, line numbers or absolute times,
so that an edit of the document stays local.
"""

# long: all that is asked and answered on one page, so that the whole flow can be read in one go.

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

import msgspec

from inkreel.model import (
    AnyVisual,
    Bed,
    Brand,
    Brief,
    Captions,
    Clip,
    Digest,
    Document,
    Draft,
    DraftScene,
    FrameRate,
    Illustration,
    Language,
    Narration,
    Options,
    Photo,
    Picture,
    Profile,
    Segment,
    Sound,
    Source,
    Speech,
    Storyboard,
    Struct,
    Token,
    Utterance,
    VoiceFile,
    VoiceTrack,
)

Out = TypeVar("Out")

Resource = Literal["cpu", "network"]
"""What a step waits for; each has its own limit."""

# --- What each step is asked ---------------------------------------------------------------------


class ReadRequest(Struct, frozen=True):
    """Source → Document."""

    source: Source
    language: Literal["auto", "vi", "en"] = "auto"
    max_pages: int = 2_000


class OutlineRequest(Struct, frozen=True):
    """Document → Storyboard, without an LLM."""

    document: Digest
    seconds: float | None
    words_per_minute: float
    """Measured speaking rate of the chosen voice, shown words a minute."""
    illustrated: bool = False
    """Whether scenes say what a picture beside them is to show."""


class BriefRequest(Struct, frozen=True):
    """Document → Briefs: what a language model is told of each section."""

    document: Digest
    seconds: float | None
    words_per_minute: float
    characters: int
    """Most of a section that it is shown at once; longer ones are parted."""


class Briefs(Struct, frozen=True):
    """A brief for each section, None where there is nothing for a language model to tell."""

    sections: tuple[Brief | None, ...]


class WriteRequest(Struct, frozen=True):
    """A section → Draft, by a language model. It holds no secret."""

    brief: Brief
    provider: str
    """The protocol with its version, and a hash of where it is spoken."""
    model: str
    temperature: float | None
    answer_tokens: int


class CheckRequest(Struct, frozen=True):
    """Scenes as a language model wrote them, in JSON → whether they hold."""

    brief: Brief
    scenes: tuple[str, ...]


class CheckedScene(Struct, frozen=True):
    """A scene, if it is one; what is wrong with it, in words; and how the model is told to write it
    anew. A good one has neither."""

    scene: DraftScene | None
    sources: tuple[str, ...] = ()
    """The blocks that it cites and that are there."""
    fault: str = ""
    repair: str = ""


class Checked(Struct, frozen=True):
    """The scenes in their order."""

    scenes: tuple[CheckedScene, ...]


class AssembleRequest(Struct, frozen=True):
    """Drafts of sections → Storyboard. The first four are those of the briefs; a section that has a
    brief and no draft is for the writer of the house to tell."""

    document: Digest
    seconds: float | None
    words_per_minute: float
    characters: int
    briefed: tuple[bool, ...]
    drafts: tuple[Digest | None, ...]
    illustrated: bool = False


class SpeakRequest(Struct, frozen=True):
    """One sentence, as it is said → Speech."""

    text: str
    provider: str
    """Provider with its version, e.g. `espeak-ng/1.52.0`."""
    voice: str
    words_per_minute: int


class SynthesiseRequest(Struct, frozen=True):
    """One sentence, as it is said → Speech, by a voice file."""

    text: str
    provider: str
    """As in `SpeakRequest`, e.g. `piper/1.8.0`."""
    file: VoiceFile
    voice: str
    """Of the speakers in the file; empty: its own choice."""


class SayRequest(Struct, frozen=True):
    """A sentence, or a piece of one → Utterance, by a service outside. It holds no secret."""

    text: str
    provider: str
    """The protocol with its version, and a hash of where it is spoken: `openai/1@5d41402abc4b`."""
    model: str
    voice: str
    form: str
    """The format that is asked for."""
    speed: float


class HearRequest(Struct, frozen=True):
    """Utterances of the pieces of a sentence → its Speech, if that is what they hold."""

    pieces: tuple[str, ...]
    utterances: tuple[Digest, ...]
    speed: float
    """That the voice was asked for, which its length is checked against."""


class LevelRequest(Struct, frozen=True):
    """Speech of a voice's calibration sentences → the gain that brings it to −16 LUFS."""

    speeches: tuple[Digest, ...]


class BedRequest(Struct, frozen=True):
    """Music file → Bed."""

    music: Digest


class Level(Struct, frozen=True):
    gain_db: float
    loudness_lufs: float
    """What the calibration sentences measured after gain and limiter."""


class NarrateRequest(Struct, frozen=True):
    """Sentences and their speech → Narration of a scene."""

    sentences: tuple[tuple[Token, ...], ...]
    speeches: tuple[Digest, ...]


class TrackRequest(Struct, frozen=True):
    """Speech of a scene's sentences → VoiceTrack at the voice's level."""

    speeches: tuple[Digest, ...]
    gain_db: float


class IllustrateRequest(Struct, frozen=True):
    """What a picture is to show → Illustration, by a source of images. It holds no secret."""

    query: str
    language: Language
    shape: Literal["landscape", "portrait", "square"]
    provider: str
    model: str
    style: str
    size: str
    pick: int = 0
    """Which of several that fit: scenes with one query do not show one picture."""


class DevelopRequest(Struct, frozen=True):
    """Bytes that are said to be a picture → Photo."""

    image: Digest


class DrawRequest(Struct, frozen=True):
    """Visual → Picture."""

    heading: str
    eyebrow: str
    visual: AnyVisual
    language: Language
    theme: str | Brand
    width: int
    height: int
    photo: Photo | None = None
    """Beside the visual, in a panel of its own."""
    still: bool = False
    """Images do not drift: in a draft they would cost more than all else."""


class FitRequest(Struct, frozen=True):
    """Storyboard → Storyboard, in which what is too much for one picture is shown in parts."""

    storyboard: Storyboard
    cues: tuple[tuple[int, ...], ...]
    """For each scene the sentences in which its steps are spoken of, as far as that is known."""
    theme: str | Brand
    width: int
    height: int


class CaptionRequest(Struct, frozen=True):
    """Shown words of a scene, sentence by sentence → Captions."""

    sentences: tuple[tuple[str, ...], ...]
    language: Language
    theme: str | Brand
    width: int
    height: int


class Encoding(Struct, frozen=True):
    """Encoder settings; segments with equal settings can be joined."""

    preset: str = "veryfast"
    qp: int = 24
    """The quantiser of P pictures; I pictures get 6 less, B pictures 1 more."""
    fps: int = 30
    keyframe_seconds: float = 5.0
    """Most time between pictures that a player can seek to."""
    skip_unchanged: bool = False
    """Write frames that equal the one before as skipped pictures instead of encoding them."""

    @property
    def rate(self) -> FrameRate:
        return FrameRate(self.fps)


@dataclass(frozen=True, slots=True)
class Recording:
    """How picture and sound of a video are encoded."""

    encoding: Encoding
    bit_rate: int
    """Of the sound, bits a second."""


PROFILES: dict[Profile, Recording] = {
    "draft": Recording(Encoding("veryfast", 30, skip_unchanged=True), 96_000),
    "standard": Recording(Encoding(), 128_000),
    "quality": Recording(Encoding("medium", 20), 192_000),
}
"""Measured by `bench/profiles.py`, see decision 19."""


def recording_for(options: Options) -> Recording:
    """What the options say, the same for all scenes of a video."""
    profile = PROFILES[options.profile]
    skip = {"auto": profile.encoding.skip_unchanged, "encode": False, "skip": True}[options.still]
    encoding = msgspec.structs.replace(profile.encoding, fps=options.fps, skip_unchanged=skip)
    return Recording(encoding, profile.bit_rate)


Effect = Literal["fade", "slide", "wipe"]


class TransitionRequest(Struct, frozen=True):
    """The end of one picture and the start of the next scene → Segment of `frames` frames, the
    first of the next scene."""

    before: Digest
    after: Digest
    narration: Digest
    captions: Digest | None
    frames: int
    effect: Effect
    encoding: Encoding = Encoding()


class ClipRequest(Struct, frozen=True):
    """Picture, narration, captions → Clip. `lead` frames are left to the transition before."""

    picture: Digest
    narration: Digest
    captions: Digest | None
    cues: tuple[int, ...]
    lead: int
    encoding: Encoding = Encoding()
    span: tuple[int, int] | None = None
    """Frames `[first, last)` of the scene; None: all behind the lead."""
    words: tuple[int | None, ...] = ()
    """The word of the narration with which each step comes, where its words are said."""


class Under(Struct, frozen=True):
    """What lies under a scene's narration. A scene joins its neighbours where music is heard: its
    sound depends on where it begins, and on the voice that follows."""

    bed: Digest
    begin: int
    """The scene's first sample in the video."""
    following: Digest | None
    """Voice track of the next scene; None: this is the last one."""
    volume_db: float = 0.0


class SoundRequest(Struct, frozen=True):
    """Narration, VoiceTrack → Sound of a scene, which begins `phase` samples into an AAC packet."""

    narration: Digest
    voice: Digest
    fps: int
    phase: int = 0
    bit_rate: int = 128_000
    under: Under | None = None


class PosterRequest(Struct, frozen=True):
    """Picture with all its layers → JPEG, as wide as the picture or as `width` pixels."""

    picture: Digest
    quality: int = 75
    width: int | None = None


class ThumbnailRequest(Struct, frozen=True):
    """Picture with all its layers → WebP of `width` pixels."""

    picture: Digest
    width: int
    quality: int = 80


class FramesRequest(Struct, frozen=True):
    """Frames `[first, last)` of a finished video → whether each is there, once and on time."""

    video: str
    """Path of a file that no other run writes: what is said of it is not kept."""
    fps: int
    first: int
    last: int


class FramesSeen(Struct, frozen=True):
    """How many were decoded, and how many of these are skipped pictures."""

    frames: int
    skipped: int


class TracksRequest(Struct, frozen=True):
    """All packets of a finished video → whether they are those that were made."""

    video: str
    """As in `FramesRequest`."""
    fps: int
    frames: int
    seen: bool
    """With pictures; else there is only sound, as long as so many frames."""
    chapters: int
    cues: int
    """Of the captions' track."""
    seal: Digest
    """Over the coded pictures and the sound, see `inkreel.compose.seal`."""


class TracksSeen(Struct, frozen=True):
    """How many samples were decoded, and how many captions were read."""

    samples: int
    cues: int


@cache
def fingerprint(module: str) -> str:
    """Short hash of the sources of a module, or of all that lies in a package, and of the nouns."""
    house = Path(__file__).parent
    room = house.joinpath(*module.split(".")[1:])
    files = [file for file in room.rglob("*") if file.suffix in (".py", ".typ", ".md")]
    digest = hashlib.sha256()
    for file in [house / "model.py", *(sorted(files) or [room.with_suffix(".py")])]:
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


# --- The table -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Step(Generic[Out]):
    """A row of the table. `function` is `module:name`, imported only where the step runs."""

    role: str
    maker: str
    """Who makes it, e.g. `typst-kit`."""
    function: str
    request: type[Struct]
    output: type[Out]
    max_age_days: int
    compressed: bool = True
    """Media is stored as it is, everything else under zstd."""
    resource: Resource = "cpu"
    """`network`: a service does it, called from the parent's event loop; `function` then only says
    whose code stands behind it."""
    sandboxed: bool = False
    """Reads bytes of strangers: a fresh child process with hard limits."""
    reads: str = "document"
    """What a sandboxed step reads, for people."""

    @property
    def version(self) -> str:
        """Of the code that makes it: an upgrade never finds what older code made."""
        return fingerprint(self.function.partition(":")[0])

    def load(self) -> Callable[..., Any]:
        module, _, name = self.function.partition(":")
        return getattr(importlib.import_module(module), name)  # type: ignore[no-any-return]

    def recipe(self, request: Struct) -> Recipe[Out]:
        return Recipe(step=self, request=request)


READ = Step("document", "reader", "inkreel.ingest:read", ReadRequest, Document, 90, sandboxed=True)
OUTLINE = Step(
    "storyboard", "outline", "inkreel.storyboard:outline", OutlineRequest, Storyboard, 90
)
BRIEF = Step("briefs", "prompts", "inkreel.storyboard:brief", BriefRequest, Briefs, 90)
WRITE = Step(
    "draft", "service", "inkreel.providers.llm:Writers", WriteRequest, Draft, 90, resource="network"
)
CHECK = Step("checked", "checker", "inkreel.storyboard:check", CheckRequest, Checked, 90)
ASSEMBLE = Step(
    "assembled", "outline", "inkreel.storyboard:assemble", AssembleRequest, Storyboard, 90
)
SPEAK = Step("speech", "speak", "inkreel.providers.tts.espeak:speak", SpeakRequest, Speech, 30)
SYNTHESISE = Step(
    "synthesis", "piper", "inkreel.providers.tts.piper:synthesise", SynthesiseRequest, Speech, 30
)
SAY = Step(
    "utterance",
    "service",
    "inkreel.providers.tts.remote:Voices",
    SayRequest,
    Utterance,
    90,
    compressed=False,
    resource="network",
)
HEAR = Step("hearing", "decoder", "inkreel.speech:hear", HearRequest, Speech, 30)
ILLUSTRATE = Step(
    "illustration",
    "service",
    "inkreel.providers.images:Images",
    IllustrateRequest,
    Illustration,
    90,
    resource="network",
)
DEVELOP = Step(
    "photo",
    "libvips",
    "inkreel.visuals.photo:develop",
    DevelopRequest,
    Photo,
    90,
    sandboxed=True,
    reads="image",
)
LEVEL = Step("level", "level", "inkreel.speech:level", LevelRequest, Level, 90)
BED = Step(
    "bed",
    "music",
    "inkreel.music:prepare",
    BedRequest,
    Bed,
    30,
    sandboxed=True,
    reads="music",
)
NARRATE = Step("narration", "join", "inkreel.speech:narrate", NarrateRequest, Narration, 30)
TRACK = Step("voice-track", "join", "inkreel.speech:track", TrackRequest, VoiceTrack, 30)
DRAW = Step("picture", "typst-kit", "inkreel.visuals:draw", DrawRequest, Picture, 30)
FIT = Step("fitted", "typst-kit", "inkreel.visuals:fit", FitRequest, Storyboard, 30)
CAPTION = Step(
    "captions", "typst-kit", "inkreel.visuals:draw_captions", CaptionRequest, Captions, 30
)
TRANSITION = Step(
    "transition",
    "x264",
    "inkreel.compose:transition",
    TransitionRequest,
    Segment,
    30,
    compressed=False,
)
CLIP = Step("clip", "x264", "inkreel.compose:clip", ClipRequest, Clip, 30, compressed=False)
SOUND = Step("sound", "aac", "inkreel.compose:sound", SoundRequest, Sound, 30, compressed=False)
POSTER = Step(
    "poster", "jpeg", "inkreel.compose:poster", PosterRequest, bytes, 30, compressed=False
)
THUMBNAIL = Step(
    "thumbnail", "webp", "inkreel.compose:thumbnail", ThumbnailRequest, bytes, 30, compressed=False
)

# These look at a file that is finished a moment later: what they say is never found again.
VERIFY_FRAMES = Step(
    "verified-frames", "decoder", "inkreel.compose.verify:frames", FramesRequest, FramesSeen, 0
)
VERIFY_TRACKS = Step(
    "verified-tracks", "decoder", "inkreel.compose.verify:tracks", TracksRequest, TracksSeen, 0
)

STEPS: dict[str, Step[Any]] = {
    step.role: step
    for step in (
        READ,
        OUTLINE,
        BRIEF,
        WRITE,
        CHECK,
        ASSEMBLE,
        SPEAK,
        SYNTHESISE,
        SAY,
        HEAR,
        ILLUSTRATE,
        DEVELOP,
        LEVEL,
        BED,
        NARRATE,
        TRACK,
        FIT,
        DRAW,
        CAPTION,
        TRANSITION,
        CLIP,
        SOUND,
        POSTER,
        THUMBNAIL,
        VERIFY_FRAMES,
        VERIFY_TRACKS,
    )
}

USUAL = OUTLINE, SPEAK, FIT, LEVEL, NARRATE, CLIP
"""What a worker loads before it is asked, in the order in which a video needs it; the steps between
stand on the same libraries."""


@dataclass(frozen=True)
class Recipe(Generic[Out]):
    """A step with its request: the name of an artifact that may not exist yet."""

    step: Step[Out]
    request: Struct

    @cached_property
    def body(self) -> bytes:
        """The request in canonical JSON."""
        return msgspec.json.encode(self.request, order="deterministic")

    @cached_property
    def key(self) -> str:
        """SHA-256 over role, maker with version, and request, in hex."""
        head = f"{self.step.role}\n{self.step.maker}/{self.step.version}\n".encode()
        return hashlib.sha256(head + self.body).hexdigest()
