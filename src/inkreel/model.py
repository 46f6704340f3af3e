"""The nouns of Inkreel, frozen and without I/O.

`Source → Document → Storyboard → Narration ∥ Picture → Clip → Video`

Every type here is a `msgspec.Struct`: it travels between processes and lies in the store as
MessagePack, and is shown to people as JSON or YAML. Units are in the names or the types: pixels
are at the video's size, samples are at `SAMPLE_RATE`, frames are at the video's `FrameRate`; exact
times are whole samples or whole frames, never float sums.
"""

# long: all nouns on one page, so that the whole flow can be read in one go.

from __future__ import annotations

import enum
from typing import Annotated, Literal, NamedTuple, NewType

import msgspec

SAMPLE_RATE = 48_000
"""Samples a second of every narration and of the finished sound, mono."""

PACKET_SAMPLES = 1_024
"""Of an AAC packet."""

PRIMING_SAMPLES = PACKET_SAMPLES
"""Samples that come out of a decoder before the first scene begins."""

REORDER_FRAMES = 1
"""Distance of dts to pts where a segment starts: B pictures, but none that is referred to."""

FRAME_RATES = (24, 25, 30, 50, 60)
"""Frames a second: each divides `SAMPLE_RATE`, so that a frame is whole samples."""

Digest = NewType("Digest", str)
"""SHA-256 of a blob's plain bytes, in hex. It names content, never the recipe that made it."""

Language = Literal["vi", "en"]


