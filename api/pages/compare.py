"""The page on which policies are compared: the choice of a case and of policies, and what comes out side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from api.linked.addresses import address_of
from api.pages import render
from api.pages.drawing import SYMBOLS, outcome_key
from api.pages.home import Chosen, findings_of
from api.pages.offers import Seed, policies_of
from reasoner.comparison import LEAST, MOST
from reasoner.intake import MAX_BYTES
from reasoner.itemised import ANSWERS, TONES, WORDS, tone_of_item
from reasoner.report import ACTIONS
from reasoner.vocabulary import POLICY

if TYPE_CHECKING:
    from reasoner.library import Library

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Mark:
    """How an outcome is shown in a cell: its mark, a word, and a tone."""

    symbol: str
    word: str
    tone: str


_WORDS: Final = {
    "necessary": "necessary",
    "not-necessary": "not necessary",
    "partly-necessary": "in part",
    "undetermined": "undetermined",
    "silent": "not shown",
    "included": "part of another",
    "not-assessed": "not assessed",
}
_TONES: Final = {"": "neutral"}
_ANSWER_MARKS: Final = {
    "met": SYMBOLS["necessary"],
    "not-met": SYMBOLS["not-necessary"],
    "not-documented": SYMBOLS["undetermined"],
    "disputed": SYMBOLS["partly-necessary"],
}
_APPLIES: Final = {"applies": "applies", "may-apply": "may not apply", "does-not-apply": "does not apply"}
_STRENGTHS: Final = {"strong": "good", "moderate": "good", "weak": "note", "unverified": "note"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What stands in the form: a case or a seed, the policies ticked, and the two dates."""

    case_text: str = ""
    seed: str = ""
    policies: tuple[str, ...] = ()
    as_of: str = ""
    evidence_until: str = ""


def compare_page(
    library: Library,
    *,
    seeds: Sequence[Seed],
    problem: Json | None = None,
    wanted: Wanted | None = None,
    limit: int = MAX_BYTES,
) -> str:
    """The page on which a case and two to six policies are chosen; with a problem, what was chosen is kept."""
    asked = wanted or Wanted(policies=(_default(library),))
    return render("compare.html", **_form(library, seeds, asked, limit, problem))


def compared_page(
    library: Library, data: Json, *, seeds: Sequence[Seed] = (), wanted: Wanted | None = None, limit: int = MAX_BYTES
) -> str:
    """The page of a comparison, with the form it came from beneath it."""
    asked = wanted or Wanted(policies=tuple(one["name"] for one in data["columns"]))
    return render(
        "compared.html",
        data=data,
        sections=_sections(data["items"]),
        labels={one["name"]: one["policy"]["label"] for one in data["columns"]},
        differing=sum(1 for row in data["items"] if row["differs"]),
        usable=sum(1 for one in data["columns"] if not one["refused"]),
        mark=mark_of,
        legend=[(SYMBOLS[key], word) for key, word in _WORDS.items()],
        words=WORDS,
        answers=ANSWERS,
        answer_marks=_ANSWER_MARKS,
        answer_tones=TONES,
        actions=ACTIONS,
        applies=_APPLIES,
        strengths=_STRENGTHS,
        address=address_of,
        policy_address=lambda name: address_of(POLICY + name),
        **_form(library, seeds, asked, limit, None),
    )


def mark_of(item: Json) -> Mark:
    """The mark of an outcome, told apart by whether the record denies it or is silent.

    >>> mark_of({"outcome": "not-necessary", "grounds": "not documented"}).symbol
    '~'
    """
    key, tone = outcome_key(item), tone_of_item(item)
    return Mark(SYMBOLS[key], _WORDS[key], _TONES.get(tone, tone))


def _form(library: Library, seeds: Sequence[Seed], asked: Wanted, limit: int, problem: Json | None) -> Json:
    return {
        "page": "compare",
        "seeds": seeds,
        "wanted": asked,
        "chosen": Chosen("", asked.as_of, asked.evidence_until),
        "case_text": asked.case_text,
        "findings": findings_of(problem, None, asked.case_text),
        "policies": policies_of(library),
        "least": LEAST,
        "most": MOST,
        "limit": limit,
    }


def _sections(items: Sequence[Json]) -> list[tuple[str, list[Json]]]:
    """The items of one procedure together, the principal operations first."""
    found: dict[str, list[Json]] = {}
    for row in sorted(items, key=lambda one: not one["principal"]):
        found.setdefault(row["procedure"], []).append(row)
    return list(found.items())


def _default(library: Library) -> str:
    return policies_of(library)[0].offers[0].name
