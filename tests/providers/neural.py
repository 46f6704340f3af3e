"""A Piper voice of our own making: a real ONNX model of a few hundred bytes that hums.

Each phoneme id lasts `HOPS` hops; a letter is a tone that swells and fades, a pad or a pause
is silence. It has the inputs, the outputs and the sidecar of the voices that Piper publishes, so
that all of piper and ONNX Runtime is run; what it says is no speech.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

HOP = 256
HOPS = 3
RATE = 22_050
LETTER = HOP * HOPS
"""Samples of a phoneme id, pads included."""


def write_voice(
    folder: Path,
    name: str = "en_US-hum-low",
    *,
    espeak: str = "en-us",
    timed: bool = True,
    speakers: tuple[str, ...] = (),
) -> Path:
    """The two files of a voice; returns that of the model. A `timed` one holds the lengths of its
    phonemes as trained voices do: rounded up, within it."""
    from onnx import TensorProto, helper, numpy_helper
    from piper.phoneme_ids import DEFAULT_PHONEME_ID_MAP

    at = np.arange(LETTER)
    tone = sum(np.sin(2 * np.pi * 140 * k * at / RATE) / k for k in range(1, 8)) / 3
    tone *= np.sin(np.pi * at / LETTER) ** 0.5
    constants = {
        "tone": tone.astype(np.float32)[None, :],
        "letters": np.float32(13),  # ids above are letters
        "one": np.float32(1),
        "nothing": np.float32(0),
        "length": np.float32(HOPS - 0.5),
        "column": np.array([-1, 1], np.int64),
        "row": np.array([1, 1, 1, -1], np.int64),
    }
    nodes = [
        helper.make_node("Cast", ["input"], ["ids"], to=TensorProto.FLOAT),
        helper.make_node("Sub", ["ids", "letters"], ["above"]),
        helper.make_node("Clip", ["above", "nothing", "one"], ["loud"]),
        helper.make_node("Reshape", ["loud", "column"], ["upright"]),
        helper.make_node("Mul", ["upright", "tone"], ["sounds"]),
        helper.make_node("Reshape", ["sounds", "row"], ["output"]),
    ]
    if timed:
        nodes += [
            helper.make_node("Mul", ["ids", "nothing"], ["none"]),
            helper.make_node("Add", ["none", "length"], ["lengths"]),
            helper.make_node("Ceil", ["lengths"], ["w_ceil"]),
        ]
    given = [("input", TensorProto.INT64, [1, "n"]), ("input_lengths", TensorProto.INT64, [1])]
    given += [("scales", TensorProto.FLOAT, [3])]
    if speakers:
        given += [("sid", TensorProto.INT64, [1])]
    graph = helper.make_graph(
        nodes,
        "hum",
        [helper.make_tensor_value_info(*one) for one in given],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, 1, 1, "t"])],
        [numpy_helper.from_array(np.asarray(value), key) for key, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)])
    model.ir_version = 8
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.onnx"
    path.write_bytes(model.SerializeToString())
    sidecar = {
        "audio": {"sample_rate": RATE, "quality": "low"},
        "espeak": {"voice": espeak},
        "language": {"code": name.partition("-")[0]},
        "inference": {"noise_scale": 0.667, "length_scale": 1.0, "noise_w": 0.8},
        "phoneme_type": "espeak",
        "phoneme_id_map": DEFAULT_PHONEME_ID_MAP,
        "num_symbols": 256,
        "num_speakers": max(1, len(speakers)),
        "speaker_id_map": {name: number for number, name in enumerate(speakers)},
        "hop_length": HOP,
    }
    path.with_name(f"{path.name}.json").write_text(json.dumps(sidecar), "utf-8")
    return path
