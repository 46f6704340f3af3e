"""Errors → `application/problem+json` (RFC 9457), with titles in Vietnamese or English."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

import msgspec
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from inkreel import errors
from inkreel.entrypoints.metrics import ERROR
from inkreel.errors import InkreelError, OptionError, RequestInvalid, TooMany, Unavailable

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 2.0
"""What a client is told to wait when nothing better is known."""

_TITLES: dict[str, tuple[str, str]] = {
    "internal": ("Something broke", "Có lỗi bên trong"),
    "input_invalid": ("The document cannot be used", "Không dùng được tài liệu này"),
    "input_not_found": ("There is no such document", "Không có tài liệu này"),
    "document_empty": ("The document is empty", "Tài liệu trống"),
    "format_unsupported": ("This format is not read", "Định dạng này không được hỗ trợ"),
    "format_mismatch": ("The file is not what its name says", "Nội dung tệp không khớp với tên"),
    "document_encrypted": ("The document is encrypted", "Tài liệu được mã hoá"),
    "document_no_text": ("The document has no text", "Tài liệu không có chữ"),
    "document_damaged": ("The document is damaged", "Tài liệu bị hỏng"),
    "document_too_large": ("The document is too large", "Tài liệu quá lớn"),
    "music_unreadable": ("The music cannot be used", "Không dùng được tệp nhạc"),
    "document_too_complex": ("The document takes too much to read", "Tài liệu quá phức tạp để đọc"),
    "diagram_too_large": ("A diagram is too large to be read", "Sơ đồ quá lớn để đọc được"),
    "document_too_long": ("The document has too many pages", "Tài liệu có quá nhiều trang"),
    "storyboard_invalid": ("The storyboard is not valid", "Kịch bản không hợp lệ"),
    "option_invalid": ("An option is refused", "Một tuỳ chọn không được chấp nhận"),
    "disk_full": ("There is no room left", "Hết chỗ lưu trữ"),
    "request_invalid": ("The request is not valid", "Yêu cầu không hợp lệ"),
    "not_authenticated": ("A valid API key is needed", "Cần khoá API hợp lệ"),
    "not_allowed": ("This is not allowed", "Không được phép"),
    "not_found": ("There is nothing here", "Không tìm thấy"),
    "method_not_allowed": ("This method is not allowed", "Phương thức không được phép"),
    "not_acceptable": ("No such representation", "Không có dạng trả lời này"),
    "body_too_slow": ("The body came too slowly", "Dữ liệu gửi đến quá chậm"),
    "conflict": ("Not in this state", "Không thể làm ở trạng thái này"),
    "gone": ("It is no longer kept", "Không còn được lưu giữ"),
    "body_too_large": ("The body is too large", "Dữ liệu gửi lên quá lớn"),
    "body_type_refused": ("This type of body is not taken", "Loại dữ liệu này không được nhận"),
    "range_refused": ("The range is outside the file", "Khoảng yêu cầu nằm ngoài tệp"),
    "idempotency_key_reused": (
        "The idempotency key was used for something else",
        "Khoá idempotency đã dùng cho yêu cầu khác",
    ),
    "rate_limited": ("Too many requests", "Quá nhiều yêu cầu"),
    "quota_exceeded": ("Too many videos wait", "Quá nhiều video đang chờ"),
    "queue_full": ("The queue is full", "Hàng đợi đã đầy"),
    "busy": ("Too much at once", "Máy chủ đang bận"),
    "unavailable": ("The service is not available", "Dịch vụ chưa sẵn sàng"),
    "worker_failed": ("A process failed", "Một tiến trình gặp lỗi"),
    "artifact_lost": ("Something kept was lost", "Dữ liệu đã lưu bị mất"),
}
CODES = tuple(_TITLES)
"""All codes that a client may see."""
_BY_STATUS: dict[int, type[InkreelError]] = {
    404: errors.NotFound,
    405: errors.MethodNotAllowed,
    413: errors.BodyTooLarge,
    415: errors.BodyTypeRefused,
}


class FieldProblem(msgspec.Struct, frozen=True):
    """What is wrong with a field."""

    field: str
    message: str


class Problem(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Why a request was refused (RFC 9457). `code` is stable, `title` is in the language asked
    for, `detail` says what happened and `hint` what to do."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    hint: str = ""
    errors: tuple[FieldProblem, ...] = ()


class Invalid(RequestInvalid):
    """`RequestInvalid` with its fields."""

    def __init__(self, *fields: FieldProblem, hint: str = "") -> None:
        what = ", ".join(f"{one.field}: {one.message}" for one in fields)
        super().__init__(
            f"The request is not valid: {what}.", hint=hint or "See /docs for the fields."
        )
        self.fields = fields


def language(accept: str) -> str:
    """`vi` or `en`, whichever the header prefers."""
    best, found = 0.0, "en"
    for part in accept.lower().split(",")[:20]:
        tag, _, weight = part.partition(";")
        match = re.fullmatch(r"\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*", weight)
        worth = float(match[1]) if match else 1.0
        tongue = tag.strip().partition("-")[0]
        if tongue in ("vi", "en") and worth > best:
            best, found = worth, tongue
    return found


def title(code: str, tongue: str) -> str:
    """The title of an error in this language."""
    english, vietnamese = _TITLES.get(code, _TITLES["internal"])
    return vietnamese if tongue == "vi" else english


def answer(
    request: Request, error: InkreelError, headers: Mapping[str, str] | None = None
) -> Response:
    """The response for an error."""
    request.scope[ERROR] = error.code
    tongue = language(request.headers.get("accept-language", ""))
    status = error.http_status
    problem = Problem(
        type=f"/docs#{error.code}",
        title=title(error.code, tongue),
        status=status,
        detail=error.message,
        code=error.code,
        request_id=request.scope.get("inkreel.request_id", ""),
        hint=error.hint,
        errors=_fields(error),
    )
    told = {"Content-Language": tongue, "Vary": "Accept-Language", "Cache-Control": "no-store"}
    if isinstance(error, TooMany):
        told["Retry-After"] = str(max(1, math.ceil(error.retry_after)))
    elif isinstance(error, Unavailable) or status == 503:
        told["Retry-After"] = str(math.ceil(RETRY_SECONDS))
    if status == 401:
        told["WWW-Authenticate"] = "Bearer"
    return Response(
        msgspec.json.encode(problem),
        status,
        headers={**told, **(headers or {})},
        media_type=MEDIA_TYPE,
    )


def _fields(error: InkreelError) -> tuple[FieldProblem, ...]:
    if isinstance(error, Invalid):
        return error.fields
    if isinstance(error, OptionError) and error.field:
        return (FieldProblem(error.field, error.message),)
    return ()


async def on_refusal(request: Request, error: Exception) -> Response:
    """An error of ours."""
    assert isinstance(error, InkreelError)  # noqa: S101  registered for these
    return answer(request, error)


async def on_parameters(request: Request, error: Exception) -> Response:
    """Parameters that FastAPI refused."""
    assert isinstance(error, RequestValidationError)  # noqa: S101
    fields = [
        FieldProblem(".".join(str(part) for part in one["loc"][1:]), str(one["msg"]))
        for one in error.errors()
    ]
    return answer(request, Invalid(*fields))


async def on_status(request: Request, error: Exception) -> Response:
    """A status that Starlette raised: no such route or method."""
    assert isinstance(error, HTTPException)  # noqa: S101
    kind = _BY_STATUS.get(error.status_code, RequestInvalid)
    said = {
        404: f"There is nothing at {request.url.path}.",
        405: f"{request.method} is not allowed at {request.url.path}.",
    }.get(error.status_code, str(error.detail))
    headers = dict(error.headers or {})
    if error.status_code == 405:
        taken = _methods(request) | {one for one in headers.get("Allow", "").split(", ") if one}
        headers["Allow"] = ", ".join(sorted(taken))
    return answer(request, kind(said, hint="See /docs for what there is."), headers)


def _methods(request: Request) -> set[str]:
    """All that the path takes, over all its routes: Starlette names those of the first."""
    asked = request.scope["path"].split("/")
    found: set[str] = set()
    for path, methods in request.app.openapi()["paths"].items():
        parts = path.split("/")
        if len(parts) == len(asked) and all(
            part.startswith("{") or part == own for part, own in zip(parts, asked, strict=True)
        ):
            found |= {method.upper() for method in methods}
    return found
