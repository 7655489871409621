"""Every command does what it says; what is refused is told in a line and ends with exit code 2, never a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from reasoner import shell
from reasoner.library import Library
from reasoner.vocabulary import SKOS
from reasoner.worked import room_names

ROOT: Final = Path(__file__).resolve().parent.parent
EXAMPLES: Final = ROOT / "examples"
SMALL: Final = EXAMPLES / "l1-sarcoma-second-stage.ttl"
PENDING: Final = EXAMPLES / "degenerative-t12-s2.ttl"
REFUSED: Final = 2


class Ran(NamedTuple):
    """What a run of the command left behind."""

    returncode: int
    stdout: str
    stderr: str


Spine = Callable[..., Ran]


@pytest.fixture(scope="module")
def spine() -> Iterator[Callable[..., Ran]]:
    """Run the command in this process, with the knowledge read once; a traceback would fail the test."""
    library = Library.read()
    patch = pytest.MonkeyPatch()
    patch.setattr(Library, "read", lambda *_: library)
    patch.chdir(ROOT)

    def run(*arguments: object) -> Ran:
        out, err = (TextIOWrapper(BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
        code = 0
        with patch.context() as context, redirect_stdout(out), redirect_stderr(err):
            context.setattr(sys, "argv", ["spine", *map(str, arguments)])
            try:
                shell.main()
            except SystemExit as end:
                code = int(end.code or 0)
        printed = [stream.buffer.getvalue().decode() for stream in (out, err) if isinstance(stream.buffer, BytesIO)]
        return Ran(code, *printed)

    yield run
    patch.undo()


def process(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a user does, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "reasoner", *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", **environment},
        timeout=300,
        check=False,
    )


@pytest.fixture(scope="module")
def proof(spine: Spine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved proof."""
    path = tmp_path_factory.mktemp("proof") / "proof.trig"
    path.write_text(spine("determine", EXAMPLES / "minimal.jsonld", "--format", "trig").stdout, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "arguments",
    [
        ("determine", "no-such-file.ttl"),
        ("determine", "EMPTY"),
        ("determine", "LATIN"),
        ("determine", "BROKEN"),
        ("determine", SMALL, "--policy", "no-such-policy"),
        ("determine", SMALL, "--as-of", "2026-02-30"),
        ("determine", SMALL, "--as-of", "20260131"),
        ("determine", SMALL, "--evidence-until", "yesterday"),
        ("determine", SMALL, "--format", "docx"),
        ("determine", SMALL, "--for", "nobody"),
        ("determine", SMALL, PENDING, "--format", "trig"),
        ("determine",),
        ("validate", "no-such-file.ttl"),
        ("validate", "BROKEN"),
        ("explain", SMALL, "no-such-criterion"),
        ("explain", "EMPTY", "high-grade-tumour"),
        ("trace", "no-such-file.ttl"),
        ("diff", SMALL, "no-such-file.json"),
        ("notice", "no-such-file.ttl"),
        ("notice", SMALL, "--policy", "uhc-spine-surgery"),
        ("notice", SMALL, "--format", "docx"),
        ("appeal", SMALL, "no-such-file.ttl"),
        ("appeal", SMALL, SMALL),
        ("appeal", SMALL, PENDING, "--decided", SMALL),
        ("determine", SMALL, "--policy", "cms-lcd-l33382", "--as-of", "2026-01-31"),
        ("recheck", "no-such-file.trig"),
        ("recheck", SMALL),
        ("recheck", "BROKEN"),
        ("query", "SELEKT ?x { ?x ?y ?z }"),
        ("check", "no-such-room"),
        ("new", "case", "case.docx"),
        ("new", "case", "no-such-folder/case.ttl"),
        ("new", "room", "No Such Room"),
        ("no-such-command",),
    ],
    ids=lambda arguments: " ".join(str(a).rsplit("/", 1)[-1] for a in arguments),
)
def test_what_is_refused_ends_with_2_and_no_traceback(
    spine: Spine, arguments: tuple[object, ...], tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "latin.ttl").write_bytes(b"<> a <\xe9> .")
    (tmp_path / "broken.ttl").write_text("<> a case:Case", encoding="utf-8")
    places = {"EMPTY": tmp_path / "empty", "LATIN": tmp_path / "latin.ttl", "BROKEN": tmp_path / "broken.ttl"}
    found = spine(*(places.get(str(argument), argument) for argument in arguments))
    assert found.returncode == REFUSED
    assert "Traceback" not in found.stderr
    assert found.stderr.strip()
    assert found.stdout == ""


