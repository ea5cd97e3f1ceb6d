"""Programmes kept beside a base: none is ever replaced, whoever saves at the same time."""

from __future__ import annotations

import datetime as dt
import errno
import itertools
import os
import pickle
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from crm_core.base import BaseDamaged, CrmError, InputError
from crm_core.engine.sealed import SealedTexts
from crm_core.engine.versions import BaseDirectory
from crm_core.workspace import programmes
from crm_core.workspace.programme_drafts import ProgrammeDraft
from crm_core.workspace.programmes import ProgrammeChanged, Saved
from tests.engine.faults import STOPPED
from tests.engine.processes import Processes, processes, save_programme, save_programme_with_fault

PERSIAN = "باشگاه مشتریان تهران"
THAI = "คลับสมาชิกกรุงเทพฯ"


def text(name: str = "Club", points: int = 1) -> str:
    earn = f"earn: [{{for: purchase, points: {points}}}]"
    return f"# as we agreed\nname: {name}\nmembers: {{who: everybody}}\n{earn}\n"


@pytest.fixture(scope="module")
def forked() -> Iterator[Processes]:
    with processes() as started:
        yield started


@pytest.fixture
def base(tmp_path: Path) -> str:
    directory = BaseDirectory(tmp_path / "base")
    directory.sweep()
    return str(directory.path)


def versions(base: str) -> list[Path]:
    return sorted(Path(base).glob("programmes/*/*.yaml"))


def files(base: str) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in Path(base).rglob("*") if path.is_file()}


def test_a_programme_is_kept_letter_by_letter(base: str) -> None:
    before = dt.datetime.now(dt.UTC).replace(microsecond=0)
    kept = programmes.save(base, text())
    assert (kept.name, kept.version, kept.text, kept.again) == ("Club", 1, text(), None)
    assert kept.saved_at is not None
    assert before <= kept.saved_at <= dt.datetime.now(dt.UTC)
    assert programmes.read(base, "Club") == kept
    assert programmes.listed(base) == (kept,)
    assert kept.programme.earn[0].points == 1


@pytest.mark.parametrize("ending", ["\r\n", "\n\n\n", ""])
def test_line_ends_are_kept_as_they_are(base: str, ending: str) -> None:
    written = text().rstrip("\n").replace("\n", ending or "\n") + ending
    programmes.save(base, written)
    assert programmes.read(base, "Club").text == written


def test_versions_are_added_and_none_is_replaced(base: str) -> None:
    for number in range(1, 5):
        before = files(base)
        assert programmes.save(base, text(points=number), after=number - 1).version == number
        assert before.items() <= files(base).items()
    assert [one.version for one in programmes.history(base, "Club")] == [4, 3, 2, 1]
    assert programmes.read(base, "Club", 2).programme.earn[0].points == 2


def test_the_same_again_is_no_version(base: str) -> None:
    kept = programmes.save(base, text())
    assert programmes.save(base, text()) == kept
    assert programmes.save(base, text(), after=1) == kept
    assert len(versions(base)) == 1


def test_who_saves_second_is_told_and_can_go_on(base: str) -> None:
    programmes.save(base, text(points=1))
    programmes.save(base, text(points=2), after=1)
    before = files(base)
    with pytest.raises(ProgrammeChanged) as told:
        programmes.save(base, text(points=3), after=1)
    assert (told.value.name, told.value.after, told.value.newest) == ("Club", 1, 2)
    assert str(pickle.loads(pickle.dumps(told.value))) == str(told.value)  # noqa: S301 - made on the same line
    assert files(base) == before
    assert programmes.save(base, text(points=3), after=told.value.newest).version == 3


def test_a_new_programme_does_not_go_onto_another_of_its_name(base: str) -> None:
    programmes.save(base, text("Club"))
    with pytest.raises(ProgrammeChanged, match="name_taken"):
        programmes.save(base, text("  CLUB ", points=2))
    assert programmes.save(base, text("Club 2")).version == 1


def test_a_version_that_is_not_there_is_followed_by_none(base: str) -> None:
    for after in (1, 7):
        with pytest.raises(InputError, match="no_such_version"):
            programmes.save(base, text(), after=after)
    assert not versions(base)


@pytest.mark.parametrize(
    "name",
    [
        PERSIAN,
        THAI,
        "Клуб",
        "顧客",
        "a/b",
        "..",
        "../../etc",
        ".hidden",
        "CON",
        "x" * 100,
        "ก" * 100,
        "😀",
        "a:b*?",
    ],
)
def test_names_of_every_script_are_kept_apart(base: str, name: str) -> None:
    other = f"{name[:99]}!"
    programmes.save(base, text(f'"{name}"'))
    programmes.save(base, text(f'"{other}"', points=2))
    assert {one.name for one in programmes.listed(base)} == {name, other}
    assert programmes.read(base, name).programme.earn[0].points == 1
    for path in versions(base):
        assert path.parent.parent == Path(base) / "programmes"
        assert len(path.parent.name.encode()) < 100


