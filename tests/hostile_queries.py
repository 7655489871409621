"""Queries made to hang or kill an engine: shapes that grow with a number, and some that need no growing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final


def _repeated(before: str, unit: str, after: str) -> Callable[[int], str]:
    return lambda number: before + unit * number + after


def _nested(before: str, opening: str, middle: str, closing: str, after: str = "}") -> Callable[[int], str]:
    return lambda number: before + opening * number + middle + closing * number + after


def _numbered(before: str, unit: str, after: str) -> Callable[[int], str]:
    return lambda number: before + "".join(unit.replace("N", str(one)) for one in range(number)) + after


_P: Final = "<urn:p>"
_ALL: Final = "?s ?p ?o"

GROWING: Final[dict[str, Callable[[int], str]]] = {
    "parentheses": _nested("ASK{FILTER(", "(", "1", ")", ")}"),
    "or": _repeated("ASK{FILTER(1", "||1", ")}"),
    "and": _repeated("ASK{FILTER(1", "&&1", ")}"),
    "sum": _repeated("ASK{FILTER(1", "+1", ")}"),
    "product": _repeated("ASK{FILTER(1", "*1", ")}"),
    "difference": _repeated("ASK{FILTER(1", "-1", ")}"),
    "quotient": _repeated("ASK{FILTER(1", "/1", ")}"),
    "or of variables": _repeated("ASK{FILTER(?x", "||?y", ")}"),
    "and of comparisons": _repeated("ASK{?x ?p ?y FILTER(?x=1", "&&?y=1", ")}"),
    "not": _repeated("ASK{FILTER(", "!", "1)}"),
    "minus sign": _repeated("ASK{FILTER(", "-", "1=1)}"),
    "not in brackets": _nested("ASK{FILTER(", "!(", "1", ")", ")}"),
    "braces": _nested("ASK{", "{", "", "}"),
    "groups side by side": _repeated("ASK{", "{}", "}"),
    "joined groups": _repeated("ASK{", "{?s ?p ?o}", "}"),
    "joined bound groups": _repeated("ASK{", "{?s <urn:p> ?o}", "}"),
    "union": _repeated("ASK{{}", "UNION{?s <urn:p> ?o}", "}"),
    "union, nested": _nested("ASK{", "{}UNION{", "", "}"),
    "optional": _repeated("ASK{?s ?p ?o ", "OPTIONAL{?s <urn:p> ?o}", "}"),
    "optional, nested": _nested("ASK{", "OPTIONAL{?s ?p ?o.", "", "}"),
    "optional, each another": _numbered("SELECT*{?s <urn:p> ?o ", "OPTIONAL{?s ?p ?oN}", "}LIMIT 5"),
    "sub-select": _nested("SELECT*{", "{SELECT*{", "", "}}"),
    "sequence": _repeated("ASK{?s <urn:p>", "/<urn:p>", " ?o}"),
    "alternatives": _repeated("ASK{?s <urn:p>", "|<urn:p>", " ?o}"),
    "stars upon stars": _nested("ASK{?s ", "(", "<urn:p>", ")*", " ?o}"),
    "plus upon plus": _nested("ASK{?s ", "(", "rdf:type|skos:prefLabel", ")+", " ?o}"),
    "negated set": _repeated("ASK{?s !(<urn:p>", "|<urn:p>", ") ?o}"),
    "inverse": _repeated("ASK{?s ", "^", "<urn:p> ?o}"),
    "chain of patterns": _numbered("ASK{", "?vN <urn:p> ?wN.", "}"),
    "star of patterns": _numbered("ASK{", "?s <urn:p> ?oN.", "}"),
    "star of real patterns": _numbered("SELECT*{?s a nec:Policy", ".?s skos:prefLabel ?oN", "}LIMIT 5"),
    "the same pattern": _repeated("ASK{", "?s <urn:p> ?o.", "}"),
    "semicolons": _repeated("ASK{?s <urn:p> ?o", ";<urn:p> ?o", "}"),
    "empty semicolons": _repeated("ASK{?s <urn:p> ?o", ";", "}"),
    "commas": _numbered("ASK{?s <urn:p> ?o", ",?oN", "}"),
    "list": _repeated("ASK{?s <urn:p> (", "1 ", ")}"),
    "list, nested": _nested("ASK{?s <urn:p> ", "(", "1", ")"),
    "blank nodes, nested": _nested("ASK{?s <urn:p> ", "[<urn:p> ", "1", "]"),
    "triple terms, nested": _nested("ASK{?s <urn:p> ", "<<(?a <urn:p> ", "1", ")>>"),
    "reified, nested": _nested("ASK{", "<<", "?a <urn:p> 1", ">> <urn:p> 1"),
    "not exists, nested": _nested("ASK{", "?s ?p ?o FILTER NOT EXISTS{", "", "}"),
    "not exists, in a row": _repeated("ASK{?s ?p ?o ", "FILTER NOT EXISTS{?s <urn:p> ?o}", "}"),
    "exists in filters": _nested("ASK{", "FILTER(EXISTS{", "", "})"),
    "or of exists": _repeated("ASK{?s <urn:p> ?o FILTER(1", "||EXISTS{?s <urn:p> ?o}", ")}"),
    "minus, nested": _nested("ASK{?s ?p ?o ", "MINUS{?s ?p ?o ", "", "}"),
    "minus, in a row": _repeated("ASK{?s ?p ?o ", "MINUS{?s <urn:p> ?o}", "}"),
    "graph, nested": _nested("ASK{", "GRAPH ?g{", "", "}"),
    "graph, in a row": _repeated("ASK{", "GRAPH ?g{?s <urn:p> ?o}", "}"),
    "rows": _repeated("ASK{VALUES(?x){", "(1)", "}}"),
    "blocks of values": _numbered("ASK{", "VALUES ?xN{1}", "}"),
    "squares of values": _numbered("SELECT*{", "VALUES ?xN{1 2 3 4 5 6 7 8 9}", "}"),
    "in": _repeated("ASK{FILTER(1 IN(1", ",2", "))}"),
    "in of expressions": _repeated("ASK{FILTER(?x NOT IN(?a", ",?b", "))}"),
    "bind": _numbered("SELECT*{BIND(1 AS ?x)", "BIND(?x+1 AS ?xN)", "}"),
    "filters": _repeated("ASK{?s <urn:p> ?o ", "FILTER(1)", "}"),
    "calls, nested": _nested("ASK{FILTER(", "CONCAT(", '"a"', ")", ")}"),
    "arguments": _repeated("ASK{FILTER(COALESCE(1", ",1", "))}"),
    "if, nested": _nested("ASK{FILTER(", "IF(1,1,", "1", ")", ")}"),
    "having": _repeated("SELECT(COUNT(*)AS ?x){}GROUP BY ?s HAVING", "(1)", ""),
    "order by expressions": _repeated("SELECT*{?s <urn:p> ?o}ORDER BY", "(1)", ""),
    "order by variables": _numbered("SELECT*{?s <urn:p> ?o}ORDER BY", "?vN", ""),
    "order all": _numbered("SELECT*{?s ?p ?o}ORDER BY", "?vN", ""),
    "group by": _numbered("SELECT(COUNT(*)AS ?x){?s <urn:p> ?o}GROUP BY", "?vN", ""),
    "projected": _numbered("SELECT", "(1 AS ?vN)", "{}"),
    "aggregates": _numbered("SELECT", "(COUNT(?s)AS ?vN)", "{?s <urn:p> ?o}"),
    "describe": _numbered("DESCRIBE", "<urn:N>", ""),
    "describe the same": _repeated("PREFIX :<urn:>DESCRIBE", " :", ""),
    "from": _numbered("SELECT*", "FROM<urn:N>", "{?s ?p ?o}LIMIT 1"),
    "prefixes": _numbered("", "PREFIX pN:<urn:N>", "ASK{}"),
    "bases": _repeated("", "BASE<urn:a>", "ASK{}"),
    "template": _repeated("CONSTRUCT{", "?s ?p ?o.", "}WHERE{?s ?p ?o}LIMIT 9"),
    "list in a template": _repeated("CONSTRUCT{?s ?p(", "1 ", ")}WHERE{?s ?p ?o}LIMIT 9"),
    "digits": _repeated("SELECT(", "1", "+1 AS ?x){}"),
    "long text": _repeated('SELECT("', "a", '"AS ?x){}'),
    "comments": _repeated("ASK{", "#(\n", "}"),
    "sum in an IRI": _repeated("ASK{FILTER(1<1", "+1", "&&3>2)}"),
    "brackets in an IRI": _nested("ASK{FILTER(1<", "(", "2", ")", "&&3>2)}"),
    "not in an IRI": _repeated("ASK{FILTER(1<", "!", "2&&3>2)}"),
}

_DOUBLINGS: Final = "".join(f"BIND(CONCAT(?x{one},?x{one})AS ?x{one + 1})" for one in range(24))

FIXED: Final[dict[str, str]] = {
    "cross product": "SELECT*{?a ?b ?c.?d ?e ?f.?g ?h ?i}",
    "count of a cross product": "SELECT(COUNT(*)AS ?n){?a ?b ?c.?d ?e ?f.?g ?h ?i}",
    "distinct cross product": "SELECT DISTINCT ?a ?d{?a ?b ?c.?d ?e ?f}",
    "sorted cross product": "SELECT*{?a ?b ?c.?d ?e ?f}ORDER BY ?c ?f",
    "doubled text": f"SELECT(STRLEN(?x24)AS ?n){{BIND('aaaaaaaaaaaaaaaa'AS ?x0){_DOUBLINGS}}}",
    "grown text": "SELECT(STRLEN(?d)AS ?n){BIND(REPLACE('aaaaaaaaaaaaaaaaaaaa','a','aaaaaaaaaaaaaaaaaaaaaaaaaaaa')AS ?a)"
    "BIND(REPLACE(?a,'a',?a)AS ?b)BIND(REPLACE(?b,'a',?b)AS ?c)BIND(REPLACE(?c,'a',?c)AS ?d)}",
    "all in one text": "SELECT(GROUP_CONCAT(STR(?c))AS ?t){?a ?b ?c.?d ?e ?f}",
    "everything reaches everything": "SELECT(COUNT(*)AS ?n){?a (!<urn:x>)* ?b}",
    "correlated": "SELECT*{?a ?b ?c FILTER NOT EXISTS{?d ?e ?f FILTER(?f=?c&&?d!=?a)}}",
    "built cross product": "CONSTRUCT{?a ?b ?f}WHERE{?a ?b ?c.?d ?e ?f}",
    "described all": "DESCRIBE ?a ?c{?a ?b ?c}",
    "slow pattern": "SELECT*{?a ?b ?c FILTER REGEX(STR(?c),'(a|a)*(b|b)*$')}",
    "many random": "SELECT(SUM(RAND())AS ?n){?a ?b ?c.?d ?e ?f}",
    "hashes": "SELECT(COUNT(?x)AS ?n){?a ?b ?c.?d ?e ?f BIND(SHA512(STR(?c))AS ?x)}",
    "deep limit": "SELECT*{?a ?b ?c.?d ?e ?f}OFFSET 999999999999 LIMIT 1",
}  # fmt: skip
