"""A demand in words: what a leaf asks for, read aloud from the labels of its terms."""

from __future__ import annotations

from typing import Final

from reasoner.anatomy import local
from reasoner.criteria import Leaf
from reasoner.library import Library
from reasoner.terms import Literal, Term
from reasoner.vocabulary import SH, SKOS

_COMPARED: Final = {
    "minInclusive": "at least",
    "minExclusive": "more than",
    "maxInclusive": "at most",
    "maxExclusive": "less than",
}
_FEW: Final = 2
_JUDGED: Final = "Judged:"


def demand(library: Library, leaf: Leaf) -> str:
    """What a leaf asks for, in words.

    >>> library = Library.read()
    >>> leaf = library.criteria.leaves["https://w3id.org/spine-reasoner/guideline/lumbar-fusion#translation-over-2-mm"]
    >>> demand(library, leaf)
    'evidence at its level: dynamic translation with translation of more than 2 millimetres'
    """
    count = f"at least {leaf.wanted} of " if leaf.wanted > 1 else ""
    where = library.label(leaf.path).removeprefix("has ")
    return f"{where}: {count}{_shape(library, leaf.shape.shape)}"


def judged_words(library: Library, leaf: Leaf) -> list[str]:
    """The properties of a demand that hold an opinion rather than a measurement, with whose opinion it is."""
    return [
        f"{_noun(library.label(path))}: {note.lexical.removeprefix(_JUDGED).strip()}"
        for path in dict.fromkeys(one.path for one in leaf.shape.demands if one.path)
        for note in library.graph.objects(path, SKOS + "scopeNote")
        if isinstance(note, Literal) and note.lexical.startswith(_JUDGED)
    ]


def _shape(library: Library, shape: str) -> str:
    graph = library.graph
    kinds = " and ".join(library.label(cls) for cls in graph.nodes(shape, SH + "class"))
    parts = [_property(library, one) for one in graph.nodes(shape, SH + "property")]
    parts += [f"that is not {_side(library, one)}" for one in graph.nodes(shape, SH + "not")]
    parts += [_sides(library, head, " or ") for head in graph.nodes(shape, SH + "or")]
    parts += [_sides(library, head, " and ") for head in graph.nodes(shape, SH + "and")]
    return " ".join(part for part in (kinds, _listed(parts, "and")) if part)


def _sides(library: Library, head: str, joint: str) -> str:
    sides = [str(side) for side in library.graph.list(head)]
    if any(library.graph.nodes(side, SH + "class") for side in sides):
        return f"that is {joint.join(_side(library, side) for side in sides)}"
    return joint.join(_shape(library, side) for side in sides)


def _side(library: Library, side: str) -> str:
    named = library.graph.nodes(side, SH + "class")
    return _shape(library, side) if named else f"one {_shape(library, side)}"


def _property(library: Library, shape: str) -> str:
    graph = library.graph
    path = graph.node(shape, SH + "path") or ""
    label = library.label(path)
    wanted = bool(graph.objects(shape, SH + "minCount"))
    aside = "" if wanted else " (or not stated)"
    head = graph.node(shape, SH + "in")
    values = graph.list(head) if head else graph.objects(shape, SH + "hasValue")
    nested = graph.node(shape, SH + "qualifiedValueShape")
    classes = graph.nodes(shape, SH + "class")
    bounds = [(kind, value) for kind in _COMPARED for value in graph.objects(shape, SH + kind)]
    if bounds:
        noun, _, unit = label.partition(" in ")
        exact = len({value for _, value in bounds}) < len(bounds)
        numbers = " and ".join(f"{_COMPARED[kind]} {_value(library, value)}" for kind, value in bounds)
        numbers = _value(library, bounds[0][1]) if exact else numbers
        return f"with {noun} of {numbers} {unit}".rstrip() + aside
    if values and all(isinstance(value, Literal) and value.lexical in ("true", "false") for value in values):
        return _truth(label, values) + aside
    if values:
        return _of(label, _grades(library, path, values)) + aside
    if nested is not None:
        return _of(label, _shape(library, nested)) + aside
    if classes:
        return _of(label, " or ".join(library.label(cls) for cls in classes)) + aside
    return f"with {_noun(label)} stated"


def _truth(label: str, values: list[Term]) -> str:
    says = all(isinstance(value, Literal) and value.lexical == "true" for value in values)
    verb, _, rest = label.partition(" ")
    if verb == "is":
        return f"that is {rest}" if says else f"that is not {rest}"
    return f"that {label}" if says else f"of which it is not true that it {label}"


def _of(label: str, value: str) -> str:
    noun = _noun(label)
    if noun != label:
        return f"with {value}" if noun.rsplit(maxsplit=1)[-1] in value else f"whose {noun} is {value}"
    return f"that {label} {value}" if label.split(maxsplit=1)[0].endswith("s") else f"{label} {value}"


def _noun(label: str) -> str:
    return label.removeprefix("has ")


def _grades(library: Library, path: str, values: list[Term]) -> str:
    """The values of a list; of many grades up to an end of their scale, the one where they begin."""
    scale = library.spans.scales.get(path)
    names = [_value(library, value) for value in values]
    if scale is None or len(values) <= _FEW:
        return _listed(names, "or")
    ranked = sorted((scale.ranks[str(value)], _value(library, value)) for value in values)
    upward = max(scale.ranks.values()) == ranked[-1][0]
    return f"{ranked[0][1]} or more" if upward else f"{ranked[-1][1]} or less"


def _listed(names: list[str], joint: str) -> str:
    if len(names) <= 1:
        return "".join(names)
    return f"{', '.join(names[:-1])} {joint} {names[-1]}"


def _value(library: Library, value: Term) -> str:
    if isinstance(value, Literal):
        return value.lexical
    return library.label(value) or local(value)
