"""The drawing of the spine: plain measures made from the `spine` of a determination, which a template turns into SVG.

Nothing here knows a disease: families of findings get their shapes in the order in which they come.
"""

from __future__ import annotations

from dataclasses import dataclass
from string import ascii_uppercase
from typing import TYPE_CHECKING, Any, Final

from reasoner.itemised import TONES, is_silent

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Json = dict[str, Any]

NAME_WIDTH: Final = 66
BODY_WIDTH: Final = 58
LANE_WIDTH: Final = 27
PURPOSE_WIDTH: Final = 100
FOUND_WIDTH: Final = 208
HEAD: Final = 30
LINE: Final = 17
GAP: Final = 22
STUB: Final = 20
_BODY_LEFT: Final = NAME_WIDTH + 6
_LANES_LEFT: Final = NAME_WIDTH + BODY_WIDTH + 20
_LEAST: Final = {"vertebra": 30, "segment": 27}
_MOST_FAMILIES: Final = 6
_LONGEST: Final = 28

SYMBOLS: Final = {
    "necessary": "\N{CHECK MARK}",
    "not-necessary": "\N{MULTIPLICATION X}",
    "partly-necessary": "!",
    "undetermined": "?",
    "silent": "~",
    "included": "=",
    "not-assessed": "\N{WHITE CIRCLE}",
}
"""One mark for one outcome on every page; workbench.css has those of the tones, which are the same."""
OUTCOMES: Final = {
    "necessary": "necessary",
    "not-necessary": "not necessary",
    "undetermined": "undetermined",
    "silent": "not shown to be necessary",
    "included": "part of another",
    "not-assessed": "not assessed",
}
PURPOSES: Final = {"disease": "disease", "support": "support", "bridge": "bridge", "not-shown": "not shown"}
SHAPES: Final = (
    "M6 0 12 12 0 12Z",
    "M1 1H11V11H1Z",
    "M6 0 12 6 6 12 0 6Z",
    "M6 .5A5.5 5.5 0 1 1 5.99 .5Z",
    "M4 0H8V4H12V8H8V12H4V8H0V4H4Z",
    "M0 0H12L6 12Z",
    "M6 0 11.7 4.1 9.5 11 2.5 11 .3 4.1Z",
    "M3 0H9L12 6 9 12H3L0 6Z",
    "M0 3H12V9H0Z",
    "M6 0 7.8 4.2 12 4.6 8.8 7.4 9.7 12 6 9.6 2.3 12 3.2 7.4 0 4.6 4.2 4.2Z",
)
"""Paths in a square of twelve; with more families than shapes they come round again, and the words still tell."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One requested service: its letter, its name, and the bar that runs from its first level to its last."""

    letter: str
    name: str
    centre: float
    top: float
    height: float


@dataclass(frozen=True, slots=True)
class Cell:
    """What came out for a service at a level."""

    letter: str
    centre: float
    tone: str
    symbol: str


@dataclass(frozen=True, slots=True)
class Chip:
    """One family of findings at a level: its shape, its word, and the keys of its statements."""

    path: str
    word: str
    is_disease: bool
    top: float
    evidence: str


@dataclass(frozen=True, slots=True)
class Level:
    """One vertebra or segment as it is drawn."""

    name: str
    kind: str
    top: float
    height: float
    cells: tuple[Cell, ...]
    purpose: str
    chips: tuple[Chip, ...]
    more: str
    is_uncovered: bool
    sentence: str
    criteria: str = ""

    @property
    def is_told(self) -> bool:
        """Whether anything is asked for or found here."""
        return bool(self.cells or self.chips or self.is_uncovered)

    @property
    def middle(self) -> float:
        """Half its height down."""
        return self.top + self.height / 2


@dataclass(frozen=True, slots=True)
class Sign:
    """A line of the legend: a shape and the family that it stands for."""

    path: str
    word: str
    is_disease: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """The whole drawing: its size, its lanes and levels, where levels are left out, and its legend."""

    width: int
    height: float
    lanes: tuple[Lane, ...]
    levels: tuple[Level, ...]
    gaps: tuple[float, ...]
    above: str
    below: str
    foot: float
    signs: tuple[Sign, ...]
    body_left: int = _BODY_LEFT
    body_width: int = BODY_WIDTH
    lane_width: int = LANE_WIDTH
    purpose_left: int = 0
    found_left: int = 0


def drawing_of(spine: Json, key: Callable[[str], str] = str) -> Drawing | None:
    """Lay out the levels of a determination from the head down; None where it speaks of no level.

    `key` names a statement as the rest of the page does.

    >>> drawing_of({"services": [], "rows": [], "above": None, "below": None}) is None
    True
    """
    rows: list[Json] = spine["rows"]
    if not rows:
        return None
    letters = letters_of(spine)
    centres = {service: _LANES_LEFT + LANE_WIDTH * (n + 0.5) for n, service in enumerate(letters)}
    purpose_left = _LANES_LEFT + LANE_WIDTH * len(letters) + 10
    shapes = _shapes(rows)
    names = {one["service"]: name_of(one) for one in spine["services"]}
    levels: list[Level] = []
    gaps: list[float] = []
    top: float = HEAD + (STUB if spine["above"] else 0)
    for row in rows:
        if row["afterGap"]:
            gaps.append(top)
            top += GAP
        level = _level(row, top, letters, centres, shapes, names, key)
        levels.append(level)
        top += level.height
    return Drawing(
        width=purpose_left + PURPOSE_WIDTH + FOUND_WIDTH,
        height=top + (STUB if spine["below"] else 0) + 6,
        lanes=tuple(_lane(service, letters, centres, names, levels) for service in letters),
        levels=tuple(levels),
        gaps=tuple(gaps),
        above=spine["above"] or "",
        below=spine["below"] or "",
        foot=top,
        signs=tuple(Sign(path, word, is_disease) for word, (path, is_disease) in shapes.items()),
        purpose_left=purpose_left,
        found_left=purpose_left + PURPOSE_WIDTH,
    )


