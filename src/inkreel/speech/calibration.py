"""Language → the sentences by which a voice's level is measured.

Ordinary prose with every kind of sentence, about half a minute, so that the gain found with it
holds for a document of the language. Changing a sentence changes the recipe of every level.
"""

from __future__ import annotations

from inkreel.model import Language

_SENTENCES: dict[Language, tuple[str, ...]] = {
    "vi": (
        "Buổi sáng, khi sương còn chưa tan, người thợ già mở cửa xưởng và thắp ngọn đèn đầu tiên.",
        "Ông đo lại từng thanh gỗ, ghi con số vào sổ, rồi mới bắt đầu cưa.",
        "Vì sao phải đo hai lần? Vì một lần cưa sai thì không sửa lại được nữa.",
        "Đến trưa, tiếng bào vang đều trong căn phòng nhỏ, mùi gỗ mới lan ra tận ngoài ngõ.",
        "Chiếc bàn hoàn thành trước khi trời tối, phẳng, chắc và vừa khít với góc nhà.",
        "Mọi người đều hiểu rằng kết quả tốt bắt đầu từ những bước chuẩn bị rất đơn giản.",
    ),
    "en": (
        "Early in the morning, while the fog still lay on the river, she opened the workshop.",
        "She measured every board again, wrote the numbers down, and only then began to cut.",
        "Why measure twice? Because a wrong cut can never be taken back.",
        "By noon the sound of the plane filled the room, and the smell of fresh wood with it.",
        "The table was finished before dark: level, strong, and an exact fit for its corner.",
        "Good results begin with quiet, simple preparation, and everyone in the street knew it.",
    ),
}


def calibration_sentences(language: Language) -> tuple[str, ...]:
    """About half a minute of speech without figures or symbols."""
    return _SENTENCES[language]
