"""What is kept is there, whole, or the store says what is not: every kind of damage is noticed when it opens."""

from __future__ import annotations

import errno
import os
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Final

import pyoxigraph as ox
import pytest

from api.store import (
    META,
    Kept,
    Knowledge,
    Store,
    StoreBehind,
    StoreConflict,
    StoreDamaged,
    StoreError,
    StoreFull,
    StoreRefused,
    open_store,
    rebuild_store,
    verify_store,
)
from api.store.index import Embedded
from api.store.journal import Journal
from api.store.kept import decode, encode, path_of

KNOWLEDGE: Final = Knowledge("first", lambda: b'<urn:a> <urn:p> _:x <urn:k> .\n_:x <urn:p> "1" <urn:k> .\n')


def record(number: int, *, quads: int = 5) -> Kept:
    """A small determination, different for each number."""
    name = sha256(str(number).encode()).hexdigest()
    lines = [f'<urn:d:{number}> <urn:says> "{one}" <urn:kept:{name}> .\n' for one in range(quads - 1)]
    lines.append(f"_:b <urn:of> <urn:d:{number}> <urn:kept:{name}> .\n")
    return Kept(name, f'{{"number": {number}}}', f"# proof {number} ≥ 6", "".join(lines), {"markdown": "# ü\n"})


