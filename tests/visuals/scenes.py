"""One scene of every kind as people write them, requests for them, and random ones."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any, get_args

import numpy as np
import pyvips
from hypothesis import strategies as st

from inkreel.errors import ArtifactLost
from inkreel.model import (
    SIZES,
    THEMES,
    Bullet,
    ChartForm,
    ChartVisual,
    CodeVisual,
    ComparisonVisual,
    DiagramVisual,
    Digest,
    Edge,
    EndVisual,
    FormulaStep,
    FormulaVisual,
    ImageVisual,
    Node,
    NumberVisual,
    QuoteVisual,
    SectionVisual,
    Series,
    Side,
    SlideVisual,
    Span,
    TableVisual,
    TitleVisual,
)
from inkreel.recipes import DrawRequest
from tests.visuals.graphs import diagrams


@dataclass
class MemoryShelf:
    blobs: dict[str, bytes] = field(default_factory=dict)

    def read(self, digest: Digest) -> bytes:
        try:
            return self.blobs[digest]
        except KeyError:
            raise ArtifactLost(digest) from None

    def load(self, digest: Digest, kind: type[Any]) -> Any:
        raise NotImplementedError

    def save(self, data: bytes) -> Digest:
        digest = Digest(hashlib.sha256(data).hexdigest())
        self.blobs[digest] = data
        return digest


def png(width: int, height: int, *, alpha: bool = False) -> bytes:
    """A picture with a ramp in every colour."""
    rows = np.linspace(0, 255, height, dtype=np.uint8)[:, None]
    columns = np.linspace(0, 255, width, dtype=np.uint8)[None, :]
    bands = [rows + 0 * columns, columns + 0 * rows, rows // 2 + columns // 2]
    if alpha:
        bands.append(columns + 0 * rows)
    pixels = np.stack(bands, axis=-1)
    image = pyvips.Image.new_from_memory(pixels.tobytes(), width, height, len(bands), "uchar")
    return bytes(image.copy(interpretation="srgb").write_to_buffer(".png"))


CODE = '''def attention(q, k, v, mask=None):
    """Tự chú ý: mỗi từ "nhìn" mọi từ khác."""
    d = q.shape[-1]
    scores = q @ k.transpose(-2, -1) / math.sqrt(d)

    weights = scores.softmax(dim=-1)  # tổng = 1
    return weights @ v
'''

SCENES = {
    "title": TitleVisual(subtitle="Máy học đọc phim X-quang như thế nào?"),
    "section": SectionVisual(number="2", subtitle="Từ dữ liệu thô đến mô hình"),
    "slide": SlideVisual(
        bullets=(
            Bullet("Dữ liệu đại diện cho người bệnh thật", "112.000 phim từ 9 bệnh viện"),
            Bullet("Nhãn được ba bác sĩ đọc độc lập"),
            Bullet("Ặ Ễ ữ Ự: dấu chồng", "dòng phụ"),
        )
    ),
    "code": CodeVisual(text=CODE, language="python", file="a.py", focus=(Span(1, 2), Span(4, 4))),
    "listing": CodeVisual(text=CODE, language="python"),
    "diff": CodeVisual(
        text=" def area(r):\n-    return 3.14 * r * r\n+    return math.pi * r**2\n",
        language="python",
        diff=True,
        focus=(Span(1, 1), Span(2, 3)),
    ),
    "comparison": ComparisonVisual(
        columns=(
            Side("Trước đây", ("Mỗi bệnh viện lưu phim một kiểu", "Chờ ba ngày")),
            Side("Bây giờ", ("Một kho phim chung", "Có ngay", "Máy nhắc khi đọc khác nhau")),
        ),
        highlight=1,
    ),
    "end": EndVisual(
        takeaways=("Nội dung được đặt tên bằng chính nó", "Sửa một cảnh chỉ làm lại một cảnh"),
        source="Giới thiệu, 12 trang",
    ),
    "table": TableVisual(
        header=("Mô hình", "Tham số", "AUC"),
        rows=(("ResNet", "25,6 tr", "0,874"), ("ViT", "86,4 tr", "0,938"), ("Bác sĩ", "–", "0,9")),
        highlight=1,
    ),
    "quote": QuoteVisual(
        text="Bác sĩ biết dùng máy, sẽ thay thế bác sĩ không dùng máy, và điều đó tốt.",
        by="Một bác sĩ",
        emphasis="biết dùng máy",
    ),
    "bars": ChartVisual(
        form="bar",
        labels=("2021", "2022", "2023"),
        series=(Series("Bệnh viện", (41, 58, 142)),),
        highlight=2,
        callout="×3,5",
        callout_detail="từ 41 lên 142",
    ),
    "grouped": ChartVisual(
        form="bar",
        labels=("Quý 1", "Quý 2"),
        series=(Series("Hà Nội", (12.5, -3)), Series("Huế", (8.1, None))),
        unit="%",
    ),
    "lines": ChartVisual(
        form="line",
        labels=("0", "10", "20", "30"),
        series=(Series("ViT", (0.62, 0.71, 0.9, 0.92)), Series("ResNet", (0.58, None, 0.7, 0.8))),
        highlight=0,
    ),
    "stacked": ChartVisual(
        form="stacked",
        labels=("2021", "2022"),
        series=(Series("Trực tuyến", (12e6, 31e6)), Series("Cửa hàng", (40e6, 35e6))),
        unit="đồng",
    ),
    "percent": ChartVisual(
        form="percent",
        labels=("Hài lòng với thời gian giao hàng", "Sẽ giới thiệu cho bạn bè"),
        series=(Series("Đồng ý", (62, 48)), Series("Không", (38, 52))),
    ),
    "area": ChartVisual(
        form="area",
        labels=("2021", "2022", "2023"),
        series=(Series("Than", (40, 38, 30)), Series("Mặt trời", (1, 8, 20))),
    ),
    "donut": ChartVisual(
        form="donut",
        labels=("Học phí", "Ngân sách", "Tài trợ"),
        series=(Series("Tỷ lệ", (50, 30, 20)),),
        unit="%",
        highlight=0,
    ),
    "pie": ChartVisual(
        form="pie", labels=("Châu Á", "Châu Phi"), series=(Series("Dân số", (4.7e9, 745e6)),)
    ),
    "scatter": ChartVisual(
        form="scatter",
        labels=("ResNet", "ViT", "Swin"),
        series=(Series("Tham số", (25.6, 86.4, 28)), Series("Độ nhạy", (81.2, 90.6, 87.5))),
        highlight=1,
    ),
    "formula": FormulaVisual(
        steps=(
            FormulaStep(
                r"A = \operatorname{softmax}\left(\frac{QK^\top}{\sqrt{d_k}}\right)", "ghi"
            ),
            FormulaStep(r"\sum_{i=1}^n x_i"),
        )
    ),
    "number": NumberVisual(value="94%", label="độ nhạy", detail="cao hơn 13 điểm"),
    "flow": DiagramVisual(
        form="flow",
        nodes=(
            Node("a", "Nhận đơn", kind="start"),
            Node("b", "Còn hàng?", kind="decision"),
            Node("c", "Đóng gói", "trong ngày"),
            Node("d", "Kho", kind="data"),
        ),
        edges=(Edge("a", "b"), Edge("b", "c", "có"), Edge("b", "a", "không"), Edge("c", "d")),
    ),
    "sequence": DiagramVisual(
        form="sequence",
        nodes=(Node("k", "Khách"), Node("m", "Máy chủ")),
        edges=(
            Edge("k", "m", "Đăng nhập"),
            Edge("m", "m", "Kiểm tra", group="ba lần"),
            Edge("k", "m", "Ghi chú", kind="note"),
            Edge("m", "k", "Token", kind="dashed"),
        ),
    ),
    "mindmap": DiagramVisual(
        form="mindmap",
        nodes=(Node("r", "Học máy"), Node("a", "Có giám sát"), Node("b", "Phân cụm")),
        edges=(Edge("r", "a"), Edge("r", "b")),
    ),
    "timeline": DiagramVisual(
        form="timeline",
        nodes=(
            Node("a", "Dời đô", "về Thăng Long", group="1010"),
            Node("b", "Đổi mới", group="1986"),
            Node("c", "Vào WTO", group="2007"),
        ),
    ),
    "layers": DiagramVisual(
        form="layers",
        nodes=(
            Node("a", "Trang web", group="Giao diện"),
            Node("b", "Ứng dụng", group="Giao diện"),
            Node("c", "Cơ sở dữ liệu", "PostgreSQL", group="Dữ liệu"),
        ),
    ),
    "slabs": DiagramVisual(
        form="layers", nodes=(Node("a", "Mạng", "IP"), Node("b", "Giao vận", "TCP, UDP"))
    ),
    "state": DiagramVisual(
        form="state",
        nodes=(Node("s", kind="start"), Node("d", "Đỏ"), Node("x", "Xanh"), Node("e", kind="end")),
        edges=(Edge("s", "d"), Edge("d", "x", "30 s"), Edge("x", "d"), Edge("d", "e")),
    ),
}

STEPS = {
    "title": 1,
    "section": 1,
    "slide": 3,
    "code": 2,
    "diff": 2,
    "comparison": 3,
    "end": 2,
    "table": 3,
    "bars": 3,
    "grouped": 2,
    "lines": 2,
    "stacked": 2,
    "percent": 2,
    "area": 2,
    "donut": 3,
    "pie": 2,
    "scatter": 3,
    "formula": 2,
    "number": 2,
    "flow": 4,
    "sequence": 4,
    "mindmap": 3,
    "timeline": 3,
    "layers": 2,
    "slabs": 2,
    "state": 4,
}
"""Where the model's docstrings name the number of steps."""


