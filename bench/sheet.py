"""A film as anybody can compose it: PNGs with alpha, a WAV, and a JSON of places and times.

Everything that is drawn is drawn once and given to all: the base of each picture, its layers, how
its scene leaves it (for the transition), and each caption as it stands with one word lit, on strips
of one size. Times are frames from the scene's start, places are pixels.
"""

from __future__ import annotations

import json
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pyvips

from bench.film import Film, SceneSteps
from inkreel.compose import captions as subtitles
from inkreel.compose import timeline
from inkreel.compose.planes import Rect
from inkreel.model import (
    SAMPLE_RATE,
    CaptionCard,
    Captions,
    Effect,
    Layer,
    Narration,
    Picture,
    VoiceTrack,
)

Json = dict[str, Any]
Pixels = np.ndarray
FILE = "film.json"


def write(film: Film) -> Json:
    """Write it all into the film's folder; answers the JSON."""
    folder = film.folder / "sheet"
    folder.mkdir()
    cards = [_cards(film, steps) for steps in film.scenes]
    strip = _around([card for each in cards for card in each])
    before, start, scenes, sound = None, 0, [], []
    for number, steps in enumerate(film.scenes):
        scene = _Scene(film, steps, folder, f"{number:02}")
        told = scene.told() | {"captions": scene.captions(cards[number], strip)}
        if steps.transition:
            told |= {"before": before, "effect": steps.transition.effect}
        before = scene.png("settled", _settled(scene.picture))
        voice = film.store.load(steps.sound.voice, VoiceTrack).pcm
        sound.append(voice.ljust(scene.frames * scene.rate.samples * 2, b"\0"))
        scenes.append(told | {"start": start})
        start += scene.frames
    with wave.open(str(folder / "sound.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(b"".join(sound))
    size = {"width": scene.picture.width, "height": scene.picture.height}
    whole = {"fps": scene.rate.fps, "frames": start, "strip": strip[:2], "scenes": scenes} | size
    (folder / FILE).write_text(json.dumps(whole, indent=1))
    return whole


class _Scene:
    def __init__(self, film: Film, steps: SceneSteps, folder: Path, name: str) -> None:
        asked = steps.clips[0]
        self.rate = asked.encoding.rate
        self.picture = film.store.load(asked.picture, Picture)
        self.narration = film.store.load(asked.narration, Narration)
        self.plan = timeline.plan(
            self.picture, self.narration, asked.cues, asked.lead, self.rate, asked.words
        )
        self.frames = self.plan.frames
        self._folder = folder
        self._name = name

    def told(self) -> Json:
        picture = self.picture
        base = np.frombuffer(picture.base, np.uint8).reshape(picture.height, picture.width, 3)
        layers = [self._layer(number, layer) for number, layer in enumerate(picture.layers)]
        return {
            "frames": self.frames,
            "lead": self.plan.lead,
            "base": self.png("base", base),
            "layers": layers,
        }

    def _layer(self, number: int, layer: Layer) -> Json:
        """Its file, its place, and when it comes, has come, and leaves."""
        looks = [self.plan.look(layer, frame) for frame in range(self.frames)]
        seen = [frame for frame, look in enumerate(looks) if look.opacity]
        whole = [
            frame
            for frame, look in enumerate(looks)
            if look.opacity == timeline.OPAQUE and look.share == timeline.WHOLE
        ]
        rising = any(look.sunk for look in looks)
        steady = Effect.RISE if rising else layer.effect
        return {
            "file": self.png(f"layer-{number:02}", _rgba(layer)),
            "x": layer.x,
            "y": layer.y,
            "width": layer.width,
            "height": layer.height,
            "motion": "fade" if steady is Effect.FOCUS else steady.value,
            "sink": timeline.RISE_THOUSANDTHS * self.picture.height / 1000 if rising else 0,
            "start": seen[0],
            "length": self.rate.count(timeline.EFFECT_MS[steady]),
            "leave": whole[-1] + 1 if whole[-1] + 1 < self.frames else None,
            "end": seen[-1] + 1,
        }

    def captions(self, cards: list[CaptionCard], strip: Rect) -> list[Json]:
        """What stands on the strip, one after the other through the whole scene."""
        spans = [(card.first, card.last) for card in cards]
        timed = subtitles.track(self.narration, spans, self.frames, self.rate)
        told: list[Json] = []
        states: list[Any] = []
        for frame in range(self.frames):
            shown = timed.shown(frame)
            if not states or states[-1] != shown:
                states.append(shown)
                pixels = np.zeros((strip[3] - strip[1], strip[2] - strip[0], 4), np.uint8)
                if shown:
                    _paste(pixels, cards[shown.card], shown.word, strip)
                told.append({"file": self.png(f"caption-{len(told):02}", pixels), "frames": 0})
            told[-1]["frames"] += 1
        return told

    def png(self, name: str, pixels: Pixels) -> str:
        file = f"{self._name}-{name}.png"
        pyvips.Image.new_from_array(pixels).copy(interpretation="srgb").pngsave(
            str(self._folder / file), compression=3
        )
        return file


def _cards(film: Film, steps: SceneSteps) -> list[CaptionCard]:
    return list(film.store.load(steps.clips[0].captions, Captions).cards)


def _around(cards: list[CaptionCard]) -> Rect:
    rect = Rect(cards[0].x, cards[0].y, cards[0].x, cards[0].y)
    for card in cards:
        rect = rect.join(Rect(card.x, card.y, card.x + card.width, card.y + card.height))
    return rect


def _paste(pixels: Pixels, card: CaptionCard, word: int, strip: Rect) -> None:
    plain, lit = (
        np.frombuffer(data, np.uint8).reshape(card.height, card.width, 4).copy()
        for data in (card.plain, card.lit)
    )
    if 0 <= word < len(card.boxes):
        left, top, right, bottom = card.boxes[word]
        plain[top:bottom, left:right] = lit[top:bottom, left:right]
    y, x = card.y - strip[1], card.x - strip[0]
    pixels[y : y + card.height, x : x + card.width] = plain


def _rgba(layer: Layer) -> Pixels:
    return np.frombuffer(layer.rgba, np.uint8).reshape(layer.height, layer.width, 4)


def _settled(picture: Picture) -> Pixels:
    canvas = np.frombuffer(picture.base, np.uint8).reshape(picture.height, picture.width, 3).copy()
    for layer in picture.layers:
        if layer.effect is not Effect.FOCUS:
            rgba = _rgba(layer)
            window = np.s_[layer.y : layer.y + layer.height, layer.x : layer.x + layer.width]
            alpha = rgba[..., 3:].astype(np.uint32)
            canvas[window] = (rgba[..., :3] * alpha + canvas[window] * (255 - alpha) + 127) // 255
    return canvas
