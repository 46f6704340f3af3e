"""Vietnamese, as it is read aloud."""

from __future__ import annotations

import re
import unicodedata

from inkreel.speech.normalise.tongue import Tongue, Unit, word_set

DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_SCALES = ("", "nghìn", "triệu", "tỷ", "nghìn tỷ", "triệu tỷ")


def cardinal(value: int) -> str:
    """2024 → hai nghìn không trăm hai mươi tư; more than 18 digits one by one."""
    if value >= 10**18:
        return " ".join(DIGITS[int(digit)] for digit in str(value))
    if value == 0:
        return DIGITS[0]
    groups: list[int] = []
    while value:
        value, group = divmod(value, 1000)
        groups.append(group)
    said: list[str] = []
    for place in range(len(groups) - 1, -1, -1):
        if groups[place]:
            said.append(_below_1000(groups[place], leading=place == len(groups) - 1))
            said.append(_SCALES[place])
    return " ".join(word for word in said if word)


def _below_1000(value: int, *, leading: bool) -> str:
    hundreds, rest = divmod(value, 100)
    said = [] if leading and not hundreds else [DIGITS[hundreds], "trăm"]
    tens, ones = divmod(rest, 10)
    if tens:
        said.append("mười" if tens == 1 else f"{DIGITS[tens]} mươi")
        if ones:
            said.append(_after_ten(tens, ones))
    elif ones:
        said += ["linh", DIGITS[ones]] if said else [DIGITS[ones]]
    return " ".join(said)


def _after_ten(tens: int, ones: int) -> str:
    if ones == 5:
        return "lăm"
    if tens > 1 and ones in (1, 4):
        return "mốt" if ones == 1 else "tư"
    return DIGITS[ones]


def ordinal(value: int) -> str:
    """What follows "thứ": nhất, hai, ba, tư, năm …"""
    return {1: "nhất", 4: "tư"}.get(value, cardinal(value))


def decimals(digits: str) -> str:
    """Two digits are said as a number, more or a leading zero one by one."""
    if len(digits) <= 2 and not digits.startswith("0"):
        return cardinal(int(digits))
    return " ".join(DIGITS[int(digit)] for digit in digits)


def fraction(above: int, below: int) -> str:
    """3/4 → ba phần tư; more than a whole is said "trên"."""
    link = "phần" if above < below else "trên"
    under = "tư" if below == 4 and link == "phần" else cardinal(below)
    return f"{cardinal(above)} {link} {under}"


def day_of(day: int | None, month: int | None, year: int | None, before: str) -> str:
    """Ngày, tháng, năm; a word that the text already has is not said twice."""
    said: list[str] = []
    if day is not None:
        said += ([] if before in ("ngày", "mùng", "mồng") else ["ngày"]) + [cardinal(day)]
    if month is not None:
        named = before == "tháng" and day is None
        said += ([] if named else ["tháng"]) + ["tư" if month == 4 else cardinal(month)]
    if year is not None:
        said += ["năm", cardinal(year)]
    return " ".join(said)


def clock(hour: int, minute: int, second: int | None) -> str:
    """10:30 → mười giờ ba mươi phút."""
    said = f"{cardinal(hour)} giờ"
    if minute or second:
        said += f" {cardinal(minute)} phút"
    if second:
        said += f" {cardinal(second)} giây"
    return said


_LETTERS = {
    "A": "a", "B": "bê", "C": "xê", "D": "đê", "E": "e", "F": "ép", "G": "giê", "H": "hát",
    "I": "i", "J": "gi", "K": "ca", "L": "lờ", "M": "mờ", "N": "nờ", "O": "o", "P": "pê",
    "Q": "quy", "R": "rờ", "S": "ét", "T": "tê", "U": "u", "V": "vê", "W": "vê kép",
    "X": "ích", "Y": "i dài", "Z": "dét", "Đ": "đê", "Ă": "á", "Â": "ớ", "Ê": "ê", "Ô": "ô",
    "Ơ": "ơ", "Ư": "ư",
}  # fmt: skip


