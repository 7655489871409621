"""Mapping tables (SSSOM) as RDF: what each row matches, how, on what ground, and what the table says of itself."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from reasoner.errors import GuidelineMalformed
from reasoner.terms import RDF_TYPE, XSD
from reasoner.vocabulary import DCTERMS, OWL, RDFS

if TYPE_CHECKING:
    from reasoner.library import Library

SSSOM: Final = "https://w3id.org/sssom/"

_COLUMNS: Final = ("subject_id", "predicate_id", "object_id", "mapping_justification")
_OF_TABLE: Final = {
    "mapping_set_title": DCTERMS + "title",
    "mapping_set_description": DCTERMS + "description",
    "mapping_set_version": OWL + "versionInfo",
    "object_source_version": SSSOM + "object_source_version",
}
_OF_TABLE_NAMED: Final = {
    "license": DCTERMS + "license",
    "subject_source": SSSOM + "subject_source",
    "object_source": SSSOM + "object_source",
}
_OF_ROW: Final = {
    "subject_label": SSSOM + "subject_label",
    "object_label": SSSOM + "object_label",
    "comment": RDFS + "comment",
}


def mapping_files(library: Library) -> list[Path]:
    """The mapping tables of a library."""
    return sorted((library.root / "ontology" / "mappings").glob("*.sssom.tsv"))


def mapping_quads(path: Path) -> Iterator[ox.Quad]:
    """A mapping table as one named graph: each match as a plain statement, and each row as a node that tells its ground.

    Raises GuidelineMalformed if the table does not say its name, lacks a column or uses a prefix it does not explain.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    said, prefixes = _head([line[1:] for line in lines if line.startswith("#")])
    rows = csv.DictReader(
        (line for line in lines if not line.startswith("#")), delimiter="\t", quoting=csv.QUOTE_NONE, strict=True
    )
    lacking = [name for name in _COLUMNS if name not in (rows.fieldnames or ())]
    if lacking or "mapping_set_id" not in said:
        raise GuidelineMalformed(
            "mapping.table", f"The table does not say {(lacking or ['mapping_set_id'])[0]}.", where=path.name
        )
    table = ox.NamedNode(said["mapping_set_id"])

    def expand(curie: str) -> ox.NamedNode:
        prefix, _, rest = curie.partition(":")
        if prefix not in prefixes:
            raise GuidelineMalformed("mapping.prefix", f"The prefix {prefix!r} is not explained.", where=path.name)
        return ox.NamedNode(prefixes[prefix] + rest)

    def say(subject: ox.NamedNode, predicate: str, value: ox.NamedNode | ox.Literal) -> ox.Quad:
        return ox.Quad(subject, ox.NamedNode(predicate), value, table)

    yield say(table, RDF_TYPE, ox.NamedNode(SSSOM + "MappingSet"))
    for key, meaning in _OF_TABLE.items():
        if key in said:
            yield say(table, meaning, ox.Literal(said[key]))
    for key, meaning in _OF_TABLE_NAMED.items():
        if key in said:
            plain = said[key].partition(":")[0] not in prefixes
            yield say(table, meaning, ox.NamedNode(said[key]) if plain else expand(said[key]))
    if "mapping_date" in said:
        yield say(table, DCTERMS + "issued", ox.Literal(said["mapping_date"], datatype=ox.NamedNode(XSD + "date")))
    for number, row in enumerate(rows, 1):
        subject, predicate, value, ground = (expand(row[name] or "") for name in _COLUMNS)
        node = ox.NamedNode(f"{table.value}#row-{number}")
        yield say(subject, predicate.value, value)
        yield say(node, RDF_TYPE, ox.NamedNode(SSSOM + "Mapping"))
        yield say(node, DCTERMS + "isPartOf", table)
        for name, term in zip(_COLUMNS, (subject, predicate, value, ground), strict=True):
            yield say(node, SSSOM + name, term)
        for name, meaning in _OF_ROW.items():
            if row.get(name):
                yield say(node, meaning, ox.Literal(row[name]))


def _head(lines: list[str]) -> tuple[dict[str, str], dict[str, str]]:
    """What the head of a table says of it, and the prefixes that it explains.

    >>> _head(["curie_map:", "  a: urn:a#", 'mapping_set_version: "2"'])
    ({'mapping_set_version': '2'}, {'a': 'urn:a#'})
    """
    said: dict[str, str] = {}
    prefixes: dict[str, str] = {}
    for line in lines:
        key, _, value = line.partition(":")
        text = value.strip().strip('"')
        if line.startswith(" "):
            prefixes[key.strip()] = text
        elif text:
            said[key.strip()] = text
    return said, prefixes