class Struct(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of all nouns: immutable, unknown fields refused."""


class FrameRate(Struct, frozen=True):
    """Frames a second, and how they lie on the clock of samples."""

    fps: int = 30

    @property
    def samples(self) -> int:
        """Of a frame, exact: 1,600 at 30 fps."""
        return SAMPLE_RATE // self.fps

    @property
    def quantum(self) -> int:
        """A scene is a whole number of these frames, a third to half a second. Where it can be
        (not at 24 fps) they are whole AAC packets of 1,024 samples, too: then the sound of a scene
        does not depend on where it begins."""
        return _QUANTA[self.fps]

    def count(self, milliseconds: float) -> int:
        """Frames that come nearest to a time."""
        return round(milliseconds * self.fps / 1000)

    def at(self, sample: int) -> int:
        """The frame nearest to a sample."""
        return (sample + self.samples // 2) // self.samples

    def seconds(self, frames: int) -> float:
        """For people: to the microsecond."""
        return round(frames / self.fps, 6)


_QUANTA = {24: 8, 25: 8, 30: 16, 50: 16, 60: 32}


class Degraded(Struct, frozen=True):
    """A fallback the user should know of: what was lost, and why."""

    what: str
    why: str


class Artifact(Struct, frozen=True):
    """What a recipe made: the digest of its bytes, further blobs it needs, what it fell back on."""

    digest: Digest
    also: tuple[Digest, ...] = ()
    degraded: tuple[Degraded, ...] = ()


# --- Source and Document -------------------------------------------------------------------------


class Attachment(Struct, frozen=True):
    """A local file the source refers to (an image beside a Markdown file)."""

    path: str
    """The reference as the document writes it."""
    digest: Digest


class Source(Struct, frozen=True):
    """A document as it came: a name to show, its kind, its bytes in the store."""

    name: str
    media_type: Literal["text/markdown", "text/plain", "application/pdf"]
    digest: Digest
    attachments: tuple[Attachment, ...] = ()


class Place(Struct, frozen=True):
    """Where a block stands in its source: a line (from 1) or a page (from 1) with its box."""

    line: int | None = None
    page: int | None = None
    box: tuple[float, float, float, float] | None = None
    """Left, top, right, bottom in PDF points from the page's top left."""


class Block(Struct, frozen=True, tag_field="kind", kw_only=True):
    """A piece of a document. Subclasses carry plain text: inline markup is gone, inline maths is
    written in Unicode, the text is NFC."""

    id: str
    """Short hash of the block's content (with a counter when the content repeats), so that an
    edit elsewhere in the document does not rename it."""
    place: Place = Place()


class Heading(Block, frozen=True, tag="heading", kw_only=True):
    level: int
    text: str


class Paragraph(Block, frozen=True, tag="paragraph", kw_only=True):
    text: str
    terms: tuple[str, ...] = ()
    """What the author marked as strong, emphasised or code, in order."""


class Item(Struct, frozen=True):
    """An entry of a list. `label` is a leading bold or colon-ended term ("**Speed:** …")."""

    text: str
    """The entry without its label."""
    label: str = ""
    children: tuple[str, ...] = ()


class Listing(Block, frozen=True, tag="list", kw_only=True):
    items: tuple[Item, ...]
    ordered: bool = False


class Table(Block, frozen=True, tag="table", kw_only=True):
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""


class Code(Block, frozen=True, tag="code", kw_only=True):
    text: str
    language: str = ""
    """Fence name in lower case, e.g. `python`, `mermaid`; empty when unknown."""
    file: str = ""


class Formula(Block, frozen=True, tag="formula", kw_only=True):
    tex: str


class Quote(Block, frozen=True, tag="quote", kw_only=True):
    text: str
    by: str = ""


class Image(Block, frozen=True, tag="image", kw_only=True):
    digest: Digest
    width: int
    height: int
    alt: str = ""
    caption: str = ""


AnyBlock = Heading | Paragraph | Listing | Table | Code | Formula | Quote | Image


class Document(Struct, frozen=True):
    """A source, read: its blocks in reading order."""

    title: str
    language: Language
    blocks: tuple[AnyBlock, ...]
    warnings: tuple[str, ...] = ()
    """What was dropped or guessed while reading, one sentence each, for the user."""


# --- Storyboard ----------------------------------------------------------------------------------


class Visual(Struct, frozen=True, tag_field="kind", kw_only=True):
    """What a scene shows. The scene's heading is its title.

    A visual is revealed in *steps* (bullets, rows, bars, lines, terms). `cues[k]` is the index of
    the narration sentence with which step k appears; without cues the steps are spread evenly.
    """

    cues: tuple[int, ...] = ()

    @property
    def kind(self) -> str:
        """The tag: `slide`, `chart`, …"""
        return str(self.__struct_config__.tag)


class TitleVisual(Visual, frozen=True, tag="title", kw_only=True):
    """Opening card. One step: the subtitle."""

    subtitle: str = ""


class SectionVisual(Visual, frozen=True, tag="section", kw_only=True):
    """Chapter card; `number` is printed large ("2")."""

    number: str = ""
    subtitle: str = ""


class Bullet(Struct, frozen=True):
    text: str
    detail: str = ""


Counted = Annotated[int, msgspec.Meta(ge=1)]


class SlideVisual(Visual, frozen=True, tag="slide", kw_only=True):
    """Bullets, a step each."""

    bullets: tuple[Bullet, ...]
    first: Counted = 1
    """Number of the first one: a slide may go on from the one before."""


class Side(Struct, frozen=True):
    """A column of a comparison."""

    heading: str
    points: tuple[str, ...]


class ComparisonVisual(Visual, frozen=True, tag="comparison", kw_only=True):
    """Two or three columns beside each other; step k is the k-th point of each."""

    columns: tuple[Side, ...]
    highlight: int | None = None
    """Index of the column that is set off."""


class EndVisual(Visual, frozen=True, tag="end", kw_only=True):
    """The last card: at most three things to take home, a step each, and where they are from."""

    takeaways: tuple[str, ...]
    source: str = ""


class Span(Struct, frozen=True):
    """Lines first … last (from 1, inclusive) of a code listing."""

    first: int
    last: int


class CodeVisual(Visual, frozen=True, tag="code", kw_only=True):
    """Source code; step k puts the lines of `focus[k]` in focus (all lines are always seen)."""

    text: str
    language: str = ""
    file: str = ""
    focus: tuple[Span, ...] = ()
    diff: bool = False
    """Each line begins with +, - or a space, as in a diff; so does one whose language is `diff`."""
    first: Counted = 1
    """Number that is shown at the first line; `focus` counts from 1 all the same."""


class TableVisual(Visual, frozen=True, tag="table", kw_only=True):
    """A table, a step per row; `highlight` is the row (from 0) that the narration is about."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    highlight: int | None = None


class QuoteVisual(Visual, frozen=True, tag="quote", kw_only=True):
    """A sentence worth reading. With `by` a quotation: its one or two parts, then who said it, a
    step each; without, one of the document's own statements: its parts, then a marker's stroke
    under `emphasis`, which is a part of `text`."""

    text: str
    by: str = ""
    emphasis: str = ""


class Series(Struct, frozen=True):
    name: str
    values: tuple[float | None, ...]


ChartForm = Literal["bar", "stacked", "percent", "line", "area", "pie", "donut", "scatter"]


class ChartVisual(Visual, frozen=True, tag="chart", kw_only=True):
    """Values over `labels`: a step per series for lines and areas, else per label.

    `bar` puts several series beside each other, `stacked` and `area` upon each other, `percent`
    as shares of their sum; `pie` and `donut` show one series as parts of a whole; `scatter` has
    two series, across and upwards, and a point per label.
    """

    form: ChartForm
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    unit: str = ""
    """Behind each number if it is short ("%", "ms"), before it if it is "$", else said once."""
    highlight: int | None = None
    """Index of the label (lines and areas: of the series) that the narration is about."""
    callout: str = ""
    """A short finding shown beside the chart, e.g. "×3,5"."""
    callout_detail: str = ""

    @property
    def counted(self) -> int:
        """How many steps it has."""
        return len(self.series if self.form in ("line", "area") else self.labels)


class FormulaStep(Struct, frozen=True):
    tex: str
    note: str = ""
    mark: str = ""
    """A part of `tex`, as it is written there, that the note is about: it is set off."""


class FormulaVisual(Visual, frozen=True, tag="formula", kw_only=True):
    """Formulas under each other with a note each, a step per line. Where all have the same `tex`
    and a `mark`, that one formula is shown large, and its parts are explained below it."""

    steps: tuple[FormulaStep, ...]
    first: Counted = 1
    """Number of the first one."""


class NumberVisual(Visual, frozen=True, tag="number", kw_only=True):
    """One figure, very large, with what it counts. Step 0: the figure; step 1: the detail."""

    value: str
    label: str
    detail: str = ""


class ImageVisual(Visual, frozen=True, tag="image", kw_only=True):
    """A picture from the document, which drifts to rest, with its caption (step 0)."""

    digest: Digest
    width: int
    height: int
    caption: str = ""
    credit: str = ""


class Node(Struct, frozen=True):
    """What a diagram joins: a step, a state, a participant, an event, a part."""

    id: str
    text: str = ""
    """What stands on it; without, its id. A start or an end of states may be a bare dot."""
    detail: str = ""
    """A quieter line below."""
    kind: Literal["step", "decision", "start", "end", "data"] = "step"
    group: str = ""
    """What it belongs to: the title of a layer, the date of a time line, a part of a flow."""
    step: Annotated[int, msgspec.Meta(ge=0)] | None = None
    """When it appears; without, one after the node before it."""


class Edge(Struct, frozen=True):
    """From one node to another, by their ids. In a sequence a message; there `note` writes its
    text over the participants between the two, and `group` frames messages ("every minute")."""

    source: str = msgspec.field(name="from")
    target: str = msgspec.field(name="to")
    text: str = ""
    kind: Literal["arrow", "dashed", "line", "both", "note"] = "arrow"
    group: str = ""
    step: Annotated[int, msgspec.Meta(ge=0)] | None = None
    """When it appears; without, as soon as both its ends are there (a message: one after the
    message before it)."""


class DiagramVisual(Visual, frozen=True, tag="diagram", kw_only=True):
    """Nodes and edges, laid out by form. A mind map's edges lead from a branch to its twigs;
    layers and time lines have groups instead of edges. Steps are those of the nodes and edges."""

    form: Literal["flow", "sequence", "mindmap", "timeline", "layers", "state"]
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...] = ()
    highlight: str = ""
    """Id of the node that stands out."""


AnyVisual = (
    TitleVisual
    | SectionVisual
    | SlideVisual
    | ComparisonVisual
    | CodeVisual
    | TableVisual
    | QuoteVisual
    | ChartVisual
    | FormulaVisual
    | NumberVisual
    | ImageVisual
    | EndVisual
    | DiagramVisual
)


ILLUSTRATED = (QuoteVisual, SectionVisual, SlideVisual, NumberVisual)
"""Kinds that leave room for a picture beside them; the others are pictures themselves."""


class Derived(Struct, frozen=True):
    """A value of the narration that is computed, not quoted, from the document."""

    value: str
    formula: str
    """How it was computed, e.g. `142 / 41`."""
    sources: tuple[str, ...] = ()


Transition = Literal["auto", "cut", "fade", "slide", "wipe"]
"""How a scene takes over from the one before."""


class Credit(Struct, frozen=True):
    """Whose a picture is, as its licence wants it told."""

    author: str = ""
    source: str = ""
    """Where it is from: `Pexels`, or the model that made it."""
    link: str = ""
    generated: bool = False
    """A model made it."""


class Illustration(Struct, frozen=True):
    """A picture that a source gave for a query, as it came: its bytes in the store."""

    image: Digest
    credit: Credit = Credit()


class Photo(Struct, frozen=True):
    """A picture of a stranger, checked and coded anew: JPEG without anything but its pixels."""

    image: Digest
    width: int
    height: int
    credit: Credit = Credit()


class ImageChoice(Struct, frozen=True):
    """The source of images that a job was planned with, and what is asked of it."""

    name: str
    """As the user calls it."""
    provider: str
    """The protocol with its version, and a hash of where it is spoken or of what a folder has."""
    model: str = ""
    style: str = ""
    """How a picture is to look, in words, for those who make it."""
    size: str = ""
    """In pixels, for those who make it; empty: what fits its shape."""


class Scene(Struct, frozen=True):
    """One thought: what is said, what is shown, and where it stands in the document."""

    id: str
    """A slug of the section with a counter, stable under edits of other sections."""
    heading: str
    narration: tuple[str, ...]
    """Sentences as captions show them."""
    visual: AnyVisual
    eyebrow: str = ""
    """Small line over the heading: the section this scene belongs to."""
    sources: tuple[str, ...] = ()
    """Ids of the blocks that the scene tells."""
    derived: tuple[Derived, ...] = ()
    transition: Transition = "auto"
    """Into it; auto leaves it to the video's options."""
    illustrate: str = ""
    """What a picture beside its visual is to show, where the video has a source of images."""


class Storyboard(Struct, frozen=True):
    title: str
    language: Language
    scenes: tuple[Scene, ...]
    notes: tuple[str, ...] = ()
    """What the writer left out or could not keep, one sentence each, for the user."""


# --- What a language model writes ----------------------------------------------------------------


class FigureVisual(Visual, frozen=True, tag="figure", kw_only=True):
    """An image of the document, by the id of its block; it becomes an `ImageVisual`."""

    block: str


AnyDrafted = (
    SlideVisual
    | QuoteVisual
    | NumberVisual
    | ComparisonVisual
    | TableVisual
    | ChartVisual
    | CodeVisual
    | FormulaVisual
    | DiagramVisual
    | FigureVisual
)


class DraftScene(Struct, frozen=True):
    """A scene as a language model is asked for it, in the order in which it is to think of it;
    `sources` are the ids of the blocks it tells."""

    sources: tuple[str, ...]
    heading: str
    narration: tuple[str, ...]
    visual: AnyDrafted


class Cited(Struct, frozen=True):
    """A block as a language model sees it."""

    id: str
    kind: str
    text: str


class Brief(Struct, frozen=True):
    """What a language model is told of a section, and what its answer is checked against. It holds
    nothing of other sections but their headings, and no place in the source."""

    system: str
    user: str
    blocks: tuple[Cited, ...]
    named: str
    """Title and headings: names in them may be said, too."""
    language: Language
    words_per_minute: float


class Usage(Struct, frozen=True):
    """What calls to a language model used. `estimated` where a server does not count."""

    calls: int = 0
    prompt_tokens: int = 0
    answer_tokens: int = 0
    estimated: bool = False

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.calls + other.calls,
            self.prompt_tokens + other.prompt_tokens,
            self.answer_tokens + other.answer_tokens,
            self.estimated or other.estimated,
        )


