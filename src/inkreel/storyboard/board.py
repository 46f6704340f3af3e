"""Storyboard ⇄ YAML as people edit it.

Every scalar is read as text and given its type by the field it stands in, so that `heading: 2024`
or `narration: yes` mean what they look like.
"""

from __future__ import annotations

import difflib
import re
import typing
from collections import Counter
from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec
import yaml

from inkreel.errors import InvalidStoryboard
from inkreel.model import (
    ILLUSTRATED,
    AnyBlock,
    AnyVisual,
    Code,
    DiagramVisual,
    Document,
    Edge,
    Formula,
    Image,
    Listing,
    Node,
    Scene,
    Storyboard,
    Table,
    Visual,
)
from inkreel.storyboard import sections, shorthand
from inkreel.storyboard.misfits import misfits

KINDS: dict[str, type[Visual]] = {
    str(kind.__struct_config__.tag): kind for kind in typing.get_args(AnyVisual)
}
_HINT = "Write a storyboard to start from: inkreel storyboard notes.md -o board.yaml"
_HEADER = """\
# A storyboard: edit it, then make the video with `inkreel make THIS_FILE`.
#
# Only the scenes that you change are made again. For each scene:
#   id         its name in reports; any short name, each only once
#   heading    the title on the screen; `eyebrow` is the small line over it
#   narration  what is spoken and captioned, one sentence an entry
#   visual     what is shown; its kind is one of
#              {kinds}
#     cues     the sentence (from 0) with which each bullet, row, bar or line appears;
#              leave them out and they are spread evenly
#              (a diagram may also hold Mermaid source: `mermaid: |`)
#   illustrate what a picture beside the visual is to show, where the video has a source of
#              images (`--illustrate`); for kinds {illustrated}
#   transition how the scene comes in: auto, cut, fade, slide or wipe; auto when left out
#   sources    the parts of the document that the scene tells (for reports)
#   derived    values of the narration that were computed, and how
"""


# --- Storyboard → YAML ---------------------------------------------------------------------------


class _Dumper(yaml.SafeDumper):
    """Block style, lists indented under their key, long text as a block."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001  signature of the base
        super().increase_indent(flow, False)


# Breaks of other scripts and controls, which YAML would fold or refuse outside double quotes.
_ODD = re.compile(
    r"[^\n -~\u00a1-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)


def _text(dumper: _Dumper, value: str) -> yaml.ScalarNode:
    edged = value != value.strip() and "\n" in value
    style = '"' if edged or _ODD.search(value) else "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


class _Row(dict[str, Any]):
    """A mapping that is written on one line."""


def _row(dumper: _Dumper, value: _Row) -> yaml.MappingNode:
    return dumper.represent_mapping("tag:yaml.org,2002:map", value, flow_style=True)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(_Row, _row)


def dump(board: Storyboard, document: Document | None) -> str:
    """YAML with comments that quote what each scene cites, where `document` is at hand."""
    blocks = {block.id: block for block in document.blocks} if document else {}
    kinds = ", ".join(KINDS)
    illustrated = ", ".join(name for name, kind in KINDS.items() if kind in ILLUSTRATED)
    parts = [_HEADER.format(kinds=kinds, illustrated=illustrated)]
    parts.append(_yaml(_top(board)))
    if not board.scenes:
        return "\n".join([*parts, "scenes: []\n"])
    parts.append("scenes:")
    for scene in board.scenes:
        comments = [_citation(blocks[s]) for s in scene.sources if s in blocks]
        text = _yaml([_plain(scene)])
        indented = "".join(f"  {line}\n" if line else "\n" for line in text.split("\n")[:-1])
        parts.append("".join(f"  # {comment}\n" for comment in comments) + indented)
    return "\n".join(parts)


def to_plain(board: Storyboard) -> dict[str, Any]:
    """The mapping that `dump` writes as YAML."""
    return {**_top(board), "scenes": [_plain(scene) for scene in board.scenes]}


def to_json(board: Storyboard) -> bytes:
    """The same mapping, for programs: written and read in a fortieth of the time of its YAML."""
    return msgspec.json.encode(to_plain(board))


def from_json(data: bytes) -> Storyboard:
    """What `to_json` wrote, or `dump`, as earlier versions did. Raises `InvalidStoryboard`."""
    if not data.startswith(b"{"):
        return parse(data.decode())
    return from_plain(msgspec.json.decode(data))


def _top(board: Storyboard) -> dict[str, Any]:
    top: dict[str, Any] = {"title": board.title, "language": board.language}
    if board.notes:
        top["notes"] = list(board.notes)
    return top


def _yaml(value: Any) -> str:
    text: str = yaml.dump(
        value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=98, indent=2
    )
    return text


def _plain(scene: Scene) -> dict[str, Any]:
    """A scene as plain values, without fields that hold their default; short numbers in a row."""
    order = (
        *("id", "eyebrow", "heading", "narration", "transition", "illustrate", "visual"),
        *("sources", "derived"),
    )
    whole = _built(scene)
    return {name: whole[name] for name in order if name in whole}


@cache
def _fields(kind: type[msgspec.Struct]) -> tuple[msgspec.structs.FieldInfo, ...]:
    """msgspec evaluates the annotations anew each time, which takes longer than all that is done
    with them."""
    return msgspec.structs.fields(kind)


def _built(value: Any) -> Any:
    if isinstance(value, msgspec.Struct):
        built: dict[str, Any] = _Row() if isinstance(value, Node | Edge) else {}
        if isinstance(value, Visual):
            built["kind"] = value.__struct_config__.tag
        for item in _fields(type(value)):
            own = getattr(value, item.name)
            if item.required or own != item.default:
                built[item.encode_name] = _built(own)
        if "cues" in built:
            built["cues"] = built.pop("cues")  # last, after what they count
        return built
    if isinstance(value, tuple):
        return [_built(own) for own in value]
    return value


def _citation(block: AnyBlock) -> str:
    place = ""
    if block.place.line is not None:
        place = f"line {block.place.line}"
    elif block.place.page is not None:
        place = f"page {block.place.page}"
    text = re.sub(
        r"[^ -~\u00a1-\u2027\u202a-\ud7ff\ue000-\ufdcf\U00010000-\U0001fffd]+", " ", _opening(block)
    )
    text = " ".join(text.split())
    if len(text) > 72:
        text = text[:71].rsplit(" ", 1)[0] + " …"
    return f"cites {place + ': ' if place else ''}“{text}”"


def _opening(block: AnyBlock) -> str:
    match block:
        case Listing():
            first = block.items[0] if block.items else None
            return f"{first.label} {first.text}" if first else ""
        case Table():
            return " | ".join(block.header)
        case Code():
            return block.text[:160]
        case Formula():
            return block.tex
        case Image():
            return block.caption or block.alt or "image"
        case _:
            return block.text[:200]


# --- YAML → Storyboard ---------------------------------------------------------------------------


class _Loader(yaml.SafeLoader):
    """Text, lists and mappings only; an empty value is None. Anchors and double keys are
    refused."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  as the base declares it

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(
                problem="aliases (*name) are not used in storyboards",
                problem_mark=event.start_mark,
            )
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001  signature of the base
        names = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        twice = [name for name, count in Counter(names).items() if count > 1]
        if twice:
            raise yaml.MarkedYAMLError(
                problem=f"the field {twice[0]!r} stands here twice", problem_mark=node.start_mark
            )
        return super().construct_mapping(node, deep)


