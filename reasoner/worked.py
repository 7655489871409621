"""Worked cases: a case with its story and what is expected of it, read and held against what comes out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyoxigraph

from reasoner.anatomy import local
from reasoner.answers import Answer
from reasoner.case import Case, read_case
from reasoner.determination import Outcome
from reasoner.determine import DecidedItem, Decision, decide
from reasoner.errors import GuidelineMalformed, GuidelineUnknown, SpineReasonerError
from reasoner.items import kebab
from reasoner.library import Library
from reasoner.terms import RDF_TYPE
from reasoner.vocabulary import RECORD, SKOS, Nec
from reasoner.vocabulary import Case as CaseTerm

_MARKS: Final = frozenset({Nec.expects, SKOS + "definition", SKOS + "prefLabel"})
_WORDS: Final = frozenset({*(one.value for one in Answer), *(one.value for one in Outcome)})


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a worked case is to yield: the answer to a criterion, or the outcome of an item."""

    criterion: str | None
    item: str | None
    word: str


@dataclass(frozen=True, slots=True)
class WorkedCase:
    """A case written to show what a guideline answers, with its story and what is expected of it."""

    path: Path
    story: str
    expectations: tuple[Expectation, ...]
    case: Case
    services: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name of its file without the suffix, which tells the outcome and the reason."""
        return self.path.name.removesuffix(".ttl")


@dataclass(frozen=True, slots=True)
class Checked:
    """One expectation beside what came out; `found` says why where nothing did."""

    expectation: Expectation
    item: str
    found: str

    @property
    def holds(self) -> bool:
        """Whether what came out is what was expected."""
        return self.expectation.word == self.found


def room_names(library: Library) -> list[str]:
    """The names of all rooms, in the order of the alphabet.

    >>> "lumbar-fusion" in room_names(Library.read())
    True
    """
    return sorted(path.parent.name for path in (library.root / "shapes").glob("*/guideline.ttl"))


def folder_of(library: Library, room: str) -> Path:
    """The folder of a room; raises GuidelineUnknown with the rooms there are."""
    if room not in room_names(library):
        raise GuidelineUnknown(
            "room.unknown", f"There is no room {room!r}.", mend=f"Use one of: {', '.join(room_names(library))}."
        )
    return library.root / "shapes" / room


def case_files(library: Library, room: str) -> list[Path]:
    """The files of the worked cases of a room."""
    return sorted((folder_of(library, room) / "cases").glob("*.ttl"))


def read_worked(library: Library, path: Path) -> WorkedCase:
    """Read a worked case: its expectations are taken out, and the rest is read as any case is.

    Raises GuidelineMalformed if what it expects cannot be read, and what `read_case` raises.
    """
    root = pyoxigraph.NamedNode(RECORD)
    try:
        quads = list(pyoxigraph.parse(path.read_bytes(), format=pyoxigraph.RdfFormat.TURTLE, base_iri=RECORD))
    except SyntaxError as error:
        raise GuidelineMalformed("room.syntax", f"The worked case does not parse: {error}.", where=path.name) from error
    expected = [q.object for q in quads if q.subject == root and q.predicate.value == Nec.expects]
    expectations = tuple(_expectation(quads, node, path) for node in expected)
    stories = [_text(q.object) for q in quads if q.subject == root and q.predicate.value == SKOS + "definition"]
    if not expectations or len(stories) != 1:
        raise GuidelineMalformed("room.case", "A worked case has one story and expects something.", where=path.name)
    kept = [
        pyoxigraph.Triple(q.subject, q.predicate, q.object)
        for q in quads
        if q.subject not in expected and not (q.subject == root and _is_mark(q))
    ]
    data = pyoxigraph.serialize(kept, format=pyoxigraph.RdfFormat.N_TRIPLES) or b""
    case = read_case(data, schema=library.schema, media_type="application/n-triples", name=path.name)
    asked = [_text(t.object) for t in kept if t.predicate.value == CaseTerm.asksFor]
    return WorkedCase(path, stories[0], expectations, case, tuple(asked))


def compare(library: Library, worked: WorkedCase) -> list[Checked]:
    """Determine a worked case and hold every expectation against what came out."""
    decision = decide(library, worked.case)
    return [_compared(decision, worked, one) for one in worked.expectations]


def run(library: Library, worked: WorkedCase) -> list[str]:
    """What a worked case expects and does not yield, one sentence each; an empty list if all holds."""
    faults = []
    for one in compare(library, worked):
        if not one.holds:
            about = local(one.expectation.criterion) if one.expectation.criterion else "the outcome"
            faults.append(
                f"{worked.path.name}: {about} at {one.item}: expected {one.expectation.word}, found {one.found}"
            )
    return faults


def run_files(library: Library, room: str) -> list[str]:
    """The faults of all worked cases of a room, those that cannot be read included."""
    faults: list[str] = []
    for path in case_files(library, room):
        try:
            faults.extend(run(library, read_worked(library, path)))
        except SpineReasonerError as error:
            faults.append(f"{path.name}: {error}")
    return faults


def _text(term: object) -> str:
    return term.value if isinstance(term, pyoxigraph.NamedNode | pyoxigraph.BlankNode | pyoxigraph.Literal) else ""


def _is_mark(quad: pyoxigraph.Quad) -> bool:
    if quad.predicate.value == RDF_TYPE:
        return quad.object == pyoxigraph.NamedNode(Nec.WorkedCase)
    return quad.predicate.value in _MARKS


def _expectation(quads: list[pyoxigraph.Quad], node: object, path: Path) -> Expectation:
    said = {q.predicate.value: _text(q.object) for q in quads if q.subject == node}
    words = [kebab(local(said[key])) for key in (Nec.answer, Nec.outcome) if key in said]
    if len(words) != 1 or words[0] not in _WORDS or (Nec.answer in said) != (Nec.criterion in said):
        raise GuidelineMalformed(
            "room.expectation",
            "An expectation names a criterion with its answer, or an outcome.",
            where=path.name,
            mend=f"Words that can be expected: {', '.join(sorted(_WORDS))}.",
        )
    return Expectation(said.get(Nec.criterion), said.get(Nec.atItem), words[0])


def _compared(decision: Decision, worked: WorkedCase, expectation: Expectation) -> Checked:
    one = _item(decision, worked, expectation.item)
    if one is None:
        there = ", ".join(_place_name(decision, item) for item in decision.items)
        return Checked(expectation, expectation.item or "its first item", f"no such item (there is {there})")
    where = _place_name(decision, one)
    if expectation.criterion is None:
        return Checked(expectation, where, one.outcome.value)
    if expectation.criterion not in decision.library.criteria.compiled:
        return Checked(expectation, where, "no such criterion")
    return Checked(expectation, where, decision.session.find(one.item.iri, expectation.criterion).answer.value)


def _item(decision: Decision, worked: WorkedCase, name: str | None) -> DecidedItem | None:
    """The item called `service/levels`, or the first item of a service; without a name, of the first service asked for."""
    wanted = name or local(worked.services[0])
    for one in decision.items:
        if wanted in (_place_name(decision, one), local(one.item.service)):
            return one
    return None


def _place_name(decision: Decision, one: DecidedItem) -> str:
    return f"{local(one.item.service)}/{decision.library.anatomy.span_name(one.item.place)}"
