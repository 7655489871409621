"""The part of a report that goes item by item: levels alike are told once, each criterion with its evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from reasoner.layout import Line, Part, Section

if TYPE_CHECKING:
    from collections.abc import Iterable

Json = dict[str, Any]

TONES: Final = {
    "necessary": "good",
    "not-necessary": "bad",
    "partly-necessary": "note",
    "undetermined": "open",
    "met": "good",
    "not-met": "bad",
    "not-documented": "open",
    "disputed": "note",
    "included": "",
    "not-assessed": "",
}
WORDS: Final = {
    "necessary": "medically necessary",
    "not-necessary": "not medically necessary as requested",
    "partly-necessary": "medically necessary in part",
    "undetermined": "cannot be decided on this record",
    "included": "part of another requested operation",
    "not-assessed": "outside what this system knows",
}
_NO_REASON: Final = "the record gives no reason for it"
_SHORT_OF_REASONS: Final = "what the record says falls short of every reason for it"
SILENT: Final = f"not shown to be necessary: {_NO_REASON}"
SHORT: Final = f"not shown to be necessary: {_SHORT_OF_REASONS}"
ANSWERS: Final = {
    "met": "met",
    "not-met": "not met",
    "not-documented": "not documented",
    "disputed": "disputed in the record",
}
_LAY_OUTCOMES: Final = {
    "necessary": "The record supports this.",
    "not-necessary": "The record does not support this as it was asked for.",
    "undetermined": "The record does not say enough to decide this.",
    "included": "This is part of another operation that was asked for.",
    "not-assessed": "There is no guideline here for this; a person must look at it.",
}
_LAY_SILENT: Final = "The record does not say why this would be needed."
_LAY_ANSWERS: Final = {
    "met": "The record shows this",
    "not-met": "The record does not show this",
    "not-documented": "The record does not say whether this is so",
    "disputed": "The record says two things about this",
}
_MOST_FACTS: Final = 6
_MOST_FACTS_LAY: Final = 3
_PARTS: Final = ("because", "against", "open")
_GROUPS: Final = ("approved", "refused", "pending", "beside")


class Names:
    """Names for groups of items, from a told determination alone: the procedure once, its levels as runs."""

    def __init__(self, data: Json) -> None:
        self._items = {item["id"]: item for item in data["items"]}
        vertebrae = (row["level"] for row in data["spine"]["rows"] if row["kind"] == "vertebra")
        self._rank = {vertebra: rank for rank, vertebra in enumerate(vertebrae)}
        # A service of which the request names no levels is done where it can only be done.
        self._unsaid = {item for one in data["requested"] if not one["levels"] for item in one["items"]}
        groups = (one for key in _GROUPS for one in data[key])
        self._levels: dict[str, str] = {
            item: one["levels"] for one in groups for item in one["items"] if self._is_placeless(item)
        }

    def of(self, items: Iterable[str]) -> str:
        """Procedures with their levels: 'posterior fusion L1-L2, L3-S1; laminectomy L1-S1'."""
        groups: dict[str, list[str]] = {}
        for item in items:
            groups.setdefault(self._items[item]["procedure"], []).append(item)
        return "; ".join(f"{procedure} {self.levels(members)}".rstrip() for procedure, members in groups.items())

    def levels(self, items: Iterable[str]) -> str:
        """The levels of items of one procedure, and the side where there is one."""
        chosen = [self._items[item] for item in items]
        if not all(one["levels"] for one in chosen):
            return ""
        sides = {one["side"] for one in chosen if one["side"]}
        where = "" if all(one["id"] in self._unsaid for one in chosen) else self._runs(chosen)
        return (where + (f" ({', '.join(sorted(sides))})" if sides else "")).strip()

    def _runs(self, chosen: list[Json]) -> str:
        """The levels of some items joined as a surgeon writes them: T10-L2, L4-S1, then single bones, then regions."""
        levels = [str(self._levels.get(one["id"], one["levels"])) for one in chosen]
        told = dict.fromkeys(part for one in levels for part in one.split(", ") if part)
        spans = {part: ends for part in told if (ends := self._ends(part))}
        runs: list[tuple[str, str]] = []
        for upper, lower in sorted(spans.values(), key=lambda ends: (self._rank[ends[0]], self._rank[ends[1]])):
            if runs and self._rank[upper] <= self._rank[runs[-1][1]]:
                runs[-1] = (runs[-1][0], max(runs[-1][1], lower, key=self._rank.__getitem__))
            else:
                runs.append((upper, lower))
        inside = {rank for upper, lower in runs for rank in range(self._rank[upper], self._rank[lower] + 1)}
        bones = sorted((part for part in told if part in self._rank), key=self._rank.__getitem__)
        names = [f"{upper}-{lower}" for upper, lower in runs]
        names += [bone for bone in bones if self._rank[bone] not in inside]
        return ", ".join([*names, *sorted(part for part in told if part not in spans and part not in self._rank)])

    def _is_placeless(self, item: str) -> bool:
        return bool(self._items[item]["isPlaceless"])

    def _ends(self, part: str) -> tuple[str, str] | None:
        upper, _, lower = part.partition("-")
        return (upper, lower) if upper in self._rank and lower in self._rank else None


def itemised(data: Json, names: Names, *, lay: bool, engineer: bool) -> Section:
    """Items of one procedure and outcome together: what they share is told once, what differs by level."""
    groups: dict[tuple[str, str, bool, str, bool], list[Json]] = {}
    for item in sorted(data["items"], key=lambda one: not one["principal"]):
        kind = (item["procedure"], item["outcome"], is_silent(item), item["partOf"] or "", item["isPlaceless"])
        groups.setdefault(kind, []).append(item)
    lines: list[Part] = []
    for (procedure, outcome, silent, host, is_placeless), items in groups.items():
        ids = [item["id"] for item in items]
        where = names.levels(ids)
        lines.append(
            Line(
                f"{procedure} {where}".rstrip() + f": {outcome_in_words(items[0])}",
                0,
                tone_of_item(items[0]),
                tuple(verdict_key(item) for item in items),
            )
        )
        if lay:
            lines.append(Line(_LAY_SILENT if silent else _LAY_OUTCOMES[outcome], 1))
        if items[0]["isVague"]:
            lines.append(
                Line("The request leaves open which operation this is; it was judged by those it could be.", 1)
            )
        if is_placeless and outcome == "undetermined":
            lines.append(Line("The request does not say at which level: what holds at one only is left open.", 1))
        if host:
            lines.append(Line(f"Part of {names.of([host])}.", 1))
        lines.extend(_group(items, names, lay=lay, engineer=engineer))
    return Section("Item by item", tuple(lines))


def is_silent(item: Json) -> bool:
    """Whether an item, or a group of items, is refused only because of what the record does not say."""
    return bool(item["outcome"] == "not-necessary" and item["grounds"] == "not documented")


def outcome_in_words(item: Json) -> str:
    """An item's outcome, told apart by whether the record denies it or is silent about it."""
    if not is_silent(item):
        return WORDS[item["outcome"]]
    return SHORT if is_short(item) else SILENT


