"""House style: the habits of `shapes/house.ttl`, judged by pySHACL, and what no single shape can see.

What only the text of a file shows is looked at by `reasoner.lint`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from reasoner.anatomy import local
from reasoner.criteria import Leaf, bounds_of
from reasoner.demands import Bound
from reasoner.library import Library
from reasoner.lint import lint
from reasoner.terms import RDF_TYPE, Graph
from reasoner.vocabulary import GUIDELINE, OWL, RDFS, ROOT, SH, SKOS, Nec

__all__ = ["lint", "style", "unsaid_numbers", "whole"]

_SMALL: Final = (
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)


def style(library: Library, room: str | None = None) -> list[str]:
    """Everything that departs from the house style: in all knowledge, or in one room.

    >>> style(Library.read(), "setting-of-care")
    []
    """
    return [*_by_shapes(library, room), *sorted(whole(library, room))]


def whole(library: Library, room: str | None = None) -> Iterator[str]:
    """What no single shape sees: words that nobody declares, numbers left unsaid, criteria that nobody asks."""
    criteria = [iri for iri in library.criteria.compiled if room is None or _is_of(iri, room)]
    yield from _undeclared(library, room)
    for iri in criteria:
        leaf = library.criteria.leaves.get(iri)
        if leaf is not None:
            yield from (
                f"{local(iri)}: its definition does not say {number}" for number in unsaid_numbers(library, leaf)
            )
        if library.definition(iri) == library.graph.text(iri, SH + "message"):
            yield f"{local(iri)}: its message repeats its definition"
    asked = _asked(library)
    yield from (
        f"{local(iri)}: no recommendation, exception, advisory or policy asks it"
        for iri in criteria
        if iri not in asked
    )
    numbered = Counter(
        (iri.rsplit("#", 1)[0], library.graph.text(iri, SKOS + "notation"))
        for iri in [*criteria, *(one.iri for one in library.recommendations if room is None or _is_of(one.iri, room))]
    )
    yield from (
        f"{local(guideline)}: {number} is the number of several clauses"
        for (guideline, number), n in numbered.items()
        if n > 1
    )
    yield from _unlisted(library, room)


def unsaid_numbers(library: Library, leaf: Leaf) -> list[str]:
    """The numbers of a leaf's demands that its definition does not say, in figures or in words."""
    words = library.definition(leaf.iri)
    numbers = [_figure(bound) for bound in bounds_of(leaf.shape)]
    numbers += [str(leaf.wanted)] if leaf.wanted > 1 else []
    return [number for number in dict.fromkeys(numbers) if not _says(words, number)]


def _figure(bound: Bound) -> str:
    return f"{bound.threshold:f}"


def _says(words: str, number: str) -> bool:
    forms = [re.escape(number)]
    if number.isdecimal() and int(number) < len(_SMALL):
        forms.append(_SMALL[int(number)])
    return re.search(rf"(?<![\w.])({'|'.join(forms)})(?!\w|\.\d)", words, re.IGNORECASE) is not None


def _is_of(node: str, room: str) -> bool:
    return node.startswith((f"{GUIDELINE}{room}#", f"_:shapes/{room}/guideline.ttl-")) or node == GUIDELINE + room


def _excerpt(library: Library, room: str) -> Graph:
    """A room with what its terms are: enough of the whole for the shapes to judge the room alone."""
    graph = Graph()
    for subject, edges in library.graph.index.items():
        if _is_of(subject, room):
            graph.index[subject] = edges
    named = {
        value
        for edges in graph.index.values()
        for values in edges.values()
        for value in values
        if isinstance(value, str)
    }
    for term in named - graph.index.keys():
        for cls in library.classes_of(library.graph.types(term)):
            graph.add(term, RDF_TYPE, cls)
    for cls in (Nec.Exception, Nec.Contraindication):
        for above in library.graph.nodes(cls, RDFS + "subClassOf"):
            graph.add(cls, RDFS + "subClassOf", above)
    return graph


def _by_shapes(library: Library, room: str | None) -> list[str]:
    # Imported here because rdflib and pySHACL take half a second, and only the linter needs them.
    import rdflib  # noqa: PLC0415

    from reasoner.conformance import report_on  # noqa: PLC0415
    from reasoner.statement import to_rdflib  # noqa: PLC0415

    shapes = rdflib.Graph().parse(library.root / "shapes" / "house.ttl", format="turtle")
    data = to_rdflib(library.graph if room is None else _excerpt(library, room))
    report = report_on(data, shapes)
    sh = rdflib.Namespace(SH)
    faults = set()
    for result in report.subjects(rdflib.RDF.type, sh.ValidationResult):
        focus = report.value(result, sh.focusNode)
        while isinstance(focus, rdflib.BNode):  # What has no name is spoken of by what it belongs to.
            focus = next(data.subjects(None, focus), None)
        if focus is None or (room is not None and not _is_of(str(focus), room)):
            continue
        shape = report.value(result, sh.sourceShape)
        if isinstance(shape, rdflib.BNode):  # An inner demand speaks through the named shape around it.
            shape = next(shapes.subjects(sh.property, shape), shape)
        value = report.value(result, sh.value)
        found = f" (found: {value})" if isinstance(value, rdflib.Literal) else ""
        faults.add(f"{local(str(focus))}: {shapes.value(shape, sh.message)}{found}")
    return sorted(faults)


def _undeclared(library: Library, room: str | None) -> Iterator[str]:
    known = library.graph.index
    files = {subject.rsplit("#", 1)[0] for subject in known}
    missing: dict[str, str] = {}
    for subject, edges in known.items():
        if room is not None and not _is_of(subject, room):
            continue
        for predicate, values in edges.items():
            if predicate == OWL + "versionIRI":
                continue
            for term in (predicate, *values):
                if isinstance(term, str) and term.startswith(ROOT) and term not in known and term not in files:
                    missing.setdefault(term, subject)
    for term, subject in sorted(missing.items()):
        where = "" if subject.startswith("_:") else f"{local(subject)}: "
        yield f"{where}{term.removeprefix(ROOT)} is not declared anywhere"


def _asked(library: Library) -> set[str]:
    """Every criterion that something asks, with all that it is made of."""
    graph = library.graph
    tops = [
        c
        for one in library.recommendations
        for c in (*one.indications, *one.prerequisites, *one.exclusions, *one.considerations)
    ]
    tops += graph.subjects(Nec.waives)
    tops += [advisory.criterion for advisory in library.advisories]
    tops += [c for policy in library.policies.values() for c in (*policy.requires, *policy.considers)]
    compiled = library.criteria.compiled
    return {inner for top in tops if top in compiled for inner in library.criteria.within(top)}


def _unlisted(library: Library, room: str | None) -> Iterator[str]:
    """Recommendations, exceptions and advisories that the list of clauses of their room leaves out."""
    graph = library.graph
    for kind in (Nec.Recommendation, Nec.Exception, Nec.Advisory):
        for iri in graph.subjects(RDF_TYPE, kind):
            if room is not None and not _is_of(iri, room):
                continue
            head = graph.node(iri.rsplit("#", 1)[0], Nec.clauses)
            if head is None or iri not in graph.list(head):
                yield f"{local(iri)}: it is not among the clauses of its room"
