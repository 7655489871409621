"""The built wheel carries its knowledge: it determines a case outside the checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_the_wheel_determines_a_case_outside_the_checkout(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), str(ROOT)],
        check=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    place = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(place)
    names = {path.relative_to(place).as_posix() for path in place.rglob("*")}
    assert "reasoner/knowledge/ontology/inferred.ttl" in names
    assert "reasoner/knowledge/shapes/lumbar-fusion/guideline.ttl" in names

    case = place / "reasoner/knowledge/examples/l2-burst-metastasis.ttl"
    environment = {**os.environ, "PYTHONPATH": str(place)}
    found = subprocess.run(
        [sys.executable, "-P", "-m", "reasoner", "determine", str(case), "--format", "json"],
        check=True,
        capture_output=True,
        cwd=tmp_path,
        env=environment,
    )
    assert json.loads(found.stdout)["outcome"] == "necessary"
    told = subprocess.run(
        [sys.executable, "-P", "-c", "import reasoner; print(reasoner.__file__)"],
        check=True,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=environment,
    )
    assert told.stdout.startswith(str(place))


def test_proofs_are_made_without_what_only_tests_install() -> None:
    code = (
        "import sys; sys.modules['shifty'] = None\n"
        "from pathlib import Path\n"
        "from reasoner import Library, determine\n"
        "library = Library.read()\n"
        "case = library.root / 'examples' / 'l1-sarcoma-second-stage.ttl'\n"
        "print(len(determine(library, case.read_bytes()).to_proof()))\n"
    )
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, cwd=ROOT)
    assert int(found.stdout) > 0
