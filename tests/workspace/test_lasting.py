"""Answers on the disk: read back by another process, and never taken for what they are not."""

from __future__ import annotations

import datetime as dt
import os
import platform
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from crm_core.engine.connection import Connection
from crm_core.tables import Ask, Estimate, Selection, Tables, lasting
from crm_core.workspace import lasting as kept
from crm_core.workspace.asking import Answers, Asking
from crm_core.workspace.lasting import LastingAnswers, question_of

AS_OF = dt.date(2024, 2, 5)
worked = 0


@lasting
def dear(ask: Ask, *, as_of: dt.date, horizon_days: int = 0, other: Estimate | None = None) -> pd.DataFrame:
    """Rows that are counted."""
    global worked
    worked += 1
    return pd.DataFrame({"day": [as_of], "horizon_days": [horizon_days], "name": [None]})


@Estimate
def cheap(ask: Ask, *, as_of: dt.date) -> pd.DataFrame:
    """Rows that are not kept."""
    return pd.DataFrame({"day": [as_of]})


@pytest.fixture(autouse=True)
def nothing_worked() -> None:
    global worked
    worked = 0


def _answers(derived: Path, version: int = 1, seal: str = "a" * 64) -> Answers:
    connection = Connection(lambda: None, lambda: None)
    tables = Tables(None)
    return Answers(connection, tables, narrows=True, lasting=LastingAnswers(derived, version, seal))


def _files(derived: Path) -> list[Path]:
    return sorted(derived.glob("answers/*/*.answer"))


def test_another_process_finds_the_answer(tmp_path: Path) -> None:
    first = Asking(_answers(tmp_path))(dear, as_of=AS_OF, horizon_days=90)
    again = Asking(_answers(tmp_path))(dear, as_of=AS_OF, horizon_days=90)
    pd.testing.assert_frame_equal(first, again)
    assert worked == 1
    assert len(_files(tmp_path)) == 1


def test_whatever_is_as_usual_need_not_be_said(tmp_path: Path) -> None:
    ask = Asking(_answers(tmp_path))
    ask(dear, as_of=AS_OF)
    ask(dear, as_of=AS_OF, horizon_days=0, other=None)
    assert worked == 1


def test_other_questions_have_other_answers(tmp_path: Path) -> None:
    ask = Asking(_answers(tmp_path))
    ask(dear, as_of=AS_OF, horizon_days=90)
    ask(dear, as_of=AS_OF, horizon_days=91)
    ask(dear, as_of=AS_OF, horizon_days=90, other=cheap)
    ask(dear, as_of=AS_OF + dt.timedelta(days=1), horizon_days=90)
    Asking(ask.answers, Selection(channels=("web",)))(dear, as_of=AS_OF, horizon_days=90)
    Asking(_answers(tmp_path, seal="b" * 64))(dear, as_of=AS_OF, horizon_days=90)
    assert worked == 6


def test_another_program_works_it_out_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Asking(_answers(tmp_path))(dear, as_of=AS_OF)
    monkeypatch.setattr(kept, "_PROGRAM", "b" * 16)
    Asking(_answers(tmp_path))(dear, as_of=AS_OF)
    assert worked == 2
    assert len(_files(tmp_path)) == 1


def test_the_program_is_our_code_and_all_that_it_computes_with(monkeypatch: pytest.MonkeyPatch) -> None:
    versions = dict.fromkeys(kept._LIBRARIES, "1")
    monkeypatch.setattr(kept, "version_of", versions.__getitem__)
    found = {kept._sum_of_program()}
    assert found == {kept._sum_of_program()}
    for name in ("duckdb", "ibis-framework", "numpy", "pandas", "scikit-learn", "scipy", "threadpoolctl"):
        versions[name] = "2"
        found.add(kept._sum_of_program())
    monkeypatch.setattr(platform, "python_version", lambda: "2.7.18")
    found.add(kept._sum_of_program())
    assert len(found) == 9


def test_what_is_cheap_is_not_kept(tmp_path: Path) -> None:
    Asking(_answers(tmp_path))(cheap, as_of=AS_OF)
    assert not _files(tmp_path)


@pytest.mark.parametrize("damage", ["cut", "changed", "empty", "foreign", "of another"])
def test_what_is_damaged_or_foreign_is_made_again(tmp_path: Path, damage: str) -> None:
    Asking(_answers(tmp_path / "other"))(dear, as_of=AS_OF, horizon_days=90)
    (other,) = _files(tmp_path / "other")
    Asking(_answers(tmp_path))(dear, as_of=AS_OF)
    (path,) = _files(tmp_path)
    content = path.read_bytes()
    place = len(content) // 2
    path.write_bytes(
        {
            "cut": content[:place],
            "changed": content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :],
            "empty": b"",
            "foreign": b"PAR1 something else",
            "of another": other.read_bytes(),
        }[damage]
    )
    rows = Asking(_answers(tmp_path))(dear, as_of=AS_OF)
    assert worked == 3
    assert rows["day"].tolist() == [AS_OF]
    assert path.read_bytes() == content


