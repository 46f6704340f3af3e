"""Picture, Narration, Captions → Clip, Segment; VoiceTrack → Sound: what runs in a worker."""

from __future__ import annotations

from inkreel.compose import aac, mix, timeline, transitions
from inkreel.compose import captions as subtitles
from inkreel.compose.encode import SegmentEncoder, segment
from inkreel.compose.frames import Canvas, CaptionPainter, frame_key, settled
from inkreel.compose.planes import Brush, from_rgb
from inkreel.compose.previews import Previews
from inkreel.compose.stills import jpeg, webp
from inkreel.errors import EncodingFailed
from inkreel.model import (
    Captions,
    Clip,
    Digest,
    FrameRate,
    Narration,
    Picture,
    Segment,
    Sound,
    VoiceTrack,
)
from inkreel.ports import Shelf
from inkreel.recipes import (
    ClipRequest,
    PosterRequest,
    SoundRequest,
    ThumbnailRequest,
    TransitionRequest,
)


def clip(request: ClipRequest, shelf: Shelf) -> Clip:
    """Encode a scene's frames after the lead, or a span of them."""
    picture = shelf.load(request.picture, Picture)
    narration = shelf.load(request.narration, Narration)
    captions = _captions(request.captions, shelf)
    rate = request.encoding.rate
    plan = timeline.plan(picture, narration, request.cues, request.lead, rate, request.words)
    cards = captions.cards if captions else ()
    spans = subtitles.cards_of(captions) if captions else subtitles.cards_for(narration)
    timed = subtitles.track(narration, spans, plan.frames, rate)

    first, last = request.span or (plan.lead, plan.frames)
    seen = range(first, last)
    keys = [frame_key(picture, plan, timed if captions else None, frame) for frame in seen]

    previews = Previews(plan.frames, plan.lead, rate)

    def draw(encoder: SegmentEncoder) -> None:
        frame = first
        for still in Canvas(picture, captions, encoder.planes).play(keys):
            encoder.push(still)
            previews.see(encoder.planes, frame, still)
            frame += still

    body = segment((picture.width, picture.height), len(keys), request.encoding, draw)
    # A cue that begins in the transition is told with what follows.
    begin = 0 if first == plan.lead else first
    cues = subtitles.cues(narration, timed, cards)
    mine = tuple(cue for cue in cues if begin <= cue.start < last)
    return Clip(body, mine, previews.all(), body.degraded)


def sound(request: SoundRequest, shelf: Shelf) -> Sound:
    """Encode what is heard in a scene, from the first frame of the transition into it."""
    narration = shelf.load(request.narration, Narration)
    voice = shelf.load(request.voice, VoiceTrack).pcm
    rate, under = FrameRate(request.fps), request.under
    frames = timeline.scene_frames(narration, rate)
    if under is None:
        return aac.encode(voice, frames, request)
    following = shelf.load(under.following, VoiceTrack).pcm if under.following else b""
    heard = aac.heard(frames, request)
    music = mix.music(under, narration, frames * rate.samples, heard, shelf)
    return aac.encode(voice, frames, request, music=music, following=following)


def transition(request: TransitionRequest, shelf: Shelf) -> Segment:
    """Encode the first `frames` frames of a scene, in which its picture takes over."""
    before = shelf.load(request.before, Picture)
    after = shelf.load(request.after, Picture)
    if (before.width, before.height) != (after.width, after.height):
        raise EncodingFailed(
            f"Pictures of {before.width}×{before.height} and {after.width}×{after.height} "
            "cannot follow each other in one video.",
        )
    narration = shelf.load(request.narration, Narration)
    captions = _captions(request.captions, shelf)
    pictures = settled(before), from_rgb(after.base, after.width, after.height)
    painter = CaptionPainter(captions) if captions else None
    spans = subtitles.cards_of(captions) if captions else []
    rate = request.encoding.rate
    timed = subtitles.track(narration, spans, timeline.scene_frames(narration, rate), rate)
    brush = Brush(after.width, after.height)
    change = transitions.transition(request.effect, *pictures)

    def draw(encoder: SegmentEncoder) -> None:
        for frame in range(request.frames):
            change(encoder.planes, (frame + 1) / (request.frames + 1))
            shown = timed.shown(frame)
            if painter and shown:
                painter.draw(encoder.planes, brush, shown, encoder.planes.rect)
            encoder.push()

    return segment((after.width, after.height), request.frames, request.encoding, draw)


def poster(request: PosterRequest, shelf: Shelf) -> bytes:
    """The picture as its scene leaves it, as a JPEG."""
    return jpeg(shelf.load(request.picture, Picture), request.quality, request.width)


def thumbnail(request: ThumbnailRequest, shelf: Shelf) -> bytes:
    """The same, small, as a WebP."""
    return webp(shelf.load(request.picture, Picture), request.quality, request.width)


def _captions(digest: Digest | None, shelf: Shelf) -> Captions | None:
    return shelf.load(digest, Captions) if digest else None