@pytest.mark.parametrize("arguments", [("determine", "no-such-file.ttl"), ("recheck", SMALL), ("no-such-command",)])
def test_a_process_that_refuses_ends_with_2(arguments: tuple[object, ...]) -> None:
    found = process(*arguments)
    assert found.returncode == REFUSED
    assert "Traceback" not in found.stderr


def test_a_misspelt_name_is_told_the_near_one(spine: Spine) -> None:
    assert "high-grade-tumour" in spine("explain", SMALL, "high-grade-tumor").stderr


def test_a_case_is_determined() -> None:
    found = process("determine", PENDING)
    assert (found.returncode, found.stderr) == (0, "")
    assert "- Outcome      not medically necessary as requested" in found.stdout
    assert "\x1b" not in found.stdout


@pytest.mark.parametrize("variable", ["NO_COLOR", "TERM"])
def test_no_colour_where_none_is_wanted(variable: str) -> None:
    assert "\x1b" not in process("determine", SMALL, **{variable: "1" if variable == "NO_COLOR" else "dumb"}).stdout


def test_several_cases_have_a_heading_each_and_a_summary_on_stderr(spine: Spine, tmp_path: Path) -> None:
    for path in (SMALL, EXAMPLES / "l2-burst-metastasis.ttl"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "broken.ttl").write_text("<> a", encoding="utf-8")
    (tmp_path / "notes.expected.json").write_text("{}", encoding="utf-8")
    found = spine("determine", tmp_path)
    assert found.returncode == REFUSED
    assert f"{tmp_path / SMALL.name}\n" in found.stdout
    assert "3 cases: 1 refused as input, 1 partly-necessary, 1 necessary" in found.stderr
    assert "broken.ttl" in found.stderr
    assert "\x1b" not in found.stderr
    assert "Traceback" not in found.stderr


def test_results_go_to_a_folder_each_in_a_file(spine: Spine, tmp_path: Path) -> None:
    found = spine(
        "determine", SMALL, EXAMPLES / "l2-burst-metastasis.ttl", "--format", "json", "--out", tmp_path / "a" / "b"
    )
    assert (found.returncode, found.stdout) == (0, "")
    written = sorted((tmp_path / "a" / "b").iterdir())
    assert [path.name for path in written] == ["l1-sarcoma-second-stage.json", "l2-burst-metastasis.json"]
    assert json.loads(written[0].read_bytes())["outcome"] == "partly-necessary"


