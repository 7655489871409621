"""The first page: a case is dropped, pasted or taken from a seed, under a policy; what is wrong with it is told beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from api.pages import render
from api.pages.offers import Seed, offer_named, policies_of
from reasoner.intake import MAX_BYTES
from reasoner.problems import LIMIT

if TYPE_CHECKING:
    from reasoner.library import Library

Json = dict[str, Any]

_LONGEST_LINE: Final = 120
_ABOUT_CHOICES: Final = {"policy": "policy", "applicability": "policy", "comparison": "policy"}
"""The first word of a code -> the field that it is about; every other is about the case."""
_TONES: Final = {"Violation": "bad", "Warning": "note", "Info": "neutral"}


@dataclass(slots=True)
class Told:
    """One thing said of a case or of what was chosen: what, how to mend it, and every place that it is said of."""

    what: str
    mend: str = ""
    code: str = ""
    severity: str = "Violation"
    about: str = "case"
    places: list[Place] = field(default_factory=list)

    @property
    def tone(self) -> str:
        """The tone in which it is shown."""
        return _TONES.get(self.severity, "note")


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the text something stands, and what stands there."""

    where: str
    line: int | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Findings:
    """What the head of the page says of a case that was sent: a title, its tone, and the list."""

    title: str
    tone: str
    told: tuple[Told, ...]
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What stands in the fields under the case."""

    policy: str = ""
    as_of: str = ""
    evidence_until: str = ""


def home_page(
    library: Library,
    *,
    seeds: Sequence[Seed],
    problem: Json | None = None,
    report: Json | None = None,
    case_text: str = "",
    policy: str = "",
    as_of: str = "",
    evidence_until: str = "",
    limit: int = MAX_BYTES,
) -> str:
    """The page; with a problem (as RFC 9457 tells it) or a report of what is unusual, the case that was sent is kept.

    >>> from reasoner import Library
    >>> "<textarea" in home_page(Library.read(), seeds=())
    True
    """
    return render(
        "home.html",
        page="determine",
        seeds=seeds,
        findings=findings_of(problem, report, case_text),
        case_text=case_text,
        chosen=Chosen(offer_named(library, policy).name, as_of, evidence_until),
        policies=policies_of(library),
        limit=limit,
    )


def findings_of(problem: Json | None, report: Json | None, case_text: str) -> Findings | None:
    """What is to be said of a case that was sent: why it cannot stand, or what is unusual about it; None if nothing was.

    >>> findings_of({"what": "There is no level L6.", "line": 1, "code": "case.level"}, None, "L6").told[0].places[0].text
    'L6'
    """
    if problem is not None:
        several = problem.get("problems") or [problem]
        told = _grouped(several, case_text)
        count = len(several)
        if {one.about for one in told} == {"policy"}:
            is_count = str(problem.get("code", "")).startswith("comparison.")
            title = "Choose other policies" if is_count else "This policy cannot be used for it"
        elif str(problem.get("code", "")).startswith("server."):
            title = str(problem.get("title", "It could not be determined"))
        else:
            more = "more than " if count >= LIMIT else ""
            title = f"The case cannot stand as it is: {more}{count} thing{'s' if count > 1 else ''} to mend"
        return Findings(title, "bad", told, "What you sent is kept below.")
    if report is None:
        return None
    told = _grouped(report["results"], case_text)
    count = len(report["results"])
    if not report["readable"]:
        return Findings(f"The case cannot stand as it is: {count} to mend", "bad", told, "What you sent is kept below.")
    if not told:
        return Findings("The case can be read, and nothing about it is unusual", "good", ())
    return Findings(
        f"The case can be read; {count} remark{'s' if count > 1 else ''}",
        "good",
        told,
        "Remarks hinder nothing: they say what is merely unusual, and what no criterion here reads.",
    )


def _grouped(rows: Sequence[Json], case_text: str) -> tuple[Told, ...]:
    """What is said in the same words of several places, once, the gravest first."""
    lines = case_text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    found: dict[tuple[str, str, str], Told] = {}
    for row in rows:
        code, what, mend = (str(row.get(key) or "") for key in ("code", "what", "mend"))
        severity = str(row.get("severity") or "Violation")
        about = _ABOUT_CHOICES.get(code.partition(".")[0], "case")
        told = found.setdefault((severity, what, mend), Told(what, mend, code, severity, about))
        told.places.extend(_places(row, lines))
    order = list(_TONES)
    return tuple(sorted(found.values(), key=lambda one: order.index(one.severity) if one.severity in order else 9))


def _places(row: Json, lines: Sequence[str]) -> Iterator[Place]:
    where, line = str(row.get("where") or ""), row.get("line")
    if isinstance(line, int) and 0 < line <= len(lines):
        text = lines[line - 1].strip()
        shown = text[:_LONGEST_LINE] + ("…" if len(text) > _LONGEST_LINE else "")
        yield Place(where, line, shown)
    elif where:
        yield Place(where)
