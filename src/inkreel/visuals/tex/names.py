"""The names that TeX has for letters, functions and fonts of maths, by what they stand for."""

from __future__ import annotations


def _named(pairs: str) -> dict[str, str]:
    """`name sign name sign …` as a dictionary."""
    parts = pairs.split()
    return dict(zip(parts[::2], parts[1::2], strict=True))


def _all(words: str) -> frozenset[str]:
    return frozenset(words.split())


_LETTERS = _named(
    """
    alpha α beta β gamma γ delta δ epsilon ϵ zeta ζ eta η theta θ iota ι kappa κ lambda λ mu μ nu ν
    xi ξ omicron ο pi π rho ρ sigma σ tau τ upsilon υ phi ϕ chi χ psi ψ omega ω
    Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω
    varepsilon ε vartheta ϑ varphi φ varrho ϱ varsigma ς varpi ϖ varkappa ϰ digamma ϝ
    imath ı jmath ȷ ell ℓ hbar ℏ hslash ℏ wp ℘ Re ℜ Im ℑ aleph ℵ beth ℶ gimel ℷ eth ð
    partial ∂ nabla ∇ infty ∞ emptyset ∅ varnothing ∅ prime ′ backprime ‵ forall ∀ exists ∃
    nexists ∄ neg ¬ lnot ¬ top ⊤ bot ⊥ angle ∠ measuredangle ∡ sphericalangle ∢ triangle △
    square □ Box □ blacksquare ■ Diamond ◇ lozenge ◊ bigstar ★ complement ∁ surd √ degree °
    clubsuit ♣ diamondsuit ♢ heartsuit ♡ spadesuit ♠ flat ♭ natural ♮ sharp ♯ mho ℧ AA Å
    dagger † ddagger ‡ S § P ¶ copyright © pounds £ euro € yen ¥ checkmark ✓
    ldots … dots … dotsc … dotsb ⋯ dotsm ⋯ dotsi ⋯ dotso …
    cdots ⋯ vdots ⋮ ddots ⋱
    iddots ⋰ adots ⋰ backslash ∖ textbackslash ∖ vert | Vert ‖ | ‖ # # % % & & $ $ _ _
    """
)

_BINARY = _named(
    """
    pm ± mp ∓ times × div ÷ cdot ⋅ centerdot ⋅ ast ∗ star ⋆ circ ∘ bullet ∙ oplus ⊕ ominus ⊖
    otimes ⊗ oslash ⊘ odot ⊙ boxplus ⊞ boxtimes ⊠ boxminus ⊟ cap ∩ cup ∪ uplus ⊎ sqcap ⊓ sqcup ⊔
    vee ∨ lor ∨ wedge ∧ land ∧ setminus ∖ smallsetminus ∖ wr ≀ amalg ⨿ ltimes ⋉ rtimes ⋊ bowtie ⋈
    diamond ⋄ bigtriangleup △ bigtriangledown ▽ triangleleft ◁ triangleright ▷ curlyvee ⋎
    curlywedge ⋏ veebar ⊻ intercal ⊺ divideontimes ⋇ circledast ⊛ circledcirc ⊚
    """
)