def _scalar(_loader: _Loader, node: yaml.ScalarNode) -> str | None:
    if node.style is None and node.value in ("", "~", "null"):
        return None
    return str(node.value)


_Loader.add_constructor("tag:yaml.org,2002:str", _scalar)


def parse(text: str) -> Storyboard:
    """A storyboard from YAML. Raises `InvalidStoryboard`, which names the scene and the field."""
    return from_plain(_load(text))


def from_plain(raw: Any) -> Storyboard:
    """A storyboard from the mapping that its YAML or JSON holds. Raises `InvalidStoryboard`."""
    if not isinstance(raw, dict):
        raise InvalidStoryboard("The file holds no storyboard.", hint=_HINT)
    where = "The storyboard"
    _known(raw, [f.name for f in _fields(Storyboard)], where)
    listed = raw.get("scenes")
    if not isinstance(listed, list) or not listed:
        raise InvalidStoryboard(f"{where} has no scenes.", hint="Add a list under `scenes:`.")
    scenes = [_scene(own, number) for number, own in enumerate(listed, start=1)]
    _distinct(scenes)
    head = _without_none({**raw, "scenes": []})
    board: Storyboard = _convert(head, Storyboard, where)
    return msgspec.structs.replace(board, scenes=tuple(_named(scenes)))