def request(
    visual: Any, size: str = "1920x1080", theme: str = "light", **texts: str
) -> DrawRequest:
    width, height = SIZES[size]
    return DrawRequest(
        heading=texts.get("heading", "Bốn điều kiện để mô hình đáng tin cậy"),
        eyebrow=texts.get("eyebrow", "Phần 2 · Dữ liệu"),
        visual=visual,
        language="vi",
        theme=theme,
        width=width,
        height=height,
    )


# --- Random scenes -------------------------------------------------------------------------------

_PROSE = (
    "dữ liệu mô hình NGUYỄN Ặc Ễn ữ học máy trí tuệ a of the và là không thể nghiêng "
    "https://example.com/a/very/long/path?query=value&x=1 α → ✓ 12.345,6 (2024) “trích” # $x$ *b* "
    "\\frac #panic(1) 🚀 漢字 <b> & @preview/x"
)
_WORDS = tuple(_PROSE.split())

words = st.lists(st.sampled_from(_WORDS), max_size=30).map(" ".join)
few = st.lists(st.sampled_from(_WORDS), max_size=5).map(" ".join)
texts = st.one_of(few, words, st.just(""), st.just("x" * 160), st.text(max_size=40))
values = st.one_of(
    st.none(),
    st.sampled_from((0.0, 1.0, -3.5, 12.25, 1e3, 123456.789, -2e9, 7e11, 0.001)),
    st.floats(-1e6, 1e6),
)
parts = st.floats(0, 1e6)
FORMS = get_args(ChartForm)
formulas = st.one_of(
    texts,
    st.sampled_from(
        (
            r"\frac{a}{b}",
            r"\foo{x}",
            r"\text{" + '" #panic(1) "}',
            r"\begin{pmatrix}1&2\\3&4\end{pmatrix}",
            " + ".join(["x_i"] * 60),
        )
    ),
)