class LostScene(Struct, frozen=True):
    """A scene that was no good after a second try: the writer of the house tells `sources`, before
    the scene `at`."""

    at: int
    sources: tuple[str, ...]
    why: str


class Draft(Struct, frozen=True):
    """A section as a language model wrote it; all that is in `scenes` was checked."""

    scenes: tuple[DraftScene, ...]
    lost: tuple[LostScene, ...] = ()
    usage: Usage = Usage()


class WriterChoice(Struct, frozen=True):
    """The language model that a job was planned with."""

    name: str
    """As the user calls it."""
    provider: str
    """Protocol with its version, and a hash of where it is spoken."""
    model: str
    temperature: float | None
    answer_tokens: int
    """Most that an answer may take."""
    characters: int
    """Most of a document that it is shown at once."""
    prompt_price: float | None = None
    """For a million tokens, as the next one."""
    answer_price: float | None = None

    def cost(self, usage: Usage) -> float | None:
        """In the currency of the prices; None without them."""
        if self.prompt_price is None and self.answer_price is None:
            return None
        prompt = usage.prompt_tokens * (self.prompt_price or 0.0)
        answer = usage.answer_tokens * (self.answer_price or 0.0)
        return round((prompt + answer) / 1e6, 6)


class Writing(Struct, frozen=True):
    """What a language model had to do with a storyboard. `usage` and `cost` are of this run: what
    is found costs nothing."""

    writer: str
    model: str
    sections: int
    """That it was asked to write."""
    found: int
    """Of these: written before."""
    own: int
    """Of these: told by the writer of the house instead."""
    usage: Usage
    cost: float | None = None