def letters_of(spine: Json) -> dict[str, str]:
    """A letter for each service that has a place; after Z they are doubled.

    >>> letters_of({"services": [{"service": "a"}, {"service": "b"}]})
    {'a': 'A', 'b': 'B'}
    """
    size = len(ascii_uppercase)
    return {
        one["service"]: ascii_uppercase[number % size] * (number // size + 1)
        for number, one in enumerate(spine["services"])
    }


def name_of(service: Json) -> str:
    """A service by its procedure and its levels."""
    return f"{service['procedure']} {service['levels']}".rstrip()


def outcome_key(requested: Json) -> str:
    """What came out at a level, a refusal for silence told apart."""
    return "silent" if is_silent(requested) else str(requested["outcome"])


def sentence_of(row: Json, names: dict[str, str]) -> str:
    """A level in one sentence, for who does not see the drawing."""
    asked = dict.fromkeys(
        f"{names[one['service']]}, {outcome_words(one)}" for one in row["requested"] if one["service"] in names
    )
    parts = [f"asked for: {'; '.join(asked)}"] if asked else ["nothing is asked for"]
    if row["purpose"]:
        parts.append(f"there for: {PURPOSES[row['purpose']]}")
    found = list(dict.fromkeys(one["kind"] for one in row["findings"]))
    parts.append(f"on record: {', '.join(found)}" if found else "nothing on record")
    if row["uncovered"]:
        parts.append("diseased, and nothing requested touches it")
    return f"{row['level']}: {'. '.join(part[:1].upper() + part[1:] for part in parts)}."


def outcome_words(requested: Json) -> str:
    """What came out at a level in words."""
    return OUTCOMES[outcome_key(requested)]


def tone_of(requested: Json) -> str:
    """The tone of what came out at a level."""
    return "silent" if is_silent(requested) else TONES[requested["outcome"]] or "neutral"


def _shapes(rows: Sequence[Json]) -> dict[str, tuple[str, bool]]:
    """A shape for each family of findings, diseases first, in the order in which they come from the head down."""
    found: dict[str, bool] = {}
    for row in rows:
        for one in row["findings"]:
            found[one["family"]] = found.get(one["family"], False) or one["disease"]
    ordered = sorted(found, key=lambda family: not found[family])
    return {family: (SHAPES[n % len(SHAPES)], found[family]) for n, family in enumerate(ordered)}


def _level(
    row: Json,
    top: float,
    letters: dict[str, str],
    centres: dict[str, float],
    shapes: dict[str, tuple[str, bool]],
    names: dict[str, str],
    key: Callable[[str], str],
) -> Level:
    families: dict[str, list[str]] = {}
    for one in sorted(row["findings"], key=lambda one: not one["disease"]):
        families.setdefault(one["family"], []).append(key(one["node"]))
    shown = list(families)[: _MOST_FAMILIES if len(families) == _MOST_FAMILIES else _MOST_FAMILIES - 1]
    left = len(families) - len(shown)
    lines = len(shown) + bool(left)
    height = max(_LEAST[row["kind"]], lines * LINE + 8)
    first = top + (height - lines * LINE) / 2
    chips = tuple(
        Chip(shapes[family][0], _short(family), shapes[family][1], first + n * LINE, " ".join(dict.fromkeys(keys)))
        for n, (family, keys) in enumerate((family, families[family]) for family in shown)
    )
    seen: dict[str, Json] = {}
    for one in row["requested"]:
        seen.setdefault(one["service"], one)
    return Level(
        name=row["level"],
        kind=row["kind"],
        top=top,
        height=height,
        cells=tuple(
            Cell(letters[service], centres[service], tone_of(one), SYMBOLS[outcome_key(one)])
            for service, one in seen.items()
            if service in letters
        ),
        purpose="! uncovered" if row["uncovered"] else PURPOSES.get(row["purpose"], ""),
        chips=chips,
        more=f"and {left} more" if left else "",
        is_uncovered=row["uncovered"],
        sentence=sentence_of(row, names),
    )


def _lane(
    service: str, letters: dict[str, str], centres: dict[str, float], names: dict[str, str], levels: Sequence[Level]
) -> Lane:
    mine = [level for level in levels if any(cell.letter == letters[service] for cell in level.cells)]
    top = mine[0].top if mine else HEAD
    height = mine[-1].top + mine[-1].height - top if mine else 0
    return Lane(letters[service], names[service], centres[service], top, height)


def _short(word: str) -> str:
    return word if len(word) <= _LONGEST else f"{word[: _LONGEST - 1]}\N{HORIZONTAL ELLIPSIS}"