def spell(letters: str) -> str:
    """Names of the letters."""
    return " ".join(_LETTERS.get(letter, letter.lower()) for letter in letters.upper())


_SYLLABLE = re.compile(
    r"(?:ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdđghklmnprstvx])?"
    r"[aeiouyăâêôơư]{1,3}(?:ng|nh|ch|[cmnpt])?"
)


def is_word(letters: str) -> bool:
    """Whether capitals spell a Vietnamese syllable with its tone or vowel marks."""
    lower = letters.lower()
    plain = "".join(
        mark
        for mark in unicodedata.normalize("NFD", lower)
        if mark not in "\u0300\u0301\u0303\u0309\u0323"
    )
    composed = unicodedata.normalize("NFC", plain)
    return composed != lower.encode("ascii", "ignore").decode() and bool(
        _SYLLABLE.fullmatch(composed)
    )


def _unit(name: str) -> Unit:
    return Unit(name, name)


_UNITS = {
    "km": "ki lô mét", "m": "mét", "dm": "đề xi mét", "cm": "xăng ti mét", "mm": "mi li mét",
    "µm": "mi crô mét", "μm": "mi crô mét", "nm": "na nô mét", "kg": "ki lô gam", "g": "gam",
    "mg": "mi li gam", "µg": "mi crô gam", "t": "tấn", "l": "lít", "L": "lít", "ml": "mi li lít",
    "mL": "mi li lít", "ha": "héc ta", "s": "giây", "ms": "mi li giây", "µs": "mi crô giây",
    "μs": "mi crô giây", "ns": "na nô giây", "h": "giờ", "min": "phút", "Hz": "héc",
    "kHz": "ki lô héc", "MHz": "mê ga héc", "GHz": "ghi ga héc", "B": "bai", "byte": "bai",
    "bytes": "bai", "KB": "ki lô bai", "kB": "ki lô bai", "MB": "mê ga bai", "GB": "ghi ga bai",
    "TB": "tê ra bai", "PB": "pê ta bai", "KiB": "ki bi bai", "MiB": "mê bi bai",
    "GiB": "ghi bi bai", "bit": "bít", "bits": "bít", "kbit": "ki lô bít", "Mbit": "mê ga bít",
    "Gbit": "ghi ga bít", "kbps": "ki lô bít trên giây", "Mbps": "mê ga bít trên giây",
    "Gbps": "ghi ga bít trên giây", "W": "oát", "kW": "ki lô oát", "MW": "mê ga oát",
    "GW": "ghi ga oát", "Wh": "oát giờ", "kWh": "ki lô oát giờ", "MWh": "mê ga oát giờ",
    "V": "vôn", "kV": "ki lô vôn", "mV": "mi li vôn", "A": "am pe", "mA": "mi li am pe",
    "mAh": "mi li am pe giờ", "Ω": "ôm", "J": "giun", "kJ": "ki lô giun", "cal": "ca lo",
    "kcal": "ki lô ca lo", "N": "niu tơn", "Pa": "pát can", "kPa": "ki lô pát can",
    "hPa": "héc tô pát can", "mmHg": "mi li mét thuỷ ngân", "atm": "át mốt phe", "dB": "đề xi ben",
    "°C": "độ xê", "℃": "độ xê", "°F": "độ ép", "K": "độ ca", "°": "độ", "px": "pích xeo",
    "fps": "khung hình trên giây", "rpm": "vòng trên phút", "mol": "mon", "lm": "lu men",
    "ppm": "phần triệu", "%": "phần trăm", "‰": "phần nghìn", "inch": "inh", "dpi": "đê pê i",
    "req": "yêu cầu",
}  # fmt: skip