def _load(text: str) -> Any:
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506  a SafeLoader, narrowed
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"line {mark.line + 1}: " if mark else ""
        raise InvalidStoryboard(
            f"The storyboard is not valid YAML: {place}{error.problem}.",
            hint="Check indentation and quotes near that line.",
        ) from error
    except (yaml.YAMLError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise InvalidStoryboard(
            f"The storyboard is not valid YAML: {reason}.", hint=_HINT
        ) from error


def _scene(raw: Any, number: int) -> Scene:
    where = f"Scene {number}"
    if not isinstance(raw, dict):
        raise InvalidStoryboard(
            f"{where} is not a mapping.", hint="A scene starts with `- heading: …`."
        )
    raw = _without_none(raw)
    if isinstance(raw.get("id"), str):
        where = f"Scene {number} ({raw['id']})"
    _known(raw, [f.name for f in _fields(Scene)], where)
    raw.setdefault("id", "")
    raw.setdefault("heading", "")
    raw["narration"] = _listed(raw.get("narration"))
    if not any(isinstance(text, str) and text.strip() for text in raw["narration"]):
        raise InvalidStoryboard(
            f"{where} says nothing: `narration` is empty.",
            hint="Give at least one sentence, or delete the scene.",
        )
    raw["visual"] = _visual(raw.get("visual"), where)
    scene: Scene = _convert(raw, Scene, where)
    _in_range(scene, where)
    return scene


def _visual(raw: Any, where: str) -> dict[str, Any]:
    known = f"Known kinds: {', '.join(KINDS)}."
    if not isinstance(raw, dict) or raw.get("kind") is None:
        raise InvalidStoryboard(f"{where}: `visual` needs a `kind`.", hint=known)
    kind = KINDS.get(str(raw["kind"]))
    if kind is None:
        near = difflib.get_close_matches(str(raw["kind"]), KINDS, 1)
        meant = f"Did you mean {near[0]}? " if near else ""
        raise InvalidStoryboard(
            f"{where}: unknown visual kind {raw['kind']!r}.", hint=meant + known
        )
    names = ["kind", *(f.name for f in _fields(kind))]
    if kind is DiagramVisual:
        raw = shorthand.expanded(raw, where)
    _known(raw, names, f"{where}, visual ({raw['kind']})")
    own = _without_none(raw)
    if "cues" in own:
        own["cues"] = _listed(own["cues"])
    if isinstance(own.get("bullets"), list):
        own["bullets"] = [{"text": b} if isinstance(b, str) else b for b in own["bullets"]]
    return own


def _listed(value: Any) -> list[Any]:
    """A list, also where a person wrote a single value."""
    if value is None:
        return []
    return [own for own in value if own is not None] if isinstance(value, list) else [value]


def _without_none(raw: Mapping[Any, Any]) -> dict[Any, Any]:
    """Fields left empty count as not given; inside `values` an empty entry is a gap."""
    done: dict[Any, Any] = {}
    for name, value in raw.items():
        if value is not None:
            done[name] = _entries(value, texts=name in {"header", "labels", "rows"})
    return done


def _entries(value: Any, *, texts: bool) -> Any:
    """A field's value; among `texts` an empty entry is an empty text."""
    if isinstance(value, dict):
        return _without_none(value)
    if isinstance(value, list):
        return [_entries(own, texts=texts) for own in value]
    return "" if value is None and texts else value


def _known(raw: Mapping[Any, Any], names: list[str], where: str) -> None:
    for name in raw:
        if name in names:
            continue
        near = difflib.get_close_matches(str(name), names, 1)
        meant = f"Did you mean {near[0]}? " if near else ""
        raise InvalidStoryboard(
            f"{where}: unknown field {str(name)!r}.",
            hint=f"{meant}Known fields: {', '.join(names)}.",
        )


def _convert(raw: Any, kind: Any, where: str) -> Any:
    try:
        return msgspec.convert(raw, kind, strict=False)
    except msgspec.ValidationError as error:
        message = str(error)
        field = ""
        if match := re.search(r" - at `\$\.?(.+)`$", message):
            message, field = message[: match.start()], match[1]
        raise InvalidStoryboard(
            f"{where}{', field ' + field if field else ''}: {message}.",
            hint="Compare with a storyboard written by `inkreel storyboard`.",
        ) from error


def _in_range(scene: Scene, where: str) -> None:
    visual, count = scene.visual, len(scene.narration)
    for cue in visual.cues:
        if not 0 <= cue < count:
            raise InvalidStoryboard(
                f"{where}: cue {cue} points at no sentence.",
                hint=f"Its {count} sentences are numbered 0 to {count - 1}.",
            )
    if scene.illustrate and not isinstance(visual, ILLUSTRATED):
        names = (name for name, kind in KINDS.items() if kind in ILLUSTRATED)
        raise InvalidStoryboard(
            f"{where}: there is no room for a picture beside its {visual.kind}.",
            hint=f"`illustrate` is for visuals of the kinds {', '.join(names)}.",
        )
    for problem in misfits(visual):
        drawn = isinstance(visual, DiagramVisual)
        hint = shorthand.HINT if drawn else "Correct the numbers or leave them out."
        raise InvalidStoryboard(f"{where}: {problem}", hint=hint)


def _distinct(scenes: list[Scene]) -> None:
    named = Counter(scene.id for scene in scenes if scene.id)
    twice = [name for name, count in named.items() if count > 1]
    if twice:
        raise InvalidStoryboard(
            f"Two scenes have the id {twice[0]!r}.", hint="Give each scene its own id, or none."
        )


def _named(scenes: list[Scene]) -> list[Scene]:
    """Scenes without an id get one from their heading."""
    taken = {scene.id for scene in scenes}
    done = []
    for scene in scenes:
        if scene.id:
            done.append(scene)
            continue
        base, number = sections.slug(scene.heading or "scene"), 1
        while f"{base}-{number}" in taken:
            number += 1
        taken.add(f"{base}-{number}")
        done.append(msgspec.structs.replace(scene, id=f"{base}-{number}"))
    return done
