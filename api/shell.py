"""The command `spine` whole: what the reasoner does, and `serve` and `store`."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from reasoner.errors import SpineReasonerError
from reasoner.shell import app, main

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

    from api.settings import Settings
    from api.store import Report

store_app = typer.Typer(
    help="Look after the determinations that a server has kept.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(store_app, name="store")

_PREFIX: Final = "SPINE_"


class SettingRefused(SpineReasonerError):  # noqa: N818  as the errors of the reasoner
    """A setting that a server cannot be started with."""


def serve(**given: Any) -> None:
    """Serve the REST interface, the SPARQL endpoint and the workbench until it is stopped."""
    from api.serving import serve as start  # noqa: PLC0415  only this command needs a web server

    start(_settings(given))


def _settings(given: dict[str, Any]) -> Settings:
    from pydantic import ValidationError  # noqa: PLC0415  as above

    from api.settings import Settings  # noqa: PLC0415  as above

    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else ""
        raise SettingRefused(
            "setting.value",
            f"The setting cannot stand: {first['msg'].lower()}.",
            where=f"--{name.replace('_', '-')} or {_PREFIX}{name.upper()}",
            mend="`spine serve --help` says what it may be.",
        ) from None


def _option(name: str, field: FieldInfo) -> inspect.Parameter:
    """One setting as an option of the command; what is not given falls to the environment, then to the default."""
    default = field.get_default(call_default_factory=True)
    shown = "none" if default == "" or name == "key" else str(default)
    kind: Any = field.annotation if field.annotation in (int, float) else str
    told = typer.Option(
        f"--{name.replace('_', '-')}",
        help=f"{field.description} [{_PREFIX}{name.upper()}; default: {shown}]",
        show_default=False,
    )
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[kind | None, told]
    )


Folder = Annotated[
    Path | None, typer.Option("--data", help="Folder of the store; that of SPINE_DATA or the user's own if not given.")
]


@store_app.command("verify")
def verify_command(data: Folder = None) -> None:
    """Read and hash everything that is kept, and say whether it is as it was; nothing is changed."""
    from api.store import verify_store  # noqa: PLC0415  only these commands open a store

    found = verify_store(_settings({"data": data}).data)
    _tell(found)
    if found.faults:
        raise typer.Exit(1)


@store_app.command("rebuild")
def rebuild_command(
    data: Folder = None,
    without_damaged: Annotated[  # noqa: FBT002  an option
        bool, typer.Option("--without-damaged", help="Give up what is damaged or missing; its remains are put aside.")
    ] = False,
) -> None:
    """Make journal and index again from the files that are whole."""
    from api.keeping import knowledge_of, remote_of  # noqa: PLC0415  as above
    from api.store import rebuild_store  # noqa: PLC0415  as above
    from reasoner import Library  # noqa: PLC0415  as above
    from reasoner.console import status  # noqa: PLC0415  as above

    settings = _settings({"data": data})
    with status("Rebuilding the store"):
        knowledge = knowledge_of(Library.read())
        found = rebuild_store(settings.data, knowledge, remote_of(settings), without_damaged=without_damaged)
    _tell(found)


def _tell(found: Report) -> None:
    typer.echo(f"{found.kept} determinations are kept; the index: {found.index or 'not looked at'}")
    for fault in found.faults:
        typer.echo(f"  {fault}")


def _attach(*, with_options: bool) -> None:
    options: list[inspect.Parameter] = []
    if with_options:  # Reading the settings takes as long as a small case, and only this command has them.
        from api.settings import Settings  # noqa: PLC0415  as said

        options = [_option(name, field) for name, field in Settings.model_fields.items()]
    serve.__signature__ = inspect.Signature(options)  # type: ignore[attr-defined]  # typer reads it
    serve.__annotations__ = {one.name: one.annotation for one in options}
    app.command("serve")(serve)


def run() -> None:
    """Run the command with everything attached."""
    _attach(with_options="serve" in sys.argv[1:2])
    main()


if __name__ == "__main__":
    run()