_SYMBOLS = {
    "+": "cộng", "=": "bằng", "<": "nhỏ hơn", ">": "lớn hơn", "≤": "nhỏ hơn hoặc bằng",
    "≥": "lớn hơn hoặc bằng", "≠": "khác", "≈": "xấp xỉ", "≡": "đồng nhất với", "×": "nhân",
    "÷": "chia", "·": "nhân", "*": "nhân", "±": "cộng trừ", "−": "trừ", "→": "đến", "⇒": "suy ra",
    "⟶": "đến", "↔": "và", "⇔": "tương đương với", "←": "từ", "↑": "tăng", "↓": "giảm",
    "√": "căn bậc hai của", "∛": "căn bậc ba của", "∑": "tổng", "∏": "tích", "∫": "tích phân",
    "∞": "vô cùng", "∈": "thuộc", "∉": "không thuộc", "⊂": "là tập con của", "⊆": "là tập con của",
    "∪": "hợp", "∩": "giao", "∅": "tập rỗng", "∀": "với mọi", "∃": "tồn tại", "∂": "đạo hàm riêng",
    "∇": "na bla", "¬": "phủ định", "∧": "và", "∨": "hoặc", "∝": "tỷ lệ với", "^": "mũ",
    "%": "phần trăm", "‰": "phần nghìn", "&": "và", "@": "a còng", "#": "số", "§": "mục",
    "°": "độ", "№": "số", "$": "đô la", "€": "ơ rô", "£": "bảng Anh", "¥": "yên", "₫": "đồng",
    "✅": "đạt", "✓": "đạt", "✔": "đạt", "❌": "không đạt", "✗": "không đạt", "✘": "không đạt",
    "⚠": "cảnh báo", "⭐": "sao", "★": "sao", "❤": "trái tim", "👍": "thích",
}  # fmt: skip

_SAID = {
    "AI": "ây ai", "API": "ây pi ai", "IT": "ai ti", "UI": "diu ai", "UX": "diu ích",
    "CEO": "xi i ô", "ID": "ai đi", "OK": "ô kê", "CLI": "xi eo ai", "SDK": "ét đi kây",
    "IDE": "ai đi i", "IO": "ai ô", "SQL": "ét quy eo", "JSON": "giây sần", "YAML": "da mồ",
    "TOML": "tô mồ", "NASA": "na sa", "UNESCO": "u nét cô", "UNICEF": "u ni xép",
    "ASEAN": "a xê an", "NATO": "na tô", "FIFA": "phi pha", "OPEC": "ô péc", "AIDS": "ết",
    "COVID": "cô vít", "RAM": "ram", "ROM": "rom", "LAN": "lan", "WAN": "oan", "SIM": "sim",
    "PIN": "pin", "GIF": "ghíp", "JPEG": "giây péc", "REST": "rét", "CRUD": "cờ rút",
    "WIFI": "oai phai", "BERT": "bớt", "SWIFT": "suýp", "MOOC": "múc", "README": "rít mi",
    "VN": "Việt Nam", "USD": "đô la Mỹ", "VND": "đồng", "VNĐ": "đồng", "EUR": "ơ rô",
    "TPHCM": "Thành phố Hồ Chí Minh", "HCM": "Hồ Chí Minh", "UBND": "uỷ ban nhân dân",
    "HĐND": "hội đồng nhân dân", "ĐH": "đại học", "THPT": "trung học phổ thông",
    "THCS": "trung học cơ sở", "CNTT": "công nghệ thông tin", "CSDL": "cơ sở dữ liệu",
    "KHCN": "khoa học công nghệ", "BHYT": "bảo hiểm y tế", "BHXH": "bảo hiểm xã hội",
    "NXB": "nhà xuất bản", "GDĐT": "giáo dục đào tạo", "TTXVN": "Thông tấn xã Việt Nam",
    "ĐBSCL": "đồng bằng sông Cửu Long", "LHQ": "Liên Hợp Quốc", "BĐS": "bất động sản",
    "ATGT": "an toàn giao thông", "QL": "quốc lộ", "VD": "ví dụ", "ĐT": "điện thoại",
}  # fmt: skip

