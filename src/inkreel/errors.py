"""The error tree. Every error says what failed, why, and what to do, and has a stable code.

InkreelError
├── InputError            the document cannot be used                      exit 3
│   ├── InputNotFound       input_not_found        404
│   ├── EmptyDocument       document_empty         422
│   ├── UnsupportedFormat   format_unsupported     415
│   ├── FormatMismatch      format_mismatch        415
│   ├── EncryptedDocument   document_encrypted     422
│   ├── NoText              document_no_text       422
│   ├── DamagedDocument     document_damaged       422
│   ├── DocumentTooLarge    document_too_large     413
│   ├── TooManyPages        document_too_long      422
│   ├── DocumentTooComplex  document_too_complex   422   takes too much time or memory to read
│   ├── MusicUnreadable     music_unreadable       422   too large, damaged, silent, unknown
│   └── InvalidStoryboard   storyboard_invalid     422
│       └── DiagramTooLarge   diagram_too_large      422   more than a picture can show
├── OptionError           an option or setting was refused                 exit 2
│   └── SettingError        setting_invalid        500
├── OutputError           the result cannot be written                     exit 4
│   ├── OutputNotWritable   output_not_writable    500
│   └── DiskFull            disk_full              507
├── ServiceError          something that works for us failed               exit 5
│   ├── VoiceFailed         voice_failed           502
│   ├── WriterFailed        writer_failed          502   a language model; never the video's end
│   ├── ImageFailed         image_failed           502
│   ├── DrawingFailed       drawing_failed         500
│   ├── EncodingFailed      encoding_failed        500
│   ├── VideoDamaged        video_damaged          500   it does not stand `--verify`
│   ├── WorkerFailed        worker_failed          503   a child process died or hung
│   └── ArtifactLost        artifact_lost          503   the store lost bytes; made again
├── RequestError          the service refuses a request                    exit 6
│   ├── RequestInvalid      request_invalid        422   a field is missing, unknown or malformed
│   ├── NotAuthenticated    not_authenticated      401
│   ├── NotAllowed          not_allowed            403
│   ├── NotFound            not_found              404   unknown, or another client's
│   ├── MethodNotAllowed    method_not_allowed     405
│   ├── NotAcceptable       not_acceptable         406
│   ├── BodyTooSlow         body_too_slow          408
│   ├── Conflict            conflict               409   not in this state
│   ├── Gone                gone                   410   it was there and is expired
│   ├── BodyTooLarge        body_too_large         413
│   ├── BodyTypeRefused     body_type_refused      415
│   ├── RangeRefused        range_refused          416   beyond the end of the file
│   ├── KeyReused           idempotency_key_reused 422   with another payload
│   └── TooMany             too_many_requests      429   for now; says when to try again
│       ├── RateLimited     rate_limited           429
│       ├── QuotaExceeded   quota_exceeded         429
│       ├── QueueFull       queue_full             429
│       └── Busy            busy                   429   too many requests at once
├── Unavailable           draining, or what it stands on is away           exit 5
│   │                       unavailable            503
│   └── DatabaseDamaged     database_damaged       503   what it knows of its jobs is broken
├── LeaseLost             a worker no longer holds its job                 exit 5
│                           lease_lost             409
└── Cancelled             cancelled                499                     exit 130
"""

from __future__ import annotations


class InkreelError(Exception):
    """Base: `message` says what failed and why, `hint` what to do."""

    code = "internal"
    http_status = 500
    exit_code = 1
    retryable = False

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class InputError(InkreelError):
    code = "input_invalid"
    http_status = 422
    exit_code = 3


class InputNotFound(InputError):
    code = "input_not_found"
    http_status = 404


class EmptyDocument(InputError):
    code = "document_empty"


class UnsupportedFormat(InputError):
    code = "format_unsupported"
    http_status = 415


class FormatMismatch(InputError):
    code = "format_mismatch"
    http_status = 415


class EncryptedDocument(InputError):
    code = "document_encrypted"


class NoText(InputError):
    code = "document_no_text"


class DamagedDocument(InputError):
    code = "document_damaged"


class DocumentTooLarge(InputError):
    code = "document_too_large"
    http_status = 413


class TooManyPages(InputError):
    code = "document_too_long"