@contextmanager
def opened(folder: Path, knowledge: Knowledge = KNOWLEDGE) -> Iterator[Store]:
    """An open store, closed again whatever happens."""
    store = open_store(folder, knowledge)
    try:
        yield store
    finally:
        store.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder with twelve kept determinations, closed."""
    with opened(tmp_path / "data") as store:
        for number in range(12):
            store.keep(record(number))
        assert store.catch_up()
    return tmp_path / "data"


def counted(store: Store) -> dict[str, int]:
    """How many statements each graph holds in a snapshot, the notes left out."""
    index = ox.Store.read_only(str(store.snapshot().path))
    found = index.query("SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g")
    assert isinstance(found, ox.QuerySolutions)
    told = {row["g"].value: int(row["n"].value) for row in found}
    del told[META]
    return told


EXPECTED: Final = {"urn:k": 2} | {f"urn:kept:{record(number).name}": 5 for number in range(12)}


def flip(path: Path, where: float) -> None:
    """One byte is another, at a part of the length."""
    data = bytearray(path.read_bytes())
    data[min(int(len(data) * where), len(data) - 1)] ^= 0x20
    path.write_bytes(data)


def test_what_is_kept_comes_back_as_it_was(tmp_path: Path) -> None:
    with opened(tmp_path / "data") as store:
        receipt = store.keep(record(1))
        assert (receipt.sequence, receipt.before) == (1, False)
        assert store.get(record(1).name) == record(1)
        assert store.get(record(2).name) is None
        assert store.get("../../etc/passwd") is None
    with opened(tmp_path / "data") as store:
        assert store.get(record(1).name) == record(1)
        assert store.ids() == (record(1).name,)


def test_keeping_again_changes_nothing(folder: Path) -> None:
    journal = (folder / "journal").read_bytes()
    with opened(folder) as store:
        again = store.keep(record(3))
        assert (again.sequence, again.before) == (4, True)
        assert counted(store) == EXPECTED
    assert (folder / "journal").read_bytes() == journal


def test_one_name_has_one_content(folder: Path) -> None:
    other = Kept(record(3).name, '{"number": 4}')
    with opened(folder) as store:
        with pytest.raises(StoreConflict):
            store.keep(other)
        assert store.get(record(3).name) == record(3)


@pytest.mark.parametrize("name", ["", "ab", "AB" * 32, "../" + "ab" * 31, "ab" * 32 + "\n"])
def test_a_name_is_the_digits_of_a_hash(tmp_path: Path, name: str) -> None:
    with opened(tmp_path / "data") as store:
        with pytest.raises(StoreRefused):
            store.keep(Kept(name, "{}"))
        assert store.ids() == ()


@pytest.mark.parametrize(
    "graphs",
    ["<urn:a> <urn:b> <urn:c> .", "no quads", "<urn:a> <urn:b> <urn:c> _:g .", f"<urn:a> <urn:b> <urn:c> <{META}> ."],
)
def test_graphs_have_names_of_their_own(tmp_path: Path, graphs: str) -> None:
    with opened(tmp_path / "data") as store:
        with pytest.raises(StoreRefused):
            store.keep(Kept("ab" * 32, "{}", graphs=graphs))
        assert store.ids() == ()


def test_half_a_character_is_refused(tmp_path: Path) -> None:
    with opened(tmp_path / "data") as store, pytest.raises(StoreRefused):
        store.keep(Kept("ab" * 32, "\ud800"))


def test_only_the_owner_can_read(folder: Path) -> None:
    for path in [folder, *folder.rglob("*")]:
        if path.is_dir():
            assert stat.S_IMODE(path.stat().st_mode) == 0o700, path
        elif "index" not in path.parts:
            # The engine's own files lie in a folder that only the owner can enter.
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_an_envelope_is_the_same_whoever_writes_it() -> None:
    kept = record(1)
    other = Kept(kept.name, kept.determination, kept.proof, kept.graphs, {"b": "2", "a": "1"})
    assert encode(other) == encode(Kept(kept.name, kept.determination, kept.proof, kept.graphs, {"a": "1", "b": "2"}))
    assert decode(encode(kept)) == kept


def test_a_graph_of_two_determinations_is_held_once(tmp_path: Path) -> None:
    shared = '<urn:case> <urn:has> _:b <urn:shared> .\n_:b <urn:is> "7" <urn:shared> .\n'
    with opened(tmp_path / "data") as store:
        for number in range(20):
            one = record(number)
            store.keep(Kept(one.name, "{}", graphs=one.graphs + shared))
        assert counted(store)["urn:shared"] == 2
        assert store.rebuild().kept == 20
        assert counted(store)["urn:shared"] == 2
        assert store.verify().whole


def test_new_knowledge_replaces_the_old(folder: Path) -> None:
    newer = Knowledge("second", lambda: b'<urn:a> <urn:p> "2" <urn:l> .\n')
    with opened(folder, newer) as store:
        expected = {name: count for name, count in EXPECTED.items() if name != "urn:k"} | {"urn:l": 1}
        assert counted(store) == expected
    with opened(folder, newer) as store:
        assert store.opened.index == "as it was"


def test_knowledge_is_made_only_when_needed(folder: Path) -> None:
    def not_again() -> bytes:
        raise AssertionError

    with opened(folder, Knowledge("first", not_again)) as store:
        assert counted(store) == EXPECTED


def test_a_snapshot_stays_as_it_is(folder: Path) -> None:
    with opened(folder) as store:
        first = store.snapshot()
        assert store.snapshot() is first
        reader = ox.Store.read_only(str(first.path))
        before = len(reader)
        store.keep(record(12))
        second = store.snapshot()
        assert (first.generation, second.generation) == (12, 13)
        assert len(reader) == before
        assert counted(store) == EXPECTED | {f"urn:kept:{record(12).name}": 5}


def test_every_reading_is_of_a_whole_number_of_determinations(tmp_path: Path) -> None:
    faults: list[str] = []
    done = threading.Event()
    with opened(tmp_path / "data") as store:

        def read() -> None:
            while not done.is_set():
                snapshot = store.snapshot()
                found = counted(store)
                held = [count for name, count in found.items() if name != "urn:k"]
                if found["urn:k"] != 2 or len(held) < snapshot.generation or set(held) > {5}:
                    faults.append(f"{snapshot.generation}: {sorted(held)}")

        def keep(first: int) -> None:
            for number in range(first, first + 25):
                store.keep(record(number))

        readers = [threading.Thread(target=read) for _ in range(4)]
        writers = [threading.Thread(target=keep, args=(100 * one,)) for one in range(4)]
        for thread in (*readers, *writers):
            thread.start()
        for thread in writers:
            thread.join()
        done.set()
        for thread in readers:
            thread.join()
        assert store.verify().whole
        assert len(counted(store)) == 101
    assert faults == []


def test_the_same_from_many_threads_is_kept_once(tmp_path: Path) -> None:
    receipts: list[int] = []
    with opened(tmp_path / "data") as store:
        threads = [threading.Thread(target=lambda: receipts.append(store.keep(record(1)).sequence)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert receipts == [1] * 8
        assert store.ids() == (record(1).name,)


def test_nothing_is_acknowledged_before_it_is_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(tmp_path / "data") as store:
        done: list[str] = []
        sync, rename = os.fsync, Path.replace

        def synced(handle: int) -> None:
            done.append("synced " + Path(f"/proc/self/fd/{handle}").readlink().name)
            sync(handle)

        def renamed(path: Path, target: Path) -> Path:
            done.append("renamed")
            return rename(path, target)

        monkeypatch.setattr(os, "fsync", synced)
        monkeypatch.setattr(Path, "replace", renamed)
        store.keep(record(1))
        file, *rest = done
        assert file.startswith("synced ." + record(1).name)
        assert rest == ["renamed", f"synced {record(1).name[:2]}", "synced journal"]


@pytest.mark.parametrize("where", [0, 0.3, 0.5, 0.99])
def test_a_changed_file_is_noticed(folder: Path, where: float) -> None:
    flip(path_of(folder / "kept", record(5).name), where)
    with pytest.raises(StoreDamaged) as caught:
        open_store(folder, KNOWLEDGE)
    assert caught.value.names == (record(5).name,)
    assert verify_store(folder).changed == (record(5).name,)


def test_a_file_changed_while_open_is_never_answered_from(folder: Path) -> None:
    with opened(folder) as store:
        flip(path_of(folder / "kept", record(5).name), 0.5)
        with pytest.raises(StoreDamaged):
            store.get(record(5).name)
        with pytest.raises(StoreDamaged):
            store.keep(record(5))
        assert store.get(record(6).name) == record(6)
        assert store.verify().changed == (record(5).name,)


def test_a_changed_file_that_was_not_hashed_at_the_start_is_noticed_when_read(folder: Path) -> None:
    flip(path_of(folder / "kept", record(5).name), 0.5)
    store = open_store(folder, KNOWLEDGE, thorough=False)
    try:
        with pytest.raises(StoreDamaged):
            store.get(record(5).name)
    finally:
        store.close()


@pytest.mark.parametrize("thorough", [True, False])
def test_a_lost_file_is_noticed(folder: Path, thorough: bool) -> None:  # noqa: FBT001  a parameter of pytest
    path_of(folder / "kept", record(5).name).unlink()
    with pytest.raises(StoreDamaged) as caught:
        open_store(folder, KNOWLEDGE, thorough=thorough)
    assert caught.value.names == (record(5).name,)
    assert verify_store(folder).missing == (record(5).name,)


def test_a_link_in_place_of_a_file_is_not_followed(folder: Path, tmp_path: Path) -> None:
    path = path_of(folder / "kept", record(5).name)
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StoreDamaged):
        open_store(folder, KNOWLEDGE)


@pytest.mark.parametrize("where", [0, 0.1, 0.5, 0.9, 0.999])
def test_a_changed_journal_is_noticed_and_mended_from_the_files(folder: Path, where: float) -> None:
    flip(folder / "journal", where)
    with pytest.raises(StoreDamaged):
        open_store(folder, KNOWLEDGE)
    assert verify_store(folder).faults or verify_store(folder).torn
    assert rebuild_store(folder, KNOWLEDGE).kept == 12
    with opened(folder) as store:
        assert sorted(store.ids()) == sorted(record(number).name for number in range(12))
        assert counted(store) == EXPECTED


def test_a_lost_journal_line_is_noticed(folder: Path) -> None:
    lines = (folder / "journal").read_bytes().splitlines(keepends=True)
    (folder / "journal").write_bytes(b"".join(lines[:5] + lines[6:]))
    with pytest.raises(StoreDamaged):
        open_store(folder, KNOWLEDGE)


@pytest.mark.parametrize("journal", [None, b""])
def test_a_folder_without_its_journal_is_noticed(folder: Path, journal: bytes | None) -> None:
    (folder / "journal").unlink()
    if journal is not None:
        (folder / "journal").write_bytes(journal)
    with pytest.raises(StoreDamaged):
        open_store(folder, KNOWLEDGE)
    assert rebuild_store(folder, KNOWLEDGE).kept == 12
    with opened(folder) as store:
        assert counted(store) == EXPECTED


@pytest.mark.parametrize("cut", [1, 100, 215, 430, 1000])
def test_a_shortened_journal_loses_nothing(folder: Path, cut: int) -> None:
    whole = (folder / "journal").read_bytes()
    (folder / "journal").write_bytes(whole[:-cut])
    with opened(folder) as store:
        assert store.opened.adopted
        assert sorted(store.ids()) == sorted(record(number).name for number in range(12))
        assert counted(store) == EXPECTED


def test_a_journal_shortened_along_with_its_files_is_noticed(folder: Path) -> None:
    lines = (folder / "journal").read_bytes().splitlines(keepends=True)
    (folder / "journal").write_bytes(b"".join(lines[:-2]))
    for number in (10, 11):
        path_of(folder / "kept", record(number).name).unlink()
    with pytest.raises(StoreDamaged) as caught:
        open_store(folder, KNOWLEDGE)
    assert set(caught.value.names) == {record(10).name, record(11).name}
    rebuild_store(folder, KNOWLEDGE)
    with opened(folder) as store:
        assert len(store.ids()) == 10


def test_an_unfinished_line_is_cut_off(folder: Path) -> None:
    whole = (folder / "journal").read_bytes()
    (folder / "journal").write_bytes(whole + b"13 abc")
    with opened(folder) as store:
        assert store.opened.torn
        assert store.keep(record(12)).sequence == 13
    with opened(folder) as store:
        assert len(store.ids()) == 13
    assert (folder / "journal").read_bytes().startswith(whole)


def test_a_whole_file_without_a_line_is_adopted(folder: Path) -> None:
    data = encode(record(12))
    path_of(folder / "kept", record(12).name).write_bytes(data)
    with opened(folder) as store:
        assert store.opened.adopted == (record(12).name,)
        assert store.get(record(12).name) == record(12)
        assert counted(store) == EXPECTED | {f"urn:kept:{record(12).name}": 5}


def test_a_broken_file_without_a_line_is_put_aside(folder: Path) -> None:
    path = path_of(folder / "kept", record(12).name)
    path.write_bytes(encode(record(12))[:-9])
    elsewhere = path_of(folder / "kept", record(13).name)
    elsewhere.write_bytes(encode(record(14)))
    with opened(folder) as store:
        assert store.opened.aside == tuple(sorted([record(12).name, record(13).name]))
        assert store.get(record(12).name) is None
        assert len(list((folder / "aside").iterdir())) == 2
        assert store.keep(record(12)).sequence == 13


def test_what_was_being_written_is_removed(folder: Path) -> None:
    left = folder / "kept" / "ab" / f".{'ab' * 32}.json.gz.1234.tmp"
    left.write_bytes(b"half")
    with opened(folder) as store:
        assert store.opened.leftovers == 1
        assert not left.exists()
        assert counted(store) == EXPECTED


def test_damage_is_given_up_only_when_told_to(folder: Path) -> None:
    flip(path_of(folder / "kept", record(5).name), 0.5)
    path_of(folder / "kept", record(6).name).unlink()
    with pytest.raises(StoreDamaged) as caught:
        rebuild_store(folder, KNOWLEDGE)
    assert set(caught.value.names) == {record(5).name, record(6).name}
    report = rebuild_store(folder, KNOWLEDGE, without_damaged=True)
    assert set(report.missing) == {record(5).name, record(6).name}
    assert report.aside == (record(5).name,)
    with opened(folder) as store:
        assert store.verify().whole
        assert len(store.ids()) == 10
        assert store.keep(record(6)).sequence == 11


def newest(folder: Path, suffix: str) -> Path:
    """The newest file of the engine that holds anything."""
    files = [path for path in (folder / "index").glob(f"*{suffix}") if path.stat().st_size > 0]
    return max(files, key=lambda path: path.stat().st_mtime_ns)


def cut(path: Path, where: float) -> None:
    """Only the first part is left."""
    with path.open("r+b") as file:
        file.truncate(int(path.stat().st_size * where))


def crashed(folder: Path) -> None:
    """Two hundred more commits that are in the engine's log only, as a killed server leaves them."""
    with opened(folder) as store:
        for number in range(12, 60):
            store.keep(record(number))
        assert store.catch_up()
        index = folder / "index"
        copies = {path.name: path.read_bytes() for path in index.iterdir() if path.is_file()}
    for path in index.iterdir():
        path.unlink()
    for name, data in copies.items():
        (index / name).write_bytes(data)