_ABBREVIATIONS = {
    "TP.": "thành phố", "Tp.": "thành phố", "TS.": "tiến sĩ", "ThS.": "thạc sĩ",
    "PGS.": "phó giáo sư", "GS.": "giáo sư", "BS.": "bác sĩ", "KS.": "kỹ sư", "CN.": "cử nhân",
    "GS.TS.": "giáo sư tiến sĩ", "PGS.TS.": "phó giáo sư tiến sĩ", "v.v.": "vân vân",
    "v.v": "vân vân", "vv.": "vân vân", "VD.": "ví dụ", "vd.": "ví dụ", "tr.": "trang",
    "Tr.": "trang", "Q.": "quận", "P.": "phường", "TX.": "thị xã", "TT.": "thị trấn",
    "ĐT.": "điện thoại", "St.": "Xanh", "Mr.": "ông", "Mrs.": "bà", "Dr.": "tiến sĩ",
    "No.": "số", "vs.": "với", "TP.HCM": "Thành phố Hồ Chí Minh",
    "Tp.HCM": "Thành phố Hồ Chí Minh", "TP.Hồ": "thành phố Hồ", "PGS.TS": "phó giáo sư tiến sĩ",
    "GS.TS": "giáo sư tiến sĩ", "GS.TSKH": "giáo sư tiến sĩ khoa học", "Th.S": "thạc sĩ",
}  # fmt: skip

_WORDS = {
    "google": "gu gồ", "youtube": "diu túp", "blog": "bờ lóc", "token": "tâu cần",
    "tokens": "tâu cần", "code": "cốt", "offline": "óp lai", "online": "on lai", "log": "lóc",
    "logs": "lóc", "docker": "đốc cơ", "git": "ghít", "github": "ghít hắp", "gitlab": "ghít láp",
    "node": "nốt", "nodes": "nốt", "postgres": "pốt gờ rét", "postgresql": "pốt gờ rét",
    "string": "sờ tring", "tokyo": "tô ki ô", "london": "luân đôn", "wifi": "oai phai",
    "wi-fi": "oai phai", "email": "i meo", "e-mail": "i meo", "internet": "in tơ nét",
    "sqlite": "ét quy lai", "ffmpeg": "ép ép em péc", "inkreel": "inh rin", "c++": "xê cộng cộng",
    "c#": "xê sáp", "node.js": "nốt giây ét", ".net": "đót nét", "latex": "la tếch",
    "iot": "ai ô ti", "saas": "sát", "ios": "ai ô ét", "macos": "mác ô ét",
    "iphone": "ai phôn", "the": "đờ", "vnexpress": "vi en ích pờ rét", "log2": "lô ga cơ số hai",
    "ok": "ô kê", "vd": "ví dụ", "mp3": "em pi ba", "mp4": "em pi bốn", "&": "và",
    "24/7": "hai mươi tư trên bảy", "24/24": "hai mươi tư trên hai mươi tư",
    "50/50": "năm mươi năm mươi", "tcp/ip": "tê xê pê i pê", "co₂": "xê ô hai",
    "h₂o": "hát hai ô", "co2": "xê ô hai", "h2o": "hát hai ô", "b2b": "bi tu bi",
    "ci/cd": "xi ai xi đi", "covid-19": "cô vít mười chín",
    "ipv4": "i pê vê bốn", "ipv6": "i pê vê sáu",
    "h.264": "hát hai sáu bốn", "h.265": "hát hai sáu năm",
}  # fmt: skip

