"""The commands of whoever writes cases and guidelines: words, weave, check, classify, and templates to fill."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from reasoner.console import status
from reasoner.library import Library, bundled
from reasoner.schema import context_text

new_app = typer.Typer(help="Write a template to fill.", no_args_is_help=True, rich_markup_mode=None)


def attach(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command("words")(words_command)
    app.command("weave")(weave_command)
    app.command("check")(check_command)
    app.command("classify")(classify_command)
    app.add_typer(new_app, name="new")


def words_command(
    text: Annotated[list[str], typer.Argument(help="What the note says, in plain words.")],
    most: Annotated[int, typer.Option("--most", help="How many terms to print.", min=1)] = 12,
    codes: Annotated[bool, typer.Option("--codes", help="Codes and references that share a word, too.")] = False,  # noqa: FBT002  an option
) -> None:
    """Find the terms of the case vocabulary for what a note says."""
    from reasoner import lexicon  # noqa: PLC0415  only this command searches

    found = lexicon.words_for(Library.read(), " ".join(text), codes=codes)
    for word in found[:most]:
        also = f" ({', '.join(word.also)})" if word.also else ""
        typer.echo(f"{word.name}  [{word.kind}]{also}\n    {word.definition}")
        if word.written:
            typer.echo(f"    write: {word.written}")
    if len(found) > most:
        typer.echo(f"and {len(found) - most} more; --most {len(found)} prints them all")
    if not found:
        typer.echo("No term has these words. Try fewer, or another word for it.")
        raise typer.Exit(1)


def weave_command(
    check: Annotated[bool, typer.Option("--check", help="Only say which pages are stale.")] = False,  # noqa: FBT002  an option
    coverage: Annotated[  # noqa: FBT002  an option
        bool, typer.Option("--coverage", help="Print what the rooms hold and what is not encoded.")
    ] = False,
) -> None:
    """Write each room's README from its guideline and worked cases, and the JSON-LD context from the ontology."""
    from reasoner import weave  # noqa: PLC0415  only this command weaves

    library = Library.read()
    if coverage:
        for line in weave.coverage(library):
            typer.echo(line)
        return
    stale = weave.weave(library, write=not check)
    context = library.root / "ontology" / "context.jsonld"
    text = context_text(library.schema)
    if not context.is_file() or context.read_text(encoding="utf-8") != text:
        stale.append(context)
        if not check:
            context.write_text(text, encoding="utf-8")
    for path in stale:
        typer.echo(f"{'stale' if check else 'written'}: {path.relative_to(library.root)}")
    if not stale:
        typer.echo("fresh: every page and the context")
    if check and stale:
        raise typer.Exit(1)


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


def classify_command(
    check: Annotated[bool, typer.Option("--check", help="Only say whether the kept hierarchy is stale.")] = False,  # noqa: FBT002  an option
) -> None:
    """Classify the ontology with HermiT and keep the inferred hierarchy."""
    from reasoner import classify  # noqa: PLC0415  owlready2 and a JVM are needed here only

    with status("HermiT is classifying"):
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
