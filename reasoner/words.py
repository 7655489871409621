"""A demand in words: what a leaf asks for, read aloud from the labels of its terms."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from reasoner.anatomy import local
from reasoner.counting import singular
from reasoner.criteria import Leaf
from reasoner.library import Library
from reasoner.specimens import CONTRARY, others
from reasoner.terms import Literal, Term
from reasoner.vocabulary import RDFS, SH, SKOS, Nec

_COMPARED: Final = {
    "minInclusive": "at least",
    "minExclusive": "more than",
    "maxInclusive": "at most",
    "maxExclusive": "less than",
}
_RANKS: Final = frozenset({Nec.upperEndRank, Nec.lowerEndRank})
_LINKS: Final = frozenset({"at", "by", "for", "in", "into", "of", "on", "through", "to", "under", "with"})
_FEW: Final = 2
_MANY: Final = 6
_JUDGED: Final = "Judged:"


def demand(library: Library, leaf: Leaf) -> str:
    """What a leaf asks for, in words.

    >>> library = Library.read()
    >>> leaf = library.criteria.leaves["https://w3id.org/spine-reasoner/guideline/lumbar-fusion#translation-over-2-mm"]
    >>> demand(library, leaf)
    'evidence at its level: dynamic translation of more than 2 millimetres'
    """
    where = _noun(library.label(leaf.path))
    what = _shape(library, leaf.shape.shape)
    if leaf.wanted > 1:
        return f"{where}: at least {leaf.wanted} of {what}"
    return what if what != where and library.label(leaf.shape.genus).endswith(where) else f"{where}: {what}"


def judged_words(library: Library, leaf: Leaf) -> list[str]:
    """The properties of a demand that hold an opinion rather than a measurement, with whose opinion it is."""
    return [
        f"{_noun(library.label(path))}: {note.lexical.removeprefix(_JUDGED).strip()}"
        for path in dict.fromkeys(one.path for one in leaf.shape.demands if one.path)
        for note in library.graph.objects(path, SKOS + "scopeNote")
        if isinstance(note, Literal) and note.lexical.startswith(_JUDGED)
    ]


def _shape(library: Library, shape: str) -> str:
    """A value shape as a noun with what is said of it: first of which kind it is, then what it has."""
    graph = library.graph
    kinds = " and ".join(library.label(cls) for cls in graph.nodes(shape, SH + "class"))
    narrower: list[str] = []
    barred: list[str] = []
    parts = [
        _property(library, one, "" if number else kinds)
        for number, one in enumerate(graph.nodes(shape, SH + "property"))
    ]
    for one in graph.nodes(shape, SH + "not"):
        named = _classes_alone(library, one)
        if named:
            barred += named
        else:
            parts.append(_denied(library, one))
    for head in graph.nodes(shape, SH + "or"):
        sides = [str(side) for side in graph.list(head)]
        (narrower if any(graph.nodes(side, SH + "class") for side in sides) else parts).append(_sides(library, sides))
    for head in graph.nodes(shape, SH + "and"):
        parts += [_shape(library, str(side)) for side in graph.list(head)]
    if not kinds:
        return _listed([*narrower, *parts, *([_unlike(barred)] if barred else [])], "and")
    narrower += [_unlike(barred)] if barred else []
    words = " ".join(part for part in (kinds, _listed(narrower, "and")) if part)
    rest = _listed(parts, "and")
    return f"{words}{',' if narrower else ''} {rest}" if rest else words


def _classes_alone(library: Library, shape: str) -> list[str]:
    """The labels of the classes that a shape names, if it asks nothing else."""
    graph = library.graph
    if not graph.index[shape].keys() <= {SH + "class", SH + "or"}:
        return []
    found = [library.label(cls) for cls in graph.nodes(shape, SH + "class")]
    for head in graph.nodes(shape, SH + "or"):
        sides = [_classes_alone(library, str(side)) for side in graph.list(head)]
        if found or not all(sides):
            return []
        return [name for side in sides for name in side]
    return found if len(found) == 1 else []


def _unlike(names: list[str]) -> str:
    return f"that is not {names[0]}" if len(names) == 1 else f"that is neither {_listed(names, 'nor')}"


def _sides(library: Library, sides: list[str]) -> str:
    """Alternatives: of kinds where one of them names a kind, else of what is said."""
    if not any(library.graph.nodes(side, SH + "class") for side in sides):
        return _listed([_shape(library, side) for side in sides], "or")
    return f"that is {_listed([_side(library, side) for side in sides], 'or')}"


def _side(library: Library, side: str) -> str:
    named = library.graph.nodes(side, SH + "class")
    return _shape(library, side) if named else f"one {_shape(library, side)}"


def _denied(library: Library, shape: str) -> str:
    """The contrary of a shape; of one property that need not be stated, what the record must say for it to fail."""
    graph = library.graph
    inner = graph.nodes(shape, SH + "property")
    alone = len(inner) == 1 and graph.index[shape].keys() == {SH + "property"}
    if not alone or graph.objects(inner[0], SH + "minCount"):
        return f"that is not {_side(library, shape)}"
    path = graph.node(inner[0], SH + "path") or ""
    label = library.label(path)
    bounds = [(CONTRARY[kind], value) for kind, value in _bounds(library, inner[0])]
    if bounds:
        if {(kind, _value(library, value)) for kind, value in bounds} <= {("minInclusive", "0")}:
            return f"with {_noun(label).partition(' in ')[0]} stated"
        return _numbers(label, [(kind, _value(library, value)) for kind, value in bounds], "or", "said to be ")
    values = _values(library, inner[0])
    if not values:
        return f"that is not {_side(library, shape)}"
    if _is_truth(values):
        return _outright(label, says=not _says(values))
    rest = others(library, path, values)
    told = _grades(library, path, rest) if 0 < len(rest) <= _MANY or path in library.spans.scales else ""
    told = told or f"other than {_listed([_value(library, value) for value in values], 'or')}"
    if _links(label):
        return f"that is said to be {_linked(label, told)}"
    return f"whose {_noun(label)} is said to be {told}"


def _property(library: Library, shape: str, kinds: str = "") -> str:
    graph = library.graph
    path = graph.node(shape, SH + "path") or ""
    label = library.label(path)
    wanted = bool(graph.objects(shape, SH + "minCount"))
    aside = "" if wanted else " (or not stated)"
    values = _values(library, shape)
    nested = graph.node(shape, SH + "qualifiedValueShape")
    classes = graph.nodes(shape, SH + "class")
    bounds = _bounds(library, shape)
    if bounds and path in _RANKS:
        return _ends(library, label, bounds) + aside
    if bounds:
        numbers = _numbers(label, [(kind, _value(library, value)) for kind, value in bounds], "and")
        noun = numbers.removeprefix("with ").partition(" of ")[0]
        return (numbers.removeprefix(f"with {noun} ") if kinds.endswith(noun) else numbers) + aside
    if _is_truth(values):
        return _truth(label, says=_says(values)) if wanted else _loosely(label, says=_says(values))
    if values:
        return _of(label, _grades(library, path, values)) + aside
    if nested is not None:
        return _of(label, _shape(library, nested)) + aside
    if classes:
        return _of(label, _listed([library.label(cls) for cls in classes], "or")) + aside
    if label.rsplit(maxsplit=1)[-1] in _LINKS:
        ranges = _listed([library.label(cls) for cls in graph.nodes(path, RDFS + "range")], "or")
        return f"that is {label} a {ranges or 'thing on record'}"
    return f"with {_noun(label)} stated"


def _bounds(library: Library, shape: str) -> list[tuple[str, Term]]:
    return [(kind, value) for kind in _COMPARED for value in library.graph.objects(shape, SH + kind)]


def _values(library: Library, shape: str) -> list[Term]:
    head = library.graph.node(shape, SH + "in")
    return library.graph.list(head) if head else library.graph.objects(shape, SH + "hasValue")


def _numbers(label: str, bounds: list[tuple[str, str]], joint: str, said: str = "") -> str:
    """The numbers that a quantity is held against, with its unit; what is counted is named after its number."""
    noun, _, unit = _noun(label).partition(" in ")
    exact = len({value for _, value in bounds}) < len(bounds)
    counted = noun.removeprefix("number of ")
    is_count = not unit and (counted != noun or any(word.islower() and word.endswith("s") for word in _ends_of(noun)))
    numbers = f" {joint} ".join(f"{_COMPARED[kind]} {value}" for kind, value in bounds)
    if exact:
        numbers = f"exactly {bounds[0][1]}" if is_count else bounds[0][1]
    one = bounds[-1][1] == "1"
    if is_count:
        lead = "" if " before " in counted else "with "
        return f"{lead}{said}{numbers} {singular(counted) if one else counted}"
    return f"with {noun} {said or 'of '}{numbers} {singular(unit) if one else unit}".rstrip()


def _ends_of(words: str) -> tuple[str, str]:
    parts = words.split()
    return parts[0], parts[-1]


def _ends(library: Library, label: str, bounds: list[tuple[str, Term]]) -> str:
    """The end of a construct, held against a vertebra rather than against its place in the column."""
    vertebrae = {rank: name for name, rank in library.anatomy.rank.items()}
    told = []
    for kind, value in bounds:
        rank = int(_value(library, value)) + {"minExclusive": 1, "maxExclusive": -1}.get(kind, 0)
        told.append(f"{library.label(vertebrae[rank])} or {'below' if kind.startswith('min') else 'above'}")
    return f"whose {label.removeprefix('rank of the ')} is at {', and at '.join(told)}"


def _is_truth(values: list[Term]) -> bool:
    return bool(values) and all(isinstance(value, Literal) and value.lexical in ("true", "false") for value in values)


def _says(values: list[Term]) -> bool:
    return all(isinstance(value, Literal) and value.lexical == "true" for value in values)


def _truth(label: str, *, says: bool) -> str:
    verb, _, rest = label.partition(" ")
    if verb == "is":
        return f"that is {rest}" if says else f"that is not {rest}"
    return f"that {label}" if says else f"of which it is not true that it {label}"


def _loosely(label: str, *, says: bool) -> str:
    """What may be left unsaid, yet not said to be otherwise."""
    verb, _, rest = label.partition(" ")
    if verb == "is" and not says:
        return f"that is not said to be {rest}"
    return f"{_truth(label, says=says)} (or not stated)"


def _outright(label: str, *, says: bool) -> str:
    """What may not be left unsaid."""
    verb, _, rest = label.partition(" ")
    if verb == "is":
        return f"that is said {'' if says else 'not '}to be {rest}"
    return f"of which it is said that it {'' if says else 'is not so that it '}{label}"


def _of(label: str, value: str) -> str:
    noun = _noun(label)
    if noun != label:
        return f"with {value}" if noun.rsplit(maxsplit=1)[-1] in value else f"whose {noun} is {value}"
    if label.split(maxsplit=1)[0].endswith("s"):
        return f"that {label} {value}"
    return _linked(label, value) if _links(label) else f"whose {label.removeprefix('on ')} is {value}"


def _links(label: str) -> bool:
    """Whether a label leads over to its value by itself: at level, due to, delivered by; not: fit with the symptoms."""
    words = label.split()
    return words[-1] in _LINKS or (words[0] in _LINKS and words[0] != "on")


def _linked(label: str, value: str) -> str:
    """A label with its value, linked once: given through the skin, not by through the skin."""
    words = label.split()
    if words[-1] in _LINKS and value.split(maxsplit=1)[0] in _LINKS:
        words.pop()
    return f"{' '.join(words)} {value}"


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


def _listed(names: Iterable[str], joint: str) -> str:
    among = list(names)
    if len(among) <= 1:
        return "".join(among)
    return f"{', '.join(among[:-1])} {joint} {among[-1]}"


def _value(library: Library, value: Term) -> str:
    if isinstance(value, Literal):
        return value.lexical
    label = library.label(value) or local(value)
    return f"“{label}”" if Nec.Recommendation in library.graph.types(value) else label
