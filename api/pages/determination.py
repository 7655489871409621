"""The page of a determination: the report in the same order and words, with a drawing, trees, and answers in place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from api.pages import render
from api.pages.answer_form import Question, questions_by_criterion
from api.pages.determination_items import PARTS, claims_of, groups_of, levels_by_item, levels_by_node
from api.pages.determination_keys import Keys, joined
from api.pages.determination_tree import Grower, Tree
from api.pages.drawing import PURPOSES, SYMBOLS, drawing_of, letters_of, name_of, outcome_key, outcome_words, tone_of
from reasoner import further
from reasoner.answering import answered
from reasoner.itemised import ANSWERS, TONES, WORDS, Names, outcome_in_words, tone_of_item
from reasoner.layout import Fact, Line, Section, Table, plain
from reasoner.report import first_screen, needs, title_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.pages.offers import PolicyGroup

Json = dict[str, Any]

FORMATS: Final = (
    ("json", "JSON"),
    ("turtle", "Turtle"),
    ("jsonld", "JSON-LD"),
    ("trig", "Proof (TriG)"),
    ("markdown", "Markdown"),
    ("text", "Plain text"),
)
"""What can be downloaded: the value of the form's field `format`, and its name."""


def determination_page(
    data: Json,
    *,
    case_text: str,
    case_media: str,
    policies: Sequence[PolicyGroup],
    kept: str | None,
    tree: Json | None = None,
    questions: Sequence[Json] = (),
    before: Json | None = None,
    chosen: str = "",
) -> str:
    """A full determination (`Determination.full`) as a page.

    `tree` is what `why.tree_of` tells, `questions` what `openings.questions_of` asks; without them the
    page has no trees and no forms. `before` is the determination that this one follows, by which what
    changed is marked; `chosen` the name of the policy that was asked for.
    """
    keys, names = Keys(), Names(data)
    at, seen = levels_by_item(data), levels_by_node(data)
    groups = groups_of(data, names, keys)
    claims, further_claims = claims_of(data, tree, keys)
    asked = questions_by_criterion(questions, at, keys)
    return render(
        "determination.html",
        page="determine",
        data=data,
        title=title_of(data),
        plain_title=plain(title_of(data)),
        outcome=WORDS[data["outcome"]],
        tone=TONES[data["outcome"]],
        facts=_rows(first_screen(data, names, lay=False)),
        drawing=drawing_of(data["spine"], keys.evidence),
        levels=_levels(data, keys),
        lanes=_lanes(data),
        asks=_asks(needs(data, names, lay=False), asked),
        unasked=[one for one in asked.values() if not one.question["answerable"]],
        groups=groups,
        trees=_trees(data, tree, names, keys, seen),
        sections=[_told(one) for one in _sections(data, names) if one],
        claims=claims,
        further_claims=further_claims,
        claim_words={one.key: one for one in (*claims, *further_claims)},
        documents=_told(told) if (told := further.documents(data)) else None,
        changed=_changed(before, data, names) if before else None,
        answered_here=_answered(data),
        case_text=case_text,
        case_media=case_media,
        policies=policies,
        chosen=chosen or data["policy"]["id"],
        kept=kept,
        formats=FORMATS,
    )


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that follow one another, or one table."""

    lines: tuple[Line, ...]
    table: Table | None


@dataclass(frozen=True, slots=True)
class Told:
    """A section of the report as it is laid out here."""

    title: str
    blocks: tuple[Block, ...]


def _told(section: Section) -> Told:
    blocks: list[Block] = []
    for part in section.parts:
        if isinstance(part, Table):
            blocks.append(Block((), part))
        elif isinstance(part, Line):
            if not blocks or blocks[-1].table:
                blocks.append(Block((), None))
            blocks[-1] = Block((*blocks[-1].lines, part), None)
    return Told(section.title, tuple(blocks))


@dataclass(frozen=True, slots=True)
class Row:
    """One label of the first screen with all that stands under it."""

    label: str
    facts: tuple[Fact, ...]


def _rows(section: Section) -> list[Row]:
    """The first screen by its labels; the sentence that closes every page stands at its end."""
    rows: list[Row] = []
    for part in section.parts:
        if not isinstance(part, Fact):
            continue
        if rows and rows[-1].label == part.label:
            rows[-1] = Row(part.label, (*rows[-1].facts, part))
        else:
            rows.append(Row(part.label, (part,)))
    return rows


@dataclass(frozen=True, slots=True)
class LevelRow:
    """One level of the table that tells the drawing in words."""

    name: str
    kind: str
    asked: tuple[tuple[str, str, str, str], ...]
    """For each service its letter, the outcome in words, its tone, and the address of its item."""
    purpose: str
    found: tuple[tuple[str, str], ...]
    """Each statement with its key."""
    is_uncovered: bool
    has_gap: bool


def _levels(data: Json, keys: Keys) -> list[LevelRow]:
    letters = letters_of(data["spine"])
    return [
        LevelRow(
            name=row["level"],
            kind=row["kind"],
            asked=tuple(
                (letters[one["service"]], outcome_words(one), tone_of(one), f"item-{one['item']}")
                for one in row["requested"]
            ),
            purpose=PURPOSES.get(row["purpose"], ""),
            found=tuple((one["statement"], keys.evidence(one["node"])) for one in row["findings"]),
            is_uncovered=row["uncovered"],
            has_gap=row["afterGap"],
        )
        for row in data["spine"]["rows"]
    ]


@dataclass(frozen=True, slots=True)
class LaneName:
    """A lane of the drawing in words: its letter, its service, and what came out, each once."""

    letter: str
    name: str
    outcomes: tuple[tuple[str, str, str], ...]
    """Symbol, words and tone."""


def _lanes(data: Json) -> list[LaneName]:
    letters = letters_of(data["spine"])
    items = {item["id"]: item for item in data["items"]}
    return [
        LaneName(
            letters[one["service"]],
            name_of(one),
            tuple(
                dict.fromkeys(
                    (SYMBOLS[outcome_key(items[id_])], outcome_words(items[id_]), tone_of(items[id_]))
                    for id_ in one["items"]
                )
            ),
        )
        for one in data["spine"]["services"]
    ]


@dataclass(frozen=True, slots=True)
class Ask:
    """One thing to ask for, and the questions that can be answered on the spot."""

    line: Line
    questions: tuple[Question, ...]


def _asks(section: Section | None, asked: dict[str, Question]) -> list[Ask]:
    found = []
    for line in section.parts if section else ():
        if isinstance(line, Line):
            criteria = [key.removeprefix("need ") for key in line.keys]
            mine = [asked[one] for one in criteria if one in asked and asked[one].question["answerable"]]
            found.append(Ask(line, tuple(mine)))
    return found


def _trees(
    data: Json, tree: Json | None, names: Names, keys: Keys, seen: dict[str, tuple[str, ...]]
) -> dict[str, Tree]:
    if tree is None:
        return {}
    grower, at = Grower(tree, keys, seen), levels_by_item(data)
    ordered = sorted(data["items"], key=lambda one: not one["principal"])
    return {
        one["id"]: grower.tree_of(one["id"], names.of([one["id"]]), joined(at.get(one["id"], ()))) for one in ordered
    }


def _sections(data: Json, names: Names) -> tuple[Section | None, ...]:
    """What follows the items, in the order and the words of the report."""
    return (
        further.approvable(data, names),
        further.changes(data, names, lay=False),
        further.margins(data),
        further.scores(data),
        further.alternatives(data, names),
        further.advisories(data, names, lay=False),
        further.conflicts(data),
        further.coding(data),
        further.ledger(data),
        further.appraisals(data),
    )


@dataclass(frozen=True, slots=True)
class Change:
    """What an item or a criterion came to before, and what it comes to now."""

    what: str
    was: str
    now: str
    tone: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """How a determination differs from the one that it follows."""

    outcome: Change | None
    items: tuple[Change, ...]
    criteria: tuple[Change, ...]

    @property
    def marked(self) -> frozenset[str]:
        """The items whose outcome changed."""
        return frozenset(item for one in self.items for item in one.items)


def _changed(before: Json, data: Json, names: Names) -> Changed:
    outcome = None
    if before["outcome"] != data["outcome"]:
        now = data["outcome"]
        outcome = Change("the request", WORDS[before["outcome"]], WORDS[now], TONES[now], ())
    old = {item["id"]: item for item in before["items"]}
    moved: dict[tuple[str, str, str], list[str]] = {}
    answers: dict[tuple[str, str, str, str], list[str]] = {}
    for item in data["items"]:
        was = old.get(item["id"])
        if was is None:
            continue
        if (was["outcome"], was["grounds"]) != (item["outcome"], item["grounds"]):
            step = (outcome_in_words(was), outcome_in_words(item), tone_of_item(item))
            moved.setdefault(step, []).append(item["id"])
        had, has = _answers(was), _answers(item)
        for criterion, (label, answer) in has.items():
            earlier = had.get(criterion, ("", ""))[1]
            if earlier and earlier != answer:
                answers.setdefault((label, earlier, answer, TONES[answer]), []).append(item["id"])
    return Changed(
        outcome,
        tuple(Change(names.of(ids), was, now, tone, tuple(ids)) for (was, now, tone), ids in moved.items()),
        tuple(
            Change(f"{label} ({names.of(ids)})", ANSWERS[was], ANSWERS[now], tone, tuple(ids))
            for (label, was, now, tone), ids in answers.items()
        ),
    )


def _answers(item: Json) -> dict[str, tuple[str, str]]:
    """Each criterion of an item with its label and its answer, the parts of a choice with it."""
    found: dict[str, tuple[str, str]] = {}
    for key in (*PARTS, "considerations"):
        for entry in item[key]:
            for one in (entry, *entry.get("parts", ())):
                found.setdefault(one["criterion"], (one["label"], one["answer"]))
    return found


def _answered(data: Json) -> list[str]:
    """What was answered in the workbench, in words, as far as anything on the page reads it."""
    told: dict[str, str] = {}
    for item in data["items"]:
        for key in (*PARTS, "considerations"):
            for entry in item[key]:
                told |= {fact["node"]: fact["statement"] for fact in entry["evidence"]}
    for row in data["spine"]["rows"]:
        told |= {one["node"]: one["statement"] for one in row["findings"]}
    return [told[node] for node in sorted(answered(told))]