# --- Narration -----------------------------------------------------------------------------------


class Token(Struct, frozen=True):
    """A word as it is shown and as it is said ("2024" → "hai nghìn không trăm hai mươi tư").
    `spoken` is empty for a token that is shown but silent (a dash)."""

    shown: str
    spoken: str


class SpokenWord(Struct, frozen=True):
    """A word event of a voice: characters `[start, end)` of the text begin at sample `at`."""

    start: int
    end: int
    at: int


class VoiceFile(Struct, frozen=True):
    """A voice that lies on this machine; `digest` is what its files hold, `path` only where."""

    path: str
    digest: Digest


class VoiceChoice(Struct, frozen=True):
    """The voice a job was planned with: provider and version, voice and rate as it knows them."""

    provider: str
    voice: str
    words_per_minute: int
    pace: float
    """Shown words a minute it says of running text, with the gaps between sentences; measured."""
    model: str = ""
    """Of a service outside; the next three are asked of it."""
    form: str = ""
    speed: float = 1.0
    characters: int = 0
    """Most that the service takes at once; 0: the voice is on this machine and takes any
    sentence."""
    file: VoiceFile | None = None
    """Of a voice that is not embedded."""


class Utterance(Struct, frozen=True):
    """What a service answered when it was asked to say a text: the file as it came, word events
    in milliseconds where it gives them. `rate` is for `pcm` (s16le mono), which does not tell."""

    form: Literal["wav", "mp3", "flac", "ogg", "pcm"]
    sound: bytes
    rate: int = 0
    words: tuple[SpokenWord, ...] = ()


