"""From bytes to raw triples: every limit is held before a parser sees the input."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pyoxigraph

from reasoner.errors import CaseUnreadable
from reasoner.terms import Literal
from reasoner.vocabulary import RECORD

if TYPE_CHECKING:
    from reasoner.terms import Term

MAX_BYTES: Final = 2_000_000
MAX_DEPTH: Final = 64
MAX_TRIPLES: Final = 20_000
MAX_BLANK_NODES: Final = 500
MAX_IRI: Final = 2_048
MAX_LITERAL: Final = 65_536
MAX_PREFIXES: Final = 1_000

_FORMATS: Final = {
    "application/ld+json": pyoxigraph.RdfFormat.JSON_LD,
    "application/json": pyoxigraph.RdfFormat.JSON_LD,
    "text/turtle": pyoxigraph.RdfFormat.TURTLE,
    "application/trig": pyoxigraph.RdfFormat.TRIG,
    "application/n-triples": pyoxigraph.RdfFormat.N_TRIPLES,
}
_SUFFIXES: Final = {
    "ttl": "text/turtle",
    "trig": "application/trig",
    "nt": "application/n-triples",
    "jsonld": "application/ld+json",
    "json": "application/ld+json",
    "rdf": "application/rdf+xml",
    "owl": "application/rdf+xml",
    "xml": "application/rdf+xml",
}
_READABLE: Final = "Send Turtle, TriG, N-Triples or JSON-LD."

# Strings, IRIs, comments and escapes are stepped over whole, also when they never end, so that the
# scan is linear and no bracket hides in them. (Long texts are unrolled: some releases of Python 3.11
# mistake a possessive repetition that looks ahead.)
_TURTLE_MARKS: Final = re.compile(
    r'"""[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*(?:""")?|'
    r"'''[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*(?:''')?|"
    r'"(?:[^"\\\n\r]|\\.)*+"?|'
    r"'(?:[^'\\\n\r]|\\.)*+'?|"
    r"(?P<triple><<|\{\|)|"
    r"<(?:[^<>\s\\]|\\.)*+>?|"
    r"#[^\n\r]*+|\\.|"
    r"(?P<open>[\[({])|(?P<close>[\])}])",
    re.DOTALL,
)
_JSON_MARKS: Final = re.compile(r'"(?:[^"\\]|\\.)*+"?|(?P<open>[\[{])|(?P<close>[\]}])', re.DOTALL)
_WITH_PREFIXES: Final = {pyoxigraph.RdfFormat.TURTLE, pyoxigraph.RdfFormat.TRIG}
_PREFIX: Final = re.compile(r"(?:@|\b)prefix\b", re.IGNORECASE)


def decode(data: bytes, name: str) -> str:
    """The text of a case: UTF-8, of bearable size; one leading byte order mark is dropped."""
    if len(data) > MAX_BYTES:
        raise CaseUnreadable("case.too-large", f"The case is larger than {MAX_BYTES:,} bytes.", where=name)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CaseUnreadable(
            "case.encoding", f"Byte {error.start} is not UTF-8.", where=name, mend="Save the file as UTF-8."
        ) from None
    if "\x00" in text:
        raise CaseUnreadable("case.encoding", "The text holds null bytes.", where=name, mend="Save the file as UTF-8.")
    return text


def media_type_of(media_type: str | None, name: str, text: str) -> str:
    """The media type: the stated one, else by the suffix of the name, else JSON if it starts like an object."""
    if media_type:
        kind, *parameters = (part.strip().lower() for part in media_type.split(";"))
        charsets = [one.partition("=")[2].strip('"') for one in parameters if one.startswith("charset")]
        if any(one not in {"utf-8", "utf8"} for one in charsets):
            raise CaseUnreadable("case.encoding", "A case is read as UTF-8 only.", where=name)
    else:
        suffix = name.rpartition(".")[2].lower() if "." in name else ""
        kind = _SUFFIXES.get(suffix) or ("application/ld+json" if text.lstrip()[:1] == "{" else "text/turtle")
    if kind not in _FORMATS:
        what = "RDF/XML is not read." if kind == "application/rdf+xml" else "This media type is not read."
        raise CaseUnreadable("case.media-type", what, where=name, mend=_READABLE)
    return kind


def check_depth(text: str, *, json: bool, name: str) -> None:
    """Refuse deep nesting, which would exhaust a parser's stack, and RDF 1.2's quoted triples."""
    opening = text.count("[") + text.count("{") + (0 if json else text.count("("))
    if opening <= MAX_DEPTH and "<<" not in text and "{|" not in text:
        return
    depth = 0
    for mark in (_JSON_MARKS if json else _TURTLE_MARKS).finditer(text):
        kind = mark.lastgroup
        if kind == "open":
            depth += 1
        elif kind == "close":
            depth -= 1
        elif kind == "triple":
            raise CaseUnreadable(
                "case.triple-term",
                "A case may not speak about statements.",
                where=_position(text, mark.start(), name),
                mend="Remove '<<' and '{|'.",
            )
        if depth > MAX_DEPTH:
            raise CaseUnreadable(
                "case.too-deep",
                f"Brackets are nested deeper than {MAX_DEPTH}.",
                where=_position(text, mark.start(), name),
                mend="Give nodes names instead of nesting them.",
            )


def triples(text: str, media_type: str, name: str) -> list[tuple[str, str, Term]]:
    """The triples of a text whose depth has been checked; blank nodes are written `_:label`."""
    rdf_format = _FORMATS[media_type]
    prefixes = text.casefold().count("prefix")
    if prefixes > MAX_PREFIXES and len(_PREFIX.findall(text)) > MAX_PREFIXES and rdf_format in _WITH_PREFIXES:
        raise _too_large(f"More than {MAX_PREFIXES} prefixes are declared.", name)
    one_graph = rdf_format in {pyoxigraph.RdfFormat.TURTLE, pyoxigraph.RdfFormat.N_TRIPLES}
    try:
        found = _limited(pyoxigraph.parse(text, format=rdf_format, base_iri=RECORD), name, one_graph=one_graph)
    except SyntaxError as error:
        raise _syntax(error, name, json=rdf_format == pyoxigraph.RdfFormat.JSON_LD) from None
    _check_sizes(found, name)
    return found


def is_json(media_type: str) -> bool:
    """Whether a media type is one of JSON-LD's."""
    return _FORMATS[media_type] == pyoxigraph.RdfFormat.JSON_LD


def _limited(quads: pyoxigraph.QuadParser, name: str, *, one_graph: bool) -> list[tuple[str, str, Term]]:
    """The triples as plain terms; the loop that every case pays for, so limits are held by sums over it."""
    named_node, blank_node, literal = pyoxigraph.NamedNode, pyoxigraph.BlankNode, pyoxigraph.Literal
    default = pyoxigraph.DefaultGraph()
    found: list[tuple[str, str, Term]] = []
    add = found.append
    for quad in quads:
        node, value = quad.subject, quad.object
        if type(node) is named_node:
            subject = node.value
        elif type(node) is blank_node:
            subject = "_:" + node.value
        else:
            raise _triple_term(name)
        if type(value) is named_node:
            add((subject, quad.predicate.value, value.value))
        elif type(value) is literal:
            add((subject, quad.predicate.value, Literal(value.value, value.datatype.value, value.language or "")))
        elif type(value) is blank_node:
            add((subject, quad.predicate.value, "_:" + value.value))
        else:
            raise _triple_term(name)
        if len(found) > MAX_TRIPLES:
            raise _too_large(f"The case has more than {MAX_TRIPLES:,} triples.", name)
        if not one_graph and quad.graph_name != default:
            raise CaseUnreadable(
                "case.named-graph", "A case is one graph.", where=name, mend="Take the triples out of named graphs."
            )
    return found


def _check_sizes(found: list[tuple[str, str, Term]], name: str) -> None:
    terms = {term for subject, predicate, value in found for term in (subject, predicate, value)}
    iris = [term for term in terms if isinstance(term, str)]
    if max(map(len, iris), default=0) > MAX_IRI:
        raise _too_large(f"An IRI is longer than {MAX_IRI:,}.", name)
    if any(len(term.lexical) > MAX_LITERAL for term in terms if not isinstance(term, str)):
        raise _too_large(f"A text is longer than {MAX_LITERAL:,}.", name)
    if sum(term.startswith("_:") for term in iris) > MAX_BLANK_NODES:
        what = f"The case has more than {MAX_BLANK_NODES} nodes without a name."
        raise CaseUnreadable("case.too-large", what, where=name, mend="Give nodes names.")


def _too_large(what: str, name: str) -> CaseUnreadable:
    return CaseUnreadable("case.too-large", what, where=name, mend="Send one patient's record only.")


def _triple_term(name: str) -> CaseUnreadable:
    return CaseUnreadable("case.triple-term", "A case may not speak about statements.", where=name)


def _syntax(error: SyntaxError, name: str, *, json: bool) -> CaseUnreadable:
    """A parse error by its place alone: the parser's own words may quote the record."""
    place = f"{name}, line {error.lineno}, column {error.offset}" if error.lineno else name
    if "prefix" in str(error):
        what, mend = "A prefix is used that is not declared.", "Declare it with @prefix at the top."
    elif "end of file" in str(error):
        what, mend = "The text ends too early.", "Close what is open: a string, a bracket, or a full stop."
    else:
        what = "This is no JSON-LD." if json else "This does not parse."
        mend = "Look at this place and just before it."
    return CaseUnreadable("case.syntax", what, where=place, mend=mend)


def _position(text: str, place: int, name: str) -> str:
    line = text.count("\n", 0, place) + 1
    return f"{name}, line {line}, column {place - text.rfind(chr(10), 0, place)}"
