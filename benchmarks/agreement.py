"""How far determinations of published records agree with what their sources decided, and why they differ.

Run it from a checkout: `python benchmarks/agreement.py [--json]`. Agreement is a compass needle: a
rule stands because a source says so, never because a record would come out right.

How our words map to the four of the sources was fixed before any record was compared:

- `necessary`: every principal operation is necessary, and nothing else that was asked for is refused.
- `partial`: some principal operation is necessary and another is refused or pending; or all are
  necessary and a stay, device, graft or other service beside them is refused.
- `not-necessary`: no principal operation is necessary and at least one is refused.
- `insufficient-documentation`: every principal operation is pending.
- A request that no guideline here speaks of is `not-assessed`, which agrees with nothing.

*Strict* counts the source's own word, *accepted* also the words that the source's material would
bear out as well. An item is judged by the same four words over its levels.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.progress import track
from rich.table import Table

from reasoner import Library, determine
from reasoner.terms import RDF_TYPE
from reasoner.vocabulary import Nec

ROOT: Final = Path(__file__).resolve().parent.parent
RECORDS: Final = ROOT / "tests" / "records"
WORDS: Final = ("necessary", "partial", "not-necessary", "insufficient-documentation", "not-assessed")
NECESSARY, PARTIAL, REFUSED, PENDING, OUTSIDE = WORDS

_WIDE: Final = 200

Json = dict[str, Any]


def main(arguments: Sequence[str] | None = None) -> None:
    """Compare, and print tables or JSON."""
    options = _options(arguments)
    found = compare(options.records)
    if options.json:
        print(json.dumps(found, indent=2))
    else:
        _print(found)


def compare(records: Path) -> Json:
    """Every record under the default policy, and again under the policy that it hints at where there is one."""
    library = Library.read()
    policies = _policies(records / "policies.tsv")
    verdicts = json.loads((records / "verdicts.json").read_text("utf-8"))
    causes = _causes(records / "differences.tsv")
    rows = [
        _row(library, records, verdict, causes)
        for verdict in track(verdicts, description="Determining", console=Console(stderr=True), transient=True)
    ]
    hinted = [
        {**_row(library, records, verdict, causes, policy=policy), "policy": policy}
        for verdict in verdicts
        for policy in sorted({policies[hint] for hint in verdict["policyHint"] if hint in policies})
    ]
    items = [item for row in rows for item in row["items"]]
    return {
        "n": len(rows),
        "strict": _share(row["strict"] for row in rows),
        "accepted": _share(row["accepted"] for row in rows),
        "undetermined": _share(row["found"] == PENDING for row in rows),
        "items": {"n": len(items), "strict": _share(item["strict"] for item in items)},
        "byTopic": {
            topic: {
                "n": len(chosen := [row for row in rows if row["topic"] == topic]),
                "strict": _share(row["strict"] for row in chosen),
                "accepted": _share(row["accepted"] for row in chosen),
            }
            for topic in sorted({row["topic"] for row in rows})
        },
        "confusion": {
            source: {ours: sum(row["source"] == source and row["found"] == ours for row in rows) for ours in WORDS}
            for source in WORDS[:4]
        },
        "hinted": {
            "n": len(hinted),
            "strict": _share(row["strict"] for row in hinted),
            "accepted": _share(row["accepted"] for row in hinted),
            "records": [{key: row[key] for key in ("id", "policy", "source", "found", "accepted")} for row in hinted],
        },
        "necessaryAgainstContraindication": [row["id"] for row in rows if row["againstContraindication"]],
        "differences": [
            {key: row[key] for key in ("id", "topic", "source", "alsoAcceptable", "found", "cause", "explanation")}
            for row in rows
            if not row["accepted"]
        ],
    }


def word_of(outcomes: Iterable[str], others: Iterable[str] = ()) -> str:
    """The source's word for the outcomes of principal items and of what was asked beside them.

    >>> word_of(["necessary", "undetermined"])
    'partial'
    >>> word_of(["necessary"], ["not-necessary"])
    'partial'
    """
    principal = [outcome for outcome in outcomes if outcome not in ("included", "not-assessed")]
    refused_beside = "not-necessary" in set(others)
    if not principal:
        return OUTSIDE
    kinds = set(principal)
    if kinds == {"necessary"}:
        return PARTIAL if refused_beside else NECESSARY
    if "necessary" in kinds:
        return PARTIAL
    return REFUSED if "not-necessary" in kinds else PENDING


def _row(
    library: Library, records: Path, verdict: Json, causes: Mapping[str, tuple[str, str]], *, policy: str | None = None
) -> Json:
    path = records / f"{verdict['id']}.ttl"
    data = determine(library, path.read_bytes(), policy=policy).data
    items = data["items"]
    barring = set(library.graph.subjects(RDF_TYPE, Nec.Contraindication))
    principal = [item["outcome"] for item in items if item["principal"]]
    beside = [item["outcome"] for item in items if not item["principal"]]
    found = word_of(principal or beside, beside if principal else ())
    fair = {verdict["determination"], *verdict["alsoAcceptable"]}
    cause, explanation = causes.get(verdict["id"], ("unexplained", ""))
    return {
        "id": verdict["id"],
        "topic": verdict["topic"],
        "source": verdict["determination"],
        "alsoAcceptable": verdict["alsoAcceptable"],
        "found": found,
        "strict": found == verdict["determination"],
        "accepted": found in fair,
        "cause": cause,
        "explanation": explanation,
        "items": _items(items, verdict),
        "againstContraindication": any(
            item["outcome"] == "necessary" and row["answer"] == "met" and row["criterion"] in barring
            for item in items
            for row in item["considerations"]
        ),
    }


def _items(items: Sequence[Json], verdict: Json) -> list[Json]:
    rows = []
    for asked in verdict["perItem"]:
        outcomes = [item["outcome"] for item in items if any(_is_named(item, name) for name in asked["at"])]
        if outcomes:
            found = word_of(outcomes)
            rows.append({"item": asked["item"], "found": found, "strict": found == asked["determination"]})
    return rows


def _is_named(item: Json, name: str) -> bool:
    service, _, level = name.partition("@")
    return item["service"].rpartition("#")[2] == service and level in ("", item["levels"])


def _share(agreed: Iterable[bool]) -> float | None:
    found = list(agreed)
    return round(sum(found) / len(found), 3) if found else None


def _causes(path: Path) -> dict[str, tuple[str, str]]:
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {row["id"]: (row["cause"], row["explanation"]) for row in csv.DictReader(file, delimiter="\t")}


def _policies(path: Path) -> dict[str, str]:
    """Which policy here a hint of the sources means."""
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {row["hint"]: row["policy"] for row in csv.DictReader(file, delimiter="\t")}


def _print(found: Json) -> None:
    console = Console(width=None if sys.stdout.isatty() else _WIDE)
    console.print(
        f"{found['n']} records: strict {found['strict']:.1%}, accepted {found['accepted']:.1%}, "
        f"undetermined {found['undetermined']:.1%}"
    )
    if found["items"]["n"]:
        console.print(f"{found['items']['n']} items: strict {found['items']['strict']:.1%}")
    if found["hinted"]["n"]:
        hinted = found["hinted"]
        console.print(
            f"{hinted['n']} under the policy they hint at: strict {hinted['strict']:.1%}, accepted {hinted['accepted']:.1%}"
        )
    table = Table("topic", "n", "strict", "accepted")
    for topic, row in found["byTopic"].items():
        table.add_row(topic, str(row["n"]), f"{row['strict']:.0%}", f"{row['accepted']:.0%}")
    console.print(table)
    table = Table("source \\ ours", *WORDS)
    for source, counts in found["confusion"].items():
        table.add_row(source, *(str(counts[word]) for word in WORDS))
    console.print(table)
    table = Table("differs", "source", "ours", "cause", "why")
    for row in found["differences"]:
        table.add_row(row["id"], row["source"], row["found"], row["cause"], row["explanation"])
    console.print(table)
    against = found["necessaryAgainstContraindication"]
    console.print(f"necessary against a documented contraindication: {', '.join(against) or 'none'}")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--records",
        type=Path,
        default=RECORDS,
        help="folder with <id>.ttl, verdicts.json, policies.tsv, differences.tsv",
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
