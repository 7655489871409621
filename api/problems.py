"""Problems as RFC 9457 tells them, and the one map from what can go wrong to a status."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import orjson

from api.store.errors import StoreError
from reasoner.errors import (
    CaseMalformed,
    CaseUnreadable,
    GuidelineUnknown,
    OntologyInconsistent,
    PolicyUnfit,
    SpineReasonerError,
)
from reasoner.layout import plain
from reasoner.problems import CaseProblems
from reasoner.vocabulary import ROOT

Json = dict[str, Any]

MEDIA_TYPE: Final = "application/problem+json"
TYPES: Final = ROOT + "problem/"

TITLES: Final = {
    400: "The request cannot be read",
    401: "A key is needed",
    403: "The request comes from elsewhere",
    404: "There is no such thing here",
    405: "This address does not do that",
    406: "This is not offered in that form",
    408: "The request came too slowly",
    409: "This is kept already, and otherwise",
    413: "The request is too large",
    415: "This kind of content is not read",
    421: "This server has another name",
    422: "The request can be read, and cannot stand",
    429: "Too many requests",
    500: "The server failed",
    503: "The server is busy",
    504: "The answer took too long",
    507: "The store is full",
}

_STATUS: Final = {
    "access.key": 401,
    "access.elsewhere": 403,
    "access.rate": 429,
    "address.unknown": 404,
    "address.method": 405,
    "batch.too-large": 413,
    "batch.too-many": 413,
    "case.media-type": 415,
    "case.too-large": 413,
    "determination.unknown": 404,
    "host.unknown": 421,
    "media.not-acceptable": 406,
    "media.unsupported": 415,
    "proof.size": 413,
    "query.too-large": 413,
    "query.too-large-result": 422,
    "request.content-encoding": 415,
    "request.framing": 400,
    "request.slow": 408,
    "request.too-large": 413,
    "request.unprocessable": 422,
    "resource.unknown": 404,
    "server.busy": 503,
    "server.failed": 500,
    "server.stopping": 503,
    "store.conflict": 409,
    "store.damaged": 503,
    "store.full": 507,
    "store.off": 503,
    "store.question": 400,
    "store.large": 422,
    "work.too-large": 422,
    "work.too-long": 422,
    "work.lost": 503,
}
"""What status a code has; a code that is not here has that of its kind."""

_KINDS: Final[tuple[tuple[type[SpineReasonerError], int], ...]] = (
    (CaseUnreadable, 400),
    (CaseMalformed, 422),
    (GuidelineUnknown, 422),
    (PolicyUnfit, 422),
    (OntologyInconsistent, 422),
)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that went wrong, as it is told: a stable code, a status, what, where, and how to mend it."""

    code: str
    status: int
    what: str
    where: str = ""
    mend: str = ""
    line: int | None = None
    column: int | None = None
    retry_after: int | None = None
    others: tuple[Problem, ...] = ()

    def to_json(self) -> Json:
        """The problem as plain data; `detail` says all in one sentence or two."""
        place = f" ({self.where})" if self.where else ""
        found: Json = {
            "type": TYPES + self.code,
            "title": TITLES[self.status],
            "status": self.status,
            "detail": plain(f"{self.what}{place} {self.mend}"),
            "code": self.code,
            "what": plain(self.what),
            "where": plain(self.where),
            "mend": plain(self.mend),
        }
        found |= {name: value for name in ("line", "column") if (value := getattr(self, name)) is not None}
        if self.others:
            found["problems"] = [
                {key: value for key, value in one.to_json().items() if key in _OF_EACH} for one in self.others
            ]
        return found

    def to_bytes(self) -> bytes:
        """The problem as JSON text."""
        return orjson.dumps(self.to_json())


_OF_EACH: Final = frozenset(["code", "what", "where", "mend", "line", "column"])


class Refusal(Exception):  # noqa: N818  what is refused on purpose is no error of ours
    """A request that is refused on purpose; its code decides the status.

    >>> Refusal("media.not-acceptable", "Not offered as text/csv.").problem.status
    406
    """

    def __init__(
        self,
        code: str,
        what: str,
        *,
        where: str = "",
        mend: str = "",
        line: int | None = None,
        column: int | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(code)
        status = _STATUS.get(code, 400)
        self.problem = Problem(code, status, what, where, mend, line, column, retry_after)


def refusal_of(told: Json, retry_after: int | None = None) -> Refusal:
    """The refusal of which a worker has told, so that it goes the way of every other.

    >>> refusal_of(Problem("case.level", 422, "There is no level L7.", line=3).to_json()).problem.line
    3
    """
    members = {name: told[name] for name in _OF_EACH if name in told}
    others = tuple(Problem(status=told["status"], **one) for one in told.get("problems", ()))
    refusal = Refusal(told["code"], told["what"])
    refusal.problem = Problem(status=told["status"], **members, retry_after=retry_after, others=others)
    return refusal


def problem_of(error: Exception) -> Problem:
    """The one map from what was raised to what is told; what nobody foresaw is told by nothing but its code."""
    if isinstance(error, Refusal):
        return error.problem
    if isinstance(error, CaseProblems):
        others = tuple(Problem(one.code, 422, one.what, one.where, one.mend, one.line) for one in error.problems)
        first = others[0]
        return Problem(first.code, 422, first.what, first.where, first.mend, first.line, others=others)
    if isinstance(error, StoreError):
        status = _STATUS.get(error.code, 503)
        return Problem(error.code, status, error.what, mend=error.mend, retry_after=5 if status == _BUSY else None)
    if isinstance(error, SpineReasonerError):
        status = next((status for kind, status in _KINDS if isinstance(error, kind)), 500)
        status = _STATUS.get(error.code, status)
        if status == 500:  # noqa: PLR2004  knowledge that does not compile is ours to mend, not the caller's
            return _FAILED
        line, column = _position(error.where)
        return Problem(error.code, status, error.what, error.where, error.mend, line, column)
    return _FAILED


_BUSY: Final = 503
_FAILED: Final = Problem(
    "server.failed",
    500,
    "Something went wrong here that should not.",
    mend="Nothing was kept. Send it again; if it fails again, tell whoever runs this server the request's number.",
)


def _position(where: str) -> tuple[int | None, int | None]:
    """The line and column that a place names, if it does.

    >>> _position("case, line 3, column 14")
    (3, 14)
    """
    found: dict[str, int] = {}
    for part in where.split(", "):
        word, _, number = part.partition(" ")
        if word in ("line", "column") and number.isdecimal():
            found.setdefault(word, int(number))
    return found.get("line"), found.get("column")