@pytest.mark.parametrize("harm", [flip, cut])
@pytest.mark.parametrize("where", [0.0, 0.2, 0.5, 0.8, 0.97])
def test_a_harmed_log_of_the_index_is_noticed(folder: Path, harm: Callable[[Path, float], None], where: float) -> None:
    crashed(folder)
    harm(newest(folder, ".log"), where)
    with opened(folder) as store:
        assert store.opened.index != "as it was"
        assert len(counted(store)) == 61
        assert store.verify().whole


@pytest.mark.parametrize("harm", [flip, cut])
@pytest.mark.parametrize("where", [0.0, 0.3, 0.6, 0.99])
def test_a_harmed_table_of_the_index_is_never_answered_from(
    folder: Path, harm: Callable[[Path, float], None], where: float
) -> None:
    tables = sorted((folder / "index").glob("*.sst"))
    assert tables
    for table in tables:
        harm(table, where)
    with opened(folder) as store:
        assert store.opened.index == "rebuilt"
        assert counted(store) == EXPECTED


def test_a_lost_index_is_made_again(folder: Path) -> None:
    for path in (folder / "index").iterdir():
        path.unlink()
    with opened(folder) as store:
        assert counted(store) == EXPECTED


def test_an_index_of_another_folder_is_made_again(folder: Path, tmp_path: Path) -> None:
    with opened(tmp_path / "other") as store:
        store.keep(record(77))
        assert store.catch_up()
    for path in (folder / "index").iterdir():
        path.unlink()
    for path in (tmp_path / "other" / "index").iterdir():
        path.rename(folder / "index" / path.name)
    with opened(folder) as store:
        assert store.opened.index == "rebuilt"
        assert counted(store) == EXPECTED


