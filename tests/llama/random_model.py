"""A language model without weights that anybody trained: random ones, in a GGUF of half a
megabyte, that a real llama.cpp serves.

    python random_model.py FILE

It speaks ASCII letter by letter: one dimension of its state is the same for all tokens and never
touched, and weighs for printable letters and against all others. What it says is nonsense; made to
keep to a schema, it is nonsense of the right shape. It needs the package `gguf`.
"""

from __future__ import annotations

import sys

import gguf
import numpy as np

WIDTH, HEADS, INNER, CONTEXT = 64, 4, 128, 16_384
SPECIAL = ("<unk>", "<s>", "</s>")
TEMPLATE = (
    "{% for message in messages %}{{ message['role'] }}: {{ message['content'] }}\n{% endfor %}"
    "assistant: "
)


def vocabulary() -> tuple[list[str], list[int]]:
    """Tokens and their types: special ones, all bytes, and one for each printable letter."""
    letters = [chr(code) for code in range(33, 127)]
    tokens = [*SPECIAL, *(f"<0x{byte:02X}>" for byte in range(256)), "▁", *letters]
    types = [
        gguf.TokenType.UNKNOWN,
        *[gguf.TokenType.CONTROL] * 2,
        *[gguf.TokenType.BYTE] * 256,
        *[gguf.TokenType.NORMAL] * (1 + len(letters)),
    ]
    return tokens, [int(kind) for kind in types]


def tensors(count: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(7)

    def random(rows: int, columns: int, scale: float = 0.3) -> np.ndarray:
        return (rng.standard_normal((rows, columns)) * scale).astype(np.float32)

    embedded, out = random(count, WIDTH), random(count, WIDTH, 0.15)
    embedded[:, 0] = 4.0
    out[:, 0] = -6.0
    out[len(SPECIAL) + 256 :, 0] = 3.0
    out[vocabulary()[0].index('"'), 0] = 9.0  # words are short
    made = {
        "token_embd.weight": embedded,
        "output.weight": out,
        "output_norm.weight": np.ones(WIDTH, np.float32),
        "blk.0.attn_norm.weight": np.ones(WIDTH, np.float32),
        "blk.0.ffn_norm.weight": np.ones(WIDTH, np.float32),
        "blk.0.attn_q.weight": random(WIDTH, WIDTH),
        "blk.0.attn_k.weight": random(WIDTH, WIDTH),
        "blk.0.attn_v.weight": random(WIDTH, WIDTH),
        "blk.0.attn_output.weight": random(WIDTH, WIDTH),
        "blk.0.ffn_gate.weight": random(INNER, WIDTH),
        "blk.0.ffn_up.weight": random(INNER, WIDTH),
        "blk.0.ffn_down.weight": random(WIDTH, INNER),
    }
    for name in ("attn_output", "ffn_down"):
        made[f"blk.0.{name}.weight"][0] = 0.0
    return made


def write(path: str) -> None:
    tokens, types = vocabulary()
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("random")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(1)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([0.0] * len(tokens))
    writer.add_token_types(types)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_chat_template(TEMPLATE)
    for name, values in tensors(len(tokens)).items():
        writer.add_tensor(name, values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    write(sys.argv[1])
