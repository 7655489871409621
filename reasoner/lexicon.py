"""Finding the word of the vocabulary for what a note says: by name, by other names, by definition."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from reasoner.anatomy import local
from reasoner.library import Library
from reasoner.terms import Literal
from reasoner.vocabulary import GUIDELINE, SKOS, Case, Spine

_WORD: Final = re.compile(r"[a-z0-9]+")
_LITTLE: Final = frozenset(
    ["a", "an", "and", "at", "for", "in", "is", "no", "not", "of", "on", "or", "the", "to", "with"]
)
_MOST_PATHS: Final = 3
_KINDS: Final = (
    (Spine.Procedure, "procedure"),
    (Case.Document, "document"),
    (Spine.Evidence, "evidence"),
)


@dataclass(frozen=True, slots=True)
class Word:
    """One term that a case may use: its name, what kind of thing it is, and what it means."""

    name: str
    kind: str
    definition: str
    also: tuple[str, ...]


def words_for(library: Library, text: str) -> list[Word]:
    """The terms that a text may mean, the nearest first; empty if there is none.

    >>> words_for(Library.read(), "slipped vertebra")[0].kind
    'evidence'
    """
    asked = _stems(text)
    ranked = [
        (rank, len(word.name), word.name, word)
        for word in _words(library)
        if (rank := _rank(asked, _names(word), _stems(word.definition))) is not None
    ]
    return [word for *_, word in sorted(ranked, key=lambda row: row[:3])]


def _rank(asked: Sequence[str], names: Sequence[Sequence[str]], definition: Sequence[str]) -> int | None:
    """How near a term is: named so, named with these words among others, told of in them, or named with one of them."""
    if not asked:
        return None
    if any(sorted(name) == sorted(asked) for name in names):
        return 0
    if any(set(asked) <= set(name) for name in names):
        return 1
    everywhere = {word for name in names for word in name} | set(definition)
    if set(asked) <= everywhere:
        return 2
    return 3 if any(set(asked) & set(name) for name in names) else None


def _words(library: Library) -> Iterator[Word]:
    schema = library.schema
    for cls in schema.assertable:
        kind = next((word for above, word in _KINDS if above in schema.superclasses[cls]), "class")
        yield _word(library, cls, kind)
    for path in schema.properties:
        if path not in schema.derived_properties:
            yield _word(library, path, "property")
    named: dict[str, list[str]] = {}
    for path, known in schema.properties.items():
        if path not in schema.derived_properties:
            for value in known.values - schema.superclasses.keys():
                if not value.startswith(GUIDELINE):
                    named.setdefault(value, []).append(local(path))
    for value, paths in named.items():
        yield _word(library, value, f"value of {', '.join(sorted(paths)[:_MOST_PATHS])}")


def _word(library: Library, iri: str, kind: str) -> Word:
    also = [value.lexical for value in library.graph.objects(iri, SKOS + "altLabel") if isinstance(value, Literal)]
    label = library.label(iri)
    others = tuple(dict.fromkeys(name for name in (label, *also) if name.casefold() != local(iri).casefold()))
    return Word(local(iri), kind, library.definition(iri), others)


def _names(word: Word) -> list[list[str]]:
    return [_stems(_spaced(word.name)), *(_stems(name) for name in word.also)]


def _spaced(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)


def _stems(text: str) -> list[str]:
    """The words of a text without endings that a note adds at will."""
    words = [word for word in _WORD.findall(text.casefold()) if word not in _LITTLE]
    return [re.sub(r"(?:ed|ing|es|s)$", "", word) or word for word in words]
