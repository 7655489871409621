"""What the codes mean that refusals carry: the address that the type of every problem names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path as File
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from api import contract
from api.linked.sending import answer, form_of
from api.media import HTML, JSON
from api.pages.asking import message_page
from api.problems import TITLES, TYPES, Refusal
from reasoner.likeness import nearest

Json = dict[str, Any]

_TABLE: Final = File(__file__).parent.parent / "problems.tsv"
_NOT_TOLD: Final = "-"
_FORMS: Final = (HTML, JSON)
_ONE: Final = contract.record(
    type={"type": "string", "format": "uri"},
    code="string",
    status={"type": ["integer", "null"], "description": "Null where only the command tells it."},
    title={"type": ["string", "null"]},
    meaning="string",
)

router = APIRouter(tags=["Problems"])


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code means, and the status with which it is told over HTTP, if it ever is."""

    code: str
    status: int | None
    text: str

    def to_json(self) -> Json:
        """The same as plain data."""
        title = TITLES[self.status] if self.status else None
        return {
            "type": TYPES + self.code,
            "code": self.code,
            "status": self.status,
            "title": title,
            "meaning": self.text,
        }


@lru_cache(maxsize=1)
def meanings() -> Mapping[str, Meaning]:
    """Every code with its meaning.

    >>> meanings()["case.level"].status
    422
    """
    lines = _TABLE.read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines if line and not line.startswith("#"))
    return {code: Meaning(code, None if status == _NOT_TOLD else int(status), text) for code, status, text in rows}


@router.get(
    "/v1/problems",
    summary="Every code that a refusal may carry",
    response_class=Response,
    responses=contract.declared(
        406, ok=contract.answers((JSON,), "The codes and what they mean.", json={"type": "array", "items": _ONE})
    ),
)
def problems(request: Request) -> Response:
    """List what may be refused, and what it means."""
    form = form_of(request, None, (JSON,))
    return answer(request, [one.to_json() for one in meanings().values()], form)


@router.get(
    "/id/problem/{code}",
    summary="What one code means",
    response_class=Response,
    responses=contract.declared(404, 406, ok=contract.answers(_FORMS, "What it means.", json=_ONE)),
)
def problem(
    request: Request,
    code: Annotated[str, Path(max_length=100, description="A code, as refusals carry it.", examples=["case.level"])],
) -> Response:
    """Tell what a code means: this is where the type of a problem leads."""
    form = form_of(request, None, _FORMS)
    found = meanings().get(code)
    if found is None:
        meant = nearest(code, meanings())
        mend = f"Did you mean {meant}?" if meant else "See /v1/problems for all there are."
        raise Refusal("resource.unknown", "No refusal carries this code.", mend=mend)
    if form == JSON:
        return answer(request, found.to_json(), JSON)
    where = f"{found.status}: {TITLES[found.status]}." if found.status else "Only the command tells it."
    return answer(request, message_page(found.code, [found.text, where], code=found.code), HTML)