class Speech(Struct, frozen=True):
    """One sentence as a voice said it: s16le mono PCM at `rate`, word events at that rate."""

    rate: int
    pcm: bytes
    words: tuple[SpokenWord, ...]


class Word(Struct, frozen=True):
    """A shown word, said in samples `[start, end)` of the narration."""

    text: str
    start: int
    end: int


class Sentence(Struct, frozen=True):
    """Words `[first, last)` of the narration, said in samples `[start, end)`."""

    first: int
    last: int
    start: int
    end: int


class Narration(Struct, frozen=True):
    """What is said in a scene, and when: times are samples at `SAMPLE_RATE` from its first one.
    It begins with speech (10 ms before the first sound) and ends with it; the pause between scenes
    belongs to the clip. How it sounds is its `VoiceTrack`."""

    samples: int
    words: tuple[Word, ...]
    sentences: tuple[Sentence, ...]
    timing: Literal["native", "aligned", "proportional"] = "native"
    degraded: tuple[Degraded, ...] = ()


class VoiceTrack(Struct, frozen=True):
    """How a narration sounds: s16le mono PCM at `SAMPLE_RATE`, its level final."""

    pcm: bytes


class Bed(Struct, frozen=True):
    """Music that lies under a voice, at `BED_LUFS`: stereo at `SAMPLE_RATE`. Each piece holds
    `BED_PIECE` samples, the last one what is left: s16le, left and right in turn."""

    samples: int
    pieces: tuple[Digest, ...]
    degraded: tuple[Degraded, ...] = ()


