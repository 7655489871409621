"""What a form for a case must ask, described as data: read from the case shapes and from the schema that cases are held to.

Groups, order, names and help are those of the shapes; kinds, choices and bounds those of the
schema. What is shown at once is what the shapes expect, what published cases state of many such
things, and what the criteria ask of a class; everything else can be added.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from api.linked.addresses import short
from reasoner.anatomy import local
from reasoner.case import read_case
from reasoner.lexical import BOOLEAN, DATES, INTEGER
from reasoner.library import parse_into
from reasoner.schema import CONTEXT_IRI, PREFIXES
from reasoner.terms import RDF_TYPE, Graph
from reasoner.vocabulary import CODE, RDFS, SH, SKOS, Case

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reasoner.library import Library
    from reasoner.schema import CaseSchema, Property

Json = dict[str, Any]

_USUAL: Final = 4
"""A field is shown at once where one in so many published things of its shape states it."""
_BROAD: Final = 60
"""What is asked of a class with more kinds than this below it is offered, and not shown at once."""


@lru_cache(maxsize=2)
def form_description(library: Library) -> Json:
    """Everything that a form needs: shapes with their fields, the fields, their choices, and the classes.

    >>> from reasoner import Library
    >>> age = form_description(Library.read())["fields"]["ageInYears"]
    >>> age["label"], age["kind"], age["max"]
    ('Age in years', 'number', 120)
    """
    return _Form(library).description()


def written_name(schema: CaseSchema, iri: str) -> str:
    """A term as JSON writes it: by its plain name, where two terms share that with a prefix, else in full.

    >>> from reasoner import Library
    >>> written_name(Library.read().schema, "https://w3id.org/spine-reasoner/spine#Severe")
    'Severe'
    """
    if schema.names.get(local(iri)) == iri:
        return local(iri)
    return next((f"{word}:{iri.removeprefix(space)}" for word, space in PREFIXES.items() if iri.startswith(space)), iri)


class _Form:
    """Reads shapes and schema side by side, once."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.schema = library.schema
        self.shapes = Graph()
        parse_into(self.shapes, (library.root / "shapes" / "case.ttl").read_bytes(), "case.ttl")
        graph = self.shapes
        self.listed = {
            shape: tuple(graph.nodes(shape, SH + "property"))
            for shape in graph.subjects(RDF_TYPE, SH + "NodeShape")
            if any(self._is_field(one) for one in graph.nodes(shape, SH + "property"))
        }
        self.targets = {shape: tuple(graph.nodes(shape, SH + "targetClass")) for shape in self.listed}
        self.field_shape = {
            self._path(one): one for listed in self.listed.values() for one in listed if self._is_field(one)
        }
        ends = {end for one in self.schema.properties.values() for end in (one.low_end, one.high_end) if end}
        self.exact = [one for iri, one in self.schema.properties.items() if iri not in ends]
        self.root = next(shape for shape, targets in self.targets.items() if Case.Case in targets)
        self.held = {one.iri: self._held(one) for one in self.exact if one.node_classes}
        self.depth = self._depths()
        self.inside = {iri: self._inside(iri) for iri in self.held}
        self.seeds = self._stated_in_seeds()
        self.spellings: dict[str, list[str]] = {}
        for spelling, name in self.schema.level_spellings.items():
            self.spellings.setdefault(name, []).append(spelling)
        self.sets: dict[str, list[Json]] = {}
        self.set_of: dict[frozenset[str], str] = {}

    def description(self) -> Json:
        """The whole description."""
        return {
            "context": CONTEXT_IRI,
            "root": local(self.root),
            "groups": self._groups(),
            "shapes": {local(shape): self._shape(shape) for shape in self.listed},
            "fields": {self._name(one.iri): self._field(one) for one in self.exact},
            "classes": self._classes(),
            "sets": self.sets,
        }

    def _name(self, iri: str) -> str:
        return written_name(self.schema, iri)

    def _path(self, one: str) -> str:
        return self.shapes.node(one, SH + "path") or ""

    def _is_field(self, one: str) -> bool:
        """Whether a property shape is drawn: those without a group only hold a rule."""
        return bool(self.shapes.nodes(one, SH + "group"))

    # Shapes

    def _groups(self) -> list[Json]:
        graph = self.shapes
        found = sorted(
            graph.subjects(RDF_TYPE, SH + "PropertyGroup"), key=lambda one: int(graph.text(one, SH + "order"))
        )
        return [{"name": local(one), "label": graph.text(one, RDFS + "label")} for one in found]

    def _shape(self, shape: str) -> Json:
        """A node shape: what it is called, whose classes it holds for, and its fields in order."""
        graph, usual = self.shapes, self._usual(shape)
        fields = [self._in_shape(shape, self._path(one), usual) for one in self._in_order(shape)]
        return {
            "label": graph.text(shape, SKOS + "prefLabel"),
            "help": graph.text(shape, SKOS + "definition"),
            "classes": [self._name(one) for one in self.targets[shape]],
            "isNamed": any(not inside and shape in self.held[path] for path, inside in self.inside.items()),
            # What is needed stands first, what opens a list of its own last.
            "fields": sorted(fields, key=lambda one: 0 if one["required"] else 2 if one["opens"] else 1),
        }

    def _in_shape(self, shape: str, path: str, usual: frozenset[str]) -> Json:
        rules = [one for one in self.listed[shape] if self._path(one) == path]
        grave = {self._severity(one): one for one in rules if int(self.shapes.text(one, SH + "minCount") or 0)}
        advice = grave.get(SH + "Warning")
        return {
            "path": self._name(path),
            "required": SH + "Violation" in grave,
            "advice": self.shapes.text(advice, SH + "message") if advice else "",
            "shown": bool(grave) or path in usual,
            "opens": bool(self.inside.get(path)),
        }

    def _severity(self, one: str) -> str:
        return self.shapes.node(one, SH + "severity") or SH + "Violation"

    def _in_order(self, shape: str) -> list[str]:
        """The fields of a shape by group and then by their own order."""
        graph = self.shapes

        def place(one: str) -> tuple[int, int]:
            group = graph.node(one, SH + "group") or ""
            return int(graph.text(group, SH + "order") or 0), int(graph.text(one, SH + "order") or 0)

        return sorted((one for one in self.listed[shape] if self._is_field(one)), key=place)

    def _covers(self, shape: str, classes: frozenset[str]) -> bool:
        """Whether some of these classes stand at or under what a shape holds for."""
        above = self.schema.superclasses
        return any(target in above.get(one, ()) for one in classes for target in self.targets[shape])

    def _held(self, known: Property) -> list[str]:
        """The shapes of the nodes that a property points at: by the class that its field names, or by name of the property."""
        wanted = set(self.shapes.nodes(self.field_shape.get(known.iri, ""), SH + "class"))
        return [
            shape
            for shape, targets in self.targets.items()
            if any(wanted & self.schema.superclasses.get(target, frozenset()) for target in targets)
            or known.iri in self.shapes.nodes(shape, SH + "targetObjectsOf")
        ]

    def _depths(self) -> dict[str, int]:
        """How many steps each shape lies from the case."""
        found, todo = {self.root: 0}, [self.root]
        while todo:
            shape = todo.pop(0)
            inner = [held for one in self.listed[shape] for held in self.held.get(self._path(one), ())]
            fresh = [one for one in dict.fromkeys(inner) if one not in found]
            found |= dict.fromkeys(fresh, found[shape] + 1)
            todo += fresh
        return found

    def _inside(self, path: str) -> list[str]:
        """The shapes that a property writes inside the node that carries it: those one step further from the case.

        Any other property links to what stands elsewhere in the case.
        """
        carriers = [
            self.depth[shape] for shape, listed in self.listed.items() if any(self._path(one) == path for one in listed)
        ]
        return [shape for shape in self.held[path] if self.depth[shape] == min(carriers, default=-2) + 1]

    # What is shown at once

    def _usual(self, shape: str) -> frozenset[str]:
        stated = self.seeds[shape]
        return frozenset(path for path, count in stated.items() if _USUAL * count >= stated[RDF_TYPE])

    def _stated_in_seeds(self) -> dict[str, Counter[str]]:
        """How often the published cases state each property of the things of each shape."""
        found: dict[str, Counter[str]] = {shape: Counter() for shape in self.listed}
        for path in sorted((self.library.root / "examples").glob("*.ttl")):
            for edges in read_case(path.read_bytes(), schema=self.schema).graph.index.values():
                kinds = frozenset(str(kind) for kind in edges.get(RDF_TYPE, ()))
                for shape in self.listed:
                    if self._covers(shape, kinds):
                        found[shape].update(edges.keys())
        return found

    def _asked(self) -> dict[str, set[str]]:
        """The properties that criteria and scores ask of each class they name."""
        found: dict[str, set[str]] = {}
        for leaf in self.library.criteria.leaves.values():
            found.setdefault(leaf.shape.genus, set()).update(self._paths_within(leaf.shape.shape))
        for system in self.library.scoring_systems:
            for one in (option.leaf for component in system.components for option in component.options):
                if one is not None:
                    found.setdefault(one.shape.genus, set()).update(self._paths_within(one.shape.shape))
        for banding in self.library.bandings:
            for cls in banding.applies_to:
                found.setdefault(cls, set()).add(banding.quantity)
        for definition in self.library.definitions:
            for cls in definition.classes:
                found.setdefault(cls, set()).update(path for path, _, _ in definition.links)
        below = self.library.descendants
        return {cls: paths for cls, paths in found.items() if len(below.get(cls, ())) <= _BROAD}

    def _paths_within(self, shape: str) -> Iterator[str]:
        """Every path that a shape reads of the thing it is about, in whatever fold it stands."""
        graph = self.library.graph
        yield from graph.nodes(shape, SH + "path")
        for key in ("property", "not"):
            for inner in graph.nodes(shape, SH + key):
                yield from self._paths_within(inner)
        for key in ("or", "and"):
            for head in graph.nodes(shape, SH + key):
                for side in graph.list(head):
                    if isinstance(side, str):
                        yield from self._paths_within(side)

    # Classes

    def _classes(self) -> Json:
        """The classes that a case may give its nodes: their words, their shapes, and what is asked of them."""
        asked, schema = self._asked(), self.schema
        stated = {one.iri: frozenset({one.iri, one.low_end, one.high_end}) for one in self.exact}
        rows: Json = {}
        for cls in sorted(schema.assertable):
            above = schema.superclasses[cls]
            shapes = [shape for shape in self.listed if above.intersection(self.targets[shape])]
            drawn = {self._path(one) for shape in shapes for one in self.listed[shape] if self._is_field(one)}
            may = {one.iri for one in self.exact if not one.domain or cls in one.domain}
            wanted = {path for up in above for path in asked.get(up, ())}
            rows[self._name(cls)] = {
                "label": self.library.label(cls),
                "kind": self._kind(cls, shapes),
                "shapes": [local(shape) for shape in shapes],
            } | _filled(
                also=list(schema.sayings.get(local(cls), ())[1:]),
                asked=[self._name(path) for path in sorted(may) if stated[path] & wanted],
                beyond=[self._name(path) for path in sorted(may - drawn)],
                never=[self._name(path) for path in sorted(drawn - may)],
            )
        return rows

    def _kind(self, cls: str, shapes: Iterable[str]) -> str:
        """What sort of thing a class is: the class above it that stands directly under what its shape holds for."""
        graph, targets = self.library.graph, {target for shape in shapes for target in self.targets[shape]}
        near = [
            up
            for up in self.library.ancestors.get(cls, ())
            if up != cls and targets.intersection(graph.nodes(up, RDFS + "subClassOf"))
        ]
        return ", ".join(sorted(self.library.label(up) for up in near))

    # Fields

    def _field(self, known: Property) -> Json:
        one = self.field_shape.get(known.iri, "")
        graph = self.shapes
        ends = {"low": known.low_end, "high": known.high_end}
        return {
            "label": graph.text(one, SH + "name") or known.label,
            "help": graph.text(one, SH + "description") or self.library.definition(known.iri),
            "group": local(graph.node(one, SH + "group") or ""),
            "many": not known.functional and graph.text(one, SH + "maxCount") != "1",
            **{key: self._name(end) for key, end in ends.items() if end},
            **self._values(known),
        }

    def _values(self, known: Property) -> Json:
        """What a field holds: a kind, and its bounds, its choices or its nodes."""
        if known.node_classes:
            inside = self.inside[known.iri]
            if not inside:
                return {"kind": "link", "shapes": [local(shape) for shape in self.held[known.iri]]}
            return {"kind": "nodes", "adds": list(self._adds(known, inside))}
        if not known.datatypes:
            return {"kind": "choice", "set": self._set(known), "isLevel": known.takes_level}
        if BOOLEAN in known.datatypes:
            return {"kind": "boolean"}
        if set(known.datatypes) <= set(DATES):
            return {"kind": "date", "isPartial": len(known.datatypes) > 1}
        if known.is_text:
            return {"kind": "text"}
        whole = INTEGER in known.datatypes
        return {"kind": "integer" if whole else "number", "min": _number(known.minimum), "max": _number(known.maximum)}

    def _adds(self, known: Property, inside: Iterable[str]) -> Iterator[Json]:
        """What can be added to a list of nodes: one of a broad shape, whose class is then chosen, or one of a narrow class."""
        for shape in inside:
            for target in self.targets[shape]:
                below = [one for one in known.node_classes if target in self.schema.superclasses[one]]
                label = self.shapes.text(shape, SKOS + "prefLabel")
                if len(below) > 1:
                    yield {"shape": local(shape), "type": None, "label": label}
                else:
                    yield {"shape": local(shape), "type": self._name(target), "label": self.library.label(target)}

    def _set(self, known: Property) -> str:
        """The name of the list of choices that a property takes; equal lists stand once."""
        values = known.values
        if values not in self.set_of:
            self.set_of[values] = local(known.iri)
            labels = Counter(self.library.label(one) for one in values)
            self.sets[local(known.iri)] = [self._choice(one, labels) for one in self._sorted(known)]
        return self.set_of[values]

    def _choice(self, one: str, labels: Counter[str]) -> Json:
        label, name = self.library.label(one), self._name(one)
        also = [*self.schema.sayings.get(local(one), ())[1:], *self.spellings.get(local(one), ())]
        if one.startswith(CODE):
            label = f"{local(one)} {label}"
        elif labels[label] > 1:
            label = f"{label} ({short(one)})"
        return {"name": name, "label": label, "also": also} if also else {"name": name, "label": label}

    def _sorted(self, known: Property) -> list[str]:
        """Choices as a person looks for them: grades from the lowest, levels from the head down, the rest by name."""
        if known.scale in self.schema.scales:
            return [one for one in self.schema.scales[known.scale] if one in known.values]
        anatomy, last = self.library.anatomy, len(self.schema.rank)

        def place(one: str) -> tuple[int, int, str]:
            ends = anatomy.ends.get(one, (one,))
            rank = min((anatomy.rank[end] for end in ends if end in anatomy.rank), default=last)
            is_code = one.startswith(CODE)
            return rank, len(ends), local(one) if is_code else self.library.label(one).casefold()

        return sorted(known.values, key=place)


def _filled(**rows: list[str]) -> Json:
    """What is not empty."""
    return {name: row for name, row in rows.items() if row}


def _number(value: Decimal | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)
