"""One of what is counted in several, and so many of one."""

from __future__ import annotations


def count(number: str, word: str) -> str:
    """So many of something.

    >>> count("1", "level"), count("2", "level")
    ('1 level', '2 levels')
    """
    return f"{number} {word}{'' if number == '1' else 's'}"


def singular(words: str) -> str:
    """One of what is counted in several: 1 skipped segment, 1 day before the cut-off.

    >>> singular("days before the cut-off"), singular("distinct modalities")
    ('day before the cut-off', 'distinct modality')
    """
    parts = words.split()
    place = 0 if parts and parts[0].endswith("s") else -1
    if parts:
        many = parts[place]
        parts[place] = f"{many.removesuffix('ies')}y" if many.endswith("ies") else many.removesuffix("s")
    return " ".join(parts)