BED_LUFS = -20.0
BED_PIECE = 1 << 19


# --- Picture -------------------------------------------------------------------------------------


class Effect(enum.StrEnum):
    """How a layer comes in when its step is reached."""

    FADE = "fade"
    RISE = "rise"
    """Fades in while moving up a little."""
    GROW = "grow"
    """Uncovered from its bottom edge upwards (bars)."""
    WIPE = "wipe"
    """Uncovered from its left edge (lines of a chart, of code)."""
    DROP = "drop"
    """Uncovered from its top edge downwards (arrows)."""
    BACK = "back"
    """Uncovered from its right edge (arrows to the left)."""
    FOCUS = "focus"
    """Seen only while its step is the current one: from this step to the next, and fades out."""
    DRIFT = "drift"
    """An opaque photo, seen from the start: it begins `DRIFT_BEGIN` times as large within its own
    box, which the base shows, and comes to rest, whole, before the scene ends."""


DRIFT_BEGIN = 1.04


class Layer(Struct, frozen=True):
    """A cropped piece of a picture, on top of the base and of the layers before it.

    `x`, `y`, `width`, `height` are even pixels inside the picture (4:2:0 needs it); `rgba` is
    straight (not premultiplied) RGBA8, row by row. An opaque layer may hide what is below it.
    """

    name: str
    step: int
    effect: Effect
    x: int
    y: int
    width: int
    height: int
    rgba: bytes


class Picture(Struct, frozen=True):
    """A drawn visual: `base` is what is seen from the first frame (RGB8, row by row), `layers`
    come in with their steps. Steps are 0 … steps-1."""

    width: int
    height: int
    base: bytes
    layers: tuple[Layer, ...]
    steps: int
    text_px: int
    """The smallest body text that was set, in pixels at 1080 lines."""
    degraded: tuple[Degraded, ...] = ()


class CaptionCard(Struct, frozen=True):
    """Up to two lines of caption: `plain` and `lit` are the same opaque-in-the-middle RGBA8 card,
    without and with every word in the highlight colour. Words `[first, last)` of the narration
    have their boxes (left, top, right, bottom; even, relative to the card) in `boxes`: to light
    a word, copy its box from `lit`."""

    first: int
    last: int
    x: int
    y: int
    width: int
    height: int
    plain: bytes
    lit: bytes
    boxes: tuple[tuple[int, int, int, int], ...]


