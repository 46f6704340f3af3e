"""Documents made by hypothesis: grammatical enough to be told, wild enough to break a writer."""

from __future__ import annotations

import itertools

from hypothesis import strategies as st

from inkreel.model import (
    AnyBlock,
    Block,
    Code,
    Document,
    Formula,
    Heading,
    Item,
    Language,
    Listing,
    Paragraph,
    Place,
    Quote,
    Table,
)

_WORDS = {
    "en": [
        "water",
        "cloud",
        "rain",
        "ocean",
        "river",
        "glacier",
        "vapour",
        "energy",
        "the",
        "a",
        "of",
        "in",
        "and",
        "moves",
        "carries",
        "small",
        "large",
        "it",
        "this",
        "which",
        "because",
        "surface",
        "12",
        "3.5",
        "system",
        "data",
        "model",
        "user",
        "network",
        "storage",
        "returns",
    ],
    "vi": [
        "nước",
        "mây",
        "mưa",
        "biển",
        "sông",
        "băng",
        "hơi",
        "năng",
        "lượng",
        "của",
        "trong",
        "và",
        "là",
        "một",
        "các",
        "chuyển",
        "mang",
        "nhỏ",
        "lớn",
        "nó",
        "này",
        "vì",
        "bề",
        "mặt",
        "12",
        "3,5",
        "hệ",
        "thống",
        "dữ",
        "liệu",
        "mô",
        "hình",
        "người",
        "dùng",
        "mạng",
        "lưới",
        "được",
        "không",
    ],
}
_OPENERS = {
    "en": [
        "",
        "",
        "However, ",
        "Moreover, ",
        "This ",
        "It ",
        "These rivers ",
        "For example, ",
        "And ",
    ],
    "vi": [
        "",
        "",
        "Tuy nhiên, ",
        "Ngoài ra, ",
        "Điều này ",
        "Nó ",
        "Do đó, ",
        "Quá trình này ",
        "Và ",
    ],
}
_LEANING = {"this", "which", "because", "trong", "không", "được"}
_TAILS = [
    "",
    "",
    "",
    " (see Table 2)",
    " [12]",
    " (Smith, 2020)",
    " at https://a.example/b",
    " **so**",
]


def _sentence(language: Language) -> st.SearchStrategy[str]:
    words = st.lists(st.sampled_from(_WORDS[language]), min_size=2, max_size=40)
    return st.builds(
        lambda opener, body, tail, end: (opener + " ".join(body)).capitalize() + tail + end,
        st.sampled_from(_OPENERS[language]),
        words,
        st.sampled_from(_TAILS),
        st.sampled_from([".", ".", ".", "?", "!", ":", ""]),
    )


def _prose(language: Language) -> st.SearchStrategy[str]:
    return st.lists(_sentence(language), min_size=1, max_size=7).map(" ".join)


def _short(language: Language) -> st.SearchStrategy[str]:
    content = [w for w in _WORDS[language] if len(w) > 3 and w not in _LEANING]
    words = st.lists(st.sampled_from(content), min_size=1, max_size=6)
    return words.map(lambda w: " ".join(w).capitalize())


@st.composite
def _sketches(draw: st.DrawFn, language: Language) -> str:
    """Mermaid source, mostly such as can be drawn."""
    words = [draw(_short(language)) for _ in range(draw(st.integers(1, 9)))]
    pairs = list(itertools.pairwise(range(len(words))))
    pairs += draw(st.lists(st.tuples(*[st.integers(0, len(words) - 1)] * 2), max_size=4))
    label = draw(st.sampled_from(["", "|có|", "|after 3 s|"]))
    opening, closing = draw(st.sampled_from([("[", "]"), ("{", "}"), ("([", "])")]))
    named = [f"n{k}{opening}{word}{closing}" for k, word in enumerate(words)]
    return draw(
        st.sampled_from(
            [
                "\n".join(["graph TD", *named, *(f"n{a} -->{label} n{b}" for a, b in pairs)]),
                "\n".join(["sequenceDiagram", *(f"n{a} ->> n{b}: {words[b]}" for a, b in pairs)]),
                "\n".join(["mindmap", "  root", *(f"    {word}" for word in words)]),
                "\n".join(["timeline", *(f"  {1900 + k} : {w}" for k, w in enumerate(words))]),
                "\n".join(["stateDiagram-v2", "[*] --> n0", *(f"n{a} --> n{b}" for a, b in pairs)]),
                "classDiagram\n  A <|-- B",
            ]
        )
    )


def _items(language: Language) -> st.SearchStrategy[tuple[Item, ...]]:
    item = st.builds(
        Item,
        text=st.one_of(_short(language), _prose(language)),
        label=st.one_of(st.just(""), _short(language)),
    )
    return st.lists(item, min_size=1, max_size=9).map(tuple)


def _cells(
    language: Language,
) -> st.SearchStrategy[tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]]:
    number = st.one_of(
        st.integers(0, 10**7).map(str),
        st.floats(0, 1000, allow_nan=False).map(lambda x: f"{x:.1f}"),
        st.just("–"),
    )
    cell = st.one_of(number, number, number, _short(language))
    return st.integers(2, 8).flatmap(
        lambda width: st.tuples(
            st.lists(_short(language), min_size=width, max_size=width).map(tuple),
            st.lists(
                st.tuples(_short(language), *[cell] * (width - 1)), min_size=1, max_size=12
            ).map(tuple),
        )
    )


_CODE = st.lists(
    st.sampled_from(
        [
            "def f(x):",
            "    return x",
            "# Adds one to it",
            "",
            "x = 1",
            "import json",
            "$ pip install a",
            "y" * 90,
        ]
    ),
    min_size=1,
    max_size=45,
).map("\n".join)


def _block(language: Language) -> st.SearchStrategy[AnyBlock]:
    made: list[st.SearchStrategy[AnyBlock]] = [
        st.builds(Heading, id=st.just(""), level=st.integers(1, 4), text=_short(language)),
        st.builds(Paragraph, id=st.just(""), text=_prose(language)),
        st.builds(Paragraph, id=st.just(""), text=_prose(language)),
        st.builds(Listing, id=st.just(""), items=_items(language), ordered=st.booleans()),
        _cells(language).map(lambda cells: Table(id="", header=cells[0], rows=cells[1])),
        st.builds(
            Code,
            id=st.just(""),
            text=_CODE,
            language=st.sampled_from(["", "python", "bash", "mermaid"]),
        ),
        st.builds(Code, id=st.just(""), text=_sketches(language), language=st.just("mermaid")),
        st.builds(Formula, id=st.just(""), tex=st.just("x^2 + y^2")),
        st.builds(
            Quote, id=st.just(""), text=_short(language), by=st.sampled_from(["", "Lao Tzu"])
        ),
    ]
    return st.one_of(made)


def _numbered(blocks: list[AnyBlock]) -> tuple[AnyBlock, ...]:
    import msgspec

    return tuple(
        msgspec.structs.replace(block, id=f"b{n}", place=Place(line=n + 1))
        for n, block in enumerate(blocks)
        if isinstance(block, Block)
    )


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """A document in one of the two languages."""
    language: Language = draw(st.sampled_from(["vi", "en"]))
    blocks = draw(st.lists(_block(language), min_size=1, max_size=14))
    return Document(title=draw(_short(language)), language=language, blocks=_numbered(blocks))
