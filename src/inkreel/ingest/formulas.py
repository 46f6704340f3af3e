r"""Inline TeX → Unicode text: `x^2 \le \alpha_i` becomes `x² ≤ αᵢ`.

What Unicode cannot write stays readable: `\frac{a+b}{c}` is `(a + b)/c`, an unknown command is
its name. Nesting and length are bounded.
"""

from __future__ import annotations

import re
import unicodedata

MAX_LENGTH = 2_000
MAX_DEPTH = 12

_TOKENS = re.compile(r"\\[A-Za-z]+|\\.|[{}^_&~]|\s+|\d+(?:[.,]\d+)*|[^\\{}^_&~\s]", re.DOTALL)


def _pairs(names: str, letters: str) -> dict[str, str]:
    """Names, parted by spaces, with the letter of each."""
    return dict(zip(names.split(), letters, strict=True))


_GREEK = _pairs(
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho "
    "sigma tau upsilon phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi "
    "Omega varepsilon vartheta varphi varrho varsigma varpi",
    "αβγδεζηθικλμνξοπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩεϑϕϱςϖ",
)
_RELATIONS = _pairs(
    "le leq leqslant ge geq geqslant ne neq approx equiv sim simeq cong propto in notin ni "
    "subset subseteq supset supseteq to rightarrow longrightarrow leftarrow gets Rightarrow "
    "implies Leftarrow leftrightarrow Leftrightarrow iff mapsto ll gg mid parallel perp "
    "prec succ vdash models",
    "≤≤≤≥≥≥≠≠≈≡∼≃≅∝∈∉∋⊂⊆⊃⊇→→→←←⇒⇒⇐↔⇔⇔↦≪≫∣∥⊥≺≻⊢⊨",
)
_OPERATORS = _pairs(
    "times cdot div pm mp ast star circ bullet oplus otimes cup cap setminus wedge land vee lor",
    "×·÷±∓∗⋆∘•⊕⊗∪∩∖∧∧∨∨",
)
_SYMBOLS = _pairs(
    "infty partial nabla sum prod int oint forall exists emptyset varnothing neg lnot angle "
    "degree prime ell hbar Re Im aleph ldots dots cdots vdots langle rangle lfloor rfloor "
    "lceil rceil vert Vert lbrace rbrace top bot therefore because checkmark dagger",
    "∞∂∇∑∏∫∮∀∃∅∅¬¬∠°′ℓℏℜℑℵ……⋯⋮⟨⟩⌊⌋⌈⌉|‖{}⊤⊥∴∵✓†",
)
_SUPERSCRIPTS = dict(
    zip(
        "0123456789+-−=()abcdefghijklmnoprstuvwxyzTαβ°′∗∘",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᵀᵅᵝ°′*°",
        strict=True,
    )
)
_SUBSCRIPTS = dict(
    zip(
        "0123456789+-−=()aehijklmnoprstuvxβγρφχ",
        "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ",
        strict=True,
    )
)
_ACCENTS = {
    "hat": "\u0302",
    "widehat": "\u0302",
    "bar": "\u0304",
    "overline": "\u0304",
    "tilde": "\u0303",
    "dot": "\u0307",
    "ddot": "\u0308",
    "vec": "\u20d7",
}
_DOUBLE = dict(zip("CHNPQRZ", "ℂℍℕℙℚℝℤ", strict=True))
_SILENT = frozenset(("left", "right", "big", "Big", "bigg", "Bigg", "limits", "nolimits"))
_SPACES = frozenset(["quad", "qquad", " ", ",", ";", ":"])


def to_text(tex: str) -> str:
    """Inline maths as Unicode text, in one line. Never fails: what cannot be read as TeX comes
    back with its braces and backslashes taken off."""
    tokens = _TOKENS.findall(tex[:MAX_LENGTH])
    spelled = _Speller(tokens).group(0)
    text = re.sub(r"\s+", " ", spelled).strip()
    text = re.sub(r"([(\[⟨]) | (?=[)\]⟩,;_^])", r"\1", text)
    return unicodedata.normalize("NFC", text)


def raised(text: str) -> str:
    """`text` in superscript letters, or "" when Unicode lacks one of them."""
    return _mapped(text, _SUPERSCRIPTS)


def lowered(text: str) -> str:
    """`text` in subscript letters, or "" when Unicode lacks one of them."""
    return _mapped(text, _SUBSCRIPTS)


def _mapped(text: str, letters: dict[str, str]) -> str:
    bare = text.replace(" ", "")
    return "".join(letters[c] for c in bare) if all(c in letters for c in bare) else ""


