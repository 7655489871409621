"""The same bytes in give the same bytes out, wherever and however they are read; another question has another name."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox
import pytest
import rdflib

import reasoner
from reasoner import Determination, Library, determine, read_case
from reasoner.statement import identity_of
from reasoner.vocabulary import RECORD

LIBRARY: Final = Library.read()
FOLDER: Final = LIBRARY.root / "examples"
EXAMPLES: Final = sorted(FOLDER.glob("*.ttl"))
SHORTEST: Final = FOLDER / "l1-sarcoma-second-stage.ttl"
PRINT: Final = """
import hashlib, sys
from pathlib import Path
from reasoner import Library, determine
library = Library.read()
for name in sys.argv[2:]:
    print(hashlib.sha256(determine(library, Path(name).read_bytes()).to_json(further=False)).hexdigest())
found = determine(library, Path(sys.argv[1]).read_bytes())
for data in (found.to_json(), found.to_turtle(), found.to_proof()):
    print(hashlib.sha256(data).hexdigest())
"""


def printed(seed: str, folder: Path) -> str:
    """The hashes of every example's JSON, and of one example in every form, as another process finds them."""
    home = str(Path(reasoner.__file__).resolve().parents[1])
    env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": home, "TZ": "Pacific/Kiritimati", "LC_ALL": "C"}
    command = [sys.executable, "-c", PRINT, str(SHORTEST), *map(str, EXAMPLES)]
    return subprocess.run(command, cwd=folder, env=env, check=True, capture_output=True, text=True).stdout


def test_processes_agree(tmp_path: Path) -> None:
    """Two seeds of the hash, two working directories."""
    one, other = printed("0", LIBRARY.root), printed("271828", tmp_path)
    assert one == other
    assert len(set(one.split())) == len(EXAMPLES) + 3


def rewritten(data: bytes) -> dict[str, tuple[bytes, str]]:
    """The same case written anew, each with its media type."""
    graph = rdflib.Graph().parse(data=data, format="turtle", publicID=RECORD)
    triples = [q.triple for q in ox.parse(data, format=ox.RdfFormat.TURTLE, base_iri=RECORD)]
    random.Random(7).shuffle(triples)
    return {
        "turtle": (graph.serialize(format="turtle", encoding="utf-8"), "text/turtle"),
        "long turtle": (graph.serialize(format="longturtle", encoding="utf-8"), "text/turtle"),
        "n-triples": (graph.serialize(format="nt", encoding="utf-8"), "application/n-triples"),
        "shuffled": (ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b"", "application/n-triples"),
        "trig": (ox.serialize(triples, format=ox.RdfFormat.TRIG) or b"", "application/trig"),
        "windows": (data.replace(b"\n", b"\r\n"), "text/turtle"),
    }


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_rewriting_changes_nothing(path: Path) -> None:
    """However a case is written, it has one hash and one determination."""
    data = path.read_bytes()
    expected = determine(LIBRARY, data).to_json(further=False)
    for form, (text, kind) in rewritten(data).items():
        case = read_case(text, schema=LIBRARY.schema, media_type=kind)
        assert determine(LIBRARY, case).to_json(further=False) == expected, form


def test_the_order_of_keys_says_nothing() -> None:
    """A case in JSON, and the same with its keys in another order."""
    data = (FOLDER / "minimal.jsonld").read_bytes()
    case = read_case(data, schema=LIBRARY.schema, media_type="application/ld+json")
    backwards = json.dumps(_backwards(json.loads(data))).encode()
    turned = read_case(backwards, schema=LIBRARY.schema, media_type="application/ld+json")
    assert turned.hash == case.hash
    expected = determine(LIBRARY, case).to_json()
    assert determine(LIBRARY, turned).to_json() == expected


def _backwards(part: Any) -> Any:
    if isinstance(part, dict):
        return {key: _backwards(value) for key, value in reversed(part.items())}
    return [_backwards(value) for value in part] if isinstance(part, list) else part


def test_twice_is_the_same() -> None:
    """One library, one case, twice: nothing is kept from the first time."""
    data = SHORTEST.read_bytes()
    first, second = determine(LIBRARY, data), determine(LIBRARY, data)
    assert first.to_json() == second.to_json()
    assert first.to_turtle() == second.to_turtle()
    assert first.to_proof() == second.to_proof()


def identity(found: Determination) -> str:
    """The name of a determination."""
    return identity_of(found.decision)


def test_another_question_has_another_name() -> None:
    """Another case, policy, cut-off or date makes another determination; only another case has another case hash."""
    data = SHORTEST.read_bytes()
    plain = determine(LIBRARY, data)
    policy = next(iri for iri in sorted(LIBRARY.policies) if not LIBRARY.policies[iri].is_default)
    others = [
        determine(LIBRARY, data, policy=policy),
        determine(LIBRARY, data, policy_date=date(2026, 1, 31)),
        determine(LIBRARY, data, evidence_until=date(2026, 1, 31)),
    ]
    assert {other.decision.case.hash for other in others} == {plain.decision.case.hash}
    changed = determine(LIBRARY, data.replace(b"ageInYearsAtMost 17", b"ageInYearsAtMost 16"))
    assert changed.decision.case.hash != plain.decision.case.hash
    names = [identity(one) for one in (plain, *others, changed)]
    assert len(set(names)) == len(names)