def silence_in_words(item: Json) -> str:
    """Why an item that is refused for silence is not shown to be necessary."""
    return _SHORT_OF_REASONS if is_short(item) else _NO_REASON


def is_short(item: Json) -> bool:
    """Whether the record says something of a reason for what it does not show to be necessary."""
    reasons = [entry for part in ("against", "open") for entry in item[part] if entry["role"] == "indication"]
    facts = [fact for entry in reasons for fact in entry["evidence"] if fact["node"] != item["service"]]
    return any(fact["lacking"] and not fact["absence"] for fact in facts)


def tone_of_item(item: Json) -> str:
    """The tone of an item's outcome."""
    return "silent" if is_silent(item) else TONES[item["outcome"]]


def silence_apart(groups: list[Json]) -> tuple[list[Json], list[Json]]:
    """Groups of items that have an outcome, and those that are refused for silence, which never look alike."""
    return [one for one in groups if not is_silent(one)], [one for one in groups if is_silent(one)]


def runs_in_words(groups: Iterable[Json]) -> str:
    """Groups of items with their levels: 'laminectomy L1-S1; posterior fusion L4-L5'."""
    return "; ".join(f"{one['procedure']} {one['levels']}".rstrip() for one in groups)


def verdict_key(item: Json) -> str:
    """The key of the line that carries an item's verdict."""
    return f"verdict {item['id']} {item['outcome']}"