class Captions(Struct, frozen=True):
    cards: tuple[CaptionCard, ...]
    degraded: tuple[Degraded, ...] = ()


# --- Clip and Video ------------------------------------------------------------------------------


class Packet(Struct, frozen=True):
    """An H.264 access unit; `pts` and `dts` count frames from the segment's first frame."""

    pts: int
    dts: int
    key: bool
    data: bytes


class Segment(Struct, frozen=True):
    """Frames that start with an IDR and can be joined to others with the same `extradata`."""

    frames: int
    extradata: bytes
    packets: tuple[Packet, ...]
    degraded: tuple[Degraded, ...] = ()


class Cue(Struct, frozen=True):
    """A caption: `text` is shown in frames `[start, end)` of the scene."""

    start: int
    end: int
    text: str


class Preview(Struct, frozen=True):
    """A small picture (JPEG) of what is seen in frames `[start, end)` of the scene."""

    start: int
    end: int
    jpeg: bytes

    def moved(self, frames: int) -> Preview:
        """The same, so many frames later."""
        return Preview(self.start + frames, self.end + frames, self.jpeg)


class Clip(Struct, frozen=True):
    """A scene, or a part of it, encoded, without sound. `cues` are those that begin in it; their
    frames count from the scene's first one, which may belong to the transition into it."""

    body: Segment
    cues: tuple[Cue, ...]
    previews: tuple[Preview, ...] = ()
    """Those taken in it, counted likewise; of all parts together they tile the scene."""
    degraded: tuple[Degraded, ...] = ()


class Sound(Struct, frozen=True):
    """What is heard in a scene's `frames`, as AAC packets of `PACKET_SAMPLES`. They are joined with
    those of the scenes before and after as they are: where a scene begins within a packet, that
    packet is its own and not the one's before."""

    frames: int
    extradata: bytes
    packets: tuple[bytes, ...]


class Footage(NamedTuple):
    """Picture and sound that play at once: a scene, or a part of it."""

    segments: tuple[Segment, ...]
    """They follow each other. What is only heard has one, without packets."""
    sound: tuple[bytes, ...]
    """AAC packets, see `Sound`."""
    sound_extradata: bytes
    cues: tuple[Cue, ...] = ()
    """Their frames count from the first one here."""
    previews: tuple[Preview, ...] = ()
    """Likewise; one may begin before it and end after it."""

    @property
    def frames(self) -> int:
        return sum(segment.frames for segment in self.segments)

    @property
    def seen(self) -> bool:
        """Whether there is a picture."""
        return bool(self.segments[0].packets)

    def unseen(self) -> Footage:
        """The same, only heard."""
        return self._replace(segments=(Segment(self.frames, b"", ()),), previews=())


Made = Annotated[int, msgspec.Meta(ge=0)]


class Counts(Struct, frozen=True):
    """Artifacts per kind; `clips` counts scene bodies, not transitions."""

    storyboards: Made = 0
    narrations: Made = 0
    pictures: Made = 0
    clips: Made = 0


class SceneResult(Struct, frozen=True):
    """A scene of a finished video; `start` is the second at which its first frame is seen."""

    id: str
    heading: str
    visual: str
    start: float
    seconds: float
    made: bool
    degraded: Degraded | None = None
    credit: Credit | None = None
    """Of the picture that a source of images gave for it."""


class Verified(Struct, frozen=True):
    """What was found when the finished video was decoded whole: everything that was made."""

    frames: int
    skipped: int
    """Of these: shown again instead of encoded, and equal to the frame before."""
    samples: int
    captions: int
    """Of the captions' track."""
    chapters: int


class Result(Struct, frozen=True):
    """What `inkreel make --json` prints."""

    video: str
    seconds: float
    scenes: tuple[SceneResult, ...]
    made: Counts
    found: Counts
    wall_seconds: float
    verified: Verified | None = None
    """None when it was not asked for."""
    degraded: tuple[Degraded, ...] = ()
    """Fallbacks of the whole video; those of a scene stand with it."""
    writing: Writing | None = None
    """None when the writer of the house alone was asked."""


