"""Which known name a word means: another word for it, a slip of the pen, or words that both share."""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_LONGEST_WORD: Final = 80
_WORD: Final = re.compile(r"[a-z0-9]+")
_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_ENDING: Final = re.compile(r"(?:ae|als?|a|ations?|ators?|ated?|ating|ences?|ents?|ions?|ers?|ors?|ed|ing|es|e|s)$")
_TWICE: Final = re.compile(r"(.)\1$")
_LEAST_STEM: Final = 3
_LITTLE: Final = frozenset(
    ["a", "an", "and", "at", "by", "for", "from", "in", "is", "of", "on", "or", "the", "to", "with"]
)
_SLIP: Final = 0.85
_ROUGHLY: Final = 0.8
_SHARED: Final = 0.5


def plain_word(text: str) -> str:
    """A word or words as they are compared: small letters and digits alone.

    >>> plain_word("Patient-directed exercise")
    'patientdirectedexercise'
    """
    return "".join(one for one in text.casefold() if one.isalnum())


@lru_cache(maxsize=8192)
def stems(text: str) -> tuple[str, ...]:
    """The words of a text or of a name, without little words and without the endings that a note adds at will.

    >>> stems("HardwareInfection") == stems("infected hardware")[::-1]
    True
    """
    words = _WORD.findall(_HUMP.sub(" ", text).casefold())
    return tuple(_stem(word) for word in words if word not in _LITTLE)


def _stem(word: str) -> str:
    short = _TWICE.sub(r"\1", _ENDING.sub("", word))
    return short if len(short) >= _LEAST_STEM else word


def nearest(
    word: str,
    names: Iterable[str],
    synonyms: Mapping[str, tuple[str, ...]] | None = None,
    sayings: Mapping[str, tuple[str, ...]] | None = None,
) -> str:
    """The known name that a word means, or an empty string.

    By another word for it, by a slip in its spelling, by the words that they share, and only then by its letters.

    >>> nearest("hasSeverty", ["hasSeverity", "hasSide"])
    'hasSeverity'
    >>> nearest("synovial cyst", ["FacetCyst"], {"synovialcyst": ("FacetCyst",)})
    'FacetCyst'
    >>> nearest("HardwareInfection", ["HardwareReinsertion", "Sepsis"], sayings={"Sepsis": ("infected hardware",)})
    'Sepsis'
    """
    known = set(names)
    folded = {one.casefold(): one for one in sorted(known, reverse=True)}
    others = {
        other: means[0]
        for other, all_means in (synonyms or {}).items()
        if (means := [one for one in all_means if one in known])
    }
    asked, letters = plain_word(word[:_LONGEST_WORD]), word[:_LONGEST_WORD].casefold()
    if asked in others:
        return others[asked]
    for told, said in ((folded, letters), (others, asked)):
        found = get_close_matches(said, told, n=1, cutoff=_SLIP)
        if found:
            return told[found[0]]
    alike = _by_words(word[:_LONGEST_WORD], known, sayings or {})
    if alike:
        return alike
    found = get_close_matches(letters, folded, n=1, cutoff=_ROUGHLY)
    if found:
        return folded[found[0]]
    said_so = {**others, **folded}
    held = [one for one in said_so if one in asked and len(one) * 2 > len(asked)]
    return said_so[max(held, key=len)] if held else ""


def _by_words(word: str, known: set[str], sayings: Mapping[str, tuple[str, ...]]) -> str:
    """The name that shares the most with a word, counted in letters of whole words; of these the shortest."""
    asked = stems(word)
    ranked = [
        (-share, len(name), name)
        for name in known
        if (share := max(_share(asked, stems(one)) for one in (name, *sayings.get(name, ())))) >= _SHARED
    ]
    return min(ranked)[2] if ranked else ""


def _share(asked: Sequence[str], name: Sequence[str]) -> float:
    one, other = set(asked), set(name)
    whole = sum(map(len, one | other))
    return sum(map(len, one & other)) / whole if whole else 0.0
