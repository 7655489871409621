"""The guidelines as pages: the list of them with their appraisal, the search over all, and each woven page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from api.linked.addresses import address_of
from api.pages import render
from api.pages.woven import marks, woven
from reasoner.anatomy import local
from reasoner.library import Library, guideline_name
from reasoner.likeness import stems
from reasoner.sourcing import cited, claims_of, verdict_of
from reasoner.terms import RDF_TYPE
from reasoner.vocabulary import GUIDELINE, OWL, SKOS, Nec
from reasoner.worked import case_files, room_names

LONGEST: Final = 120
"""Characters of what is searched for."""
MOST: Final = 60
"""Results on the page; how many there are is always said."""

_KINDS: Final = (
    (Nec.Recommendation, "recommendation"),
    (Nec.Criterion, "criterion"),
    (Nec.Exception, "criterion"),
    (Nec.Advisory, "advisory"),
    (Nec.Claim, "claim"),
)


@dataclass(frozen=True, slots=True)
class Share:
    """How many claims have one verdict, with the word and the tone of its mark."""

    word: str
    tone: str
    count: int
    percent: int


@dataclass(frozen=True, slots=True)
class Room:
    """A guideline in short: what it is about, its edition, what it holds, and how its claims are appraised."""

    name: str
    label: str
    about: str
    edition: str
    recommendations: int
    criteria: int
    claims: int
    references: int
    cases: int
    shares: tuple[Share, ...]
    linked: str

    @property
    def address(self) -> str:
        """Where its page is."""
        return f"/guidelines/{self.name}"


@dataclass(frozen=True, slots=True)
class Clause:
    """One thing that a guideline says, as the search finds it."""

    room: str
    guideline: str
    anchor: str
    kind: str
    title: str
    text: str
    name_words: frozenset[str]
    all_words: frozenset[str]

    @property
    def address(self) -> str:
        """Where it stands on its guideline's page."""
        return f"/guidelines/{self.room}#{self.anchor}"


def guidelines_page(library: Library, q: str = "") -> str:
    """The list of guidelines; with something to search for, what was found above it.

    >>> "Translation over 2 mm" in guidelines_page(Library.read(), "translation over 2 mm")
    True
    """
    asked = " ".join(q.split())[:LONGEST]
    found = search(library, asked) if asked else []
    return render(
        "guidelines.html",
        page="guidelines",
        rooms=rooms(library),
        total=_total(rooms(library), marks(library)),
        asked=asked,
        found=found[:MOST],
        count=len(found),
        longest=LONGEST,
    )


@lru_cache(maxsize=64)
def guideline_page(library: Library, room: str) -> str | None:
    """The page of one guideline, or None if there is none of that name.

    >>> guideline_page(Library.read(), "unheard-of") is None
    True
    """
    found = next((one for one in rooms(library) if one.name == room), None)
    if found is None:
        return None
    return render("guideline.html", page="guidelines", room=found, woven=woven(library, room), longest=LONGEST)


@lru_cache(maxsize=2)
def rooms(library: Library) -> tuple[Room, ...]:
    """All guidelines by the names that they are read under.

    >>> {one.edition for one in rooms(Library.read())}
    {'2026-11-21'}
    """
    return tuple(sorted((_room(library, name) for name in room_names(library)), key=lambda one: one.label.casefold()))


def search(library: Library, text: str) -> list[Clause]:
    """What the guidelines say with all these words, the nearest first; if nothing does, what has most of them.

    >>> [one.title for one in search(Library.read(), "translation over 2 mm")][:2]
    ['1.l Translation over 2 mm', ...]
    """
    asked = frozenset(stems(text))
    if not asked:
        return []
    ranked = [(_rank(one, asked), one) for one in _clauses(library)]
    whole = [pair for pair in ranked if asked <= pair[1].all_words]
    most = max((len(asked & one.all_words) for _, one in ranked), default=0)
    some = [pair for pair in ranked if most > len(asked) // 2 and len(asked & pair[1].all_words) == most]
    return [one for _, one in sorted(whole or some, key=lambda pair: pair[0])]


def _rank(one: Clause, asked: frozenset[str]) -> tuple[int, int, int]:
    """Named so, named with these words among others, said in its text; the shorter name first."""
    order = [kind for _, kind in _KINDS].index(one.kind)
    return len(asked - one.name_words), len(one.name_words), order


@lru_cache(maxsize=2)
def _clauses(library: Library) -> tuple[Clause, ...]:
    return tuple(_clauses_of(library))


def _clauses_of(library: Library) -> Iterator[Clause]:
    graph, seen, known = library.graph, set[str](), set(room_names(library))
    for kind_of, kind in _KINDS:
        for iri in graph.subjects(RDF_TYPE, kind_of):
            room = guideline_name(iri)
            if room not in known or iri in seen:
                continue
            seen.add(iri)
            title = f"{graph.text(iri, SKOS + 'notation')} {library.label(iri)}".strip()
            text, guideline = library.definition(iri), library.label(GUIDELINE + room)
            names = frozenset(stems(title))
            yield Clause(room, guideline, local(iri), kind, title, text, names, names | frozenset(stems(text)))


def _room(library: Library, name: str) -> Room:
    graph, iri = library.graph, GUIDELINE + name
    claims = claims_of(library, name)
    references = {reference for claim in claims for reference in cited(library, claim)}
    return Room(
        name=name,
        label=library.label(iri),
        about=library.definition(iri),
        edition=local(graph.node(iri, OWL + "versionIRI") or ""),
        recommendations=sum(one.guideline == iri for one in library.recommendations),
        criteria=sum(guideline_name(one) == name for one in library.criteria.compiled),
        claims=len(claims),
        references=len(references),
        cases=len(case_files(library, name)),
        shares=_shares(Counter(_verdict(library, claim) for claim in claims), marks(library)),
        linked=address_of(iri),
    )


def _verdict(library: Library, claim: str) -> str:
    return library.label(verdict_of(library, claim) or Nec.Unverified)


def _shares(counts: Counter[str], tones: dict[str, str]) -> tuple[Share, ...]:
    """The verdicts by number, the most frequent first; shares are rounded down, as everywhere."""
    total = sum(counts.values())
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(Share(word, tones[word], count, 100 * count // total) for word, count in ranked)


def _total(every: tuple[Room, ...], tones: dict[str, str]) -> tuple[Share, ...]:
    counts: Counter[str] = Counter()
    for room in every:
        counts.update({share.word: share.count for share in room.shares})
    return _shares(counts, tones)
