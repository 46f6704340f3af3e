"""Vietnamese for the writer."""

from __future__ import annotations

import re

from inkreel.storyboard.tongue import Speech, Tongue, anywhere, opener, pairs, words

_FUNCTION_WORDS = words("""
là của và các những một mọi mỗi từng vài nhiều ít mấy cái chiếc con cả hai ba bốn năm sáu bảy tám
chín mười được bị có không chưa chẳng đã đang sẽ vẫn còn cũng đều chỉ lại rất quá hơn nhất khá gần
thì mà để trong trên dưới ngoài giữa trước sau khi nếu nhưng song tuy vì bởi nên do cho với từ đến
tới vào ra lên xuống qua về theo bằng tại ở như này kia ấy đó đây nào gì sao ai đâu nó chúng họ ta
tôi mình bạn anh chị ông bà rằng hay hoặc cùng ngay luôn thường hãy phải cần nên muốn biết thấy
làm tạo gọi giúp khiến trở thành bao gồm gồm dùng sử dụng lấy đưa mang đi đứng nằm nhờ nhằm mới
vừa rồi nữa thêm càng thế vậy bao lúc nay xưa hầu hết toàn bộ tất vốn chính ngoài riêng suốt dù dẫu
mặc khỏi lẫn tức nghĩa xảy diễn bắt đầu kết thúc tiếp tục tăng giảm chia nhân cộng trừ so sánh đạt
chiếm chạy chứa giữ trả hỏi đáp tìm kiếm đặt xếp viết đọc bỏ loại thu nhận gửi sinh hình khoảng
kém thật gặp hết thoát kéo hiện bất kỳ kể hầu dần cứ mãi đúng nhanh chậm lớn
nhỏ cao thấp dài ngắn xa sớm muộn
""")
# Verbs of two syllables that hold content together are given back below.