def test_a_directory_says_in_letters_whose_it_is(base: str) -> None:
    for name in (PERSIAN, THAI):
        programmes.save(base, text(name))
    names = {path.parent.name.rpartition("-")[0] for path in versions(base)}
    assert names == {"باشگاه-مشتریان-تهران", THAI}


def test_letter_case_and_spaces_make_no_other_programme(base: str) -> None:
    programmes.save(base, text("Our  Club"))
    assert programmes.read(base, "our club").version == 1
    assert programmes.save(base, text("OUR CLUB"), after=1).version == 2
    assert [one.name for one in programmes.listed(base)] == ["OUR CLUB"]


def test_going_back_is_a_version_of_its_own(base: str) -> None:
    for number in (1, 2, 3):
        programmes.save(base, text(points=number), after=number - 1)
    kept = programmes.restore(base, "Club", 1, after=3)
    assert (kept.version, kept.again, kept.text) == (4, 1, text(points=1))
    assert programmes.history(base, "Club")[0] == kept
    with pytest.raises(ProgrammeChanged):
        programmes.restore(base, "Club", 2, after=3)
    with pytest.raises(InputError, match="no_such_version"):
        programmes.restore(base, "Club", 9, after=4)


def test_what_is_no_programme_is_not_kept(base: str) -> None:
    with pytest.raises(InputError, match=r"loyalty\.programme\.missing"):
        programmes.save(base, "name: Club\n")
    assert not (Path(base) / "programmes").exists()


@pytest.mark.parametrize("name", ["\\ud800", "a\\tb", "a\\nb", "a\\x00b"])
def test_a_name_that_no_screen_can_show_is_refused(base: str, name: str) -> None:
    with pytest.raises(InputError, match="unreadable"):
        programmes.save(base, text(f'"{name}"'))


def test_a_name_of_spaces_is_none(base: str) -> None:
    with pytest.raises(InputError, match="wrong"):
        programmes.save(base, text('"   "'))


def test_where_there_is_no_base_there_are_no_programmes(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"base\.none"):
        programmes.save(str(tmp_path / "typo"), text())
    assert not (tmp_path / "typo").exists()
    assert programmes.listed(str(tmp_path)) == ()


def test_beside_an_engine_of_its_own_nothing_is_kept() -> None:
    address = "postgres://reader:secret@127.0.0.1/x"
    for ask in (
        lambda: programmes.save(address, text()),
        lambda: programmes.read(address, "Club"),
        lambda: programmes.history(address, "Club"),
    ):
        with pytest.raises(InputError, match="nowhere") as told:
            ask()
        assert "secret" not in str(told.value)
    assert programmes.listed(address) == ()
    assert not programmes.is_kept(address, "Club")


def test_every_flipped_byte_is_noticed_and_in_nobodys_way(base: str) -> None:
    programmes.save(base, text(points=1))
    programmes.save(base, text(points=2), after=1)
    programmes.save(base, text("Other"))
    path = versions(base)[1]
    sound = path.read_bytes()
    for place in range(0, len(sound), 3):
        path.write_bytes(sound[:place] + bytes([sound[place] ^ 1]) + sound[place + 1 :])
        with pytest.raises(BaseDamaged, match="000002"):
            programmes.read(base, "Club")
    assert programmes.read(base, "Club", 1).programme.earn[0].points == 1
    assert programmes.read(base, "Other").version == 1
    club, other = programmes.listed(base)
    assert (club.name, club.version) == ("Club", 2)
    assert isinstance(club.error, BaseDamaged)
    assert other.error is None
    with pytest.raises(BaseDamaged):
        _ = club.programme
    newest, first = programmes.history(base, "Club")
    assert isinstance(newest.error, BaseDamaged)
    assert first.error is None
    assert programmes.restore(base, "Club", 1, after=2).version == 3
    assert programmes.read(base, "Club").error is None


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"name: Club\n", b"x" * 1_000_000])
def test_a_file_by_another_hand_is_told(base: str, content: bytes) -> None:
    programmes.save(base, text())
    versions(base)[0].write_bytes(content)
    (listed,) = programmes.listed(base)
    assert isinstance(listed.error, BaseDamaged)
    assert listed.version == 1


def test_a_version_of_another_programme_is_no_version_of_this_one(base: str) -> None:
    programmes.save(base, text("Club"))
    programmes.save(base, text("Other"))
    club, other = versions(base)
    shutil.copy(club, other)
    assert sum(isinstance(one.error, BaseDamaged) for one in programmes.listed(base)) == 1


def test_a_lost_version_is_told_among_the_others(base: str) -> None:
    for number in (1, 2, 3):
        programmes.save(base, text(points=number), after=number - 1)
    versions(base)[1].unlink()
    told = programmes.history(base, "Club")
    assert [isinstance(one.error, BaseDamaged) for one in told] == [False, True, False]


