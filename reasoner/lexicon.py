"""Finding the word of the vocabulary for what a note says, and how a case writes it.

A term is sought by its name, its other names and its definition. A turn of phrase (a wording of the
ontology: no, prior, did not complete) is taken out of the question first, and says how the term that
the rest of it leads to is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, NamedTuple

from reasoner.anatomy import local
from reasoner.library import Library
from reasoner.likeness import stems
from reasoner.restating import defined_as
from reasoner.terms import RDF_TYPE, Literal
from reasoner.vocabulary import CODE, GUIDELINE, REFERENCE, SKOS, Case, Nec, Spine

_TOKEN: Final = re.compile(r"[a-z0-9/]+")
_NUMBER: Final = re.compile(r"\d+|[ctls]\d{1,2}")
_CLASS: Final = "{}"
_MOST_PATHS: Final = 3
_KINDS: Final = (
    (Spine.Procedure, "procedure"),
    (Case.Document, "document"),
    (Spine.Evidence, "evidence"),
)
_SHARING: Final = 4
"""The rank of terms that share but some words with the question."""


@dataclass(frozen=True, slots=True)
class Word:
    """One term that a case may use: its name, what kind of thing it is, what it means, and how a case writes it."""

    name: str
    kind: str
    definition: str
    also: tuple[str, ...]
    iri: str = ""
    written: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """What it goes by."""
        return (self.name, *self.also)

    @property
    def is_about_another(self) -> bool:
        """Whether it is a property of something or a value of one, and no thing that a case records."""
        return self.kind == "property" or self.kind.startswith("value of")

    @property
    def is_code(self) -> bool:
        """Whether it is a code or a reference, which a note seldom means."""
        return self.iri.startswith((CODE, REFERENCE))


class _Phrase(NamedTuple):
    """A turn of phrase about a term: its words, what it is said of, and how that is written."""

    iri: str
    words: tuple[tuple[str, ...], ...]
    said_of: str
    written: str


def words_for(library: Library, text: str, *, codes: bool = False) -> list[Word]:
    """The terms that a text may mean, the nearest first; empty if there is none.

    Codes and references come last, and those that merely share a word with the text only if asked for.

    >>> words_for(Library.read(), "slipped vertebra")[0].kind
    'evidence'
    >>> words_for(Library.read(), "no bridging bone")[0].written
    'a case:Absence ; case:ofKind spine:SolidFusion'
    """
    phrases, rest = _heard(library, text)
    asked, whole = _sought(rest), _sought(text)
    if phrases and all(_NUMBER.fullmatch(word) for word in asked):
        named = [word for word in _terms(library) if any(set(stems(name)) == set(whole) for name in word.names)]
        return [*named, *_alone(library, phrases)]
    ranked: list[tuple[tuple[int, ...], str, Word]] = []
    for word in _terms(library):
        names = [stems(name) for name in word.names]
        definition = stems(word.definition)
        as_said, rank = _rank(whole, names, definition), _rank(asked, names, definition)
        if word.kind == "wording" or (as_said is not None and (rank is None or as_said[0] <= rank[0])):
            framed, rank = word, as_said
        else:
            framed = _framed(library, word, phrases)
        if rank is None or (word.is_code and rank[0] >= _SHARING and not codes):
            continue
        chosen = framed if rank[0] < _SHARING else word
        ranked.append(((word.is_code, *rank, word.is_about_another, len(word.name)), word.name, chosen))
    return [word for *_, word in sorted(ranked, key=lambda row: row[:2])]


def _rank(asked: Sequence[str], names: Sequence[Sequence[str]], definition: Sequence[str]) -> tuple[int, int] | None:
    """How near a term is, and how many words it lacks.

    It may be named so, be named within the question, be named with these words among others, tell of them in its
    definition, or share some.
    """
    sought = set(asked)
    if not sought:
        return None
    if any(set(name) == sought for name in names):
        return (0, 0)
    within = max((len(set(name)) for name in names if name and set(name) < sought), default=0)
    if any(sought <= set(name) for name in names):
        return (1, 0)
    if within > 1 or (within and len(sought) - within == 1):
        return (2, len(sought) - within)
    everywhere = {word for name in names for word in name} | set(definition)
    if sought <= everywhere:
        return (3, 0)
    shared = max(len(sought & set(name)) for name in names)
    return (_SHARING, len(sought) - shared) if shared else None


def _sought(text: str) -> tuple[str, ...]:
    """What is looked for: words without numbers and levels, unless there is nothing else."""
    found = stems(text)
    return tuple(word for word in found if not _NUMBER.fullmatch(word)) or found


# Turns of phrase


def _heard(library: Library, text: str) -> tuple[list[_Phrase], str]:
    """The turns of phrase in a text, the longest first, and what is left of it."""
    tokens = _TOKEN.findall(text.casefold())
    found = []
    spoken = [(words, phrase) for phrase in _phrases(library) for words in phrase.words]
    for words, phrase in sorted(spoken, key=lambda one: -len(one[0])):
        for start in range(len(tokens) - len(words) + 1):
            if tuple(tokens[start : start + len(words)]) == words:
                found.append(phrase)
                tokens[start : start + len(words)] = [""] * len(words)
    return found, " ".join(tokens)


def _phrases(library: Library) -> Iterator[_Phrase]:
    graph = library.graph
    for iri in graph.subjects(RDF_TYPE, Nec.Wording):
        written = graph.text(iri, Nec.writtenAs)
        if _CLASS in written:
            names = [library.label(iri), *_also(library, iri)]
            yield _Phrase(
                iri,
                tuple(tuple(_TOKEN.findall(name.casefold())) for name in names),
                graph.node(iri, Nec.saidOf) or Spine.Evidence,
                written,
            )


def _framed(library: Library, word: Word, phrases: Sequence[_Phrase]) -> Word:
    """A class with the way to write it that the turns of phrase around it ask for."""
    above = library.ancestors.get(word.iri, frozenset())
    if word.iri in library.schema.derived_classes:
        return word
    for phrase in phrases:
        if phrase.said_of in above:
            return replace(word, written=phrase.written.replace(_CLASS, word.name))
    return word


def _alone(library: Library, phrases: Sequence[_Phrase]) -> list[Word]:
    """Turns of phrase that were asked for by themselves."""
    return [
        replace(_word(library, one.iri, "wording"), written=one.written.replace(_CLASS, "..."))
        for one in dict.fromkeys(phrases)
    ]


# Terms


@lru_cache(maxsize=2)
def _terms(library: Library) -> tuple[Word, ...]:
    """Every term that a note may mean; made once, as a page looks through them with every search."""
    return tuple(_words(library))


def _words(library: Library) -> Iterator[Word]:
    schema = library.schema
    for cls in sorted(schema.assertable | schema.instead.keys()):
        written = defined_as(library.graph, cls) if cls in schema.derived_classes else ""
        if cls in schema.derived_classes and not written:
            continue
        kind = next((word for above, word in _KINDS if above in schema.superclasses[cls]), "class")
        yield replace(_word(library, cls, kind), written=written)
    ends = {end for one in schema.properties.values() for end in (one.low_end, one.high_end) if end}
    for path, known in schema.properties.items():
        if path not in schema.derived_properties and path not in ends:
            inexact = [f"case:{local(end)}" for end in (known.low_end, known.high_end) if end]
            written = f"case:{local(path)}; if it is not exact, {' or '.join(inexact)}" if inexact else ""
            yield replace(_word(library, path, "property"), written=written)
    named: dict[str, list[str]] = {}
    for path, known in schema.properties.items():
        if path not in schema.derived_properties:
            for value in known.values - schema.superclasses.keys():
                if not value.startswith(GUIDELINE):
                    named.setdefault(value, []).append(local(path))
    for value, paths in named.items():
        yield _word(library, value, f"value of {', '.join(sorted(paths)[:_MOST_PATHS])}")
    for wording in library.graph.subjects(RDF_TYPE, Nec.Wording):
        written = library.graph.text(wording, Nec.writtenAs)
        if _CLASS not in written:
            yield replace(_word(library, wording, "wording"), written=written)


def _word(library: Library, iri: str, kind: str) -> Word:
    label, name = library.label(iri), local(iri)
    others = tuple(dict.fromkeys(one for one in (label, *_also(library, iri)) if one.casefold() != name.casefold()))
    return Word(name, kind, library.definition(iri), others, iri)


def _also(library: Library, iri: str) -> list[str]:
    return [value.lexical for value in library.graph.objects(iri, SKOS + "altLabel") if isinstance(value, Literal)]