VIETNAMESE = Tongue(
    language="vi",
    decimal=",",
    thousands=".",
    abbreviations=words(
        "tp ts pgs gs ths bs ks cn tr vd tk hn stt v.v v.v.. đ/c q p mr mrs dr st no vol "
    ),
    function_words=_FUNCTION_WORDS,
    idle=pairs(
        "có thể|không thể|gần như|hầu như|dường như|cũng như|bất kỳ|bất cứ|một số|ngay cả|"
        "trong khi|sau khi|trước khi|đôi khi|mỗi khi|cho đến|cho tới|kể cả|thậm chí|ít nhất|"
        "nhiều nhất|hơn nữa|chẳng hạn|ví dụ|tuy nhiên|do vậy|một cách|chính xác là|nhằm để|"
        "để mà|bao giờ|bao nhiêu|thay vì|đồng thời|ngày càng|càng ngày|lần lượt|rõ ràng|"
        "chắc chắn|có lẽ|thường xuyên|lập tức|tức thì|tự nhiên là|đặc biệt là|nói riêng|"
        "nói chung|mọi người"
    ),
    compounds=pairs(
        "không khí|không gian|không quân|hàng không|từ điển|từ khóa|từ khoá|từ ngữ|từ trường|"
        "từ tính|cho phép|trong suốt|trong lành|bằng chứng|bằng cấp|bằng sáng|tự do|lý do|"
        "lí do|hiện tại|tồn tại|thực tại|nguyên do|kinh tế|năm học|hằng năm|hàng năm|năm tháng|"
        "thế giới|thế kỷ|thế hệ|thế năng|lợi thế|ưu thế|xu thế|thay thế|thiên nhiên|sinh học|"
        "sinh vật|sinh viên|học sinh|vệ sinh|sinh thái|sinh sản|sinh sống|phát sinh|hình thành|"
        "hình ảnh|hình dạng|mô hình|địa hình|màn hình|loại bỏ|chủng loại|nhân loại|phân loại|"
        "thể loại|kim loại|nhân viên|nhân dân|nhân vật|cá nhân|bệnh nhân|nguyên nhân|nhân tố|"
        "nhân tạo|tăng trưởng|gia tăng|suy giảm|thu nhập|thu hoạch|mùa thu|kết luận|kết quả|"
        "nghiệm thu|thu thập|thu gọn|thu hút|thu hồi|thu mua|thu chi|tiếp thu|doanh thu|"
        "kết cấu|kết nối|liên kết|kết hợp|đầu tiên|ban đầu|hàng đầu|đầu tư|đầu vào|đầu ra|"
        "mở đầu|bắt buộc|trả lời|câu hỏi|học hỏi|xử lý|quy luật|độ ẩm|thành phố|thành phần|"
        "thành công|thành viên|hoàn thành|trưởng thành|chức năng|gia đình|trung bình|cấu hình|"
        "điển hình|con người|con số|con sông|con đường|trẻ con|mới mẻ|đổi mới|chính phủ|"
        "chính xác|chính thức|chính trị|chính sách|tài chính|hành chính|riêng biệt|toàn cầu|"
        "an toàn|hoàn toàn|bộ nhớ|bộ phận|cán bộ|nội bộ|tiến bộ|đồng bộ|chia sẻ|nghĩa vụ|"
        "ý nghĩa|định nghĩa|chủ nghĩa|ngày nay|hiện nay|gần đây|theo dõi|từ vựng|tiếp xúc|"
        "gián tiếp|trực tiếp|giao tiếp|mang tính|đứng đầu|bản đồ|biết ơn|hiểu biết|nhận thức|"
        "nhận xét|nhận dạng|xác nhận|công nhận|đặt tên|đặc điểm|giữ gìn|gìn giữ|tìm hiểu|"
        "tìm kiếm|so sánh|sắp xếp|bắt đầu|kết thúc|sử dụng|ứng dụng|áp dụng|tác dụng|công dụng|"
        "người dùng|tiêu dùng|đồ dùng|dùng chung|lên men|ra đời|xuất hiện|ra mắt|qua đời|"
        "vào lớp|đi học|đi bộ|đi lại|con trỏ|con cái|cả nước|trong nước|ngoài nước|nước ngoài|"
        "dưới lòng|mưa bão|phía trước|phía sau|tương lai|ở giữa|giữa kỳ|cuối năm|đầu năm|"
        "số không|số từ|số một|một nửa|nửa trên|nửa dưới|nửa sau|nửa trước|bên trái|bên phải|"
        "phải trái|trước sau|độc lập|lập trình|cái nhìn|con vật|hạt nhân|công nhân|tiếp nhận|"
        "phân chia|lần hỏi|đọc giả|bài viết|chữ viết|người viết|người đọc|bài đọc|việc làm|"
        "làm việc|người làm|làm lạnh|bao phủ|bao bì|lẫn lộn|cần thiết|nhu cầu|muốn biết|"
        "thấy rõ|ta thán|họ hàng|họ tên|dòng họ|ông bà|anh em|anh hùng|chị em|tiếng anh|"
        "nước anh|bạn bè|bạn đọc|người bạn|tôi luyện|gửi trả|đầu bài|bắt gặp|dụng cụ|sử học|"
        "lịch sử|trở ngại|trở lực|điện trở|đạt chuẩn|chạy bộ|chứa đựng|sức chứa|hồ chứa|"
        "hay quên|lại gần|không đổi|hình vẽ|hình tròn|hình học|hai chiều|ba chiều|một chiều|"
        "nhiều chiều|đa chiều|số nhiều|hàng hóa|còn lại|ngoài trời|bên ngoài|bên trong|lên cao|"
        "trên cao|vùng thấp|hình vuông|phép nhân|phép cộng|phép trừ|phép chia|trừ đi|loại trừ|"
        "phòng trừ|cộng đồng|công cộng|cộng hòa|trung gian|bị động|trang bị|thiết bị|chuẩn bị|"
        "khoảng cách|khoảng trống|bất ngờ|bất động|bất biến|hiện tượng|hiện thực|hiện đại|"
        "thật sự|sự thật|cao tốc|cao nguyên|độ cao|chiều cao|chiều dài|độ dài|phóng đại|"
        "dài hạn|ngắn hạn|xa lạ|nhỏ bé|to lớn|độ lớn|tốc độ cao|kéo dài|giải thoát|hết hạn|"
        "bước nhảy|gặp gỡ|nhanh chóng|chậm chạp|bước đầu|đơn vị|chênh lệch|miễn phí|phát thải|"
        "khách hàng|người dân|tối đa|tối thiểu|giao thông|được mùa|từ bi|vì sao|tại sao|"
        "ngôi sao|vì vậy|sao chép|bản sao"
    ),
    cue_words=anywhere(
        r"\b(?:quan trọng|chính là|then chốt|cốt lõi|vì vậy|do đó|kết quả|kết luận|tóm lại|nghĩa "
        r"là|"
        r"bởi vì|nhờ|lớn nhất|nhỏ nhất|đầu tiên|luôn luôn|phải|cần)\b"
    ),
    additive=opener(
        "hơn nữa|hơn thế nữa|hơn thế|ngoài ra|bên cạnh đó|thêm vào đó|thêm nữa|đồng thời|tương tự|"
        "tương tự như vậy|cũng vậy|cũng cần (?:lưu ý|nói thêm|nhắc lại) rằng|cần lưu ý rằng|lưu ý "
        "rằng|"
        "lưu ý là|như đã (?:nói|nêu|đề cập|trình bày)(?: ở)?(?: trên)?|như (?:bạn|ta|chúng ta) "
        "(?:có thể )?"
        "(?:thấy|biết)|nhìn chung|nói chung|cuối cùng|sau cùng|thật vậy|quả thật|quả thực|dĩ nhiên|"
        "tất nhiên|không những thế|không chỉ vậy|không chỉ thế|đặc biệt là|trên thực tế|thực tế"
    ),
    connective=opener(
        r"(?:trong|với|ở|từ|nhờ|qua|bằng|theo|sau|trước|khi|tại|vì)(?: \w+){0,4} (?:này|đó|"
        r"ấy)(?=,)|"
        "tuy nhiên|tuy vậy|tuy thế|thế nhưng|nhưng|song|do đó|do vậy|vì vậy|vì thế|bởi vậy|bởi thế|"
        "cho nên|nên|như vậy|như thế|vậy nên|vậy thì|vậy|thế là|thế thì|ví dụ|ví dụ như|chẳng hạn|"
        "chẳng hạn như|nói cách khác|kết quả là|kết quả|trong khi đó|ngược lại|trái lại|mặt khác|"
        "sau đó|trước đó|từ đó|khi đó|khi ấy|lúc đó|lúc này|lúc ấy|nhờ đó|nhờ vậy|nhờ thế|nhờ "
        "(?:điều )?này|"
        "theo đó|qua đó|trong đó|ở đó|tại đó|tại đây|ở đây|và|còn|hay|hoặc|rồi|bởi|tóm lại|nói "
        "tóm lại|"
        "chính vì vậy|chính vì thế|chính vì lẽ đó|dù vậy|dù thế|mặc dù vậy|thay vào đó|"
        "vì lý do (?:này|đó)|trong trường hợp (?:này|đó)|bằng cách (?:này|đó)|với cách (?:này|đó)|"
        "đến đây|đến lúc này|đến lượt mình|cụ thể|cụ thể là|suy ra|hơn là|tiếp đó|tiếp theo|kế đó|"
        "kế tiếp"
    ),
    unwrap=anywhere(
        r"(?:(?:điều|việc) (?:này|đó|ấy) (?:cũng )?(?:có nghĩa|nghĩa|cho thấy|chứng tỏ|ngụ ý|đồng "
        r"nghĩa)"
        r"(?: là| rằng| với việc)?|(?:đó|đây) (?:chính )?là (?:lý do|lí do|vì|bởi)(?: vì sao| tại "
        r"sao| mà| để)?"
        r"|(?:có )?nghĩa là|tức là|có thể thấy(?: rằng)?|từ đó suy ra)\s+"
    ),
    leaning=anywhere(
        r"(?:nó|chúng(?! (?:ta|tôi|em|mình))|họ(?! (?:hàng|tên|tộc))|(?:ông|bà|anh|chị|cô|cậu|"
        r"người) "
        r"(?:ấy|này|đó|ta)|(?:ông|bà)(?= [^A-ZĐÀ-Ỹ])|điều (?:này|đó|ấy)|việc (?:này|đó|ấy|làm này)|"
        r"đây|đó|thế|cái (?:này|đó|ấy)|cả (?:hai|ba)|hai (?:bên|loại|cách) (?:này|đó)|loại (?:này|"
        r"đó)|"
        r"(?:\w+ ){0,4}(?!(?:tháng|năm|tuần|ngày|hôm|quý|mùa|bài|viết|liệu|sách|trang|chương|"
        r"hướng dẫn|video|"
        r"lúc|khi|sau|trước|từ|đến) )\w+ (?:này|đó|ấy|kể trên|nói trên|vừa nêu)|như (?:trên|vậy|"
        r"thế)|số còn lại|phần còn lại|"
        r"cũng)(?!\w)"
    ),
    demonstrative=anywhere(
        r"(?!(?:điều|việc|cái|người|ông|bà|anh|chị|cô|cậu|khi|lúc|ở|từ|do|vì|sau|trước|trong|theo|"
        r"bài|tháng|năm|tuần|ngày|"
        r"nhờ|với|bằng|qua|đến|và|nhưng)(?!\w))(?P<noun>(?:\w+ ){1,3}?)(?:này|đó|ấy|nói trên|kể "
        r"trên)\s+"
        r"(?!(?:là|chính|gọi)(?!\w))(?=\w)"
    ),
    article=r"\g<noun>",
    reference=anywhere(
        r",?\s*\(?\b(?:xem(?: thêm)?|tham khảo|như(?: trong| ở)?|trong|ở|theo|tại)\s+(?:hình|bảng|"
        r"mục|"
        r"phần|chương|phụ lục|công thức|biểu đồ)\s*\d+(?:[.\-]\d+)*(?:\s+(?:dưới đây|bên dưới|ở "
        r"trên))?\)?,?|"
        r"\b(?:hình|bảng|biểu đồ)\s*\d+\s+(?:cho thấy|minh họa|minh hoạ|trình bày|liệt kê|tóm tắt)"
        r"(?: rằng)?\s+|,?\s*\bnhư (?:hình|bảng|sơ đồ) (?:dưới|sau|bên dưới|dưới đây|trên)\b,?"
    ),
    written=(
        (
            anywhere(
                r"^(?:trong )?(?:bảng|biểu đồ|hình|sơ đồ|danh sách) (?:sau|dưới|dưới đây|sau đây|"
                r"bên dưới)"
                r"(?: đây)? (?:ghi|cho thấy|cho biết|liệt kê|so sánh|trình bày|tóm tắt|thể hiện|"
                r"nêu)(?: lại)?"
                r"(?!\w)"
            ),
            "Hãy nhìn",
        ),
        (anywhere(r"\bv\.v\.{0,3}"), "vân vân"),
        (anywhere(r"\bVD:?(?=\s)"), "ví dụ"),
        (anywhere(r"\bTP\.\s*(?=\w)"), "Thành phố "),
        (anywhere(r"\be\.g\.,?"), "ví dụ"),
        (anywhere(r"\bi\.e\.,?"), "tức là"),
        (re.compile(r"\bvs\.?(?=\s)"), "so với"),
        (anywhere(r"(?<=\w) & (?=\w)"), " và "),
    ),
    clause=anywhere(
        r"(?:;\s+|\s[–—]\s|,\s+(?=(?:nhưng|còn|nên|vì|bởi|trong khi|do đó|vì vậy|song|rồi|sau "
        r"đó)\s)|,\s+và\s+"
        r")(?P<next>\S)"
    ),
    example=anywhere(
        r",?\s+(?:chẳng hạn như|chẳng hạn|ví dụ như|ví dụ|thí dụ|điển hình là|bao gồm cả)\s+"
        r"(?P<list>[^.;:?!]+?)(?=[.;:?!]|$)"
    ),
    lead_in=anywhere(
        r"(?:ví dụ|chẳng hạn|như sau|kết quả|cách dùng|lưu ý|chú ý|ghi chú|mã nguồn|trong đó|cụ "
        r"thể)"
        r"[:.…]*$"
    ),
    pointing=anywhere(
        r"(?:(?:hãy |mời bạn |vui lòng |bạn có thể )*(?:xem|tham khảo|truy cập|nhấn vào|bấm vào|"
        r"đọc|ghé) (?:thêm|"
        r"tài liệu|chi tiết|tại|hướng dẫn|trang|ở|phần|mục)(?!\w).*|(?:để )?(?:biết|tìm hiểu) "
        r"thêm.*"
        r"|thông tin chi tiết .{0,20}(?:tại|ở|trong)(?!\w).*)$"
    ),
    hanging=anywhere(
        r"(?:như|xem|tại|như sau|sau đây|sau|dưới đây|bao gồm|gồm|chẳng hạn|ví dụ)\W*$"
    ),
    procedure=anywhere(
        r"\b(?:(?:các|những|hai|ba|bốn|năm|sáu|bảy) bước|cách (?:làm|dùng|cài|tạo|viết)|quy trình|"
        r"trình tự|hướng dẫn|cài đặt|công đoạn|"
        r"thực hiện|tiến hành)\b"
    ),
    skipped=anywhere(
        r"(?:(?:phần|chương|mục)?\s*\d+(?:\.\d+)*[.:]?\s*)?(?:mục lục|tài liệu tham khảo|tham khảo|"
        r"nguồn(?: tham khảo)?|giấy phép|bản quyền|lời cảm ơn|lời cám ơn|cảm ơn|tác giả|đóng góp|"
        r"liên hệ|"
        r"nhật ký thay đổi|lịch sử (?:thay đổi|phiên bản)|ghi chú|chú thích|liên kết(?: ngoài)?|"
        r"xem thêm|đọc thêm|"
        r"references|license|contents|changelog|acknowledge?ments?|contributing)[\s:.]*$"
    ),
    concluding=anywhere(
        r"(?:(?:phần|chương|mục)?\s*\d+(?:\.\d+)*[.:]?\s*)?(?:kết luận|tóm tắt|tổng kết|kết bài|"
        r"lời kết|"
        r"tóm lại|kết lại|điều cần nhớ|ghi nhớ|những điều cần nhớ)"
    ),
    question=anywhere(r"(?:vì sao|tại sao|làm sao|làm thế nào|thế nào|khi nào|ai|cái gì|bao)\b"),
    defining=anywhere(
        r"\blà (?:một|loại|quá trình|cách|phương pháp|hiện tượng|tập|khoảng|sự|dạng|việc)\b|"
        r"\b(?:gọi là|nghĩa là|được hiểu là)\b"
    ),
    magnitude=anywhere(r"\s(?:trăm|nghìn|ngàn|vạn|triệu|tỷ|tỉ)(?!\w)(?:\s(?:tỷ|tỉ|triệu)(?!\w))?"),
    units=words(
        "% km m cm mm kg g mg l ml s ms kb mb gb tb kw mw gw w v hz khz mhz ghz °c °f k px năm "
        "tháng tuần ngày giờ phút giây lần mét kilômét ki-lô-mét độ byte bit tấn tạ lít đồng đô "
        "usd vnđ km² m² m³ ha phần "
    ),
    speech=Speech(
        conjunction="và",
        questions="Những câu hỏi phía trước: {topics}.",
        journey="Những chặng chính: {topics}.",
        leads_to="{source} dẫn đến {targets}.",
        begins="Đầu tiên là {source}.",
        leads_by="Từ {source}, {label} dẫn đến {target}.",
        next_comes=("Kế đến là {target}.", "{target_first} là bước sau đó.", "Rồi tới {target}."),
        at_last="Cuối cùng là {target}.",
        branch="{label} thì đến {target}",
        branch_back="{label} thì quay về {target}",
        also="{source_first} cũng dẫn đến {target}.",
        also_by="Từ {source}, {label} cũng dẫn đến {target}.",
        otherwise="còn lại thì đến {target}",
        back="Từ {source}, đường đi quay về {target}.",
        back_by="Từ {source}, {label} đưa trở về {target}.",
        turns="{source_first} chuyển sang {target}.",
        turns_by="Từ {source}, {label} thì chuyển sang {target}.",
        first_state="Trạng thái đầu tiên là {target}.",
        last_state="{source_first} có thể là trạng thái cuối.",
        has_branches="{node} có {count} nhánh: {twigs}.",
        covers="{node} gồm {twigs}.",
        in_year="Năm {year}",
        tells="{who} nói với {whom}: {message}.",
        answers="{who} trả lời {whom}: {message}.",
        acts="{who} tự làm: {message}.",
        joins="Hình vẽ cho thấy {count} phần phối hợp với nhau.",
        as_code="Sơ đồ Mermaid ở dòng {line} được hiện dưới dạng mã: {why}.",
        moving_on=("Tiếp theo là {topic}.", "Giờ đến phần {topic}.", "Ta chuyển sang {topic}."),
        keep=("{count} điều đáng nhớ.", "Hãy giữ lại {count_lower} ý."),
        numbers=("Không", "Một", "Hai", "Ba", "Bốn"),
        closing_heading="Điều cần nhớ",
        step="Bước {}",
        list_header=("Mục", "Nội dung"),
        step_header=("Bước", "Việc làm"),
        largest="{name} cao nhất thuộc về {label}, với {value}.",
        smallest="Thấp nhất là {label}, với {value}.",
        two="Với {name}, {label} là {value}, còn {other} là {low}.",
        gap="Khoảng cách giữa hai đầu là {ratio} lần.",
        against="{high} so với {low}",
        times="Như vậy là gấp {ratio} lần.",
        increase="Mức tăng là {change}.",
        decrease="Mức giảm là {change}.",
        about="Về {name}, {finding}",
        yes=("có", "✓", "được", "đúng"),
        no=("không", "✗", "chưa", "sai"),
        with_it="{name}",
        without_it="không {name}",
        cell="{name} là {cell}",
        cells="{name} là {cell}",
        rise="Từ {first} đến {last}, {name} tăng từ {low} lên {high}.",
        fall="Từ {first} đến {last}, {name} giảm từ {high} xuống {low}.",
        steady="Từ {first} đến {last}, {name} giữ nguyên ở mức {low}.",
        while_counting="Khi {head} đi từ {first} đến {last}, ",
        rise_then="{name} tăng từ {low} lên {high}.",
        fall_then="{name} giảm từ {high} xuống {low}.",
        steady_then="{name} giữ nguyên ở mức {low}.",
        from_to="từ {low} lên {high}",
        row="{label}: {cells}.",
        rows_cut="Trong {total} dòng của bảng, {shown} dòng được chọn.",
        defines="Đoạn mã định nghĩa {names}.",
        defines_class="Trung tâm là lớp {names}.",
        lines_cut="Trong {total} dòng mã, {shown} dòng được chọn.",
        too_little="Tài liệu chỉ đủ cho {have} giây lời đọc, ít hơn {want} giây được yêu cầu.",
        left_out="Để giữ khoảng {want} giây, {count} trong {total} cảnh được lược bớt.",
        formula="Viết thành công thức, {topic} chỉ gọn trong một dòng.",
    ),
)
