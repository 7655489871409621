"""Requests made to hurt a server: what stands in a body, an address or a header, each under a name that says what it tries.

Where a request would have the server call somebody, the address is that of a listener of the tests: `ELSEWHERE` stands
for it until the request is sent.
"""

# ruff: noqa: E501 - a statement of Turtle reads best on one line

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import cycle
from typing import Final
from urllib.parse import quote, urlencode

from tests.hostile_queries import FIXED, GROWING
from tests.small_world import turtle
from tests.test_hostile import JSONS, NUMBERS, START, STATEMENTS, SYMMETRIC, UNREADABLE, base_json

ELSEWHERE: Final = b"http://127.0.0.1:59999"
"""As long as any address with a port of five digits, so that nothing that counts bytes goes wrong."""
_E: Final = ELSEWHERE.decode()
_TTL, _JSON, _LD, _TRIG, _NT = (
    "text/turtle",
    "application/json",
    "application/ld+json",
    "application/trig",
    "application/n-triples",
)
_FORM: Final = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Sent:
    """One request as it goes out."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def towards(self, elsewhere: bytes) -> Sent:
        """The same with the address of the listener in it."""
        path = self.path.replace(_E, elsewhere.decode()).replace(quote(_E, safe=""), quote(elsewhere, safe=""))
        escaped = quote(ELSEWHERE, safe="").encode(), quote(elsewhere, safe="").encode()
        body = self.body.replace(ELSEWHERE, elsewhere).replace(*escaped)
        return Sent(self.method, path, self.headers, body)


SCRIPT: Final = "</textarea></title><script>alert(1)</script><img src=x onerror=alert(1)>"
"""What no page may hold unescaped."""


def _label(text: str) -> bytes:
    return turtle(START + f"<> case:label {json.dumps(text, ensure_ascii=False)} .")


def _json(**change: object) -> bytes:
    return json.dumps(base_json() | change).encode()


def _pain(rest: str) -> bytes:
    return turtle(START + f"<> case:records [ a spine:BackPain ; {rest} ] .")


_RDF: Final = '<?xml version="1.0"?>{}<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">{}</rdf:RDF>'
_LAUGHS: Final = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))

CASES: Final[dict[str, tuple[str, bytes]]] = {
    # calls and files
    "context at an address": (_LD, _json(**{"@context": f"{_E}/context.jsonld"})),
    "context in a list": (_LD, _json(**{"@context": [f"{_E}/a", {"@import": f"{_E}/b"}]})),
    "context in a file": (_LD, _json(**{"@context": "file:///etc/passwd"})),
    "context within": (_LD, _json(records={"@context": f"{_E}/c", "type": "BackPain"})),
    "context of a term": (_LD, _json(**{"@context": {"records": {"@id": "urn:x", "@context": f"{_E}/d"}}})),
    "context imported": (_LD, _json(**{"@context": {"@version": 1.1, "@import": f"{_E}/e"}})),
    "profile that names a context": (f'{_LD}; profile="{_E}/p"', _json()),
    "imports": (_TTL, turtle(START + f"<> <http://www.w3.org/2002/07/owl#imports> <{_E}/o> .")),
    "shapes elsewhere": (_TTL, turtle(START + f"<> <http://www.w3.org/ns/shacl#shapesGraph> <{_E}/s> .")),
    "base elsewhere": (_TTL, f"@base <{_E}/> .\n".encode() + turtle(START)),
    "external entity": (
        "application/rdf+xml",
        _RDF.format('<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>', "&x;").encode(),
    ),
    "external document type": ("application/rdf+xml", _RDF.format(f'<!DOCTYPE r SYSTEM "{_E}/x.dtd">', "").encode()),
    "parameter entity": (
        "application/rdf+xml",
        _RDF.format(f'<!DOCTYPE r [<!ENTITY % p SYSTEM "{_E}/p">%p;]>', "").encode(),
    ),
    "billion laughs": (
        "application/rdf+xml",
        _RDF.format(f'<!DOCTYPE r [<!ENTITY l0 "lol">{_LAUGHS}]>', "&l9;").encode(),
    ),
    "RDF/XML called Turtle": (_TTL, _RDF.format('<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>', "").encode()),
    # size and depth
    "objects in objects": (_LD, b'{"records":' * 4_000 + b"1" + b"}" * 4_000),
    "lists in lists": (_JSON, b"[" * 100_000),
    "brackets in Turtle": (_TTL, turtle("<> case:note " + "[ case:note " * 100_000)),
    "lists in Turtle": (_TTL, turtle("<> case:note " + "(" * 500_000)),
    "brackets in TriG": (_TRIG, turtle("<urn:g> { <> case:note " + "[ case:note " * 50_000)),
    "quoted in quoted": (_TTL, turtle("<> case:note " + "<<( <urn:a> <urn:b> " * 20_000)),
    "prefixes": (_TTL, b"".join(b"@prefix p%d: <urn:p%d> .\n" % (n, n) for n in range(50_000))),
    "triples": (_NT, b"".join(b"<urn:a> <urn:b> <urn:c%d> .\n" % n for n in range(50_000))),
    "graphs": (_TRIG, b"".join(b"<urn:g%d> { <urn:a> <urn:b> <urn:c> }\n" % n for n in range(30_000))),
    "long list": (_TTL, turtle(START + f"<> case:note ({'1 ' * 15_000}) .")),
    "long IRI": (_TTL, turtle(f"<> case:records <urn:{'a' * 1_900_000}> .")),
    "long text": (_TTL, _label("x" * 1_900_000)),
    "many spaces": (_JSON, b" " * 1_999_000),
    "many keys": (_LD, json.dumps({f"k{n}": n for n in range(60_000)}).encode()),
    "many records": (_LD, _json(records=[{"type": "BackPain"} for _ in range(30_000)])),
    "alike nodes": (_TTL, turtle(START + "<> case:records " + ",".join(["[ a spine:BackPain ]"] * 499) + " .")),
    "more alike nodes": (_TTL, turtle(START + "<> case:records " + ",".join(["[ a spine:BackPain ]"] * 3_000) + " .")),
    "endless circle of lists": (
        _TTL,
        turtle(START + "<> case:note _:l . _:l <http://www.w3.org/1999/02/22-rdf-syntax-ns#rest> _:l ."),
    ),
    "forked list": (
        _TTL,
        turtle(
            START
            + "<> case:note _:l . _:l <http://www.w3.org/1999/02/22-rdf-syntax-ns#rest> _:m , _:n ; <http://www.w3.org/1999/02/22-rdf-syntax-ns#first> 1 ."
        ),
    ),
    "circle of classes": (
        _TTL,
        turtle(
            START
            + "".join(
                f"<#c{n}> <http://www.w3.org/2000/01/rdf-schema#subClassOf> <#c{(n + 1) % 3_000}> ."
                for n in range(3_000)
            )
        ),
    ),
    "all the same": (
        _TTL,
        turtle(
            START
            + "".join(f"<#n{a}> <http://www.w3.org/2002/07/owl#sameAs> <#n{b}> ." for a in range(60) for b in range(60))
        ),
    ),
    # values
    "decimal of a billion digits": (_TTL, _pain("case:slipInMillimetres '1e999999999'^^xsd:decimal")),
    "integer of a million digits": (_TTL, _pain("case:durationInDays " + "9" * 1_000_000)),
    "number of a million digits": (_LD, b'{"ageInYears":' + b"9" * 1_000_000 + b"}"),
    "number out of range": (_LD, b'{"hasPatient":{"ageInYears":1e999}}'),
    "constants that are none": (_LD, b'{"hasPatient":{"ageInYears":-Infinity}, "note": NaN}'),
    "HTML": (
        _TTL,
        _pain(f"case:note '{'<b>' * 10_000}'^^<http://www.w3.org/1999/02/22-rdf-syntax-ns#HTML>"),
    ),
    "XML": (
        _TTL,
        _pain(f"case:note '{'<b>' * 10_000}'^^<http://www.w3.org/1999/02/22-rdf-syntax-ns#XMLLiteral>"),
    ),
    "JSON in a text": (_TTL, _pain("case:note '{}'^^<http://www.w3.org/1999/02/22-rdf-syntax-ns#JSON>")),
    "moment at an impossible hour": (_TTL, _pain("case:startDate '2026-02-03T24:61:61+99:00'^^xsd:dateTime")),
    "year of many digits": (_TTL, _pain(f"case:startDate '{'9' * 5_000}-01-01'^^xsd:date")),
    "second case": (_TTL, turtle(START + "<urn:b> a case:Case ; case:hasPatient [ case:ageInYears 3 ] .")),
    "forged answer": (
        _TTL,
        turtle(
            START
            + "[] a <https://w3id.org/spine-reasoner/necessity#Answer> ; <https://w3id.org/spine-reasoner/necessity#hasAnswer> <https://w3id.org/spine-reasoner/necessity#Met> ."
        ),
    ),
    "forged origin": (_TTL, turtle(START + "<> <http://www.w3.org/ns/prov#wasGeneratedBy> <urn:me> .")),
    # characters
    "mark of UTF-8": (_TTL, b"\xef\xbb\xbf" + turtle(START)),
    "two marks of UTF-8": (_TTL, b"\xef\xbb\xbf" * 2 + turtle(START)),
    "mark of UTF-16": (_TTL, b"\xff\xfe" + turtle(START)),
    "UTF-16": (_LD, _json().decode().encode("utf-16")),
    "UTF-32": (_LD, _json().decode().encode("utf-32")),
    "UTF-7 called so": ("text/turtle; charset=utf-7", turtle(START)),
    "surrogate in bytes": (_TTL, _label("x").replace(b'"x"', b'"\xed\xa0\x80"')),
    "surrogate in an escape": (_TTL, _label("x").replace(b'"x"', b'"\\uD800"')),
    "surrogate in JSON": (_LD, b'{"label":"\\ud800"}'),
    "beyond the last character": (_TTL, _label("x").replace(b'"x"', b'"\\U00110000"')),
    "null in a text": (_TTL, _label("x").replace(b'"x"', b'"\\u0000"')),
    "null byte": (_TTL, _label("x").replace(b'"x"', b'"\x00"')),
    "bytes at random": (_TTL, bytes(range(256)) * 100),
    "nothing": (_TTL, b""),
    "nothing in JSON": (_LD, b""),
    "null in JSON": (_LD, b"null"),
    "two documents": (_LD, _json() + _json()),
    "document cut off": (_TTL, _label("x")[:-3]),
    "image": ("image/png", b"\x89PNG\r\n\x1a\n"),
    "kind that is none": ("a" * 5_000, _json()),
    "kind of all kinds": ("*/*", _json()),
    "several parts": ("multipart/form-data; boundary=x", b"--x\r\n\r\n--x--"),
    # labels that pass, and have to come out harmless
    "script in a label": (_TTL, _label(SCRIPT)),
    "script in JSON": (_LD, _json(label=SCRIPT)),
    "script in a node's name": (_LD, _json(records={"id": "#<script>alert(1)</script>", "type": "BackPain"})),
    "template in a label": (
        _TTL,
        _label("{{7*7}} {% for x in ().__class__.__base__.__subclasses__() %} ${7*7} #{7*7}"),
    ),
    "turned label": (_TTL, _label("necessary \u202eton\u202c \u2066x\u2069 \u200b\u200f \ufeff")),
    "formula in a label": (_TTL, _label("=HYPERLINK(\"http://x\")|cmd|' /C calc'!A0")),
    "Markdown in a label": (
        _TTL,
        _label("](javascript:alert(1)) ![x](http://x/y) <http://x> `\n# Necessary\n| a | b |"),
    ),
    "accents without end": (_TTL, _label("a" + "\u0301" * 30_000)),
    "lines in a label": (_LD, _json(label="a\r\nDetermination-Id: forged\r\n\r\n<b>")),
    "reference with a script": (_LD, _json(records={"id": "javascript:alert(1)", "type": "BackPain"})),
    "reference with data": (_LD, _json(records={"id": "data:text/html,<script>alert(1)</script>", "type": "BackPain"})),
}


def _known() -> Iterator[tuple[str, tuple[str, bytes]]]:
    """What the tests of the reader refuse, sent over the wire."""
    for name, (statement, _) in STATEMENTS.items():
        yield f"statement {name}", (_TTL, turtle(START + statement))
    for name, (change, _) in JSONS.items():
        yield f"json {name}", (_LD, json.dumps(base_json() | change).encode())
    for index, number in enumerate(NUMBERS):
        yield f"number {index}", (_TTL, _pain(f"case:slipInMillimetres {number}"))
    for name, shape in SYMMETRIC.items():
        yield f"symmetric {name}", (_TTL, turtle(START + shape.replace("case:statedIn", "case:dueTo")))
    for name, (data, _, kind, _) in UNREADABLE.items():
        yield f"unreadable {name}", (kind or (_LD if "json" in name else _TTL), data)


_RESULTS: Final = (_JSON, _TTL, _LD, _TRIG, "text/markdown", "text/plain", "text/html")


def _case_requests() -> Iterator[tuple[str, Sent]]:
    """Each case to the route that determines it in each form by turns, as a page, and to one of the others by turns."""
    forms, others = cycle(_RESULTS), cycle(_OTHERS)
    for name, (kind, data) in {**CASES, **dict(_known())}.items():
        typed = {"Content-Type": kind}
        yield f"{name}: determined", Sent("POST", "/v1/determinations", {**typed, "Accept": next(forms)}, data)
        yield f"{name}: otherwise", next(others)(kind, data)
        if name in CASES:
            form = {"case": data.decode("latin-1"), "media": kind.partition(";")[0], "q1.says": "yes"}
            yield f"{name}: as a page", _form("/workbench/determine", form)


def _form(path: str, fields: Mapping[str, str]) -> Sent:
    return Sent("POST", path, {"Content-Type": _FORM, "Accept": "text/html"}, urlencode(fields).encode())


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def zipped(files: Mapping[str, bytes]) -> bytes:
    """An archive of files, each packed as small as it can be."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return packed.getvalue()