# --- Themes --------------------------------------------------------------------------------------


class FontFile(Struct, frozen=True):
    """A file of a typeface; `digest` is what it holds, `path` only where it lies."""

    path: str
    digest: Digest


class Brand(Struct, frozen=True):
    """A theme of the user's own: a few colours (`#RRGGBB`), from which all others follow, a logo,
    and a typeface. It goes by value, so that what is drawn follows from the request alone."""

    name: str
    accent: str
    background: str = ""
    ink: str = ""
    colours: tuple[str, ...] = ()
    """Further colours, for charts and cards, the most important one first."""
    logo: bytes = b""
    """PNG, JPEG, WebP or SVG."""
    family: str = ""
    fonts: tuple[FontFile, ...] = ()


# --- Options and progress ------------------------------------------------------------------------

SIZES: dict[str, tuple[int, int]] = {
    f"{width}x{height}": (width, height)
    for width, height in (
        *((1280, 720), (1920, 1080), (2560, 1440), (3840, 2160)),
        *((720, 1280), (1080, 1920), (1440, 2560), (2160, 3840)),
        *((720, 720), (1080, 1080), (1440, 1440), (2160, 2160)),
    )
}
SHAPES: dict[str, tuple[str, str]] = {
    "wide": ("1920x1080", "1280x720"),
    "tall": ("1080x1920", "720x1280"),
    "square": ("1080x1080", "720x720"),
}
"""Sizes by what they look like: as usual, and as a draft."""
THEMES = ("light", "dark", "brand")


Profile = Literal["draft", "standard", "quality"]


Still = Literal["auto", "encode", "skip"]
"""What is done with frames in which nothing changes; auto skips them in drafts alone."""


class CaptionsMode(enum.StrEnum):
    BURN = "burn"
    TRACK = "track"
    BOTH = "both"
    OFF = "off"

    @property
    def burned(self) -> bool:
        return self in (CaptionsMode.BURN, CaptionsMode.BOTH)

    @property
    def tracked(self) -> bool:
        return self in (CaptionsMode.TRACK, CaptionsMode.BOTH)


class Options(Struct, frozen=True):
    """What a user may choose; the same names in CLI, HTTP and library."""

    language: Literal["auto", "vi", "en"] = "auto"
    size: str = "1920x1080"
    theme: str | Brand = "light"
    """A name; where a video is made, what the name of the user's own theme stands for."""
    voice: str = "auto"
    writer: str = "auto"
    captions: CaptionsMode = CaptionsMode.BURN
    illustrate: str = "none"
    """Source of images, by name; none: every picture is drawn."""
    seconds: float | None = None
    """Target length; None tells the document whole, up to 20 minutes."""
    fps: int = 30
    profile: Profile = "standard"
    still: Still = "auto"
    transition: Transition = "auto"
    music_volume: float = 0.0
    """Of music under the voice: decibels over the usual 19 below it."""

    @property
    def rate(self) -> FrameRate:
        return FrameRate(self.fps)

    @property
    def theme_name(self) -> str:
        """What clients are told: of a theme file not where it lies."""
        if isinstance(self.theme, Brand):
            return self.theme.name
        return self.theme.replace("\\", "/").rpartition("/")[2].removesuffix(".toml")

    @property
    def pixels(self) -> tuple[int, int]:
        return SIZES[self.size]


Stage = Literal["reading", "storyboard", "narration", "picture", "clip", "video"]
State = Literal["started", "made", "found", "done", "warning"]


class Progress(Struct, frozen=True):
    """A step of the work, told while it goes on: `scene` is the scene's index (from 0) or None,
    `scenes` how many are known so far; a warning's text stands in `heading`."""

    stage: Stage
    state: State
    scene: int | None = None
    scenes: int | None = None
    heading: str = ""
