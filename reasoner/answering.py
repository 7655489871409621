"""Answers given in the workbench: each becomes a statement of the case, in a document that says where it comes from.

What is typed in is a spoken word: it stands in a document of that kind, ranks below every written
record, and keeps an approval waiting for paper. An answer may name a document of the case instead.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from reasoner.admission import MAX_VALUES
from reasoner.canonical import n_triples_term
from reasoner.case import read_case
from reasoner.errors import CaseMalformed
from reasoner.openings import Asked, asked_by
from reasoner.terms import RDF_TYPE, XSD, Literal, Term, Triple
from reasoner.vocabulary import RECORD, Case, Nec

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reasoner.case import Case as ReadCase
    from reasoner.library import Library
    from reasoner.schema import Property

Json = dict[str, Any]

DOCUMENT: Final = RECORD + "#answered-in-the-workbench"
LABEL: Final = "Answered in the workbench"
MEDIA_TYPE: Final = "application/n-triples"
_ANSWER: Final = RECORD + "#answer-"
_SKOLEM: Final = RECORD + "#_"
_PARTIAL: Final = ((re.compile(r"\d{4}-\d{2}-\d{2}"), "date"), (re.compile(r"\d{4}-\d{2}"), "gYearMonth"))
_NUMBER: Final = re.compile(r"[+-]?\d{1,12}(\.\d{1,6})?")


def with_answers(library: Library, case: bytes, media_type: str | None, answers: Sequence[Json]) -> tuple[bytes, str]:
    """A case with answers stated in it, as sorted N-Triples, and that media type.

    An answer is plain data: `criterion`; `says` (yes, or no for documented as absent); and, as far as
    given, `kind`, `levels`, `side`, `root`, `onDate`, `document`, and `values` by plain property name.
    Raises what `read_case` raises, and CaseMalformed for an answer that no case can state.
    """
    read = read_case(case, schema=library.schema, media_type=media_type)
    first = _first_free(read)
    added = [
        triple
        for number, answer in enumerate(answers)
        for triple in fact_of(library, read, answer, f"{_ANSWER}{first + number}")
    ]
    lines = {_line(triple) for triple in (*read.graph, *added)}
    text = "".join(sorted(lines)).encode()
    read_case(text, schema=library.schema, media_type=MEDIA_TYPE)
    return text, MEDIA_TYPE


def fact_of(library: Library, case: ReadCase, answer: Json, node: str) -> list[Triple]:
    """The triples that state one answer as a node of a case; CaseMalformed where it answers nothing that can be asked."""
    asked = asked_by(library, str(answer.get("criterion", "")))
    if asked is None:
        raise _unfit("The question is none that can be answered by stating one fact.", "Add the facts to the case.")
    says = str(answer.get("says", "yes"))
    if says not in ("yes", "no"):
        raise _unfit("An answer says yes or no.", "Send 'says' as yes or no.")
    if asked.leaf.path == Nec.hasPatient:
        return _values(library, asked, answer, *(case.graph.nodes(case.iri, Case.hasPatient)[:1] or [case.iri]))
    if says == "no":
        if not asked.denied:
            raise _unfit("The absence of this cannot be documented.", "State what is there instead.")
        told = [Triple(node, RDF_TYPE, Case.Absence), Triple(node, Case.ofKind, asked.denied)]
    else:
        kind = str(answer.get("kind") or asked.kinds[0])
        if kind not in asked.kinds:
            raise _unfit("The answer is of another kind than was asked for.", "Choose one of the kinds offered.")
        told = [Triple(node, RDF_TYPE, kind), *_values(library, asked, answer, node)]
    told.append(Triple(case.iri, Case.records, node))
    told += [
        Triple(node, path, _named(library, path, one)) for key, path in _NODES.items() for one in _many(answer.get(key))
    ]
    if answer.get("onDate"):
        told.append(Triple(node, Case.onDate, _date(str(answer["onDate"]))))
    return told + _source(library, case, answer, node)


_NODES: Final = {"levels": Case.atLevel, "side": Case.onSide, "root": Case.ofRoot}


def _named(library: Library, path: str, value: str) -> str:
    """A value that the vocabulary names; anything else would be written into the case as it came."""
    known = library.schema.properties[path]
    if value not in known.values:
        raise _unfit(f"'{known.label}' has no such value.", "Choose one of the values offered.")
    return value


def _source(library: Library, case: ReadCase, answer: Json, node: str) -> list[Triple]:
    """In which document the fact stands: one of the case, or the one that holds what was answered here."""
    known = case.graph.nodes(case.iri, Case.hasDocument)
    chosen = str(answer.get("document") or "")
    if chosen:
        if chosen not in known:
            raise _unfit("The case has no such document.", "Choose one of its documents, or none.")
        return [Triple(node, Case.statedIn, chosen)]
    spoken = sorted(iri for iri, kind in library.document_kinds.items() if kind.is_spoken)
    return [
        Triple(case.iri, Case.hasDocument, DOCUMENT),
        Triple(DOCUMENT, RDF_TYPE, spoken[0]),
        Triple(DOCUMENT, Case.label, Literal(LABEL)),
        Triple(node, Case.statedIn, DOCUMENT),
    ]


def _values(library: Library, asked: Asked, answer: Json, node: str) -> list[Triple]:
    """The properties that were filled in, as the vocabulary types them; what was left empty is left out."""
    given = {str(name): str(value).strip() for name, value in dict(answer.get("values") or {}).items()}
    allowed = _allowed(library, asked)
    strange = sorted(given.keys() - allowed.keys())
    if strange:
        raise _unfit("The answer states a property that was not asked for.", "Send the fields of the question alone.")
    return [Triple(node, allowed[name].iri, _term(allowed[name], value)) for name, value in given.items() if value]


def _allowed(library: Library, asked: Asked) -> dict[str, Property]:
    """The properties that a question asks for, in every unit, by plain name."""
    schema = library.schema
    found: dict[str, Property] = {}
    for path, _ in asked.properties:
        span = schema.span_of.get(path)
        for one in (span.exact if span else frozenset()) | {path}:
            if one in schema.properties:
                found[one.rpartition("#")[2]] = schema.properties[one]
    return found


def _term(known: Property, value: str) -> Term:
    if not known.datatypes:
        if value not in known.values:
            raise _unfit(f"'{known.label}' has no such value.", "Choose one of the values offered.")
        return value
    if XSD + "boolean" in known.datatypes:
        if value not in ("true", "false"):
            raise _unfit(f"'{known.label}' is yes or no.", "Send true or false.")
        return Literal(value, XSD + "boolean")
    if XSD + "date" in known.datatypes:
        return _date(value)
    if not _NUMBER.fullmatch(value):
        raise _unfit(f"'{known.label}' is a number.", "Write digits, with a full stop for a fraction.")
    whole = XSD + "integer" in known.datatypes and "." not in value
    return Literal(value, XSD + ("integer" if whole else "decimal"))


def _date(value: str) -> Literal:
    """A date, which may be partial."""
    for form, name in _PARTIAL:
        if form.fullmatch(value):
            return Literal(value, XSD + name)
    return Literal(value, XSD + "gYear")


def _many(value: object) -> list[str]:
    if not value:
        return []
    return [value] if isinstance(value, str) else [str(one) for one in value] if isinstance(value, list | tuple) else []


def _first_free(case: ReadCase) -> int:
    """The number of the next answer: one more than the greatest that the case holds already."""
    taken = [
        int(tail)
        for node in case.graph.index
        if node.startswith(_ANSWER)
        and (tail := node.removeprefix(_ANSWER)).isdigit()
        and len(tail) <= len(str(MAX_VALUES))
    ]
    return max(taken, default=0) + 1


def _line(triple: Triple) -> str:
    return f"{_written(triple.subject)} <{triple.predicate}> {_written(triple.object)} .\n"


def _written(term: Term) -> str:
    """A term as N-Triples; what the reader named for want of a name is nameless again."""
    if isinstance(term, str) and term.startswith(_SKOLEM):
        return f"_:{term.removeprefix(_SKOLEM)}"
    return n_triples_term(term)


def _unfit(what: str, mend: str) -> CaseMalformed:
    return CaseMalformed("answer.unfit", what, where="answers", mend=mend)


def answered(nodes: Iterable[str]) -> list[str]:
    """Those of some nodes that were answered in the workbench.

    >>> answered([RECORD + "#answer-1", RECORD + "#mri"]) == [RECORD + "#answer-1"]
    True
    """
    return [node for node in nodes if node.startswith(_ANSWER)]