_ZIP: Final = {"Content-Type": "application/zip"}
_OTHERS: Final[tuple[Callable[[str, bytes], Sent], ...]] = (
    lambda kind, data: Sent("POST", "/v1/validate", {"Content-Type": kind, "Accept": _TTL}, data),
    lambda _, data: Sent(
        "POST", "/v1/changes", {"Content-Type": _JSON}, json.dumps({"case": _text(data), "facts": _text(data)}).encode()
    ),
    lambda kind, data: Sent("POST", "/v1/validate", {"Content-Type": kind, "Accept": "text/plain"}, data),
    lambda _, data: Sent(
        "POST", "/v1/determinations/batch", {"Content-Type": "application/x-ndjson"}, data[:200_000] + b"\n{}\n"
    ),
    lambda kind, data: _form("/workbench/validate", {"case": _text(data), "media": kind}),
    lambda _, data: Sent(
        "POST", "/v1/determinations/batch", {"Content-Type": _TRIG}, data[:500_000].replace(b"case:", b"spine:")
    ),
    lambda kind, data: _form("/workbench/answer", {"case": _text(data), "media": kind, "q1.criterion": "urn:x"}),
    lambda kind, data: _form("/workbench/download", {"case": _text(data), "media": kind, "format": "trig"}),
    lambda kind, data: _form("/workbench/compare", {"case": _text(data), "media": kind, "policy": "x"}),
    lambda _, data: Sent("POST", "/v1/recheck", {"Content-Type": _TRIG}, data),
)

