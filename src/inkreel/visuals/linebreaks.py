"""Two neighbouring words → how badly a line break between them reads.

Vietnamese writes each syllable apart, so a break can tear a word in two ("mô / hình"). Frequent
compounds of explaining prose are known here; a dictionary of the language is not worth its size.
"""

from __future__ import annotations

CLAUSE_END = (",", ";", ":", ".", "!", "?", "…", "–", "—", ")")

_RELATIONS = frozenset("= < > ≤ ≥ ≈ ≠ + − × / →".split())  # noqa: SIM905

_LEANING = frozenset(
    """
    a an the of to in on at by for from with and or but as is are that if than its their this
    một các những mọi mỗi và hoặc hay nhưng của là để cho từ với ở trong trên dưới như thì mà
    không chưa đã đang sẽ rất cũng được bị do vì khi nếu theo về vào ra lên xuống hai ba bốn năm
    """.split()  # noqa: SIM905
)
"""Words that lean on the next one: a line should not end with them."""

_COMPOUNDS = frozenset(
    pair.strip()
    for pair in """
    mô hình, dữ liệu, học máy, trí tuệ, nhân tạo, bệnh viện, bệnh nhân, người bệnh, bác sĩ,
    kiểm định, kiểm tra, huấn luyện, công thức, kết quả, thời gian, chính xác, đơn giản, đỉnh cao,
    phát hiện, phát triển, hệ thống, phần mềm, phần cứng, thông tin, công nghệ, ngôn ngữ, văn bản,
    tài liệu, người dùng, máy chủ, máy tính, máy học, phương pháp, nghiên cứu, sản phẩm,
    khách hàng, doanh thu, doanh nghiệp, lợi nhuận, chi phí, thị trường, kinh tế, xã hội,
    giáo dục, học sinh, sinh viên, giáo viên, chương trình, quá trình, quy trình, vấn đề,
    giải pháp, giải thích, ví dụ, khả năng, chất lượng, số lượng, hình ảnh, âm thanh, thuật toán,
    thuật ngữ, định nghĩa, khái niệm, nguyên tắc, nguyên nhân, điều kiện, điều trị, chẩn đoán,
    xác suất, xác định, trung bình, tối ưu, hiệu quả, hiệu suất, hiệu năng, bộ nhớ, lưu trữ,
    truy cập, yêu cầu, thực hiện, thực tế, sử dụng, ứng dụng, quan trọng, cần thiết, so sánh,
    đánh giá, phân tích, phân loại, tổng hợp, tổng quan, bắt đầu, kết thúc, tiếp theo, cuối cùng,
    đầu tiên, đầu tư, con người, môi trường, khí hậu, năng lượng, nhiệt độ, tốc độ, mức độ,
    độ nhạy, giá trị, giá cả, tin cậy, an toàn, bảo mật, bảo vệ, quản lý, tổ chức, chính phủ,
    chính sách, pháp luật, quốc gia, quốc tế, thế giới, việt nam, hà nội, thành phố, lịch sử,
    văn hóa, khoa học, toán học, vật lý, hóa học, sinh học, y tế, sức khỏe, độc lập, đại diện,
    giới thiệu, hướng dẫn, cài đặt, cấu hình, câu hỏi, trả lời, lựa chọn, thay đổi,
    thay thế, cải thiện, tăng trưởng, giảm thiểu, bản đồ, biểu đồ, chú ý, lưu ý,
    tự động, như thế, thế nào, tại sao, bao giờ, bao nhiêu, mọi người,
    tất cả, chúng ta, chúng tôi, nhân viên, công ty, dự án, kế hoạch, mục tiêu, nội dung,
    nông nghiệp, công nghiệp, dịch vụ, du lịch, giao thông, xây dựng
    """.replace("\n", " ").split(",")
)


def break_cost(before: str, after: str) -> float:
    """Negative where a break reads well, positive where it tears words that belong together;
    0.01 weighs as much as a line a tenth of the width too short."""
    if before in _RELATIONS or after in _RELATIONS:
        return 0.07
    if before.endswith(CLAUSE_END):
        return -0.03
    pair = f"{before} {after}".lower().rstrip(".,;:!?…”\"')")
    if pair in _COMPOUNDS:
        return 0.07
    return 0.03 if before.lower() in _LEANING else 0.0
