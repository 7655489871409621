"""One name for every nameless node, and one hash for every case: RDFC-1.0 with a bound on its work.

Most cases are told apart by the first-degree hashes alone; for the rest the full algorithm runs,
and a graph so symmetric that it would run for long is refused. The letters of the specification
are kept: https://www.w3.org/TR/rdf-canon/ sections 4.4 to 4.8.
"""

from __future__ import annotations

import re
from hashlib import sha256
from itertools import permutations
from typing import TYPE_CHECKING, Final

from reasoner.errors import CaseMalformed
from reasoner.terms import XSD

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reasoner.terms import Term

WORK_LIMIT: Final = 300_000
"""Steps of telling nodes apart: a tenth of a second."""
DEPTH_LIMIT: Final = 120
"""Nodes on one path through look-alikes."""

_STRING: Final = XSD + "string"
_ESCAPES: Final = {
    "\\": "\\\\",
    '"': '\\"',
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\b": "\\b",
    "\f": "\\f",
}
_ESCAPED: Final = re.compile(r'[\x00-\x1f\x7f"\\]')


def n_triples_term(term: Term) -> str:
    """A term as canonical N-Triples writes it.

    >>> n_triples_term("urn:case:7"), n_triples_term("_:b0")
    ('<urn:case:7>', '_:b0')
    """
    if isinstance(term, str):
        return term if term.startswith("_:") else f"<{term}>"
    text = _ESCAPED.sub(lambda found: _ESCAPES.get(found[0]) or f"\\u{ord(found[0]):04X}", term.lexical)
    if term.language:
        return f'"{text}"@{term.language}'
    return f'"{text}"' if term.datatype == _STRING else f'"{text}"^^<{term.datatype}>'


def canonicalise(triples: Iterable[tuple[str, str, Term]], name: str = "case") -> tuple[dict[str, str], str]:
    """The RDFC-1.0 labels (`c14n0` …) of all blank nodes, and the SHA-256 of the canonical N-Triples.

    Raises CaseMalformed if too many blank nodes look alike and point at one another.
    """
    texts: dict[Term, str] = {}
    written = []
    for subject, predicate, value in triples:
        first = texts.get(subject) or texts.setdefault(subject, n_triples_term(subject))
        last = texts.get(value) or texts.setdefault(value, n_triples_term(value))
        written.append((first, predicate, last))
    names = _Naming(written, name).names if any(text.startswith("_:") for text in texts.values()) else {}
    labels = {node: f"_:{label}" for node, label in names.items()}
    lines = [
        f"{labels.get(first, first)} <{predicate}> {labels.get(last, last)} .\n" for first, predicate, last in written
    ]
    lines.sort()
    return names, sha256("".join(lines).encode()).hexdigest()


class _Issuer:
    """Hands out labels in the order of asking (section 4.5)."""

    __slots__ = ("given", "prefix")

    def __init__(self, prefix: str, given: dict[str, str] | None = None) -> None:
        self.prefix = prefix
        self.given = dict(given or {})

    def issue(self, node: str) -> str:
        return self.given.setdefault(node, f"{self.prefix}{len(self.given)}")

    def copy(self) -> _Issuer:
        return _Issuer(self.prefix, self.given)


class _Naming:
    """The algorithm of section 4.4 over one default graph, its terms as N-Triples writes them."""

    def __init__(self, triples: list[tuple[str, str, str]], name: str) -> None:
        self.where = name
        self.work = 0
        self.canonical = _Issuer("c14n")
        self.links: dict[str, list[tuple[str, str, str]]] = {}
        self.first_degree = self._first_degrees(triples)
        by_hash: dict[str, list[str]] = {}
        for node, digest in self.first_degree.items():
            by_hash.setdefault(digest, []).append(node)
        for digest in sorted(by_hash):
            if len(by_hash[digest]) == 1:
                self.canonical.issue(by_hash[digest][0])
        for digest in sorted(by_hash):
            self._tell_apart(by_hash[digest])
        self.names = self.canonical.given

    def _first_degrees(self, triples: list[tuple[str, str, str]]) -> dict[str, str]:
        """Hash First Degree Quads (4.6) for every blank node; `links` keeps what joins two of them."""
        lines: dict[str, list[str]] = {}
        for subject, predicate, value in triples:
            nameless = value.startswith("_:")
            if subject.startswith("_:"):
                last = ("_:a" if value == subject else "_:z") if nameless else value
                lines.setdefault(subject, []).append(f"_:a <{predicate}> {last} .\n")
                if nameless and value != subject:
                    lines.setdefault(value, []).append(f"_:z <{predicate}> _:a .\n")
                    self.links.setdefault(subject, []).append(("o", predicate, value))
                    self.links.setdefault(value, []).append(("s", predicate, subject))
            elif nameless:
                lines.setdefault(value, []).append(f"{subject} <{predicate}> _:a .\n")
        return {node: _hash("".join(sorted(of))) for node, of in lines.items()}

    def _tell_apart(self, alike: list[str]) -> None:
        results = []
        for node in alike:
            if node in self.canonical.given:
                continue
            issuer = _Issuer("b")
            issuer.issue(node)
            results.append(self._n_degree(node, issuer))
        results.sort(key=lambda result: result[0])
        for _, issuer in results:
            for node in issuer.given:
                self.canonical.issue(node)

    def _n_degree(self, node: str, issuer: _Issuer) -> tuple[str, _Issuer]:
        """Hash N-Degree Quads (4.8)."""
        related: dict[str, list[str]] = {}
        for position, predicate, other in self.links.get(node, ()):
            related.setdefault(self._related(position, predicate, other, issuer), []).append(other)
        data = ""
        for digest in sorted(related):
            data += digest
            best_path, best_issuer = "", issuer
            for order in permutations(related[digest]):
                path, copy = self._walk(order, issuer, best_path)
                if path and (not best_path or path < best_path):
                    best_path, best_issuer = path, copy
            data += best_path
            issuer = best_issuer
        return _hash(data), issuer

    def _walk(self, order: tuple[str, ...], issuer: _Issuer, best: str) -> tuple[str, _Issuer]:
        """One permutation of step 5.4; an empty path if it cannot become the least."""
        self._spend(len(order), len(issuer.given))
        copy, path, deeper = issuer.copy(), "", []
        for node in order:
            known = self.canonical.given.get(node)
            if known is None:
                if node not in copy.given:
                    deeper.append(node)
                known = copy.issue(node)
            path += f"_:{known}"
            if best and len(path) >= len(best) and path > best:
                return "", copy
        for node in deeper:
            digest, result = self._n_degree(node, copy)
            path += f"_:{copy.issue(node)}<{digest}>"
            copy = result
            if best and len(path) >= len(best) and path > best:
                return "", copy
        return path, copy

    def _related(self, position: str, predicate: str, node: str, issuer: _Issuer) -> str:
        """Hash Related Blank Node (4.7)."""
        known = self.canonical.given.get(node) or issuer.given.get(node)
        return _hash(f"{position}<{predicate}>" + (f"_:{known}" if known else self.first_degree[node]))

    def _spend(self, width: int, depth: int) -> None:
        self.work += 1 + width + depth
        if self.work > WORK_LIMIT or depth > DEPTH_LIMIT:
            raise CaseMalformed(
                "case.too-symmetric",
                "Too many nodes without a name look alike and point at one another.",
                where=self.where,
                mend="Give each of them a name, such as :first-injection.",
            )


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()