def test_what_may_only_be_read_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = LastingAnswers(tmp_path, 1, "a" * 64)
    store.write("question", pa.table({"a": [1]}))

    def refused(*_: object) -> None:
        raise PermissionError("of another user")

    monkeypatch.setattr(os, "utime", refused)
    found = store.read("question")
    assert found is not None
    assert found.equals(pa.table({"a": [1]}))


def test_a_question_has_one_answer_the_newest(tmp_path: Path) -> None:
    stores = [LastingAnswers(tmp_path, 1, "a" * 64) for _ in range(2)]
    for number in range(6):
        stores[number % 2].write("question", pa.table({"a": [number]}))
        assert len(_files(tmp_path)) == 1
        for store in stores:
            assert store.read("question") == pa.table({"a": [number]})


def test_what_is_large_is_not_kept(tmp_path: Path) -> None:
    store = LastingAnswers(tmp_path, 1, "a" * 64)
    store.write("large", pa.table({"noise": [os.urandom(kept.LARGEST_BYTES)]}))
    assert not _files(tmp_path)


def test_what_is_too_much_goes_the_longest_unasked_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = LastingAnswers(tmp_path, 1, "a" * 64)
    noise = pa.table({"noise": [os.urandom(10_000)]})
    for place, name in enumerate(("first", "second")):
        store.write(name, noise)
        for path in _files(tmp_path):
            if path.stat().st_mtime > 1_000:
                os.utime(path, (place, place))
    assert store.read("first") is not None
    monkeypatch.setattr(kept, "ALL_BYTES", 25_000)
    LastingAnswers(tmp_path, 1, "a" * 64).write("third", noise)
    assert [store.read(name) is not None for name in ("first", "second", "third")] == [True, False, True]


def test_versions_before_the_last_are_swept(tmp_path: Path) -> None:
    rows = pa.table({"a": [1]})
    stores = [LastingAnswers(tmp_path, version, "a" * 64) for version in (1, 2, 3)]
    for store in stores:
        store.write("question", rows)
    assert [store.read("question") is not None for store in stores] == [False, True, True]


def test_it_is_swept_at_first_and_then_now_and_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    swept = []
    store = LastingAnswers(tmp_path, 1, "a" * 64)
    monkeypatch.setattr(store, "_sweep", lambda: swept.append(len(_files(tmp_path))))
    for number in range(2 * kept.SWEPT_EVERY):
        store.write(str(number), pa.table({"a": [number]}))
    assert swept == [1, 1 + kept.SWEPT_EVERY]


def test_what_was_abandoned_is_swept_whatever_else_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    LastingAnswers(tmp_path, 1, "a" * 64).write("question", pa.table({"a": [1]}))
    (directory,) = tmp_path.glob("answers/*")
    abandoned = [directory / f".{name * 32}.{name * 32}" for name in "abcd"]
    odd = [directory / name for name in (".a", ".gone", "folder", f".{'0' * 32}.{'0' * 32}")]
    for path in odd:
        path.mkdir()
    strange = [directory / ".hidden", directory / "notes.txt"]
    for path in (*abandoned, *strange):
        path.write_bytes(b"x")
    young = directory / f".{'e' * 32}.{'e' * 32}"
    young.write_bytes(b"x")
    for path in (*odd, *abandoned, *strange):
        os.utime(path, (1, 1))
    monkeypatch.setattr(kept, "ALL_BYTES", 0)
    LastingAnswers(tmp_path, 1, "a" * 64).write("another", pa.table({"a": [1]}))
    assert sorted(directory.iterdir()) == sorted([*odd, *strange, young])


def test_only_directories_of_answers_are_swept(tmp_path: Path) -> None:
    foreign = ["notes", "1", "000001", "000001-notes", "0-a-b", ".git", f"000001-{'a' * 16}-{'b' * 17}"]
    for name in foreign:
        (tmp_path / "answers" / name).mkdir(parents=True)
    old = tmp_path / "answers" / f"000001-{'a' * 16}-{'b' * 16}"
    old.mkdir()
    (old / "an-answer-of-before.parquet").write_bytes(b"x")
    store = LastingAnswers(tmp_path, 3, "a" * 64)
    store.write("question", pa.table({"a": [1]}))
    left = {path.name for path in (tmp_path / "answers").iterdir()}
    assert not old.exists()
    assert left - {store._directory.name} == set(foreign)


def test_a_disk_that_cannot_be_written_keeps_nothing(tmp_path: Path) -> None:
    (tmp_path / "answers").write_text("in the way")
    assert Asking(_answers(tmp_path))(dear, as_of=AS_OF)["day"].tolist() == [AS_OF]


def test_many_writers_at_once(tmp_path: Path) -> None:
    rows = pa.table({"a": list(range(1_000))})

    def write(_: int) -> bool:
        store = LastingAnswers(tmp_path, 1, "a" * 64)
        store.write("question", rows)
        found = store.read("question")
        return found is not None and found.equals(rows)

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(write, range(40)))
    assert len(_files(tmp_path)) == 1
    assert not list(tmp_path.glob("answers/*/.*"))


def test_what_another_process_would_not_understand_is_not_kept() -> None:
    assert question_of(dear, object()) is None
    assert question_of(dear, lambda: None) is None
    assert question_of(dear, (("other", cheap),)) == question_of(dear, (("other", cheap),))
    assert "test_lasting.cheap" in str(question_of(dear, cheap))
