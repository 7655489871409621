"""The published schema is strict, valid, and true of every determination."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from reasoner import Library, determine
from reasoner.anatomy import local
from reasoner.published import schema
from reasoner.vocabulary import POLICY
from reasoner.worked import read_worked

Json = dict[str, Any]

LIBRARY = Library.read()
EXAMPLES = sorted((LIBRARY.root / "examples").glob("*.ttl"))
WORKED = sorted((LIBRARY.root / "shapes").glob("*/cases/*.ttl"))
PROMISED = {
    "case", "policy", "asOf", "evidenceUntil", "review", "outcome", "action", "ground", "approved", "refused",
    "pending", "uncovered", "items", "setting", "coding", "needs", "changes", "advisories", "conflicts", "coverage",
    "approvable", "ledger", "provenance",
}  # fmt: skip


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    """A validator that checks formats too."""
    return Draft202012Validator(schema(), format_checker=FormatChecker())


def faults(validator: Draft202012Validator, data: Json) -> list[str]:
    """What the schema has against some data, with the place of each."""
    return [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(data)]


def objects(part: object) -> Iterator[Json]:
    """Every schema of an object inside a schema."""
    if isinstance(part, dict):
        if part.get("type") == "object":
            yield part
        for inner in part.values():
            yield from objects(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from objects(inner)


def test_the_schema_is_one() -> None:
    """It is a schema itself, promises every key, lets no other in, and names nothing that it does not define."""
    found = schema()
    Draft202012Validator.check_schema(found)
    assert set(found["required"]) >= PROMISED
    assert all(one["additionalProperties"] is not True and "description" in one for one in objects(found))
    named = {part["$ref"] for part in _parts(found) if "$ref" in part}
    assert named == {f"#/$defs/{name}" for name in found["$defs"]}


def _parts(part: object) -> Iterator[Json]:
    if isinstance(part, dict):
        yield part
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from _parts(inner)


@pytest.mark.parametrize(
    ("policy", "path"),
    [("default", path) for path in EXAMPLES]
    + [(local(iri), EXAMPLES[n % len(EXAMPLES)]) for n, iri in enumerate(sorted(LIBRARY.policies))],
    ids=lambda value: value if isinstance(value, str) else value.stem,
)
def test_it_holds_for_every_example(validator: Draft202012Validator, path: Path, policy: str) -> None:
    """Every example, and one under every policy, with everything that is known about it."""
    assert faults(validator, determine(LIBRARY, path.read_bytes(), policy=LIBRARY.policies[POLICY + policy]).full) == []


def test_it_holds_for_every_worked_case(validator: Draft202012Validator) -> None:
    """Every worked case, and of every third one also what would change it and what other policies say."""
    untold: Json = {"changes": [], "together": None, "unmoved": [], "margins": [], "ledger": []}
    for number, path in enumerate(WORKED):
        found = determine(LIBRARY, read_worked(LIBRARY, path).case)
        data = {**untold, **found.data} if number % 3 else found.full
        assert faults(validator, data) == [], path.name


def test_what_it_does_not_know_is_refused(validator: Draft202012Validator) -> None:
    """A key too many, a key too few, and a word that is none of those there are."""
    data = determine(LIBRARY, EXAMPLES[2].read_bytes()).full
    assert faults(validator, {**data, "verdict": "yes"})
    assert faults(validator, {key: value for key, value in data.items() if key != "ground"})
    assert faults(validator, {**data, "outcome": "approved"})