_SH: Final = "http://www.w3.org/ns/shacl#"
_PROOF: Final = "https://w3id.org/spine-reasoner/proof#"
_NEC: Final = "https://w3id.org/spine-reasoner/necessity#"


def _proof(shape: str, case: str = "<urn:i> a <urn:C> .") -> bytes:
    answer = f"<urn:a> <{_NEC}ofItem> <urn:i> ; <{_NEC}ofCriterion> <urn:c> ; <{_NEC}hasAnswer> <{_NEC}Met> ."
    graphs = {"closed-case": case, "certain": shape, "possible": shape, "determination": answer}
    return "".join(f"<{_PROOF}{name}> {{ {text} }}\n" for name, text in graphs.items()).encode()


_PROOFS: Final[dict[str, bytes]] = {
    "pattern that never ends": _proof(
        f"<urn:c> a <{_SH}NodeShape> ; <{_SH}property> <urn:p> . <urn:p> <{_SH}path> <urn:q> ; <{_SH}pattern> '^(a+)+$' .",
        f"<urn:i> <urn:q> '{'a' * 40}!' .",
    ),
    "query in a shape": _proof(
        f"<urn:c> a <{_SH}NodeShape> ; <{_SH}sparql> <urn:s> . <urn:s> <{_SH}select> 'SELECT $this {{ SERVICE <{_E}> {{}} }}' ."
    ),
    "script in a shape": _proof(f"<urn:c> a <{_SH}NodeShape> ; <{_SH}js> <urn:s> ."),
    "rule in a shape": _proof(f"<urn:c> a <{_SH}NodeShape> ; <{_SH}rule> <urn:s> ."),
    "imports in a proof": _proof(f"<urn:c> <http://www.w3.org/2002/07/owl#imports> <{_E}/shapes> ."),
    "shape that rests on itself": _proof(f"<urn:c> a <{_SH}NodeShape> ; <{_SH}node> <urn:c> ."),
    "shapes that rest on shapes": _proof(
        "".join(
            f"<urn:n{n}> a <{_SH}NodeShape> ; <{_SH}and> <urn:l{n}> . <urn:l{n}> <http://www.w3.org/1999/02/22-rdf-syntax-ns#first> <urn:n{n + 1}> ; <http://www.w3.org/1999/02/22-rdf-syntax-ns#rest> <urn:m{n}> . <urn:m{n}> <http://www.w3.org/1999/02/22-rdf-syntax-ns#first> <urn:n{n + 1}> ; <http://www.w3.org/1999/02/22-rdf-syntax-ns#rest> <http://www.w3.org/1999/02/22-rdf-syntax-ns#nil> ."
            for n in range(60)
        )
        + f"<urn:c> a <{_SH}NodeShape> ; <{_SH}node> <urn:n0> ."
    ),
    "list without end in a proof": _proof(
        f"<urn:c> a <{_SH}NodeShape> ; <{_SH}and> <urn:l> . <urn:l> <http://www.w3.org/1999/02/22-rdf-syntax-ns#first> <urn:c> ; <http://www.w3.org/1999/02/22-rdf-syntax-ns#rest> <urn:l> ."
    ),
    "number in a proof": _proof(
        f"<urn:c> a <{_SH}NodeShape> ; <{_SH}minCount> '1e999999999'^^<http://www.w3.org/2001/XMLSchema#decimal> ."
    ),
    "words for numbers in a proof": _proof(
        f"<urn:c> a <{_SH}NodeShape> ; <{_SH}property> <urn:p> . <urn:p> <{_SH}path> <urn:q> ; <{_SH}minCount> 'many' , 'NaN'^^<http://www.w3.org/2001/XMLSchema#double> ."
    ),
    "HTML in a proof": _proof("<urn:c> <urn:p> '<b>'^^<http://www.w3.org/1999/02/22-rdf-syntax-ns#HTML> ."),
    "nameless in a proof": _proof(f"_:c a <{_SH}NodeShape> ."),
    "fifth graph": b"<urn:g> { <urn:a> <urn:b> <urn:c> }",
    "brackets in a proof": b"<urn:g> { <urn:a> <urn:b> " + b"[ <urn:b> " * 100_000,
    "lists in a proof": b"<urn:g> { <urn:a> <urn:b> " + b"(" * 500_000,
    "quoted in a proof": b"<urn:a> <urn:b> " + b"<<( <urn:a> <urn:b> " * 50_000,
    "prefixes in a proof": b"".join(b"@prefix p%d: <urn:p%d> .\n" % (n, n) for n in range(50_000)),
    "no proof": b"\x00\xff" * 1_000,
    "address in a graph's name": f"<{_E}/g> {{ <urn:a> <urn:b> <urn:c> }}".encode(),
}

