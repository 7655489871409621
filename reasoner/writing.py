"""RDF as text: the same statements give the same bytes, in every run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pyoxigraph as ox


def rdf_text(
    statements: Iterable[ox.Triple] | Iterable[ox.Quad],
    rdf_format: ox.RdfFormat,
    prefixes: Mapping[str, str] | None = None,
) -> bytes:
    """Statements in the order given; prefixes, which the serialiser would put in any order, by name.

    >>> one = ox.Triple(ox.NamedNode("urn:a#s"), ox.NamedNode("urn:b#p"), ox.Literal("o"))
    >>> rdf_text([one], ox.RdfFormat.TURTLE, {"b": "urn:b#", "a": "urn:a#"}).decode().splitlines()
    ['@prefix a: <urn:a#> .', '@prefix b: <urn:b#> .', 'a:s b:p "o" .']
    """
    text = ox.serialize(statements, format=rdf_format, prefixes=dict(prefixes) if prefixes else None) or b""
    if not prefixes:
        return text
    lines = text.split(b"\n", len(prefixes))
    heads, rest = lines[: len(prefixes)], lines[len(prefixes) :]
    if not all(line.startswith(b"@prefix ") for line in heads):
        return text  # A syntax without prefixes.
    return b"\n".join([*sorted(heads), *rest])
