"""The film composed by MoviePy: FIRST LAST ENCODER TARGET TUNED, run by its own Python.

By default as its guide shows: a clip a layer, from when it comes to when it ends, and composites
as they are if nothing else is asked. Tuned, a layer is a clip that moves while it moves and a plain
picture afterwards, and a composite takes its first clip, which has no mask, as its ground.
"""

import json
import os
import sys
import time
from pathlib import Path

from moviepy import (
    AudioFileClip,
    CompositeVideoClip,
    ImageClip,
    VideoClip,
    concatenate_videoclips,
    vfx,
)

FPS = 30


def rest(since, length):
    """What is left of a motion after `since` seconds, which ends calmly."""
    return (1 - min(1.0, (since * FPS + 1) / length)) ** 3


def clip(file, start, end):
    """A still, seen in frames [start, end)."""
    return ImageClip(file).with_start(start / FPS).with_duration((end - start) / FPS)


def whole_layer(layer):
    """The layer from when it comes to when it ends."""
    come = coming(clip(layer["file"], layer["start"], layer["end"]), layer)
    if layer["leave"]:
        fade = vfx.CrossFadeOut((layer["end"] - layer["leave"]) / FPS)
        come = come.with_effects([fade])
    return [come]


def cut_layer(layer):
    """The layer while it comes in, while it stands, while it leaves."""
    place = layer["x"], layer["y"]
    start, settled = layer["start"], layer["start"] + layer["length"]
    stays = layer["leave"] or layer["end"]
    moving = coming(clip(layer["file"], start, min(settled, stays)), layer)
    parts = [moving]
    if settled < stays:
        parts.append(clip(layer["file"], settled, stays).with_position(place))
    if layer["leave"]:
        fade = vfx.CrossFadeOut((layer["end"] - stays) / FPS)
        leaving = clip(layer["file"], stays, layer["end"]).with_position(place)
        parts.append(leaving.with_effects([fade]))
    return parts


def coming(still, layer):
    x, y, length = layer["x"], layer["y"], layer["length"]
    if layer["motion"] in ("fade", "rise"):
        faded = still.with_effects([vfx.CrossFadeIn(length * 0.55 / FPS)])
        return faded.with_position(
            lambda t: (x, y + 2 * round(layer["sink"] / 2 * rest(t, length)))
        )
    axis = "x" if layer["motion"] == "wipe" else "y"
    mask = still.mask.get_frame(0)

    def uncovered(t):
        seen = mask.copy()
        if axis == "x":
            seen[:, 2 * round(layer["width"] / 2 * (1 - rest(t, length))) :] = 0
        else:
            seen[: 2 * round(layer["height"] / 2 * rest(t, length))] = 0
        return seen

    masked = VideoClip(uncovered, is_mask=True, duration=still.duration)
    return still.with_mask(masked).with_position((x, y))


def transition(scene, width):
    lead = scene["lead"]
    if not lead:
        return []
    before = clip(scene["before"], 0, lead)
    if scene["effect"] == "fade":
        return [before.with_effects([vfx.CrossFadeOut((lead + 1) / FPS)])]

    def moved(t):
        share = (t * FPS + 1) / (lead + 1)
        return 2 * round(share * share * (3 - 2 * share) * width / 2)

    after = clip(scene["base"], 0, lead)
    return [
        before.with_position(lambda t: (-moved(t), 0)),
        after.with_position(lambda t: (width - moved(t), 0)),
    ]


def scene_clip(scene, sheet, tuned):
    parts = [clip(scene["base"], 0, scene["frames"]), *transition(scene, sheet["width"])]
    for layer in scene["layers"]:
        parts += cut_layer(layer) if tuned else whole_layer(layer)
    at = 0
    for caption in scene["captions"]:
        shown = clip(caption["file"], at, at + caption["frames"])
        parts.append(shown.with_position(tuple(sheet["strip"])))
        at += caption["frames"]
    composite = CompositeVideoClip(parts, **({"use_bgclip": True} if tuned else {}))
    return composite.with_duration(scene["frames"] / FPS)


def main():
    first, last = map(int, sys.argv[1:3])
    encoder, target, tuned = json.loads(sys.argv[3]), sys.argv[4], sys.argv[5] == "tuned"
    sheet = json.loads(Path("film.json").read_text("utf-8"))
    scenes = [scene_clip(scene, sheet, tuned) for scene in sheet["scenes"]]
    film = concatenate_videoclips(scenes).with_audio(AudioFileClip("sound.wav"))
    loaded = {"wall": time.perf_counter() - BEGAN, "cpu": time.process_time()}
    film.subclipped(first / FPS, last / FPS).write_videofile(
        target,
        fps=FPS,
        codec="libx264",
        audio_codec="aac",
        audio_bitrate="128k",
        threads=os.cpu_count(),
        ffmpeg_params=["-vf", "scale=out_color_matrix=bt709:out_range=tv", *encoder],
        logger=None,
    )
    print(json.dumps(loaded))


BEGAN = time.perf_counter()
if __name__ == "__main__":
    main()
