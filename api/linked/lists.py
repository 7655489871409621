"""Lists of the knowledge: each kind as entries with their key facts, and the words by which they are filtered.

What an entry can be filtered by is data of the entry, so a filter is the same few lines for every kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from api.linked.addresses import address_of, iris_at, room_of, short
from api.linked.facts import Fact, Facts, Keys, facts_of
from api.linked.naming import Link
from api.linked.uses import known
from api.linked.worked import written
from api.problems import Refusal
from reasoner.items import kebab
from reasoner.library import Library
from reasoner.likeness import nearest
from reasoner.vocabulary import GUIDELINE, ROOT, SKOS

Json = dict[str, Any]

LISTS: Final[dict[str, tuple[str, ...]]] = {
    "guidelines": ("guideline",),
    "recommendations": ("recommendation",),
    "criteria": ("criterion",),
    "claims": ("claim",),
    "references": ("reference",),
    "policies": ("policy", "policy-series", "uncheckable-policy"),
    "terms": ("class", "property", "individual", "code", "code-family", "wording"),
    "scoring-systems": ("scoring-system",),
    "worked-cases": ("worked-case", "example"),
}
"""Every list by the last part of its address, and the kinds of thing that it holds."""

_MANY_NAMES: Final = 12


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a list: what it is, its key facts, what it is filtered by, and the text that words are sought in."""

    iri: str
    address: str
    kind: str
    label: str
    number: str
    text: str
    facts: Facts
    keys: Keys
    sought: str


@lru_cache(maxsize=32)
def entries(library: Library, name: str) -> tuple[Entry, ...]:
    """All entries of a list, in an order that does not change: of a kind as the knowledge states them, rooms by name.

    >>> entries(Library.read(), "scoring-systems")[0].label
    'Spinal instability neoplastic score'
    """
    kinds = LISTS[name]
    found = [iri for iri, kind in known(library).kinds.items() if kind in kinds]
    return tuple(_entry(library, iri) for iri in sorted(found, key=lambda iri: kinds.index(known(library).kinds[iri])))


def select(library: Library, name: str, words: str, wanted: Mapping[str, str]) -> list[Entry]:
    """The entries of a list that hold all of some words and have every wanted key.

    Raises Refusal if no entry of the list has a key that is wanted, with the nearest that one has.

    >>> [one.label for one in select(Library.read(), "guidelines", "lumbar fusion", {})]
    ['Lumbar fusion for degenerative disease']
    """
    every = entries(library, name)
    asked = {filter_name: _named(value) for filter_name, value in wanted.items() if value}
    for filter_name, value in asked.items():
        _admit(library, name, filter_name, value)
    tokens = words.casefold().split()
    return [
        one
        for one in every
        if all(value in one.keys[filter_name] for filter_name, value in asked.items())
        and all(token in one.sought for token in tokens)
    ]


@lru_cache(maxsize=128)
def choices(library: Library, name: str, filter_name: str) -> tuple[str, ...]:
    """The words that a filter of a list knows.

    >>> choices(Library.read(), "recommendations", "direction")
    ('against', 'for')
    """
    return tuple(sorted({key for one in entries(library, name) for key in one.keys.get(filter_name, ())}))


def to_json(entry: Entry) -> Json:
    """An entry as plain data; what it points at by name and address."""
    return {
        "iri": entry.iri,
        "page": entry.address,
        "kind": entry.kind,
        "label": entry.label,
        "number": entry.number or None,
        "text": entry.text,
        **{name: _plain(value) for name, value in entry.facts},
    }


def _plain(value: Fact) -> Any:
    if isinstance(value, tuple):
        return [link_json(link) for link in value]
    return link_json(value) if isinstance(value, Link) else value


def link_json(link: Link) -> Json:
    """A link as plain data; what is not known of it is left out.

    >>> link_json(Link("urn:a", "urn:a", "A"))
    {'iri': 'urn:a', 'page': 'urn:a', 'label': 'A'}
    """
    told = {"iri": link.iri, "page": link.address, "label": link.label}
    told |= {name: value for name in ("number", "kind", "note") if (value := getattr(link, name))}
    return {name: value for name, value in told.items() if value}


def _named(value: str) -> str:
    """The name by which a term is filtered, whether it was given by that name, its IRI or its address.

    >>> _named("https://w3id.org/spine-reasoner/spine#L4-L5"), _named("/id/guideline/infection"), _named("infection")
    ('L4-L5', 'infection', 'infection')
    """
    if value.startswith(ROOT):
        return short(value)
    if value.startswith("/id/"):
        path = value.removeprefix("/id/")
        return short(ROOT + path if path.startswith("guideline/") else iris_at(path)[-1])
    return value


def _admit(library: Library, name: str, filter_name: str, value: str) -> None:
    known_words = choices(library, name, filter_name)
    if value in known_words or value in _names(library):
        return
    meant = nearest(value, known_words)
    if meant:
        mend = f"Did you mean {meant}?"
    elif len(known_words) <= _MANY_NAMES:
        mend = f"Use one of: {', '.join(known_words)}."
    else:
        mend = "Use the IRI, the address or the last part of the name of something in the list."
    raise Refusal(
        "request.unprocessable",
        "No entry of this list has what is asked for.",
        where=f"parameter {filter_name}",
        mend=mend,
    )


@lru_cache(maxsize=2)
def _names(library: Library) -> frozenset[str]:
    """What everything is filtered by: who asks for something that is there and finds nothing has his answer."""
    named = {short(iri) for iri in known(library).kinds}
    return frozenset(named | {kebab(one) for one in named})


def _entry(library: Library, iri: str) -> Entry:
    kind = known(library).kinds[iri]
    facts, keys = facts_of(library, iri, kind)
    case = written(library).get(iri)
    label = case.label if case else library.label(iri)
    text = case.story if case else library.definition(iri)
    number = library.graph.text(iri, SKOS + "notation")
    return Entry(
        iri,
        address_of(iri),
        kind,
        label,
        number,
        text,
        facts,
        {"kind": frozenset({kind}), "guideline": _rooms(iri), **keys},
        " ".join((number, label, text, *_spoken(facts))).casefold(),
    )


def _rooms(iri: str) -> frozenset[str]:
    room = room_of(iri)
    return frozenset({room}) if room and iri.startswith(GUIDELINE) else frozenset()


def _spoken(facts: Facts) -> Iterator[str]:
    """What of the facts is sought too: their texts, and the names of what they point at."""
    for _, value in facts:
        if isinstance(value, str):
            yield value
        elif isinstance(value, tuple):
            yield from (link.label for link in value)
        elif isinstance(value, Link):
            yield value.label


def warm(library: Library) -> None:
    """Everything worked out that the first request would otherwise wait for; a second or two of work.

    >>> warm(Library.read())
    """
    for name in LISTS:
        entries(library, name)
