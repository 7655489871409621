"""The command `spine`: determine, validate, explain, query, recheck, and the tools of the knowledge engineer."""

from __future__ import annotations

import gc
import sys
from enum import StrEnum
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from reasoner import desk, tools, workshop
from reasoner.anatomy import local
from reasoner.console import (
    REFUSED,
    AsOf,
    PolicyName,
    Until,
    bytes_of,
    case_of,
    complain,
    day_of,
    files_of,
    progress,
    show,
    status,
    summary,
    unreadable,
)
from reasoner.door import Determination, determine, validate
from reasoner.errors import CaseUnreadable, SpineReasonerError
from reasoner.layout import Line, as_markdown, as_text, spelled
from reasoner.library import Library
from reasoner.remarks import folded
from reasoner.report import Audience, sections_of, title_of

app = typer.Typer(
    help="Explained determinations of medical necessity for spine surgery. Decision support: a person decides.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
desk.attach(app)
workshop.attach(app)


class Format(StrEnum):
    """How a determination is printed."""

    TEXT = "text"
    JSON = "json"
    TURTLE = "turtle"
    TRIG = "trig"
    MARKDOWN = "markdown"


_SUFFIXES: Final = {
    Format.TEXT: ".txt",
    Format.JSON: ".json",
    Format.TURTLE: ".ttl",
    Format.TRIG: ".trig",
    Format.MARKDOWN: ".md",
}

Cases = Annotated[list[Path], typer.Argument(help="Case files, or folders of them.", metavar="CASE...")]
OneCase = Annotated[Path, typer.Argument(help="A case file.", metavar="CASE")]
Form = Annotated[Format, typer.Option("--format", help="How to print it.")]
Reader = Annotated[Audience, typer.Option("--for", help="Who reads it.")]
Folder = Annotated[
    Path | None, typer.Option("--out", help="Write each result to a file of its own in this folder.", metavar="FOLDER")
]


@app.command("determine")
def determine_command(
    cases: Cases,
    policy: PolicyName = None,
    as_of: AsOf = None,
    evidence_until: Until = None,
    form: Form = Format.TEXT,
    audience: Reader = Audience.REVIEWER,
    out: Folder = None,
) -> None:
    """Determine one or more cases, and say why."""
    library = Library.read()
    library.policy(policy)
    asked, until = day_of(as_of, "--as-of"), day_of(evidence_until, "--evidence-until")
    paths = files_of(cases)
    if form is Format.TRIG and len(paths) > 1 and out is None:
        raise CaseUnreadable(
            "option.out", "Several proofs cannot stand in one stream.", mend="Name a folder with --out."
        )
    outcomes: dict[str, str] = {}
    for path in progress(paths):
        try:
            found = determine(library, case_of(library, path), policy=policy, policy_date=asked, evidence_until=until)
        except SpineReasonerError as error:
            if len(paths) == 1:
                raise
            complain(error, path)
            outcomes[str(path)] = "refused as input"
            continue
        outcomes[str(path)] = found.decision.outcome.value
        if out is not None:
            _write(out / f"{path.stem}{_SUFFIXES[form]}", rendered(found, form, audience))
        elif form is Format.TEXT:
            show(([Line(f"{path}"), Line("")] if len(paths) > 1 else []) + report_lines(found, audience))
        else:
            sys.stdout.buffer.write(rendered(found, form, audience))
            sys.stdout.flush()
    if len(paths) > 1:
        summary(outcomes)
    if "refused as input" in outcomes.values():
        raise typer.Exit(REFUSED)


@app.command("validate")
def validate_command(cases: Cases) -> None:
    """Say whether cases can be read, and what is unusual about them."""
    library = Library.read()
    refused = 0
    for path in files_of(cases):
        try:
            case = case_of(library, path)
            remarks = folded(case, validate(library, case))
        except SpineReasonerError as error:
            complain(error, path)
            refused += 1
            continue
        count = f", {len(remarks)} remark{'s' if len(remarks) > 1 else ''}" if remarks else ""
        typer.echo(spelled(f"{path}: can be read{count}"))
        for line in remarks:
            typer.echo(spelled(f"  {line}"))
    if refused:
        raise typer.Exit(REFUSED)


@app.command("explain")
def explain_command(
    case: OneCase,
    criterion: Annotated[str, typer.Argument(help="Name, label or number of a criterion or recommendation.")],
    policy: PolicyName = None,
) -> None:
    """Say what one criterion answers for every item, and on which evidence."""
    library = Library.read()
    found = determine(library, case_of(library, case), policy=policy)
    for iri in tools.criteria_named(library, criterion):
        show([Line(spelled(line)) for line in tools.explain_criterion(found.decision, iri)])


@app.command("trace")
def trace_command(case: OneCase, policy: PolicyName = None) -> None:
    """Say what the closure added to a case, and why."""
    library = Library.read()
    found = determine(library, case_of(library, case), policy=policy)
    for line in tools.trace(found.decision):
        typer.echo(spelled(line))


@app.command("diff")
def diff_command(
    first: Annotated[Path, typer.Argument(help="A determination as JSON, or a case.")],
    second: Annotated[Path, typer.Argument(help="Another one.")],
    policy: PolicyName = None,
    other_policy: Annotated[
        str | None, typer.Option("--other-policy", help="Policy for the second, if it is a case.")
    ] = None,
) -> None:
    """Compare two determinations: outcomes, items, answers."""
    library = Library.read()
    left = _determination_data(library, first, policy)
    right = _determination_data(library, second, other_policy or policy)
    for line in tools.differences(left, right):
        typer.echo(spelled(line))


@app.command("recheck")
def recheck_command(proof: Annotated[Path, typer.Argument(help="A saved proof.", metavar="PROOF.trig")]) -> None:
    """Judge a saved proof again with pySHACL, from what it carries alone."""
    from reasoner.proof import recheck  # noqa: PLC0415  rdflib and pySHACL are costly to import

    with status("pySHACL is judging"):
        report = recheck(bytes_of(proof))
    counts = ", ".join(f"{count} {word}" for word, count in report.counts.items())
    typer.echo(f"{report.judged} answers judged again: {counts}")
    for name in report.tampered:
        typer.echo(f"The graph {name} is not the one that was hashed.")
    for one in report.differences:
        typer.echo(f"{local(one.item)} {local(one.criterion)}: recorded {one.recorded}, judged {one.judged}")
    for name, digest in sorted(report.hashes.items()):
        typer.echo(f"  {name}: sha256 {digest}")
    if not report.holds:
        typer.echo("The proof does not hold.")
        raise typer.Exit(1)
    typer.echo("The proof holds.")


@app.command("query")
def query_command(
    query: Annotated[str | None, typer.Argument(help="A file with a query, or the query itself.")] = None,
    form: Annotated[str, typer.Option("--format", help="text, csv, tsv, json or xml; turtle for graphs.")] = "text",
    show_list: Annotated[bool, typer.Option("--list", help="List the worked questions.")] = False,  # noqa: FBT002  an option
) -> None:
    """Ask a SPARQL question over ontology, shapes, examples and their determinations."""
    from reasoner import questions  # noqa: PLC0415  only this command loads the query engine's data

    if show_list or query is None:
        for name, title in questions.worked():
            typer.echo(f"{name:<34}{title}")
        return
    text = _query_text(query)
    with status("Determining the examples"):
        store = questions.store_of(Library.read())
    sys.stdout.buffer.write(questions.answer(store, text, form))


@app.command("schema")
def schema_command() -> None:
    """Print the JSON Schema of a determination."""
    from reasoner.published import schema_text  # noqa: PLC0415  only this command needs it

    typer.echo(schema_text())


@app.command("demo")
def demo_command(form: Form = Format.TEXT, audience: Reader = Audience.REVIEWER) -> None:
    """Determine a real published case, for a first look."""
    library = Library.read()
    path = library.root / "examples" / "degenerative-t12-s2.ttl"
    typer.echo(f"$ spine determine {path.relative_to(library.root)}\n", err=True)
    found = determine(library, case_of(library, path))
    if form is Format.TEXT:
        show(report_lines(found, audience))
    else:
        sys.stdout.buffer.write(rendered(found, form, audience))
        sys.stdout.flush()


def main() -> None:
    """Run the command; whatever was refused on purpose is told in one line and ends with exit code 2."""
    gc.disable()  # A command ends before the collector would pay, and a determination leaves no circles behind.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        app(standalone_mode=True)
    except SpineReasonerError as error:
        complain(error)
        sys.exit(REFUSED)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:
        complain(unreadable(Path(error.filename or "."), error))
        sys.exit(REFUSED)


def rendered(found: Determination, form: Format, audience: Audience) -> bytes:
    """A determination as the bytes of one format, ending with a line break."""
    match form:
        case Format.JSON:
            return found.to_json() + b"\n"
        case Format.TURTLE:
            return found.to_turtle()
        case Format.TRIG:
            return found.to_proof()
        case Format.MARKDOWN:
            return as_markdown(title_of(found.data), sections_of(found, audience)).encode()
        case Format.TEXT:
            return ("\n".join(line.text for line in report_lines(found, audience)) + "\n").encode()


def report_lines(found: Determination, audience: Audience) -> list[Line]:
    """The lines of a text report."""
    return as_text(title_of(found.data), sections_of(found, audience))


def _write(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as error:
        raise unreadable(path, error) from error


def _determination_data(library: Library, path: Path, policy: str | None) -> dict[str, Any]:
    data = bytes_of(path)
    saved = tools.saved_determination(data) if path.suffix == ".json" else None
    return saved or determine(library, case_of(library, path), policy=policy).full


def _query_text(query: str) -> str:
    path = Path(query)
    try:
        if path.is_file():
            return path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        pass  # A query too long to be a file name is a query.
    from reasoner import questions  # noqa: PLC0415  as above

    return questions.text_of(query) or query