_GREEK = {
    "α": "an pha", "β": "bê ta", "γ": "gam ma", "δ": "đen ta", "ε": "ép xi lon", "ζ": "dê ta",
    "η": "ê ta", "θ": "tê ta", "ι": "i ô ta", "κ": "cáp pa", "λ": "lam đa", "μ": "muy",
    "ν": "nuy", "ξ": "xi", "ο": "ô mi crôn", "π": "pi", "ρ": "rô", "σ": "xích ma",
    "ς": "xích ma", "τ": "tô", "υ": "úp xi lon", "φ": "phi", "χ": "khi", "ψ": "pờ xi",
    "ω": "ô mê ga",
}  # fmt: skip

VIETNAMESE = Tongue(
    language="vi",
    cardinal=cardinal,
    ordinal=ordinal,
    year=cardinal,
    decimals=decimals,
    fraction=fraction,
    digits=DIGITS,
    grouping=".",
    marks={",": "phẩy", ".": "chấm"},
    to="đến",
    minus="âm",
    versus="trên",
    by="nhân",
    version="phiên bản",
    dot="chấm",
    at_sign="a còng",
    slash="xuyệt",
    flags=("gạch", "hai gạch"),
    of="của",
    big_o="ô lớn của",
    base="cơ số",
    power="mũ",
    squared="bình phương",
    cubed="lập phương",
    per="trên",
    over="trên",
    modulo="chia lấy dư cho",
    months={},
    day_of=day_of,
    clock=clock,
    day_first=True,
    date_words=word_set(
        "từ vào ngày hôm sáng trưa chiều tối đêm lễ dịp mùng mồng hai ba tư năm sáu bảy nhật"
    ),
    year_words=frozenset(),
    score_words=word_set("số thắng thua hòa hoà dẫn"),
    ratio_words=frozenset(["lệ"]),
    roman_words=word_set(
        "chương phần mục tập quyển hồi bài điều khoản quý hội khóa khoá kỳ cấp loại hạng kỷ thứ "
        "chiến đoạn nhóm bậc lần phụ"
    ),
    ruler_words=word_set(
        "louis henry elizabeth george charles edward richard james william napoleon"
    ),
    units={symbol: _unit(name) for symbol, name in _UNITS.items()},
    square=lambda name: f"{name} vuông",
    cubic=lambda name: f"{name} khối",
    currencies={
        symbol: _unit(name)
        for symbol, name in {
            "₫": "đồng",
            "đ": "đồng",
            "VND": "đồng",
            "VNĐ": "đồng",
            "vnđ": "đồng",
            "$": "đô la",
            "US$": "đô la Mỹ",
            "USD": "đô la Mỹ",
            "€": "ơ rô",
            "EUR": "ơ rô",
            "£": "bảng Anh",
            "GBP": "bảng Anh",
            "¥": "yên",
            "JPY": "yên Nhật",
            "₩": "uôn",
        }.items()
    },
    scales={
        "k": "nghìn",
        "K": "nghìn",
        "tr": "triệu",
        "M": "triệu",
        "B": "tỷ",
        "bn": "tỷ",
        "tỷ": "tỷ",
        "tỉ": "tỷ",
        "triệu": "triệu",
        "nghìn": "nghìn",
    },
    per_words=word_set("năm tháng tuần ngày giờ phút giây người lần suất hộ đêm"),
    scale_words=word_set("nghìn ngàn triệu tỷ tỉ trăm"),
    prefixes={
        "-": "âm",
        "−": "âm",
        "–": "âm",
        "+": "cộng",
        "±": "cộng trừ",
        "~": "khoảng",
        "≈": "khoảng",
        "<": "dưới",
        ">": "trên",
        "≤": "nhỏ hơn hoặc bằng",
        "≥": "lớn hơn hoặc bằng",
        "#": "số",
        "×": "nhân",
        "=": "bằng",
        "≠": "khác",
        "√": "căn bậc hai của",
        "∼": "khoảng",
    },
    symbols=_SYMBOLS,
    spell=spell,
    said=_SAID,
    shouted=frozenset(),
    abbreviations=_ABBREVIATIONS,
    words=_WORDS,
    greek=_GREEK,
    is_word=is_word,
)
