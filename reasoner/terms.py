"""Terms and the small graph index that every later bend of the river reads.

IRIs are plain strings: comparing and hashing them is what the hot path does most. Blank
nodes never reach this far (a read case is skolemised), so two shapes of term are enough.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final, NamedTuple

XSD: Final = "http://www.w3.org/2001/XMLSchema#"
RDF_TYPE: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
RDF_FIRST: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#first"
RDF_REST: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#rest"
RDF_NIL: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#nil"

_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)
_DECIMAL: Final = re.compile(r"[+-]?([0-9]{1,18}(\.[0-9]{0,18})?|\.[0-9]{1,18})", re.ASCII)
_DATE: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", re.ASCII)


class Literal(NamedTuple):
    """A literal as it was written: its lexical form, datatype IRI and language tag.

    >>> Literal("4.5", XSD + "decimal").number
    Decimal('4.5')
    """

    lexical: str
    datatype: str = XSD + "string"
    language: str = ""

    @property
    def number(self) -> Decimal | None:
        """The value if this is a well-formed xsd:integer or xsd:decimal, else None."""
        return _number(self.lexical, self.datatype)

    @property
    def day(self) -> date | None:
        """The value if this is a well-formed xsd:date without a time zone, else None."""
        return _day(self.lexical, self.datatype)


Term = str | Literal


class Triple(NamedTuple):
    """One statement."""

    subject: str
    predicate: str
    object: Term


@lru_cache(maxsize=65536)
def _number(lexical: str, datatype: str) -> Decimal | None:
    pattern = {XSD + "integer": _INTEGER, XSD + "decimal": _DECIMAL}.get(datatype)
    if pattern is None or pattern.fullmatch(lexical) is None:
        return None
    return Decimal(lexical)


@lru_cache(maxsize=65536)
def _day(lexical: str, datatype: str) -> date | None:
    found = _DATE.fullmatch(lexical) if datatype == XSD + "date" else None
    if found is None:
        return None
    try:
        return date(*(int(part) for part in found.groups()))
    except ValueError:
        return None


class Graph:
    """A set of triples indexed by subject and predicate, kept in the order of adding.

    >>> graph = Graph([Triple("a", "p", "b")])
    >>> graph.objects("a", "p")
    ['b']
    """

    __slots__ = ("_asked", "index")

    def __init__(self, triples: Iterable[Triple] = ()) -> None:
        self.index: dict[str, dict[str, list[Term]]] = {}
        self._asked: dict[tuple[str, Term | None], tuple[str, ...]] = {}
        for triple in triples:
            self.add(*triple)

    def add(self, subject: str, predicate: str, value: Term) -> bool:
        """Add one triple; False if it was there already."""
        values = self.index.setdefault(subject, {}).setdefault(predicate, [])
        if value in values:
            return False
        values.append(value)
        if self._asked:
            self._asked.clear()
        return True

    def remove(self, subject: str, predicate: str, value: Term) -> None:
        """Take one triple out again."""
        values = self.index[subject][predicate]
        values.remove(value)
        if not values:
            del self.index[subject][predicate]
        self._asked.clear()

    def objects(self, subject: str, predicate: str) -> list[Term]:
        """All values of a property, an empty list where there are none."""
        return self.index.get(subject, {}).get(predicate, [])

    def nodes(self, subject: str, predicate: str) -> list[str]:
        """The values that are nodes (IRIs or skolemised blank nodes)."""
        return [value for value in self.objects(subject, predicate) if isinstance(value, str)]

    def value(self, subject: str, predicate: str) -> Term | None:
        """The first value of a property, or None."""
        values = self.objects(subject, predicate)
        return values[0] if values else None

    def node(self, subject: str, predicate: str) -> str | None:
        """The first value that is a node, or None."""
        values = self.nodes(subject, predicate)
        return values[0] if values else None

    def text(self, subject: str, predicate: str) -> str:
        """The lexical form of the first literal value, or an empty string."""
        value = self.value(subject, predicate)
        return value.lexical if isinstance(value, Literal) else ""

    def types(self, subject: str) -> list[str]:
        """The asserted classes of a node."""
        return self.nodes(subject, RDF_TYPE)

    def subjects(self, predicate: str, value: Term | None = None) -> list[str]:
        """The subjects that carry a property (with one value, if given); remembered until a triple is added."""
        found = self._asked.get((predicate, value))
        if found is None:
            found = self._asked[(predicate, value)] = tuple(
                subject
                for subject, edges in self.index.items()
                if predicate in edges and (value is None or value in edges[predicate])
            )
        return list(found)

    def __iter__(self) -> Iterator[Triple]:
        """Walk over every triple."""
        for subject, edges in self.index.items():
            for predicate, values in edges.items():
                for value in values:
                    yield Triple(subject, predicate, value)

    def __len__(self) -> int:
        """Count the triples."""
        return sum(len(values) for edges in self.index.values() for values in edges.values())

    def list(self, head: str) -> list[Term]:
        """The members of an RDF list, in order; a list that does not end is cut at its first repeat."""
        members: list[Term] = []
        seen: set[str] = set()
        while head != RDF_NIL and head not in seen:
            seen.add(head)
            members.extend(self.objects(head, RDF_FIRST)[:1])
            rest = self.node(head, RDF_REST)
            if rest is None:
                break
            head = rest
        return members