class DocumentTooComplex(InputError):
    code = "document_too_complex"


class MusicUnreadable(InputError):
    code = "music_unreadable"


class InvalidStoryboard(InputError):
    code = "storyboard_invalid"


class DiagramTooLarge(InvalidStoryboard):
    code = "diagram_too_large"


class OptionError(InkreelError):
    """`field` names the option, where it is known."""

    code = "option_invalid"
    http_status = 422
    exit_code = 2

    def __init__(self, message: str, *, hint: str = "", field: str = "") -> None:
        super().__init__(message, hint=hint)
        self.field = field


class SettingError(OptionError):
    code = "setting_invalid"
    http_status = 500


class OutputError(InkreelError):
    code = "output_invalid"
    exit_code = 4


class OutputNotWritable(OutputError):
    code = "output_not_writable"


class DiskFull(OutputError):
    code = "disk_full"
    http_status = 507
    retryable = True


class ServiceError(InkreelError):
    code = "service_failed"
    http_status = 502
    exit_code = 5
    retryable = True


class VoiceFailed(ServiceError):
    code = "voice_failed"


class WriterFailed(ServiceError):
    code = "writer_failed"


class ImageFailed(ServiceError):
    code = "image_failed"
    status = 502


class DrawingFailed(ServiceError):
    code = "drawing_failed"
    http_status = 500
    retryable = False


class EncodingFailed(ServiceError):
    code = "encoding_failed"
    http_status = 500
    retryable = False


class VideoDamaged(ServiceError):
    code = "video_damaged"
    http_status = 500


class WorkerFailed(ServiceError):
    code = "worker_failed"
    http_status = 503


class ArtifactLost(ServiceError):
    code = "artifact_lost"
    http_status = 503


class RequestError(InkreelError):
    code = "request_refused"
    http_status = 400
    exit_code = 6


class RequestInvalid(RequestError):
    code = "request_invalid"
    http_status = 422


class NotAuthenticated(RequestError):
    code = "not_authenticated"
    http_status = 401


class NotAllowed(RequestError):
    code = "not_allowed"
    http_status = 403


class NotFound(RequestError):
    code = "not_found"
    http_status = 404


class MethodNotAllowed(RequestError):
    code = "method_not_allowed"
    http_status = 405


class NotAcceptable(RequestError):
    code = "not_acceptable"
    http_status = 406


class BodyTooSlow(RequestError):
    code = "body_too_slow"
    http_status = 408
    retryable = True


class Conflict(RequestError):
    code = "conflict"
    http_status = 409


class Gone(RequestError):
    code = "gone"
    http_status = 410


class BodyTooLarge(RequestError):
    code = "body_too_large"
    http_status = 413


class BodyTypeRefused(RequestError):
    code = "body_type_refused"
    http_status = 415


class RangeRefused(RequestError):
    code = "range_refused"
    http_status = 416


class KeyReused(RequestError):
    code = "idempotency_key_reused"
    http_status = 422


class TooMany(RequestError):
    """Refused for now; `retry_after` says in how many seconds it may be tried again."""

    code = "too_many_requests"
    http_status = 429
    retryable = True

    def __init__(self, message: str, *, hint: str = "", retry_after: float = 1.0) -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class RateLimited(TooMany):
    code = "rate_limited"


class QuotaExceeded(TooMany):
    code = "quota_exceeded"


class QueueFull(TooMany):
    code = "queue_full"


class Busy(TooMany):
    code = "busy"


class Unavailable(InkreelError):
    code = "unavailable"
    http_status = 503
    exit_code = 5
    retryable = True


class DatabaseDamaged(Unavailable):
    code = "database_damaged"
    retryable = False


class LeaseLost(InkreelError):
    code = "lease_lost"
    http_status = 409
    exit_code = 5


class Cancelled(InkreelError):
    code = "cancelled"
    http_status = 499
    exit_code = 130


def by_code() -> dict[str, type[InkreelError]]:
    """All error types by their stable code, to rebuild an error that crossed a process."""
    found: dict[str, type[InkreelError]] = {}
    waiting: list[type[InkreelError]] = [InkreelError]
    while waiting:
        kind = waiting.pop()
        found[kind.code] = kind
        waiting.extend(kind.__subclasses__())
    return found