def _group(items: list[Json], names: Names, *, lay: bool, engineer: bool) -> list[Part]:
    lines: list[Part] = []
    for part in _PARTS:
        entries: dict[tuple[str, str, str], list[tuple[str, Json]]] = {}
        for item in items:
            for entry in item[part]:
                entries.setdefault((entry["criterion"], entry["role"], entry["answer"]), []).append((item["id"], entry))
        for told in entries.values():
            lines.extend(_entry(told, len(items), names, lay=lay))
    if not lay:
        lines.extend(_considered(items, names))
        lines.extend(_rest(items, names, engineer=engineer))
    return lines


def _entry(told: list[tuple[str, Json]], size: int, names: Names, *, lay: bool) -> list[Part]:
    entry = told[0][1]
    at = f" ({names.levels([item for item, _ in told])})" if len(told) < size else ""
    if lay:
        head = f"{_LAY_ANSWERS[entry['answer']]}{at}: {entry['text'] or entry['label']}"
        if entry["role"] == "exception":
            head = f"{head} For this reason the usual demand is not made: {entry['waives']['label']}."
    else:
        number = f"{entry['guideline']} {entry['notation']}, " if entry["notation"] else f"{entry['guideline']}, "
        head = f"{entry['label']}: {ANSWERS[entry['answer']]}{at} [{number}{entry['role']}]"
        if entry["role"] == "exception":
            head = f"Exception that fired: {head}, in place of: {entry['waives']['label']}"
    if entry.get("pendingProof"):
        head = f"{head} Pending written proof: so far only said ({'; '.join(entry['pendingProof'])})."
    lines: list[Part] = [Line(head, 1, _tone(entry), (f"criterion {entry['criterion']}",))]
    if entry["answer"] != "met" and entry["message"] and not lay:
        lines.append(Line(entry["message"], 2))
    variants: dict[str, list[str]] = {}
    for item, one in told:
        text = facts_in_words(one["evidence"], _MOST_FACTS_LAY if lay else _MOST_FACTS)
        variants.setdefault(text, []).append(item)
    for text, members in variants.items():
        if text:
            where = f"{names.levels(members)}: " if len(variants) > 1 else ""
            lines.append(Line(f"{where}{text}", 2))
    lines += [
        Line(f"Shown, but no longer counts ({one['reason']}): {one['statement']}{sources_in_words(one)}", 2)
        for one in entry.get("outranked", ())
        if not lay
    ]
    return lines


def _tone(entry: Json) -> str:
    if entry["role"] == "exclusion" and entry["answer"] == "met":
        return "bad"
    return TONES[entry["answer"]]


def facts_in_words(evidence: list[Json], most: int) -> str:
    """Statements that stand in the same documents together, with the documents named after them."""
    groups: dict[str, list[str]] = {}
    for fact in evidence[:most]:
        groups.setdefault(sources_in_words(fact), []).append(fact["statement"] + fact_state(fact))
    told = "; ".join("; ".join(dict.fromkeys(statements)) + source for source, statements in groups.items())
    more = len(evidence) - most
    return f"{told}; and {more} more" if more > 0 else told


def sources_in_words(statement: Json) -> str:
    """The documents of a statement with their dates, in brackets."""
    names = [f"{one['short']}, {one['date'] or 'undated'}" for one in statement["documents"]]
    return f" [{'; '.join(names)}]" if names else ""


