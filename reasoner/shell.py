"""The command `spine`: determine, validate, explain, query, recheck, and the tools of the knowledge engineer."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from reasoner import tools
from reasoner.anatomy import local
from reasoner.case import read_case
from reasoner.door import Determination, determine, validate
from reasoner.errors import CaseUnreadable, GuidelineUnknown, SpineReasonerError
from reasoner.layout import Line, Section, as_markdown, as_text
from reasoner.library import Library, bundled
from reasoner.report import Audience, sections_of, title_of

_REFUSED: Final = 2
_SUFFIXES: Final = (".ttl", ".trig", ".nt", ".jsonld", ".json")
_STYLES: Final = {"title": "bold", "heading": "bold cyan", "good": "green", "bad": "red", "open": "yellow", "note": "magenta"}

app = typer.Typer(
    help="Explained determinations of medical necessity for spine surgery. Decision support: a person decides.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
new_app = typer.Typer(help="Write a template to fill.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(new_app, name="new")


class Format(StrEnum):
    """How a determination is printed."""

    TEXT = "text"
    JSON = "json"
    TURTLE = "turtle"
    TRIG = "trig"
    MARKDOWN = "markdown"


Cases = Annotated[list[Path], typer.Argument(help="Case files, or folders of them.", metavar="CASE...")]
OneCase = Annotated[Path, typer.Argument(help="A case file.", metavar="CASE")]
PolicyName = Annotated[str | None, typer.Option("--policy", help="Name of a policy; the default policy if not given.")]
AsOf = Annotated[str | None, typer.Option("--as-of", help="Date by which policies are in force (YYYY-MM-DD).", metavar="DATE")]
Until = Annotated[
    str | None, typer.Option("--evidence-until", help="Set aside what is dated later (YYYY-MM-DD).", metavar="DATE")
]


@app.command("determine")
def determine_command(
    cases: Cases,
    policy: PolicyName = None,
    as_of: AsOf = None,
    evidence_until: Until = None,
    form: Annotated[Format, typer.Option("--format", help="How to print it.")] = Format.TEXT,
    audience: Annotated[Audience, typer.Option("--for", help="Who reads it.")] = Audience.REVIEWER,
) -> None:
    """Determine one or more cases, and say why."""
    library = Library.read()
    library.policy(policy)
    dates = {"policy_date": _date(as_of, "--as-of"), "evidence_until": _date(evidence_until, "--evidence-until")}
    paths = _files(cases)
    outcomes: dict[str, str] = {}
    refused = 0
    for path in _progress(paths):
        try:
            found = determine(library, _read(library, path), policy=policy, **dates)
        except SpineReasonerError as error:
            if len(paths) == 1:
                raise
            _complain(error)
            refused += 1
            outcomes[str(path)] = "refused as input"
            continue
        outcomes[str(path)] = found.decision.outcome.value
        _print(found, form, audience)
    if len(paths) > 1:
        _summary(outcomes)
    if refused:
        raise typer.Exit(_REFUSED)


@app.command("validate")
def validate_command(cases: Cases) -> None:
    """Say whether cases can be read, and what is unusual about them."""
    library = Library.read()
    refused = 0
    for path in _files(cases):
        try:
            remarks = validate(library, _read(library, path))
        except SpineReasonerError as error:
            _complain(error)
            refused += 1
            continue
        typer.echo(f"{path}: can be read" + (f", {len(remarks)} remarks" if remarks else ""))
        for line in remarks:
            typer.echo(f"  {line.severity.lower()}: {line.node}: {line.message}")
    if refused:
        raise typer.Exit(_REFUSED)


@app.command("explain")
def explain_command(
    case: OneCase,
    criterion: Annotated[str, typer.Argument(help="Name of a criterion or recommendation.")],
    policy: PolicyName = None,
) -> None:
    """Say what one criterion answers for every item, and on which evidence."""
    library = Library.read()
    found = determine(library, _read(library, case), policy=policy)
    _show([Line(line) for line in tools.explain_criterion(found.decision, _criterion(library, criterion))])


@app.command("trace")
def trace_command(case: OneCase, policy: PolicyName = None) -> None:
    """Say what the closure added to a case, and why."""
    library = Library.read()
    found = determine(library, _read(library, case), policy=policy)
    for line in tools.trace(found.decision):
        typer.echo(line)


@app.command("diff")
def diff_command(
    first: Annotated[Path, typer.Argument(help="A determination as JSON, or a case.")],
    second: Annotated[Path, typer.Argument(help="Another one.")],
    policy: PolicyName = None,
    other_policy: Annotated[str | None, typer.Option("--other-policy", help="Policy for the second, if it is a case.")] = None,
) -> None:
    """Compare two determinations: outcomes, items, answers."""
    library = Library.read()
    left = _determination_data(library, first, policy)
    right = _determination_data(library, second, other_policy or policy)
    for line in tools.differences(left, right):
        typer.echo(line)


@app.command("recheck")
def recheck_command(proof: Annotated[Path, typer.Argument(help="A saved proof.", metavar="PROOF.trig")]) -> None:
    """Judge a saved proof again with pySHACL, from what it carries alone."""
    from reasoner.proof import recheck  # noqa: PLC0415  rdflib and pySHACL are costly to import

    report = recheck(_bytes(proof))
    typer.echo(f"{report.judged} answers judged again: {', '.join(f'{count} {word}' for word, count in report.counts.items())}")
    for name in report.tampered:
        typer.echo(f"The graph {name} is not the one that was hashed.")
    for one in report.differences:
        typer.echo(f"{local(one.item)} {local(one.criterion)}: recorded {one.recorded}, judged {one.judged}")
    for name, digest in sorted(report.hashes.items()):
        typer.echo(f"  {name}: sha256 {digest}")
    if not report.holds:
        raise typer.Exit(1)
    typer.echo("The proof holds.")


@app.command("query")
def query_command(
    query: Annotated[str | None, typer.Argument(help="A file with a query, or the query itself.")] = None,
    form: Annotated[str, typer.Option("--format", help="text, csv, tsv, json or xml; turtle for graphs.")] = "text",
    show_list: Annotated[bool, typer.Option("--list", help="List the worked questions.")] = False,
) -> None:
    """Ask a SPARQL question over ontology, shapes, examples and their determinations."""
    from reasoner import questions  # noqa: PLC0415  only this command loads the query engine's data

    if show_list or query is None:
        for name, title in questions.worked():
            typer.echo(f"{name:<34}{title}")
        return
    text = _query_text(query)
    with _status("Determining the examples"):
        store = questions.store_of(Library.read())
    sys.stdout.buffer.write(questions.answer(store, text, form))


@app.command("schema")
def schema_command() -> None:
    """Print the JSON Schema of a determination."""
    from reasoner.published import schema_text  # noqa: PLC0415  only this command needs it

    typer.echo(schema_text())


@app.command("demo")
def demo_command(
    form: Annotated[Format, typer.Option("--format", help="How to print it.")] = Format.TEXT,
) -> None:
    """Determine a real published case, for a first look."""
    library = Library.read()
    path = library.root / "examples" / "degenerative-t12-s2.ttl"
    typer.echo(f"$ spine determine {path.relative_to(library.root)}\n", err=True)
    _print(determine(library, _read(library, path)), form, Audience.REVIEWER)


@app.command("weave")
def weave_command(
    check: Annotated[bool, typer.Option("--check", help="Only say which pages are stale.")] = False,
    coverage: Annotated[bool, typer.Option("--coverage", help="Print what the rooms hold and what is not encoded.")] = False,
) -> None:
    """Write each room's README from its guideline and worked cases."""
    from reasoner import weave  # noqa: PLC0415  only this command weaves

    library = Library.read()
    if coverage:
        for line in weave.coverage(library):
            typer.echo(line)
        return
    stale = weave.weave(library, write=not check)
    for path in stale:
        typer.echo(f"{'stale' if check else 'written'}: {path.relative_to(library.root)}")
    if check and stale:
        raise typer.Exit(1)


