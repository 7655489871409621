"""What is to be said about a case before it is determined: why it cannot be read, or what is unusual about it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

import orjson
import pyoxigraph as ox

from api import media
from api.problems import TYPES
from reasoner import Library, validate
from reasoner.case import Case, read_case
from reasoner.layout import plain
from reasoner.problems import CaseProblems
from reasoner.terms import RDF_TYPE, XSD
from reasoner.vocabulary import RECORD, SH

Json = dict[str, Any]

FORMS: Final = (media.JSON, media.TURTLE, media.PLAIN)
SHAPE: Final[Json] = {
    "type": "object",
    "required": ["readable", "results"],
    "properties": {
        "readable": {"type": "boolean", "description": "Whether it can be determined."},
        "results": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["severity", "code", "what", "where", "mend", "path", "line"],
                "properties": {
                    "severity": {"enum": ["Violation", "Warning", "Info"]},
                    **{name: {"type": "string"} for name in ("what", "where", "mend")},
                    **{name: {"type": ["string", "null"]} for name in ("code", "path")},
                    "line": {"type": ["integer", "null"]},
                },
            },
        },
    },
}
"""The JSON of a report, as the contract tells it."""
_UNUSUAL: Final = "case.unusual"
"""What a remark on a case that can be read goes by, where a report needs a name for it."""


@dataclass(frozen=True, slots=True)
class Result:
    """One thing said of a case: how grave, about which node, on which line, in which words, and how to mend it."""

    severity: str
    what: str
    where: str = ""
    mend: str = ""
    code: str = ""
    path: str = ""
    line: int | None = None
    node: str = RECORD


@dataclass(frozen=True, slots=True)
class Report:
    """Whether a case can be determined, and all that is said of it."""

    readable: bool
    results: tuple[Result, ...]


def report_of(library: Library, data: bytes, media_type: str | None) -> Report:
    """The report on a case; raises CaseUnreadable if the bytes are no graph at all."""
    try:
        case = read_case(data, schema=library.schema, media_type=media_type, name="case")
        lines = validate(library, case)
    except CaseProblems as error:
        told = [Result("Violation", p.what, p.where, p.mend, p.code, line=p.line) for p in error.problems]
        return Report(readable=False, results=tuple(told))
    nodes = _by_label(case)
    return Report(
        readable=True,
        results=tuple(
            Result(line.severity, line.message, line.node, path=line.path, node=nodes.get(line.node, RECORD))
            for line in lines
        ),
    )


def _by_label(case: Case) -> dict[str, str]:
    """The node of each label that only one node has, and each node by its own name."""
    times = Counter(case.labels.values())
    return {node: node for node in case.graph.index} | {
        label: node for node, label in case.labels.items() if times[label] == 1
    }


def written(report: Report, form: str) -> bytes:
    """A report as JSON, as a SHACL report in Turtle, or as text."""
    if form == media.TURTLE:
        return _turtle(report)
    if form == media.PLAIN:
        return _text(report)
    told = {
        "readable": report.readable,
        "results": [
            {
                "severity": one.severity,
                "code": one.code or None,
                "what": plain(one.what),
                "where": plain(one.where),
                "mend": plain(one.mend),
                "path": one.path or None,
                "line": one.line,
            }
            for one in report.results
        ],
    }
    return orjson.dumps(told, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2) + b"\n"


def _text(report: Report) -> bytes:
    head = "The case can be read." if report.readable else "The case cannot stand as it is."
    lines = [head]
    for one in report.results:
        place = f" ({one.where})" if one.where else ""
        lines.append(plain(f"{one.severity.lower()}: {one.what}{place} {one.mend}"))
    return ("\n".join(lines) + "\n").encode()


def _turtle(report: Report) -> bytes:
    """A SHACL report: by its rules a case of which anything is said does not conform, whether or not it can be read."""

    def named(name: str) -> ox.NamedNode:
        return ox.NamedNode(SH + name)

    kind, root = ox.NamedNode(RDF_TYPE), ox.BlankNode("report")
    truth = ox.Literal(str(not report.results).lower(), datatype=ox.NamedNode(XSD + "boolean"))
    triples = [
        ox.Triple(root, kind, named("ValidationReport")),
        ox.Triple(root, named("conforms"), truth),
    ]
    for number, one in enumerate(report.results, 1):
        node = ox.BlankNode(f"result{number}")
        place = f" ({one.where})" if one.where else ""
        message = plain(f"{one.what}{place} {one.mend}")
        triples += [
            ox.Triple(root, named("result"), node),
            ox.Triple(node, kind, named("ValidationResult")),
            ox.Triple(node, named("focusNode"), ox.NamedNode(one.node)),
            ox.Triple(node, named("resultSeverity"), named(one.severity)),
            ox.Triple(node, named("resultMessage"), ox.Literal(message, language="en")),
            ox.Triple(node, named("sourceConstraintComponent"), ox.NamedNode(TYPES + (one.code or _UNUSUAL))),
        ]
        if one.path:
            triples.append(ox.Triple(node, named("resultPath"), ox.NamedNode(one.path)))
    return ox.serialize(triples, format=ox.RdfFormat.TURTLE, prefixes={"sh": SH, "xsd": XSD}) or b""
