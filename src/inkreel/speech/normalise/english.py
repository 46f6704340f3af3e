"""English (American), as it is read aloud."""

from __future__ import annotations

from inkreel.speech.normalise.tongue import Tongue, Unit, word_list, word_set

_SMALL = word_list(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
DIGITS = tuple(_SMALL[:10])
_TENS = word_list("zero ten twenty thirty forty fifty sixty seventy eighty ninety")
_SCALES = ("", "thousand", "million", "billion", "trillion", "quadrillion")
_ORDINALS = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth",
    "nine": "ninth", "twelve": "twelfth",
}  # fmt: skip
_MONTHS = word_list(
    "January February March April May June July August September October November December"
)


def cardinal(value: int) -> str:
    """105 → one hundred five; more than 18 digits one by one."""
    if value >= 10**18:
        return " ".join(DIGITS[int(digit)] for digit in str(value))
    if value == 0:
        return _SMALL[0]
    said: list[str] = []
    for scale in _SCALES:
        value, group = divmod(value, 1000)
        if group:
            said.insert(0, f"{_below_1000(group)} {scale}".strip())
        if not value:
            break
    return " ".join(said)


def _below_1000(value: int) -> str:
    hundreds, rest = divmod(value, 100)
    said = [f"{_SMALL[hundreds]} hundred"] if hundreds else []
    if rest:
        said.append(_below_100(rest))
    return " ".join(said)


def _below_100(value: int) -> str:
    if value < 20:
        return _SMALL[value]
    tens, ones = divmod(value, 10)
    return f"{_TENS[tens]}-{_SMALL[ones]}" if ones else _TENS[tens]