def test_a_folder_that_cannot_be_written_is_refused(spine: Spine, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    found = spine("determine", SMALL, "--out", tmp_path / "file" / "x")
    assert found.returncode == REFUSED
    assert "Traceback" not in found.stderr


@pytest.mark.parametrize(
    ("form", "begins"), [("json", "{"), ("turtle", "@prefix"), ("trig", "@prefix"), ("markdown", "# ")]
)
def test_formats(spine: Spine, form: str, begins: str) -> None:
    found = spine("determine", SMALL, "--format", form)
    assert found.returncode == 0
    assert found.stdout.startswith(begins)


@pytest.mark.parametrize("audience", ["reviewer", "clinician", "patient", "engineer"])
def test_readers(spine: Spine, audience: str) -> None:
    found = spine("determine", SMALL, "--for", audience)
    assert found.returncode == 0
    assert ("caseHash" in found.stdout) == (audience == "engineer")


def test_dates_are_taken(spine: Spine) -> None:
    data = json.loads(
        spine("determine", SMALL, "--as-of", "2026-01-31", "--evidence-until", "2026-01-30", "--format", "json").stdout
    )
    assert (data["asOf"], data["evidenceUntil"]) == ("2026-01-31", "2026-01-30")


def test_validate_says_what_can_be_read(spine: Spine) -> None:
    found = spine("validate", SMALL)
    assert found.returncode == 0
    assert "can be read" in found.stdout


def test_explain_goes_down_to_the_evidence(spine: Spine) -> None:
    found = spine("explain", SMALL, "primary-tumour:high-grade-tumour")
    assert found.returncode == 0
    assert "corpectomy-l1: met" in found.stdout
    assert "passes: Pleomorphic spindle cell sarcoma of bone" in found.stdout


@pytest.mark.parametrize("said", ["", "primary-tumour {}", "primary-tumour:{}", "primary-tumour {}, indication"])
def test_explain_takes_what_the_report_prints(spine: Spine, said: str) -> None:
    library = Library.read()
    iri = next(one for one in library.criteria.compiled if one.endswith("primary-tumour#high-grade-tumour"))
    name = said.format(library.graph.text(iri, SKOS + "notation")) or library.label(iri)
    found = spine("explain", SMALL, name)
    assert found.returncode == 0
    assert "corpectomy-l1: met" in found.stdout


def test_a_number_of_several_criteria_is_told_with_all_of_them(spine: Spine) -> None:
    found = spine("explain", SMALL, "1.1")
    assert found.returncode == REFUSED
    assert "criterion.ambiguous" in found.stderr
    assert "primary-tumour 1.1" in found.stderr


def test_explain_takes_a_recommendation(spine: Spine) -> None:
    known = Library.read().recommendations[0].iri
    found = spine("explain", PENDING, known)
    assert found.returncode == 0


def test_trace_names_rule_and_premises(spine: Spine) -> None:
    found = spine("trace", SMALL)
    assert found.returncode == 0
    assert all("  <- " in line for line in found.stdout.splitlines())


def test_diff_of_two_policies_and_of_a_saved_determination(spine: Spine, tmp_path: Path) -> None:
    saved = tmp_path / "saved.json"
    saved.write_text(spine("determine", SMALL, "--format", "json").stdout, encoding="utf-8")
    assert spine("diff", saved, SMALL).stdout == "no difference\n"
    found = spine("diff", SMALL, EXAMPLES / "l2-burst-metastasis.ttl")
    assert "outcome: partly-necessary -> necessary" in found.stdout


@pytest.mark.parametrize("data", ['{"items": 5, "outcome": "x", "action": "y", "policy": 1}', "[" * 100_000])
def test_a_json_that_is_no_determination_is_refused(spine: Spine, data: str, tmp_path: Path) -> None:
    path = tmp_path / "saved.json"
    path.write_text(data, encoding="utf-8")
    found = spine("diff", path, SMALL)
    assert found.returncode == REFUSED
    assert "Traceback" not in found.stderr


def test_a_saved_proof_holds(spine: Spine, proof: Path) -> None:
    found = spine("recheck", proof)
    assert found.returncode == 0
    assert found.stdout.endswith("The proof holds.\n")


def test_a_changed_proof_does_not_hold(spine: Spine, proof: Path, tmp_path: Path) -> None:
    text = proof.read_text(encoding="utf-8")
    assert "nec:hasAnswer nec:Met" in text
    changed = tmp_path / "changed.trig"
    changed.write_text(text.replace("nec:hasAnswer nec:Met", "nec:hasAnswer nec:NotMet", 1), encoding="utf-8")
    found = spine("recheck", changed)
    assert found.returncode == 1
    assert "recorded not-met, judged met" in found.stdout
    assert "is not the one that was hashed" in found.stdout


def test_query_lists_and_answers(spine: Spine) -> None:
    assert spine("query", "--list").returncode == 0
    found = spine("query", "SELECT (COUNT(*) AS ?n) { ?room a <https://w3id.org/spine-reasoner/necessity#Guideline> }")
    assert found.returncode == 0
    assert str(len(room_names(Library.read()))) in found.stdout


def test_schema_is_json(spine: Spine) -> None:
    assert json.loads(spine("schema").stdout)["title"] == "Determination"


def test_demo_shows_a_case(spine: Spine) -> None:
    found = spine("demo")
    assert found.returncode == 0
    assert found.stderr.startswith("$ spine determine examples/")
    assert "In short" in found.stdout


def test_new_case_can_be_validated(spine: Spine, tmp_path: Path) -> None:
    for name in ("case.ttl", "case.jsonld"):
        path = tmp_path / name
        assert spine("new", "case", path).returncode == 0
        assert spine("validate", path).returncode == 0
        assert spine("new", "case", path).returncode == REFUSED


def test_a_reader_that_closes_early_is_no_error() -> None:
    found = subprocess.run(  # noqa: S602  a pipe is what is tried here
        f"{sys.executable} -m reasoner determine {PENDING} | head -1",
        shell=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
        check=False,
    )
    assert found.stdout.startswith("Degenerative")
    assert "Traceback" not in found.stderr