_RELATIONS = _named(
    """
    le ≤ leq ≤ leqslant ⩽ leqq ≦ ge ≥ geq ≥ geqslant ⩾ geqq ≧ lt < gt > ne ≠ neq ≠ equiv ≡ sim ∼
    simeq ≃ approx ≈ approxeq ≊ cong ≅ asymp ≍ doteq ≐ triangleq ≜ coloneqq ≔ coloneq ≔ eqqcolon ≕
    propto ∝ varpropto ∝ ll ≪ gg ≫ lll ⋘ ggg ⋙ prec ≺ succ ≻ preceq ⪯ succeq ⪰ in ∈ notin ∉ ni ∋
    subset ⊂ supset ⊃ subseteq ⊆ supseteq ⊇ subsetneq ⊊ supsetneq ⊋ nsubseteq ⊈ sqsubset ⊏
    sqsubseteq ⊑ sqsupseteq ⊒ mid ∣ nmid ∤ parallel ∥ nparallel ∦ perp ⟂ vdash ⊢ dashv ⊣ models ⊨
    vDash ⊨ Vdash ⊩ nleq ≰ ngeq ≱ lesssim ≲ gtrsim ≳ lessgtr ≶ gtrless ≷ ncong ≇ nsim ≁
    to → rightarrow → longrightarrow ⟶ leftarrow ← gets ← longleftarrow ⟵ leftrightarrow ↔
    longleftrightarrow ⟷ Rightarrow ⇒ Longrightarrow ⟹ implies ⟹ Leftarrow ⇐ Longleftarrow ⟸
    impliedby ⟸ Leftrightarrow ⇔ Longleftrightarrow ⟺ iff ⟺ mapsto ↦ longmapsto ⟼ uparrow ↑
    downarrow ↓ updownarrow ↕ Uparrow ⇑ Downarrow ⇓ Updownarrow ⇕ nearrow ↗ searrow ↘ swarrow ↙
    nwarrow ↖ hookrightarrow ↪ hookleftarrow ↩ rightharpoonup ⇀ rightharpoondown ⇁
    leftharpoonup ↼ leftharpoondown ↽ rightleftharpoons ⇌ leftrightharpoons ⇋ leadsto ⇝
    rightsquigarrow ⇝ twoheadrightarrow ↠ rightrightarrows ⇉ leftleftarrows ⇇ rightleftarrows ⇄
    leftrightarrows ⇆ nrightarrow ↛ nleftarrow ↚ nRightarrow ⇏ curvearrowright ↷
    circlearrowleft ↺ circlearrowright ↻ upharpoonright ↾ restriction ↾ therefore ∴ because ∵
    trianglelefteq ⊴ trianglerighteq ⊵ vartriangleleft ⊲ vartriangleright ⊳ between ≬ pitchfork ⋔
    smile ⌣ frown ⌢ multimap ⊸ backsim ∽ risingdotseq ≓ fallingdotseq ≒ circeq ≗ bumpeq ≏
    """
)

_LARGE = _named(
    """
    sum ∑ prod ∏ coprod ∐ int ∫ iint ∬ iiint ∭ oint ∮ oiint ∯ oiiint ∰ bigcap ⋂ bigcup ⋃
    bigvee ⋁ bigwedge ⋀ bigoplus ⨁ bigotimes ⨂ bigodot ⨀ biguplus ⨄ bigsqcup ⨆ smallint ∫
    """
)

DELIMITERS = _named(
    """
    ( ( ) ) [ [ ] ] / / | | < ⟨ > ⟩ \\{ { \\} } \\| ‖ \\lbrace { \\rbrace } \\lbrack [ \\rbrack ]
    \\langle ⟨ \\rangle ⟩ \\lvert | \\rvert | \\lVert ‖ \\rVert ‖ \\vert | \\Vert ‖ \\lfloor ⌊
    \\rfloor ⌋ \\lceil ⌈ \\rceil ⌉ \\lgroup ⟮ \\rgroup ⟯ \\uparrow ↑ \\downarrow ↓ \\updownarrow ↕
    \\Uparrow ⇑ \\Downarrow ⇓ \\backslash ∖ \\ulcorner ⌜ \\urcorner ⌝ \\llbracket ⟦ \\rrbracket ⟧
    """
)
"""What may follow `\\left`, `\\right`, `\\middle` and `\\big`; `.` is nothing."""

SIGNS: dict[str, str] = {
    **_LETTERS,
    **_BINARY,
    **_RELATIONS,
    **_LARGE,
    **{name[1:]: sign for name, sign in DELIMITERS.items() if name[0] == "\\"},
}
"""Commands that are one sign."""