@app.command("check")
def check_command(room: Annotated[str, typer.Argument(help="Name of a room.")]) -> None:
    """Check one room: its shapes, its style and its worked cases."""
    from reasoner import rooms  # noqa: PLC0415  only this command needs it

    library = Library.read()
    faults = rooms.check(library, room)
    for fault in faults:
        typer.echo(fault)
    if faults:
        raise typer.Exit(1)
    typer.echo(f"{room}: in order")


@app.command("classify")
def classify_command(
    check: Annotated[bool, typer.Option("--check", help="Only say whether the kept hierarchy is stale.")] = False,
) -> None:
    """Classify the ontology with HermiT and keep the inferred hierarchy."""
    from reasoner import classify  # noqa: PLC0415  owlready2 and a JVM are needed here only

    with _status("HermiT is classifying"):
        text = classify.inferred(bundled())
    path = bundled() / "ontology" / "inferred.ttl"
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        typer.echo("fresh: ontology/inferred.ttl")
    elif check:
        typer.echo("stale: ontology/inferred.ttl")
        raise typer.Exit(1)
    else:
        path.write_text(text, encoding="utf-8")
        typer.echo("written: ontology/inferred.ttl")


@new_app.command("case")
def new_case_command(
    path: Annotated[Path, typer.Argument(help="Where to write it; the suffix says whether Turtle or JSON-LD.")],
) -> None:
    """Write a case to fill in."""
    from reasoner import templates  # noqa: PLC0415  only this command needs it

    templates.write_case(path)
    typer.echo(f"written: {path}")