def _tuples(each: st.SearchStrategy[Any], most: int) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(each, max_size=most).map(tuple)


spans = st.tuples(st.integers(1, 9), st.integers(0, 4)).map(lambda pair: Span(pair[0], sum(pair)))
visuals = st.one_of(
    st.builds(TitleVisual, subtitle=texts),
    st.builds(SectionVisual, number=st.sampled_from(("", "1", "A.1.2", "1" * 12)), subtitle=texts),
    st.builds(SlideVisual, bullets=_tuples(st.builds(Bullet, texts, texts), 12)),
    st.builds(
        CodeVisual,
        text=st.lists(texts, max_size=50).map("\n".join),
        language=st.sampled_from(("python", "", "rust", "mermaid", "nonsense")),
        file=st.sampled_from(("", "a.py", "x" * 200)),
        diff=st.booleans(),
        focus=_tuples(spans, 3),
    ),
    st.builds(
        TableVisual,
        header=_tuples(few, 8),
        rows=_tuples(_tuples(texts, 8), 20),
        highlight=st.sampled_from((None, 0, 2, 99)),
    ),
    st.builds(
        ComparisonVisual,
        columns=_tuples(st.builds(Side, texts, _tuples(texts, 8)), 4),
        highlight=st.sampled_from((None, 0, 1, 9)),
    ),
    st.builds(EndVisual, takeaways=_tuples(texts, 5), source=texts),
    st.builds(QuoteVisual, text=texts, by=few, emphasis=st.sampled_from(("", "máy"))),
    st.builds(
        ChartVisual,
        form=st.sampled_from(FORMS),
        labels=_tuples(few, 25),
        series=_tuples(
            st.builds(Series, few, st.one_of(_tuples(values, 25), _tuples(parts, 25))), 7
        ),
        unit=st.sampled_from(("", "%", "ms", "tỷ đồng", "$")),
        highlight=st.sampled_from((None, 0, 1, 50)),
        callout=st.sampled_from(("", "×3,5", "một điều dài hơn nhiều")),
        callout_detail=texts,
    ),
    st.builds(FormulaVisual, steps=_tuples(st.builds(FormulaStep, formulas, texts, formulas), 6)),
    st.builds(NumberVisual, value=few, label=texts, detail=texts),
    diagrams,
)
requests = st.builds(
    lambda visual, size, theme, heading, eyebrow: request(
        visual, size, theme, heading=heading, eyebrow=eyebrow
    ),
    visuals,
    st.sampled_from(sorted(SIZES)),
    st.sampled_from(THEMES),
    texts,
    few,
)


def image_visual(shelf: MemoryShelf, data: bytes, width: int, height: int) -> ImageVisual:
    return ImageVisual(
        digest=shelf.save(data), width=width, height=height, caption="Hình", credit="Nguồn"
    )