def ordinal(value: int) -> str:
    """21 → twenty-first."""
    said = cardinal(value)
    cut = max(said.rfind(" "), said.rfind("-")) + 1
    head, last = said[:cut], said[cut:]
    if last in _ORDINALS:
        return head + _ORDINALS[last]
    return head + (f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th")


def year(value: int) -> str:
    """1997 → nineteen ninety-seven, 1905 → nineteen oh five, 2007 → two thousand seven."""
    century, rest = divmod(value, 100)
    if not 1100 <= value <= 2099 or 2000 <= value <= 2009:
        return cardinal(value)
    if not rest:
        return f"{_below_100(century)} hundred"
    return f"{_below_100(century)} {'oh ' if rest < 10 else ''}{_below_100(rest)}"


def decimals(digits: str) -> str:
    """One by one."""
    return " ".join(DIGITS[int(digit)] for digit in digits)


def fraction(above: int, below: int) -> str:
    """3/4 → three quarters; large or improper ones are said "over"."""
    if not 2 <= below <= 20 or above >= below or above == 0:
        return f"{cardinal(above)} over {cardinal(below)}"
    name = {2: "half", 4: "quarter"}.get(below, ordinal(below))
    return f"{cardinal(above)} {name if above == 1 else name + 's'}"


def day_of(day: int | None, month: int | None, year_: int | None, _before: str) -> str:
    """May seventeenth, twenty twenty-four."""
    said: list[str] = []
    if month is not None:
        said.append(_MONTHS[month - 1])
    if day is not None:
        said.append(ordinal(day))
    if year_ is not None:
        said.append(year(year_))
    return ", ".join([" ".join(said[:-1]), said[-1]]) if len(said) > 2 else " ".join(said)


def clock(hour: int, minute: int, second: int | None) -> str:
    """10:30 → ten thirty, 10:05 → ten oh five, 10:00 → ten o'clock."""
    if not minute and not second:
        return f"{cardinal(hour)} o'clock" if 0 < hour <= 12 else f"{cardinal(hour)} hundred hours"
    said = f"{cardinal(hour)} {'oh ' if minute < 10 else ''}{cardinal(minute)}"
    if second is not None:
        said += f" and {cardinal(second)} second{'' if second == 1 else 's'}"
    return said


def spell(letters: str) -> str:
    """A-P-I: with hyphens every voice says the name of each letter, also of A."""
    return "-".join(letters.upper())


def _unit(one: str, many: str = "") -> Unit:
    return Unit(one, many or f"{one}s")


_UNITS = {
    "km": "kilometer", "m": "meter", "dm": "decimeter", "cm": "centimeter", "mm": "millimeter",
    "µm": "micrometer", "μm": "micrometer", "nm": "nanometer", "kg": "kilogram", "g": "gram",
    "mg": "milligram", "µg": "microgram", "t": "ton", "l": "liter", "L": "liter",
    "ml": "milliliter", "mL": "milliliter", "ha": "hectare", "s": "second", "sec": "second",
    "ms": "millisecond", "µs": "microsecond", "μs": "microsecond", "ns": "nanosecond",
    "h": "hour", "hr": "hour", "hrs": "hour", "min": "minute", "mins": "minute", "B": "byte",
    "KB": "kilobyte", "kB": "kilobyte", "MB": "megabyte", "GB": "gigabyte", "TB": "terabyte",
    "PB": "petabyte", "KiB": "kibibyte", "MiB": "mebibyte", "GiB": "gibibyte", "kbit": "kilobit",
    "Mbit": "megabit", "Gbit": "gigabit", "W": "watt", "kW": "kilowatt", "MW": "megawatt",
    "GW": "gigawatt", "Wh": "watt hour", "kWh": "kilowatt hour", "MWh": "megawatt hour",
    "V": "volt", "kV": "kilovolt", "mV": "millivolt", "A": "amp", "mA": "milliamp",
    "mAh": "milliamp hour", "Ω": "ohm", "J": "joule", "kJ": "kilojoule", "cal": "calorie",
    "kcal": "kilocalorie", "N": "newton", "Pa": "pascal", "kPa": "kilopascal",
    "hPa": "hectopascal", "dB": "decibel", "px": "pixel", "lb": "pound", "lbs": "pound",
    "oz": "ounce", "ft": "foot", "yd": "yard", "mi": "mile", "req": "request", "mol": "mole",
    "lm": "lumen", "pt": "point", "K": "kelvin",
}  # fmt: skip
_ODD_UNITS = {
    "Hz": ("hertz", "hertz"), "kHz": ("kilohertz", "kilohertz"), "MHz": ("megahertz", "megahertz"),
    "GHz": ("gigahertz", "gigahertz"), "°C": ("degree Celsius", "degrees Celsius"),
    "℃": ("degree Celsius", "degrees Celsius"), "°F": ("degree Fahrenheit", "degrees Fahrenheit"),
    "°": ("degree", "degrees"), "%": ("percent", "percent"), "‰": ("per mille", "per mille"),
    "ft": ("foot", "feet"), "mph": ("mile per hour", "miles per hour"),
    "fps": ("frame per second", "frames per second"),
    "rpm": ("revolution per minute", "revolutions per minute"),
    "kbps": ("kilobit per second", "kilobits per second"),
    "Mbps": ("megabit per second", "megabits per second"),
    "Gbps": ("gigabit per second", "gigabits per second"),
    "mmHg": ("millimeter of mercury", "millimeters of mercury"),
    "ppm": ("part per million", "parts per million"), "dpi": ("dot per inch", "dots per inch"),
    "atm": ("atmosphere", "atmospheres"), "¢": ("cent", "cents"),
}  # fmt: skip

_SYMBOLS = {
    "+": "plus", "=": "equals", "<": "is less than", ">": "is greater than",
    "≤": "is at most", "≥": "is at least", "≠": "is not equal to", "≈": "is about",
    "≡": "is identical to", "×": "times", "÷": "divided by", "·": "times", "*": "times",
    "±": "plus or minus", "−": "minus", "→": "to", "⟶": "to", "⇒": "implies", "↔": "and",
    "⇔": "is equivalent to", "←": "from", "↑": "up", "↓": "down", "√": "the square root of",
    "∛": "the cube root of", "∑": "the sum of", "∏": "the product of", "∫": "the integral of",
    "∞": "infinity", "∈": "in", "∉": "not in", "⊂": "is a subset of", "⊆": "is a subset of",
    "∪": "union", "∩": "intersection", "∅": "the empty set", "∀": "for all",
    "∃": "there exists", "∂": "partial", "∇": "nabla", "¬": "not", "∧": "and", "∨": "or",
    "∝": "is proportional to", "^": "to the power of", "%": "percent", "‰": "per mille",
    "&": "and", "@": "at", "#": "number", "§": "section", "°": "degrees", "№": "number",
    "$": "dollars", "€": "euros", "£": "pounds", "¥": "yen", "₫": "dong", "✅": "yes", "✓": "yes",
    "✔": "yes", "❌": "no", "✗": "no", "✘": "no", "⚠": "warning", "⭐": "star", "★": "star",
    "❤": "heart", "👍": "thumbs up",
}  # fmt: skip

_SAID = {
    word: word
    for word in word_list(
        "NASA UNESCO UNICEF NATO OPEC FIFA AIDS COVID RAM ROM LAN WAN SIM PIN GIF JPEG JSON YAML "
        "TOML REST CRUD BERT SWIFT README ASCII BASIC SOLID DAG NAND CUDA LIDAR RADAR SONAR LASER "
        "SCUBA CAPTCHA ASEAN OSHA NAFTA MIDI DRAM SRAM NUMA POSIX BLAS LAPACK CORS OAUTH AJAX "
        "NOR XOR NAN MOOC RAG LORA FIFO LIFO GAN SAT ACID SLAM YOLO UEFA CERN LEGO IKEA ZIP"
    )
} | {
    "SQL": "sequel", "GUI": "gooey", "IDE": "I-D-E", "WHO": "W-H-O", "US": "U-S", "IT": "I-T",
    "OK": "okay", "PNG": "P-N-G", "WIFI": "wye fye", "USD": "US dollars", "EUR": "euros",
    "VND": "Vietnamese dong", "AM": "A-M", "PM": "P-M", "ID": "I-D", "IDS": "I-Dees",
}  # fmt: skip

_ABBREVIATIONS = {
    "Mr.": "Mister", "Mrs.": "Missus", "Ms.": "Miz", "Dr.": "Doctor", "Prof.": "Professor",
    "St.": "Saint", "Jr.": "Junior", "Sr.": "Senior", "vs.": "versus", "etc.": "et cetera",
    "e.g.": "for example", "i.e.": "that is", "approx.": "approximately", "Fig.": "Figure",
    "fig.": "figure", "Figs.": "Figures", "Eq.": "Equation", "Sec.": "Section", "No.": "Number",
    "Vol.": "Volume", "Ch.": "Chapter", "pp.": "pages", "p.": "page", "ca.": "circa",
    "al.": "al", "Inc.": "Incorporated", "Ltd.": "Limited", "Corp.": "Corporation",
    "Co.": "Company", "U.S.": "U-S", "U.K.": "U-K", "U.N.": "U-N", "E.U.": "E-U",
    "a.m.": "A-M", "p.m.": "P-M", "Ph.D.": "P-H-D", "B.C.": "B-C", "A.D.": "A-D",
    "Jan.": "January", "Feb.": "February", "Aug.": "August", "Sept.": "September",
    "Oct.": "October", "Nov.": "November", "Dec.": "December", "w/o": "without", "w/": "with",
}  # fmt: skip

_WORDS = {
    "c++": "C plus plus", "c#": "C sharp", "f#": "F sharp", ".net": "dot net", "b2b": "B to B",
    "node.js": "node J-S", "latex": "lay teck", "ffmpeg": "F-F-M-peg", "sqlite": "sequel light",
    "nginx": "engine X", "postgresql": "postgres Q-L", "mysql": "my sequel", "phd": "P-H-D",
    "ios": "eye O-S", "macos": "mac O-S", "iot": "I-O-T", "saas": "sass", "wifi": "wye fye",
    "wi-fi": "wye fye", "iphone": "eye phone", "espeak": "E speak", "24/7": "twenty-four seven",
    "tcp/ip": "T-C-P I-P", "and/or": "and or", "n/a": "not applicable", "co₂": "C-O-two",
    "h₂o": "H-two-O", "co2": "C-O-two", "h2o": "H-two-O", "covid-19": "covid nineteen",
    "50/50": "fifty-fifty", "i/o": "I-O", "a/b": "A-B", "ci/cd": "C-I C-D", "nosql": "no sequel",
    "utf-8": "U-T-F eight", "mp3": "M-P three", "mp4": "M-P four", "openai": "open A-I",
    "github": "git hub", "gitlab": "git lab", "youtube": "you tube", "vs": "versus",
    "javascript": "java script", "typescript": "type script", "9/11": "nine eleven",
    "ipv4": "I-P-V four",
    "ipv6": "I-P-V six", "h.264": "H two six four", "h.265": "H two six five",
}  # fmt: skip

_GREEK = dict(
    zip(
        "αβγδεζηθικλμνξοπρστυφχψω",
        word_list(
            "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu zye omicron "
            "pi rho sigma tau upsilon phi kai psi omega"
        ),
        strict=True,
    )
) | {"ς": "sigma"}

ENGLISH = Tongue(
    language="en",
    cardinal=cardinal,
    ordinal=ordinal,
    year=year,
    decimals=decimals,
    fraction=fraction,
    digits=DIGITS,
    grouping=",",
    marks={",": "comma", ".": "point"},
    to="to",
    minus="minus",
    versus="to",
    by="by",
    version="version",
    dot="dot",
    at_sign="at",
    slash="slash",
    flags=("dash", "dash dash"),
    of="of",
    big_o="big O of",
    base="base",
    power="to the power of",
    squared="squared",
    cubed="cubed",
    per="per",
    over="over",
    modulo="mod",
    months={name.lower(): number for number, name in enumerate(_MONTHS, 1)}
    | {name[:3].lower(): number for number, name in enumerate(_MONTHS, 1)}
    | {"sept": 9},
    day_of=day_of,
    clock=clock,
    day_first=False,
    date_words=frozenset(),
    year_words=word_set(
        "in since by until till from of before after year to and between during around circa "
        "early late mid spring summer autumn fall winter class"
    ),
    score_words=frozenset(),
    ratio_words=word_set("ratio aspect scale"),
    roman_words=word_set(
        "part chapter volume act section book phase type class war article appendix level figure "
        "table title unit stage tier grade group factor"
    ),
    ruler_words=word_set(
        "louis henry elizabeth george charles edward richard james william napoleon pope paul "
        "benedict leo philip catherine"
    ),
    units={symbol: _unit(name) for symbol, name in _UNITS.items()}
    | {symbol: _unit(*names) for symbol, names in _ODD_UNITS.items()},
    square=lambda name: f"square {name}",
    cubic=lambda name: f"cubic {name}",
    currencies={
        "$": _unit("dollar"),
        "US$": _unit("US dollar"),
        "USD": _unit("US dollar"),
        "€": _unit("euro"),
        "EUR": _unit("euro"),
        "£": _unit("pound"),
        "GBP": _unit("pound"),
        "¥": _unit("yen", "yen"),
        "JPY": _unit("yen", "yen"),
        "₫": _unit("dong", "dong"),
        "VND": _unit("Vietnamese dong", "Vietnamese dong"),
        "₩": _unit("won", "won"),
        "₹": _unit("rupee"),
    },
    scales={
        "k": "thousand",
        "K": "thousand",
        "M": "million",
        "m": "million",
        "mn": "million",
        "B": "billion",
        "bn": "billion",
        "T": "trillion",
    },
    per_words=word_set("year month week day hour minute second person user request night kg"),
    scale_words=word_set("hundred thousand million billion trillion"),
    prefixes={
        "-": "minus",
        "−": "minus",
        "–": "minus",
        "+": "plus",
        "±": "plus or minus",
        "~": "about",
        "≈": "about",
        "<": "less than",
        ">": "more than",
        "≤": "at most",
        "≥": "at least",
        "#": "number",
        "×": "times",
        "=": "equals",
        "≠": "not equal to",
        "√": "the square root of",
        "∼": "about",
    },
    symbols=_SYMBOLS,
    spell=spell,
    said=_SAID,
    shouted=word_set(
        "A AN AND ANY ALL ARE AS AT BE BUT BY CAN DO END FOR FROM GET HAS HAVE HOW IF IN INTO IS "
        "JOIN LET MAY MORE MUST NEW NO NONE NOT NOW NOTE NULL OF OFF ON ONE ONLY OPEN OR OUR OUT "
        "POST PUT SELECT SET SHALL SHOULD STOP THE THEN THIS TO TODO TOP TRUE FALSE TWO TYPE USE "
        "VERY WAIT WE WHAT WHERE WHEN WHY WITH YES YOU YOUR DELETE DROP INSERT UPDATE GROUP ORDER "
        "READ WRITE MAKE HERE MAIN TIME DATA FILE NEVER ALWAYS ERROR WARNING INFO DEBUG HELLO"
    ),
    abbreviations=_ABBREVIATIONS,
    words=_WORDS,
    greek=_GREEK,
)