def fact_state(fact: Json) -> str:
    """How a statement stands to a criterion, in brackets; nothing where it passes or was counted."""
    if fact["disputed"]:
        return " (disputed)"
    if fact["counted"]:
        return ""
    missing = ", ".join(dict.fromkeys(bare(name) for name in fact["lacking"]))
    if fact["standing"] == "open":
        return f" ({missing} not stated)" if missing else " (open)"
    if fact["standing"] == "fails" and missing:
        return f" (falls short on {missing})"
    return ""


def uncapitalised(label: str) -> str:
    """A label in the middle of a sentence; what is written in capitals, or with one letter, keeps them.

    >>> uncapitalised("Six weeks of care"), uncapitalised("T-score below -1.5"), uncapitalised("MRI at hand")
    ('six weeks of care', 'T-score below -1.5', 'MRI at hand')
    """
    return label[:1].lower() + label[1:] if label[1:2].islower() or label[1:2] == " " else label


def bare(name: str) -> str:
    """The name of a property without verb, preposition and unit.

    >>> bare("on side"), bare("duration in days"), bare("has slip grade"), bare("ASA class")
    ('side', 'duration', 'slip grade', 'ASA class')
    """
    plain = name.partition(" in ")[0]
    for verb in ("has ", "is ", "on ", "at ", "of "):
        plain = plain.removeprefix(verb)
    return uncapitalised(plain)


def _considered(items: list[Json], names: Names) -> list[Part]:
    """What is weighed and never blocks, in one line for each answer."""
    rows: dict[str, dict[str, list[tuple[str, Json]]]] = {}
    size = sum(bool(item["considerations"]) for item in items)
    for item in items:
        for entry in item["considerations"]:
            rows.setdefault(entry["answer"], {}).setdefault(entry["label"], []).append((item["id"], entry))
    lines: list[Part] = []
    for answer in ("met", "not-met", "not-documented", "disputed"):
        told = []
        for label, entries in rows.get(answer, {}).items():
            at = [names.levels([item for item, _ in entries])] if len(entries) < size else []
            counted = [f["statement"] for _, e in entries for f in e["evidence"][:1] if f["counted"]]
            aside = "; ".join([*at, *dict.fromkeys(counted)])
            told.append(uncapitalised(label) + (f" ({aside})" if aside else ""))
        if told:
            lines.append(Line(f"Weighed, never blocking, {ANSWERS[answer]}: {'; '.join(told)}", 1))
    return lines


def _rest(items: list[Json], names: Names, *, engineer: bool) -> list[Part]:
    lines: list[Part] = []
    reasons: dict[str, list[str]] = {}
    for item in items:
        for reason in item["openReasons"]:
            reasons.setdefault(reason["label"], []).append(item["id"])
    if reasons:
        lines.append(Line(f"Other reasons that stay open: {_told(reasons, len(items), names)}", 1))
    routes: dict[str, list[str]] = {}
    for item in items:
        for route in item["openRoutes"]:
            routes.setdefault(route["label"], []).append(item["id"])
    if routes:
        lines.append(Line(f"Other routes that stay open: {_told(routes, len(items), names)}", 1))
    silent = dict.fromkeys(one["label"] for item in items for one in item["silent"])
    if silent and engineer:
        lines.append(Line(f"Nothing on record speaks for: {'; '.join(silent)}", 1))
    elif silent:
        count = len(silent)
        lines.append(
            Line(f"{count} other reason{'s' if count > 1 else ''} to do it: nothing on record speaks for them.", 1)
        )
    stretched = dict.fromkeys(
        one["label"]
        for item in items
        for one in item["recommendations"]
        if one["fit"] == "stretched" and one["answer"] == "met"
    )
    if stretched:
        lines.append(
            Line(f"Carried although the patient may not belong to its population: {'; '.join(stretched)}", 1, "note")
        )
    return lines


def _told(rows: dict[str, list[str]], size: int, names: Names) -> str:
    """Labels, each with its levels where not all of the items have it."""
    return "; ".join(
        label + (f" ({names.levels(members)})" if len(members) < size else "") for label, members in rows.items()
    )