_BATCHES: Final[dict[str, tuple[str, bytes]]] = {
    "archive that unpacks to much": ("application/zip", zipped({f"{n}.ttl": b" " * 2_500_000 for n in range(250)})),
    "archive in an archive": ("application/zip", zipped({"a.zip": zipped({"b.ttl": b"x"})})),
    "archive with paths": (
        "application/zip",
        zipped({"../../etc/passwd": b"x", "/root/x.ttl": b"x", "a\x01b.ttl": b""}),
    ),
    "archive with long names": ("application/zip", zipped({f"{n}{'n' * 20_000}.ttl": b"x" for n in range(100)})),
    "archive cut off": ("application/zip", zipped({"a.ttl": b"x" * 1_000})[:-40]),
    "archive with a script for a name": ("application/zip", zipped({SCRIPT: b"x"})),
    "archive of nothing": ("application/zip", zipped({})),
    "archive that is none": ("application/zip", b"PK\x03\x04" + b"\xff" * 1_000),
    "lines without end": ("application/x-ndjson", b"{}\n" * 100_000),
    "empty lines": ("application/x-ndjson", b"\n" * 5_000_000),
    "one long line": ("application/x-ndjson", b'{"label":"' + b"x" * 5_000_000),
    "brackets in lines": ("application/x-ndjson", (b"[" * 5_000 + b"\n") * 20),
    "brackets in graphs": (_TRIG, b"<urn:g> { <urn:a> <urn:b> " + b"[ <urn:b> " * 100_000),
    "quoted in graphs": (_TRIG, b"<urn:a> <urn:b> " + b"<<( <urn:a> <urn:b> " * 50_000),
    "prefixes in graphs": (_TRIG, b"".join(b"@prefix p%d: <urn:p%d> .\n" % (n, n) for n in range(50_000))),
    "graphs without end": (_TRIG, b"".join(b"<urn:g%d> { <urn:a> <urn:b> <urn:c> }\n" % n for n in range(30_000))),
    "batch of another kind": ("text/csv", b"a,b"),
}

