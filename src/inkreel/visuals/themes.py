"""Theme name → the colours of every part, checked for contrast by the tests."""

from __future__ import annotations

from dataclasses import dataclass

from inkreel.errors import OptionError


@dataclass(frozen=True, slots=True)
class CodeColours:
    """Colours of a code panel and of its tokens."""

    panel: str
    bar: str
    band: str
    text: str
    muted: str
    keyword: str
    name: str
    string: str
    number: str
    operator: str
    added: str
    """The band of a line that came, and below of one that went; `plus`, `minus` their signs."""
    removed: str
    plus: str
    minus: str


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours as `#RRGGBB`. `soft` is a tint of the accent, `on` is read on the accent,
    `line` draws hairlines, `ornament` the circles behind the title, `tiles` the title card."""

    bg: str
    surface: str
    ink: str
    muted: str
    accent: str
    on: str
    soft: str
    line: str
    ornament: str
    ring: str
    tiles: tuple[str, str, str, str]
    series: tuple[str, ...]
    """Chart colours; the second is the quiet one for bars beside a highlighted bar."""
    caption: str
    caption_ink: str
    caption_lit: str
    code: CodeColours


_NIGHT_CODE = CodeColours(
    panel="#141A30",
    bar="#1B2340",
    band="#273056",
    text="#E6EAF5",
    muted="#97A3C7",
    keyword="#C4B5FD",
    name="#8EC5FF",
    string="#9BE3B4",
    number="#FDBA74",
    operator="#F0ABFC",
    added="#12382F",
    removed="#43202F",
    plus="#6EE7A8",
    minus="#FDA4AF",
)

LIGHT = Theme(
    bg="#F6F7FB",
    surface="#FFFFFF",
    ink="#111633",
    muted="#4B5573",
    accent="#4338CA",
    on="#FFFFFF",
    soft="#E8E9FC",
    line="#DFE3F0",
    ornament="#EDEFFA",
    ring="#E0E3F5",
    tiles=("#4338CA", "#FBBF24", "#C9CCF7", "#111633"),
    series=("#4338CA", "#7F86E0", "#B45309", "#0B7F78", "#B4236B", "#5B6785"),
    caption="#272C47",
    caption_ink="#FFFFFF",
    caption_lit="#FFD166",
    code=CodeColours(
        panel="#FFFFFF",
        bar="#EEF0FA",
        band="#E8E9FC",
        text="#1C2340",
        muted="#565F7E",
        keyword="#4338CA",
        name="#0B5CAD",
        string="#1A7443",
        number="#A84A06",
        operator="#9D1FA6",
        added="#E0F5E7",
        removed="#FCE8EA",
        plus="#157347",
        minus="#B4233C",
    ),
)

DARK = Theme(
    bg="#0C1122",
    surface="#151C33",
    ink="#F3F5FC",
    muted="#A9B4D0",
    accent="#8EA2FF",
    on="#0C1122",
    soft="#1C2546",
    line="#27315C",
    ornament="#11182E",
    ring="#1B2547",
    tiles=("#8EA2FF", "#FBBF24", "#27315C", "#EEF1FB"),
    series=("#8EA2FF", "#6072B8", "#FBBF24", "#5EEAD4", "#F9A8D4", "#A9B4D0"),
    caption="#2B3563",
    caption_ink="#FFFFFF",
    caption_lit="#FFD166",
    code=_NIGHT_CODE,
)

BRAND = Theme(
    bg="#0B3B36",
    surface="#11504A",
    ink="#F4FBF8",
    muted="#B4D6CC",
    accent="#FFC857",
    on="#0B3B36",
    soft="#145A52",
    line="#23695F",
    ornament="#0F4740",
    ring="#175A51",
    tiles=("#FFC857", "#F4FBF8", "#145A52", "#3FA796"),
    series=("#FFC857", "#5FB3A3", "#F4FBF8", "#FF9B71", "#9AD8FF", "#B4D6CC"),
    caption="#04211E",
    caption_ink="#FFFFFF",
    caption_lit="#FFC857",
    code=CodeColours(
        panel="#082E2A",
        bar="#0F463F",
        band="#17544B",
        text="#EAF6F2",
        muted="#A9D0C5",
        keyword="#FFD98A",
        name="#9AD8FF",
        string="#A8E6B8",
        number="#FFC2A1",
        operator="#F5B8E0",
        added="#0E4F38",
        removed="#4A2530",
        plus="#8FF0B4",
        minus="#FFB3B8",
    ),
)

_BY_NAME = {"light": LIGHT, "dark": DARK, "brand": BRAND}


def theme_named(name: str) -> Theme:
    """The theme called `name`. Raises `OptionError` for one that does not exist."""
    try:
        return _BY_NAME[name]
    except KeyError:
        raise OptionError(
            f"There is no theme called {name!r}.", hint=f"Choose one of: {', '.join(_BY_NAME)}."
        ) from None