def test_what_lies_about_is_no_programme(base: str) -> None:
    programmes.save(base, text())
    root = Path(base) / "programmes"
    (root / "notes.txt").write_text("x")
    (root / "empty").mkdir()
    (versions(base)[0].parent / "copy of 000001.yaml").write_text("x")
    assert [one.name for one in programmes.listed(base)] == ["Club"]


def test_a_base_that_may_only_be_read_says_so(base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    programmes.save(base, text())

    def read_only(path: Path, mode: str = "r", *rest: Any, **options: Any) -> IO[Any]:
        if set(mode) & set("wax+") and path.is_relative_to(base):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))
        return opened(path, mode, *rest, **options)

    opened = Path.open
    monkeypatch.setattr(Path, "open", read_only)
    assert programmes.read(base, "Club").version == 1
    with pytest.raises(InputError, match="not_permitted"):
        programmes.save(base, text(points=2), after=1)


@pytest.mark.parametrize("kind", ["error", "stop", "full"])
def test_a_fault_at_any_file_operation_leaves_the_old_version_or_the_new_one(
    kind: str, forked: Processes, tmp_path: Path, base: str
) -> None:
    programmes.save(base, text(points=1))
    (versions(base)[0].parent / ".000002.yaml.left").write_text("half")
    told = tmp_path / "told"
    ends = set()
    for at in itertools.count():
        here = str(tmp_path / f"{kind}-{at}")
        shutil.copytree(base, here)
        first = versions(here)[0].read_bytes()
        options = {"text": text(points=2), "after": 1, "at": at, "kind": kind, "told": str(told)}
        status = forked.start(save_programme_with_fault, base=here, **options).wait()
        assert status in (0, STOPPED)
        ended, operations = told.read_text().split() if not status else ("stopped", str(at + 1))
        kept = programmes.read(here, "Club")
        assert kept.version == 2 or ended != "landed"
        assert kept.programme.earn[0].points == kept.version
        assert versions(here)[0].read_bytes() == first
        ends.add((kept.version, ended))
        assert programmes.save(here, text(points=2), after=1).version == 2, "it can be done again"
        if kept.version == 1:
            assert not list(Path(here).glob("programmes/*/.*")), "what was left is gone"
        shutil.rmtree(here)
        if int(operations) <= at:
            break
    assert {version for version, _ in ends} == {1, 2}


def test_writers_at_once_all_land_one_after_the_other(base: str, forked: Processes, tmp_path: Path) -> None:
    started = [
        forked.start(save_programme, base=base, text=text(points=number), told=str(tmp_path / f"{number}"))
        for number in range(1, 9)
    ]
    assert [one.wait() for one in started] == [0] * 8
    became = [int((tmp_path / f"{number}").read_text()) for number in range(1, 9)]
    assert sorted(became) == list(range(1, 9))
    for number, version in enumerate(became, 1):
        assert programmes.read(base, "Club", version).programme.earn[0].points == number


def test_of_threads_that_follow_one_version_one_lands(base: str) -> None:
    programmes.save(base, text())
    landed: list[Saved] = []
    refused: list[CrmError] = []

    def save(points: int) -> None:
        try:
            landed.append(programmes.save(base, text(points=points), after=1))
        except ProgrammeChanged as error:
            refused.append(error)

    threads = [threading.Thread(target=save, args=(points,)) for points in range(2, 8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.version for one in landed] == [2]
    assert len(refused) == 5


def test_a_name_that_looks_like_one_that_is_kept_is_taken(base: str) -> None:
    programmes.save(base, text("نقره‌ها"))
    with pytest.raises(ProgrammeChanged) as told:
        programmes.save(base, text("نقرهها"))
    assert (told.value.name, told.value.newest) == ("نقره‌ها", 1)
    assert len(versions(base)) == 1
    assert programmes.save(base, text("نقره‌ها", points=2), after=1).version == 2


def test_a_programme_with_a_name_that_was_allowed_once_is_still_there(base: str) -> None:
    name = "Club\u200b"
    texts = SealedTexts(Path(base), ("programmes", programmes.directory_of(name)), "yaml", 10_000)
    with texts.writing():
        texts.add(text(name), 1)
    (kept,) = programmes.listed(base)
    assert (kept.programme.name, kept.error) == (name, None)
    draft = ProgrammeDraft.of(kept.text, kept.version)
    changed = draft.put(("earn", 0, "points"), 5)
    assert changed.error is not None
    assert changed.error.key == "loyalty.programme.name_unseen"
    assert changed.put(("name",), "Club of ours").error is None
    assert changed.written(kept.text).error is None
    with pytest.raises(InputError, match="name_unseen"):
        programmes.save(base, changed.text, after=1)