_QUERY: Final = {"Content-Type": "application/sparql-query"}
_QUERIES: Final[dict[str, str]] = {
    **{f"{name}, large": grown(max(1, 15_000 // max(1, len(grown(101)) // 100))) for name, grown in GROWING.items()},
    **FIXED,
    **{
        f"service {number}": text.replace("E>", f"{_E}/s>")
        for number, text in enumerate(
            (
                "SELECT * { SERVICE <E> { ?s ?p ?o } }",
                "SELECT * { SERVICE SILENT <E> { ?s ?p ?o } }",
                "SELECT * { SERVICE#c\n<E> { ?s ?p ?o } }",
                "SELECT * { VALUES ?e { <E> } SERVICE ?e { ?s ?p ?o } }",
                "PREFIX e: <E> SELECT * { SERVICE e:x { ?s ?p ?o } }",
                "SELECT * { S\\u0045RVICE <E> { ?s ?p ?o } }",
                "SELECT * FROM <E> { ?s ?p ?o }",
                "SELECT * FROM NAMED <E> { GRAPH ?g { ?s ?p ?o } }",
                "SELECT * FROM <file:///etc/passwd> { ?s ?p ?o }",
                "DESCRIBE <E>",
                "LOAD <E>",
                "LOAD SILENT <E> INTO GRAPH <urn:g>",
                "ASK {} ; DROP ALL",
                "INSERT DATA { <urn:a> <urn:b> <urn:c> }",
                "DELETE WHERE { ?s ?p ?o }",
                "CLEAR ALL",
                "BASE <E> SELECT * { <a> <b> <c> }",
            )
        )
    },
    "null byte in a query": "ASK { ?s ?p '\x00' }",
    "surrogate in a query": "ASK { ?s ?p '\\uD800' }",
    "nothing for a query": "",
}

_TRAVERSALS: Final = (
    "../../../../etc/passwd",
    "..%2f..%2f..%2fetc%2fpasswd",
    "%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "..%252f..%252fetc%252fpasswd",
    "..%5c..%5cwindows%5cwin.ini",
    "....//....//etc/passwd",
    "%00",
    "a%00.css",
    "workbench.css%00.html",
    "/etc/passwd",
    "file:///etc/passwd",
    "%c0%ae%c0%ae/etc/passwd",
    "%ff%fe",
    "%ed%a0%80",
    "x" * 8_000,
    "a/" * 4_000,
    "%E2%80%AE",
    quote(SCRIPT, safe=""),
    quote("{{7*7}}"),
    "' OR 1=1 --",
    "%0d%0aSet-Cookie:%20a=b",
    "CON",
    "~root",
    "*",
)
_ROOMS: Final = (
    "/static/",
    "/id/",
    "/v1/knowledge/",
    "/v1/determinations/",
    "/seeds/",
    "/guidelines/",
    "/",
)
_LISTED: Final = (
    "/v1/criteria",
    "/v1/references",
    "/v1/terms",
    "/terms",
    "/terms/search",
    "/guidelines",
    "/v1/worked-cases",
    "/compare",
    "/sparql",
)
_VALUES: Final = (
    "x" * 6_000,
    "%00",
    "%ff",
    quote(SCRIPT, safe=""),
    quote("{{7*7}}"),
    "(a%2B)%2B%24" + "a" * 150,
    "%F0%9F%92%A9" * 50,
    "9" * 5_000,
    "-1",
    "1e999",
    "NaN",
    "%D9%A1",
    "..%2f..%2fetc%2fpasswd",
)
_NAMES: Final = ("q", "limit", "offset", "format", "of", "codes", "policy", "query")


def _addresses() -> Iterator[tuple[str, Sent]]:
    for room in _ROOMS:
        for number, path in enumerate(_TRAVERSALS):
            accept = ("text/html", "*/*", _TTL)[number % 3]
            yield f"path {number} in {room}", Sent("GET", (room + path).replace(" ", "%20"), {"Accept": accept})
    names = cycle(_NAMES)
    for path in _LISTED:
        for number, value in enumerate(_VALUES):
            name = next(names)
            yield f"value {number} for {name} in {path}", Sent("GET", f"{path}?{name}={value}", {"Accept": "text/html"})
    for number, value in enumerate(_VALUES):
        for name in ("asOf", "policy", "audience", "further", "keep", "evidenceUntil"):
            body = turtle(START)
            yield (
                f"value {number} for {name}",
                Sent("POST", f"/v1/determinations?{name}={value}", {"Content-Type": _TTL}, body),
            )
    for name, day in {"early": "0001-01-01", "late": "9999-12-31", "zone": "2026-01-01Z", "week": "2026-W01-1"}.items():
        yield f"day {name}", Sent("POST", f"/v1/determinations?asOf={day}", {"Content-Type": _TTL}, turtle(START))
        yield (
            f"day {name} in a form",
            _form("/workbench/determine", {"case": _text(turtle(START)), "asOf": day, "evidenceUntil": day}),
        )
    yield "a thousand parameters", Sent("GET", "/v1/criteria?" + "&".join(f"a{n}=1" for n in range(1_000)))
    yield "the same a thousand times", Sent("GET", "/v1/criteria?" + "&".join(["limit=1"] * 1_000))
    graphs = (
        f"/sparql?query=ASK%7B%7D&default-graph-uri={quote(_E, safe='')}&named-graph-uri=file%3A%2F%2F%2Fetc%2Fpasswd"
    )
    yield "graphs elsewhere", Sent("GET", graphs)
    yield "graph that is no IRI", Sent("GET", "/sparql?query=ASK%7B%7D&default-graph-uri=%3Cscript%3E")
    yield "update by GET", Sent("GET", "/sparql?update=DROP%20ALL")


def _heads() -> Iterator[tuple[str, Sent]]:
    case = turtle(START)
    for name, headers in {
        "compressed": {"Content-Encoding": "gzip"},
        "compressed twice": {"Content-Encoding": "gzip, gzip"},
        "compressed in small print": {"Content-Encoding": " IDENTITY , br"},
        "ranges": {"Range": "bytes=" + ",".join(f"{n}-{n}" for n in range(500))},
        "range upside down": {"Range": "bytes=9-1"},
        "many forms": {"Accept": ",".join(f"a/b{n};q=0.{n}" for n in range(400))},
        "forms without end": {"Accept": "text/html;" * 2_000},
        "form of a strange weight": {"Accept": "text/html;q=nan, application/json;q=inf, */*;q=1e999"},
        "commas for forms": {"Accept": "," * 1_999},
        "large header": {"X-Large": "x" * 30_000},
        "many headers": {f"X-{n}": "x" for n in range(500)},
        "another method": {"X-HTTP-Method-Override": "DELETE", "X-Method-Override": "PUT"},
        "somebody else's address": {"X-Forwarded-For": "not an address, ::1", "X-Forwarded-Proto": "javascript"},
        "somebody else's host": {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"},
        "link to a context": {"Link": f'<{_E}/c>; rel="http://www.w3.org/ns/json-ld#context"'},
        "many cookies": {"Cookie": ";".join(f"a{n}=1" for n in range(3_000))},
        "strange cookies": {"Cookie": "spine-entry=\xff; =; ;;\x01".encode("latin-1").decode("latin-1")},
        "another site": {"Sec-Fetch-Site": "cross-site"},
        "another origin": {"Origin": "https://evil.example"},
        "tags without end": {"If-None-Match": '"a",' * 5_000},
        "continue": {"Expect": "100-continue"},
        "upgrade": {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Key": "x"},
    }.items():
        yield f"{name}: sent", Sent("POST", "/v1/validate", {"Content-Type": _TTL, **headers}, case)
        yield f"{name}: asked", Sent("GET", "/v1/knowledge/lumbar-fusion", headers)
    yield "bomb", Sent("POST", "/v1/validate", {"Content-Encoding": "gzip"}, gzip.compress(b" " * 20_000_000))
    yield "key in another alphabet", Sent("GET", "/v1/criteria", {"Authorization": "Bearer \xff\xfe"})
    for method in ("TRACE", "OPTIONS", "PUT", "DELETE", "PATCH", "PROPFIND", "X" * 500):
        yield f"method {method[:8]}", Sent(method, "/v1/determinations", {}, b"x")
        yield f"method {method[:8]} at home", Sent(method, "/")
    for host in (
        "evil.example",
        "localhost:<script>",
        "localhost:99999",
        "[::1",
        "127.0.0.1:x@evil.example",
        "a" * 3_000,
    ):
        yield f"host {host[:25]}", Sent("GET", "/sparql", {"Host": host, "Accept": _TTL})
    yield "body with a GET", Sent("GET", "/v1/criteria", {"Content-Type": _TTL}, b"x" * 1_000_000)


def _forms() -> Iterator[tuple[str, Sent]]:
    case = _text(turtle(START))
    for name, fields in {
        "nothing": {},
        "script in every field": dict.fromkeys(
            ("case", "media", "policy", "seed", "format", "keep", "q1.criterion", "q1.says"), SCRIPT
        ),
        "policy that is none": {"case": case, "policy": "../../etc/passwd"},
        "day that is none": {"case": case, "asOf": "2026-02-30"},
        "day that says too much": {"case": case, "asOf": SCRIPT},
        "question of many digits": {"case": case, f"q{'9' * 5_000}.criterion": "urn:x", "q1.says": "yes"},
        "question that is none": {"case": case, "q1.criterion": SCRIPT, "q1.says": "yes", "q1.value.x": "9" * 5_000},
        "question in another alphabet": {"case": case, "q\u0661.criterion": "urn:x", "q\u00b2.says": "yes"},
        "seed that is none": {"case": "", "seed": "../../etc/passwd"},
        "key that is none": {"key": "\ud7ff" * 1_000},
    }.items():
        for path in ("determine", "answer", "validate", "download", "compare"):
            yield f"form {name}: {path}", _form(f"/workbench/{path}", fields)
        yield f"form {name}: enter", _form("/enter", fields)
    many = urlencode([("policy", f"p{n}") for n in range(3_900)] + [("case", case)]).encode()
    same = urlencode([("policy", "aetna-cpb-0743")] * 3_900 + [("case", case)]).encode()
    typed = {"Content-Type": _FORM, "Accept": "text/html"}
    for name, body in {
        "many policies": many,
        "one policy many times": same,
        "half an escape": b"case=%E2%28%A1&x=%",
        "bytes": bytes(range(256)),
        "fields without end": b"&" * 1_000_000,
        "names without end": b"a=&" * 100_000,
    }.items():
        for path in ("determine", "compare", "answer"):
            yield f"form of {name}: {path}", Sent("POST", f"/workbench/{path}", typed, body)


def _rest() -> Iterator[tuple[str, Sent]]:
    for name, proof in _PROOFS.items():
        yield f"proof: {name}", Sent("POST", "/v1/recheck", {"Content-Type": _TRIG}, proof)
    for name, (kind, data) in _BATCHES.items():
        yield f"batch: {name}", Sent("POST", "/v1/determinations/batch", {"Content-Type": kind}, data)
    for name, query in _QUERIES.items():
        yield f"query: {name}", Sent("POST", "/sparql", _QUERY, query.encode())
    yield "query: no UTF-8", Sent("POST", "/sparql", _QUERY, b"ASK { ?s ?p '\xff' }")
    yield "query: update", Sent("POST", "/sparql", {"Content-Type": "application/sparql-update"}, b"DROP ALL")
    yield "query: update in a form", Sent("POST", "/sparql", {"Content-Type": _FORM}, b"update=DROP+ALL")
    for name, data in {
        "cases in cases": b'{"case":' * 60 + b"1" + b"}" * 60,
        "other members": b'{"case": {}, "facts": {}, "__proto__": {}}',
        "member twice": b'{"case": {}, "case": {}, "facts": {}}',
        "number of many digits": b'{"case": ' + b"9" * 10_000 + b', "facts": {}}',
        "half a character": b'{"case": "\\ud800", "facts": "x"}',
        "list": b"[]",
        "nothing": b"",
        "elsewhere": json.dumps({"case": {"@context": f"{_E}/a"}, "facts": {"@context": f"{_E}/b"}}).encode(),
    }.items():
        yield f"changes: {name}", Sent("POST", "/v1/changes", {"Content-Type": _JSON}, data)


def requests() -> dict[str, Sent]:
    """Every request by its name."""
    return dict([*_case_requests(), *_addresses(), *_heads(), *_forms(), *_rest()])