class _Speller:
    """Recursive descent over TeX tokens; deeper than `MAX_DEPTH` braces are skipped over."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.at = 0

    def group(self, depth: int) -> str:
        """Everything up to the closing brace or the end."""
        parts: list[str] = []
        while self.at < len(self.tokens):
            piece = self.tokens[self.at]
            self.at += 1
            if piece == "}":
                if depth:
                    break
                continue
            parts.append(self.one(piece, parts, depth))
        return "".join(parts)

    def argument(self, depth: int) -> str:
        """The next piece or braced group."""
        while self.at < len(self.tokens) and self.tokens[self.at].isspace():
            self.at += 1
        if self.at >= len(self.tokens) or self.tokens[self.at] == "}":
            return ""
        piece = self.tokens[self.at]
        self.at += 1
        return self.one(piece, [], depth).strip()

    def one(self, piece: str, before: list[str], depth: int) -> str:
        if depth > MAX_DEPTH:
            return "" if piece in "{}^_" or piece.startswith("\\") else piece
        if piece == "{":
            return self.group(depth + 1)
        if piece == "^":
            return self.script(self.argument(depth + 1), _SUPERSCRIPTS, "^")
        if piece == "_":
            return self.script(self.argument(depth + 1), _SUBSCRIPTS, "_")
        if piece.startswith("\\") and len(piece) > 1:
            return self.command(piece[1:], before, depth)
        if piece.isspace():
            return ""
        if piece in "&~":
            return " "
        return _spaced(piece, before)

    @staticmethod
    def script(text: str, letters: dict[str, str], mark: str) -> str:
        if not text:
            return ""
        return _mapped(text, letters) or (f"{mark}{text}" if len(text) == 1 else f"{mark}({text})")

    def command(self, name: str, before: list[str], depth: int) -> str:
        if name in ("frac", "dfrac", "tfrac", "cfrac"):
            above, below = self.argument(depth + 1), self.argument(depth + 1)
            return f"{_bracketed(above)}/{_bracketed(below)}"
        if name == "sqrt":
            return self.root(depth)
        if name in _ACCENTS:
            inner = self.argument(depth + 1)
            return inner + _ACCENTS[name] if len(inner) == 1 else inner
        if name == "mathbb":
            inner = self.argument(depth + 1)
            return _DOUBLE.get(inner, inner)
        if name.startswith(("text", "mbox", "operatorname")):
            return self.verbatim()
        if name.startswith(("math", "boldsymbol", "displaystyle", "underline", "boxed")):
            return ""
        if name == "not":
            return f" {self.argument(depth + 1).strip()}\u0338 "
        return _named(name, before)

    def root(self, depth: int) -> str:
        mark = "√"
        if self.at < len(self.tokens) and self.tokens[self.at] == "[":
            end = self.at + 1
            while end < len(self.tokens) and self.tokens[end] != "]":
                end += 1
            degree = "".join(self.tokens[self.at + 1 : end])
            self.at = min(end + 1, len(self.tokens))
            mark = {"2": "√", "3": "∛", "4": "∜"}.get(degree, raised(degree) + "√")
        inner = self.argument(depth + 1)
        return mark + (inner if len(inner) <= 1 or inner.isdigit() else f"({inner})")

    def verbatim(self) -> str:
        r"""The words of `\text{…}`, whose spaces count."""
        if self.at >= len(self.tokens) or self.tokens[self.at] != "{":
            return ""
        self.at += 1
        parts: list[str] = []
        while self.at < len(self.tokens) and self.tokens[self.at] != "}":
            parts.append(self.tokens[self.at])
            self.at += 1
        self.at += 1
        return "".join(part.lstrip("\\") for part in parts if part not in "{^_")


def _named(name: str, before: list[str]) -> str:
    if name in _RELATIONS:
        return f" {_RELATIONS[name]} "
    if name in _OPERATORS:
        return f" {_OPERATORS[name]} "
    symbol = _GREEK.get(name) or _SYMBOLS.get(name)
    if symbol:
        return symbol
    if name in _SPACES or name == "\\":
        return " "
    if name in _SILENT or name == "!":
        return ""
    if len(name) == 1 and not name.isalpha():
        return {"|": "‖"}.get(name, name)
    # A named function (sin, log, max) or a command we do not know: its name.
    return f"{' ' if before and before[-1][-1:].isalnum() else ''}{name} "


def _spaced(piece: str, before: list[str]) -> str:
    """Relations and binary signs stand between spaces, a leading sign does not."""
    if piece in "=<>≤≥≈≠→":
        return f" {piece} "
    if piece in "+-−±":
        sign = "−" if piece == "-" else piece
        last = "".join(before[-2:]).rstrip()[-1:]
        return f" {sign} " if last and last not in "=<>≤≥≈≠→([{,+−×·/" else sign
    if piece == "'":
        return "′"
    return f"{piece} " if piece in ",;" else piece


def _bracketed(text: str) -> str:
    return f"({text})" if re.search(r"[\s+−/·×]", text) else text