RELATIONS = frozenset("=<>:≡") | set(_RELATIONS.values())
"""Signs with the space of a relation around them."""
OPERATORS = RELATIONS | {*"+−∗", *_BINARY.values(), *_LARGE.values()}

PLAIN = {"-": "−", "*": "∗", "'": "′", "`": "‘"}
"""Signs of the keyboard that maths draws otherwise."""

FUNCTIONS = _all(
    """
    arccos arcsin arctan arccot arg cos cosh cot coth csc deg det dim exp gcd hom ker lg ln log
    sec sin sinh tan tanh arcsinh arccosh arctanh erf erfc rank tr Tr diag sgn sign span card
    lcm ord Var Cov
    """
)
LIMITED = {
    name: name for name in ["lim", "max", "min", "sup", "inf", "det", "gcd", "Pr", "plim"]
} | {
    "limsup": "lim sup",
    "liminf": "lim inf",
    "argmax": "arg max",
    "argmin": "arg min",
    "injlim": "inj lim",
    "projlim": "proj lim",
    "esssup": "ess sup",
}
"""Functions whose bounds stand below them."""

ACCENTS = {
    "hat": "\u0302",
    "widehat": "\u0302",
    "tilde": "\u0303",
    "widetilde": "\u0303",
    "bar": "\u0304",
    "breve": "\u0306",
    "dot": "\u0307",
    "ddot": "\u0308",
    "mathring": "\u030a",
    "check": "\u030c",
    "widecheck": "\u030c",
    "grave": "\u0300",
    "acute": "\u0301",
    "vec": "\u20d7",
    "dddot": "\u20db",
    "ddddot": "\u20dc",
}

LINES = _all(
    """
    overline underline overbrace underbrace overbracket underbracket overparen underparen
    """
)
ARROWS_OVER = _named(
    "overrightarrow → overleftarrow ← overleftrightarrow ↔ underrightarrow → underleftarrow ←"
)
LONG_ARROWS = _named(
    """
    xrightarrow → xleftarrow ← xleftrightarrow ↔ xRightarrow ⇒ xLeftarrow ⇐ xLeftrightarrow ⇔
    xmapsto ↦ xhookrightarrow ↪ xrightleftharpoons ⇌ xlongequal =
    """
)

FONTS = {
    "mathbf": ("bold", "upright"),
    "mathit": ("italic",),
    "mathrm": ("upright",),
    "mathup": ("upright",),
    "mathsf": ("sans",),
    "mathtt": ("mono",),
    "mathbb": ("bb",),
    "Bbb": ("bb",),
    "mathbbm": ("bb",),
    "mathds": ("bb",),
    "mathcal": ("cal",),
    "mathscr": ("scr",),
    "mathfrak": ("frak",),
    "boldsymbol": ("bold",),
    "bm": ("bold",),
    "pmb": ("bold",),
    "symbf": ("bold", "upright"),
    "mathbfit": ("bold",),
    "bold": ("bold", "upright"),
    "mathnormal": (),
}
OLD_FONTS = {
    "rm": ("upright",),
    "bf": ("bold", "upright"),
    "it": ("italic",),
    "cal": ("cal",),
    "sf": ("sans",),
    "tt": ("mono",),
}
"""They hold to the end of their group."""

TEXTS = {
    "text": "",
    "textrm": "",
    "textnormal": "",
    "textup": "",
    "mbox": "",
    "hbox": "",
    "fbox": "",
    "textsf": "sans",
    "textbf": "bold",
    "textit": "italic",
    "textsl": "italic",
    "emph": "italic",
    "texttt": "mono",
    "textsc": "",
}

SPACES = {
    ",": 1 / 6,
    "thinspace": 1 / 6,
    ":": 2 / 9,
    ">": 2 / 9,
    "medspace": 2 / 9,
    ";": 5 / 18,
    "thickspace": 5 / 18,
    "!": -1 / 6,
    "negthinspace": -1 / 6,
    "negmedspace": -2 / 9,
    " ": 1 / 4,
    "\n": 1 / 4,
    "space": 1 / 4,
    "nobreakspace": 1 / 4,
    "enspace": 1 / 2,
    "quad": 1.0,
    "qquad": 2.0,
}
"""In em."""