def test_an_index_that_holds_what_nobody_kept_is_made_again(folder: Path) -> None:
    index = ox.Store(folder / "index")
    index.add(ox.Quad(ox.NamedNode("urn:a"), ox.NamedNode("urn:b"), ox.Literal("c"), ox.NamedNode("urn:forged")))
    del index
    with opened(folder) as store:
        assert store.opened.index == "rebuilt"
        assert counted(store) == EXPECTED


def test_a_journal_that_cannot_be_written_acknowledges_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(folder) as store:
        sync = os.fsync

        def no_room(handle: int) -> None:
            if Path(f"/proc/self/fd/{handle}").readlink().name == "journal":
                raise OSError(errno.ENOSPC, "No space left on device")
            sync(handle)

        monkeypatch.setattr(os, "fsync", no_room)
        for _ in range(2):
            with pytest.raises(StoreFull):
                store.keep(record(12))
        assert store.get(record(12).name) is None
        assert store.get(record(3).name) == record(3)
        monkeypatch.setattr(os, "fsync", sync)
        assert store.keep(record(12)).sequence == 13
    with opened(folder) as store:
        assert len(store.ids()) == 13


def test_a_half_written_line_is_taken_back(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (folder / "journal").read_bytes()
    with opened(folder) as store:

        def half(handle: int, data: bytes) -> None:
            os.write(handle, data[:50])
            raise OSError(errno.EDQUOT, "Disk quota exceeded")

        with monkeypatch.context() as patch:
            patch.setattr("api.store.journal.files.write_all", half)
            patch.setattr("api.store.truth.files.place", lambda path, data: path.write_bytes(data))
            with pytest.raises(StoreFull):
                store.keep(record(12))
        assert (folder / "journal").read_bytes() == before
        assert not path_of(folder / "kept", record(12).name).exists()
        assert store.keep(record(12)).sequence == 13


def test_an_index_that_fails_is_not_asked_and_comes_back(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(folder) as store:
        with monkeypatch.context() as patch:
            patch.setattr(Embedded, "add", _fails)
            store.keep(record(12))
            assert store.get(record(12).name) == record(12)
            with pytest.raises(StoreBehind):
                store.snapshot()
        monkeypatch.setattr(store, "_rest_until", 0.0)
        assert counted(store) == EXPECTED | {f"urn:kept:{record(12).name}": 5}


def _fails(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_errors_say_what_where_and_how_to_mend(folder: Path) -> None:
    flip(path_of(folder / "kept", record(5).name), 0.5)
    with pytest.raises(StoreError) as caught:
        open_store(folder, KNOWLEDGE)
    assert caught.value.code == "store.damaged"
    assert record(5).name in caught.value.what
    assert "spine store verify" in caught.value.mend


def test_a_journal_is_settled_before_more_is_written(tmp_path: Path) -> None:
    (tmp_path / "journal").write_bytes(b"head\nhalf a li")
    journal = Journal(tmp_path / "journal", 5)
    journal.close()
    assert (tmp_path / "journal").read_bytes() == b"head\n"