@new_app.command("room")
def new_room_command(name: Annotated[str, typer.Argument(help="Name of the room, in kebab-case.")]) -> None:
    """Write a guideline room to fill in, with one criterion and its two cases."""
    from reasoner import templates  # noqa: PLC0415  only this command needs it

    for path in templates.write_room(bundled(), name):
        typer.echo(f"written: {path}")


def main() -> None:
    """Run the command; whatever was refused on purpose is told in one line and ends with exit code 2."""
    try:
        app(standalone_mode=True)
    except SpineReasonerError as error:
        _complain(error)
        sys.exit(_REFUSED)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)


def _complain(error: SpineReasonerError) -> None:
    problems = getattr(error, "problems", ())
    if not problems:
        typer.echo(f"refused: {error}", err=True)
        return
    for problem in problems:
        typer.echo(f"refused: {problem}", err=True)


def _files(cases: list[Path]) -> list[Path]:
    found: list[Path] = []
    for path in cases:
        if path.is_dir():
            inside = sorted(p for p in path.iterdir() if p.suffix in _SUFFIXES and not p.name.endswith(".expected.json"))
            if not inside:
                raise CaseUnreadable("case.empty-folder", "The folder holds no case.", where=str(path))
            found.extend(inside)
        else:
            found.append(path)
    return found


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CaseUnreadable(
            "case.file", f"The file cannot be read: {error.strerror}.", where=str(path), mend="Check its name."
        ) from error


def _read(library: Library, path: Path) -> Any:  # noqa: ANN401  a Case; named so that errors carry the file's name
    return read_case(_bytes(path), schema=library.schema, name=path.name)


def _date(text: str | None, option: str) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CaseUnreadable(
            "option.date", f"{text!r} is no date.", where=option, mend="Write it as 2026-01-31."
        ) from error


def _criterion(library: Library, name: str) -> str:
    known = {*library.criteria.compiled, *(one.iri for one in library.recommendations)}
    found = [iri for iri in sorted(known) if name in (iri, local(iri), iri.rsplit("/", 1)[-1])]
    if not found:
        raise GuidelineUnknown("criterion.unknown", f"There is no criterion {name!r}.", mend=tools.near(name, known))
    return found[0]


def _determination_data(library: Library, path: Path, policy: str | None) -> dict[str, Any]:
    data = _bytes(path)
    saved = tools.saved_determination(data) if path.suffix == ".json" else None
    return saved or determine(library, _read(library, path), policy=policy).full


def _query_text(query: str) -> str:
    path = Path(query)
    try:
        if path.is_file():
            return path.read_text(encoding="utf-8")
    except OSError:
        pass  # A query too long to be a file name is a query.
    from reasoner import questions  # noqa: PLC0415  as above

    return questions.text_of(query) or query


def _print(found: Determination, form: Format, audience: Audience) -> None:
    match form:
        case Format.JSON:
            sys.stdout.buffer.write(found.to_json() + b"\n")
        case Format.TURTLE:
            sys.stdout.buffer.write(found.to_turtle())
        case Format.TRIG:
            sys.stdout.buffer.write(found.to_proof())
        case Format.MARKDOWN:
            typer.echo(as_markdown(title_of(found.data), sections_of(found, audience)))
        case Format.TEXT:
            _show(report_lines(found, audience))
    sys.stdout.flush()


def report_lines(found: Determination, audience: Audience) -> list[Line]:
    """The lines of a text report."""
    sections: tuple[Section, ...] = sections_of(found, audience)
    return as_text(title_of(found.data), sections)


def _show(lines: list[Line]) -> None:
    if not sys.stdout.isatty():
        typer.echo("\n".join(line.text for line in lines))
        return
    from rich.console import Console  # noqa: PLC0415  colour is for terminals only
    from rich.text import Text  # noqa: PLC0415  as above

    console = Console(highlight=False, soft_wrap=True)
    for line in lines:
        console.print(Text(line.text, style=_STYLES.get(line.tone, "")))


def _summary(outcomes: dict[str, str]) -> None:
    width = max(map(len, outcomes))
    typer.echo("", err=True)
    for path, outcome in outcomes.items():
        typer.echo(f"{path:<{width}}  {outcome}", err=True)
    counts = {word: list(outcomes.values()).count(word) for word in dict.fromkeys(outcomes.values())}
    typer.echo(f"{len(outcomes)} cases: " + ", ".join(f"{count} {word}" for word, count in counts.items()), err=True)


def _progress(paths: list[Path]) -> Iterator[Path]:
    if len(paths) == 1 or not sys.stderr.isatty():
        yield from paths
        return
    from rich.console import Console  # noqa: PLC0415  a bar is for terminals only
    from rich.progress import track  # noqa: PLC0415  as above

    yield from track(paths, description="Determining", console=Console(stderr=True), transient=True)


@contextmanager
def _status(words: str) -> Iterator[None]:
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console  # noqa: PLC0415  a spinner is for terminals only

    with Console(stderr=True).status(words):
        yield