CLASSES = {
    "mathop": "large",
    "mathbin": "binary",
    "mathrel": "relation",
    "mathord": "normal",
    "mathopen": "opening",
    "mathclose": "closing",
    "mathpunct": "punctuation",
    "mathinner": "normal",
}

SIZES = {
    "displaystyle": "display",
    "textstyle": "inline",
    "scriptstyle": "script",
    "scriptscriptstyle": "sscript",
}

FRACTIONS = {"frac": "", "dfrac": "display", "cfrac": "display", "tfrac": "inline"}
BINOMIALS = {"binom": "", "dbinom": "display", "tbinom": "inline"}
INFIX = {r"\over": "frac", r"\choose": "binom", r"\atop": "stack"}

BIGS = {
    stem + side: size
    for stem, size in (("big", 1.2), ("Big", 1.8), ("bigg", 2.4), ("Bigg", 3.0))
    for side in ("", "l", "r", "m")
}
"""Heights of `\\big(` and its kin, in em."""

SILENT = _all(
    """
    nonumber notag allowbreak nobreak relax protect null strut mathstrut normalsize small large
    Large displaylimits noindent centering hfill smash
    """
)
"""Commands that are passed over."""
SKIPPED = frozenset(("label", "color", "vspace"))
"""Commands that are passed over together with their argument."""
BARE = {"textcolor": 1, "colorbox": 1, "ensuremath": 0}
"""Commands of which only the last argument is seen, after so many that are not."""

WRAPS = {
    "boxed": "boxed",
    "cancel": "cancel",
    "bcancel": "cancel",
    "xcancel": "cancel",
    "phantom": "hidden",
    "hphantom": "hidden",
    "vphantom": "hidden",
}

MACROS = {
    "bra": (1, r"\left\langle #1\right|"),
    "ket": (1, r"\left|#1\right\rangle"),
    "braket": (1, r"\left\langle #1\right\rangle"),
    "norm": (1, r"\left\|#1\right\|"),
    "abs": (1, r"\left|#1\right|"),
    "dv": (2, r"\frac{\mathrm{d}#1}{\mathrm{d}#2}"),
    "pdv": (2, r"\frac{\partial #1}{\partial #2}"),
    "pmod": (1, r"\quad(\operatorname{mod}\;#1)"),
    "pod": (1, r"\quad(#1)"),
    "mod": (1, r"\quad\operatorname{mod}\;#1"),
    "colon": (0, r"\mathpunct{:}\,"),
    "bmod": (0, r"\mathbin{\mathrm{mod}}"),
    "R": (0, r"\mathbb{R}"),
    "N": (0, r"\mathbb{N}"),
    "Z": (0, r"\mathbb{Z}"),
    "Q": (0, r"\mathbb{Q}"),
    "C": (0, r"\mathbb{C}"),
    "E": (0, r"\mathbb{E}"),
    "RR": (0, r"\mathbb{R}"),
}
"""Commands of much used packages, written with others; `#1` is the first argument."""

TABLES = {
    "matrix": "",
    "smallmatrix": "",
    "pmatrix": "(",
    "bmatrix": "[",
    "Bmatrix": "{",
    "vmatrix": "|",
    "Vmatrix": "‖",
    "array": "",
    "subarray": "",
    "cases": "",
    "dcases": "",
    "rcases": "",
    "drcases": "",
}
"""Environments of cells, and the sign before them."""
STACKS = _all(
    """
    aligned alignedat align alignat flalign split eqnarray gather gathered multline multlined
    equation displaymath math IEEEeqnarray
    """
)
"""Environments of lines that are aligned at `&`."""
PLACED = _all(
    """
    aligned gathered multlined
    """
)
"""Of these, those that may say in brackets how they stand on their line."""
