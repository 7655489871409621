"""The why and why-not tree of an item for a page: nested branches, each told in full once and named where it recurs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from api.linked.addresses import address_of
from api.pages.determination_items import Fact, fact_of
from api.pages.determination_keys import Keys, joined
from reasoner.itemised import ANSWERS, TONES

if TYPE_CHECKING:
    from collections.abc import Iterable

Json = dict[str, Any]

_MOST_FACTS: Final = 8
_FOLDS: Final = {"and": "all of", "or": "any of", "not": "not"}
_ROLES: Final = (
    ("indications", "Reasons", "any one is enough"),
    ("prerequisites", "Conditions", "all, unless an exception waives one"),
    ("exclusions", "Exclusions", "none may be met"),
    ("considerations", "Weighed", "shown, never blocking"),
)


@dataclass(frozen=True, slots=True)
class Branch:
    """One criterion in a tree: its answer, what it is made of or rests on, and the claims under it."""

    name: str
    """Its address on the page; empty where it is told elsewhere already."""
    see: str
    """The address at which it is told, where this is but its name."""
    is_bare: bool
    """Whether it is but a name, as the record says nothing of it."""
    label: str
    number: str
    address: str
    answer: str
    tone: str
    text: str
    message: str
    fold: str
    parts: tuple[Branch, ...]
    facts: tuple[Fact, ...]
    more: int
    waivers: tuple[Branch, ...]
    criterion: str
    claims: tuple[str, ...]
    evidence: str


@dataclass(frozen=True, slots=True)
class Role:
    """The criteria that are one thing to a recommendation."""

    title: str
    rule: str
    branches: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class Advice:
    """A recommendation in a tree."""

    name: str
    """Its address on the page; empty where it is told elsewhere already."""
    see: str
    """The address at which it is told, where this is but its name."""
    label: str
    room: str
    address: str
    text: str
    direction: str
    answer: str
    tone: str
    remark: str
    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class Tree:
    """The tree of one item: the recommendations that speak to it, and those without a reason on record."""

    item: str
    name: str
    levels: str
    telling: tuple[Advice, ...]
    others: tuple[Advice, ...]


@dataclass(slots=True)
class Grower:
    """Grows the trees of a page; a branch that was told in full once is afterwards only named."""

    tree: Json
    keys: Keys
    seen: dict[str, tuple[str, ...]]
    _told: set[int] = field(default_factory=set)
    _advised: dict[str, str] = field(default_factory=dict)
    _spoken: dict[int, bool] = field(default_factory=dict)

    def tree_of(self, item: str, name: str, levels: str) -> Tree:
        """The tree of one item."""
        telling: list[Advice] = []
        others: list[Advice] = []
        for one in self.tree["items"].get(item, ()):
            is_telling = one["counts"] and one["indicated"] != "not-met"
            (telling if is_telling else others).append(self._advice(one, is_brief=not is_telling))
        return Tree(item, name, levels, tuple(telling), tuple(others))

    def _advice(self, one: Json, *, is_brief: bool) -> Advice:
        alike = repr(sorted(one.items()))
        see = self._advised.get(alike, "")
        name = see or self._advised.setdefault(alike, f"r{len(self._advised) + 1}")
        roles = []
        for key, title, rule in () if see else _ROLES:
            if key == "prerequisites":
                branches = tuple(self._branch(row["branch"], row["waivers"]) for row in one[key])
            else:
                branches = tuple(self._branch(number, is_brief=is_brief) for number in one[key])
            if branches:
                roles.append(Role(title, rule, branches))
        return Advice(
            name="" if see else name,
            see=see,
            label=one["label"],
            room=one["guideline"],
            address=address_of(one["recommendation"]),
            text="" if see else one["text"],
            direction="speaks for it" if one["direction"] == "for" else "speaks against it",
            answer=ANSWERS[one["answer"]],
            tone=_tone(one["answer"], against=one["direction"] == "against"),
            remark=_remark(one),
            roles=tuple(roles),
        )

    def _branch(self, number: int, waivers: Iterable[int] = (), *, is_brief: bool = False) -> Branch:
        """One branch; where it is to be brief, what the record says nothing of is told by its name and answer alone."""
        row: Json = self.tree["branches"][number]
        told: Json = self.tree["criteria"][row["criterion"]]
        is_bare = is_brief and not self._is_spoken_to(number)
        again = number in self._told or is_bare
        if not is_bare:
            self._told.add(number)
        facts = [self._fact(one) for one in row["evidence"]]
        return Branch(
            name="" if again else f"b{number}",
            see=f"b{number}" if again and not is_bare else "",
            is_bare=is_bare,
            label=told["label"],
            number=f"{told['guideline']} {told['notation']}".strip(),
            address=address_of(row["criterion"]),
            answer=ANSWERS[row["answer"]],
            tone=TONES[row["answer"]],
            text="" if again else told["text"],
            message=told["message"] if row["answer"] != "met" and not again else "",
            fold=_FOLDS.get(told["fold"] or "", ""),
            parts=() if again else tuple(self._branch(part, is_brief=is_brief) for part in row["of"]),
            facts=() if again else tuple(facts[:_MOST_FACTS]),
            more=0 if again else max(len(facts) - _MOST_FACTS, 0),
            waivers=tuple(self._branch(waiver) for waiver in waivers),
            criterion=self.keys.criterion(row["criterion"]),
            claims=tuple(self.keys.claim(iri) for iri in told["claims"]),
            evidence=joined(fact.key for fact in facts),
        )

    def _is_spoken_to(self, number: int) -> bool:
        known = self._spoken.get(number)
        if known is None:
            row = self.tree["branches"][number]
            known = bool(row["evidence"]) or any(self._is_spoken_to(part) for part in row["of"])
            self._spoken[number] = known
        return known

    def _fact(self, one: Json) -> Fact:
        statement: Json = self.tree["statements"][one["node"]]
        return fact_of({**statement, **one}, self.keys, self.seen)


def _tone(answer: str, *, against: bool) -> str:
    """The tone of a recommendation's answer: one against the operation that is met speaks against it."""
    if against and answer in ("met", "not-met"):
        return "bad" if answer == "met" else "neutral"
    return TONES[answer]


def _remark(one: Json) -> str:
    if one["fit"] == "outside":
        return "about other patients"
    if not one["counts"]:
        return "about other places or patients"
    return "the patient may not belong to its population" if one["fit"] == "stretched" else ""
