"""A base on disk: whatever happens to a writer, the base is the old version or the new one."""

from __future__ import annotations

import itertools
import random
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_core.base import BaseDamaged, InputError
from crm_core.engine.versions import BaseDirectory, Manifest
from tests.engine.bases import SETTINGS, bring, ids, some_customers, some_lines
from tests.engine.faults import STOPPED
from tests.engine.processes import (
    Processes,
    bring_many,
    bring_one,
    bring_with_fault,
    processes,
    stay_in_staging,
)

KILLS = 50


@pytest.fixture(scope="module")
def forked() -> Iterator[Processes]:
    with processes() as started:
        yield started


@pytest.fixture
def base(tmp_path: Path) -> BaseDirectory:
    return BaseDirectory(tmp_path / "base")


def whole(base: BaseDirectory) -> Manifest:
    """The current version, read to the last byte."""
    manifest = base.current()
    assert manifest is not None
    base.verify(manifest)
    return manifest


def files(base: BaseDirectory) -> set[str]:
    return {str(path.relative_to(base.path)) for path in base.path.rglob("*") if path.is_file()}


def named(base: BaseDirectory) -> set[str]:
    """The files that a base without leftovers has."""
    last = whole(base)
    manifests = [base.manifest(version) for version in range(1, last.version + 1)]
    paths = {base.part_path(part) for one in manifests for part in one.parts}
    paths |= {base.rejects_path(known.import_id) for one in manifests for known in one.imports}
    paths |= {base.path / "versions" / f"{one.version:06d}.json" for one in manifests}
    return {str(path.relative_to(base.path)) for path in paths} | {"CURRENT", "lock"}


def content(base: BaseDirectory) -> dict[str, bytes]:
    return {name: (base.path / name).read_bytes() for name in files(base)}


def imports(manifest: Manifest | None) -> list[str]:
    return [] if manifest is None else [known.import_id for known in manifest.imports]


def bring_numbers(base: BaseDirectory, *numbers: int) -> None:
    for number in numbers:
        bring_one(str(base.path), number)


def part_of(base: BaseDirectory, version: int) -> Path:
    """The part that a version has brought."""
    return base.part_path(base.manifest(version).parts[-1])


def flip(path: Path, position: int, bit: int = 0) -> None:
    content = bytearray(path.read_bytes())
    content[position] ^= 1 << bit
    path.write_bytes(content)


def test_an_import_becomes_a_version(base: BaseDirectory) -> None:
    assert base.current() is None
    assert base.current_version() is None
    chance = random.Random(1)
    lines = some_lines(chance, 30, customers=["c1", None], orders=["o1", "o2"], currencies=[None])
    manifest, new = bring(
        base, "first", orders=lines, customers=some_customers(chance, ["c1"]), rejects="row,reason\n"
    )
    assert new
    assert manifest == base.current() == base.manifest(1)
    assert manifest.version == base.current_version() == 1
    assert [part.table for part in manifest.parts] == ["orders", "customers"]
    assert [part.rows for part in manifest.parts] == [30, 1]
    assert manifest.imports[0].parts == tuple(part.sha256 for part in manifest.parts)
    assert {"orders.amount", "orders.cost", "customers.region"} <= manifest.provided
    assert not {"orders.currency", "orders.product", "customers.email"} & manifest.provided
    assert base.rejects_path("first").read_text() == "row,reason\n"
    assert files(base) == named(base)
    assert not list((base.path / "staging").iterdir())


def test_the_same_import_twice_changes_nothing(base: BaseDirectory) -> None:
    bring_numbers(base, 1, 2)
    before = content(base)
    manifest, new = bring(
        base, "import-1", orders=some_lines(random.Random(9), 5, customers=["x"], orders=["y"])
    )
    assert not new
    assert manifest.version == 2
    assert content(base) == before


def test_equal_rows_under_another_name_are_held_once(base: BaseDirectory) -> None:
    lines = some_lines(random.Random(1), 20, customers=["c1"], orders=["o1"])
    bring(base, "as csv", orders=lines)
    manifest, new = bring(base, "as parquet", orders=lines)
    assert new
    assert len(manifest.parts) == 1
    assert imports(manifest) == ["as csv", "as parquet"]


def test_orders_without_order_ids_are_refused(base: BaseDirectory) -> None:
    lines = some_lines(random.Random(1), 5, customers=["c1"], orders=["o1"])
    with pytest.raises(ValueError, match="order_id"):
        bring(base, "first", orders=[*lines, {**lines[0], "order_id": None}])
    assert base.current() is None
    assert files(base) == {"CURRENT", "lock"}


def test_a_base_takes_no_files_that_were_read_by_other_units(base: BaseDirectory) -> None:
    lines = some_lines(random.Random(1), 5, customers=["c1"], orders=["o1"])
    bring(base, "first", settings=Manifest(0, "", 10_000, "UTC"), orders=lines)
    adopted, _ = bring(base, "second", settings=SETTINGS, orders=[{**lines[0], "order_id": "o2"}])
    assert adopted.currency == "EUR"
    before = content(base)
    for settings in (
        Manifest(0, "USD", 10_000, "UTC"),
        Manifest(0, "EUR", 1, "UTC"),
        Manifest(0, "EUR", 10_000, "Asia/Tehran"),
    ):
        with pytest.raises(InputError, match=r"base\.being_written"):
            bring(base, "third", settings=settings, orders=[{**lines[0], "order_id": "o3"}])
    assert content(base) == before


def test_killing_a_writer_leaves_the_old_version_or_the_new_one(
    base: BaseDirectory, forked: Processes, tmp_path: Path
) -> None:
    chance = random.Random(20261122)
    log = tmp_path / "landed"
    bring_numbers(base, 0)
    first = time.monotonic()
    bring_numbers(base, 1)
    one_import = time.monotonic() - first
    interrupted = 0
    for _ in range(KILLS):
        before = whole(base)
        log.write_text("")
        writer = forked.start(bring_many, base=str(base.path), first=len(before.imports), log=str(log))
        time.sleep(chance.random() * 3 * one_import)
        writer.kill()
        assert writer.wait() < 0
        after = whole(base)
        landed = [f"import-{number}" for number in log.read_text().split()]
        kept = imports(after)
        assert kept == [f"import-{number}" for number in range(len(kept))]
        assert len(kept) - len(before.imports) - len(landed) in (0, 1), "what had landed is there"
        interrupted += files(base) != named(base)
        if chance.random() < 0.5:
            base.sweep()
            assert files(base) == named(base)
            assert not list((base.path / "staging").iterdir())
    bring_numbers(base, len(whole(base).imports))
    assert files(base) == named(base)
    assert interrupted > KILLS // 10, "the kills have met writers at work"


@pytest.mark.parametrize("kind", ["error", "stop", "full"])
def test_a_fault_at_any_file_operation_leaves_the_old_version_or_the_new_one(
    kind: str, forked: Processes, tmp_path: Path
) -> None:
    start = BaseDirectory(tmp_path / "start")
    bring_numbers(start, 0)
    # What a crash has left: the writer has something to sweep, and sweeping goes wrong too.
    shutil.copy(part_of(start, 1), start.path / "parts" / "orders" / "left.parquet")
    (start.path / "staging" / "left").mkdir(parents=True)
    (start.path / "staging" / "left" / "orders.parquet").write_bytes(b"half")
    told = tmp_path / "told"
    versions: list[int] = []
    for at in itertools.count():
        base = BaseDirectory(tmp_path / f"{kind}-{at}")
        shutil.copytree(start.path, base.path)
        options = {"base": str(base.path), "number": 1, "at": at, "kind": kind, "told": str(told)}
        status = forked.start(bring_with_fault, **options).wait()
        manifest = whole(base)
        assert imports(manifest) in (["import-0"], ["import-0", "import-1"])
        assert status == STOPPED or not status
        ended, operations = told.read_text().split() if not status else ("stopped", at + 1)
        assert manifest.version == 2 or ended != "landed"
        if kind == "full" and manifest.version == 1:
            assert content(base).items() <= content(start).items(), "as before, but for what was swept"
            assert {path.name for path in (base.path / "staging").iterdir()} <= {"left"}
        versions.append(manifest.version)
        bring_numbers(base, 1)
        assert imports(whole(base)) == ["import-0", "import-1"]
        assert files(base) == named(base)
        assert not list((base.path / "staging").iterdir())
        shutil.rmtree(base.path)
        if int(operations) <= at:
            assert ended == "landed", "no operation was left to go wrong"
            break
    assert len(versions) > 30, "every operation had its fault"
    assert versions.count(1) > 10, "some before the new version"


def test_two_writers_at_once_both_land(base: BaseDirectory, forked: Processes, tmp_path: Path) -> None:
    writers = [
        forked.start(bring_many, base=str(base.path), first=first, log=str(tmp_path / "log"), count=8)
        for first in (0, 100)
    ]
    assert [writer.wait() for writer in writers] == [0, 0]
    last = whole(base)
    assert sorted(imports(last)) == sorted(f"import-{n}" for n in (*range(8), *range(100, 108)))
    for version in range(1, 17):
        manifest = base.manifest(version)
        assert manifest.imports == last.imports[:version]
        assert manifest.parts == last.parts[:version]
    assert files(base) == named(base)


def test_two_threads_at_once_both_land(base: BaseDirectory) -> None:
    threads = [threading.Thread(target=bring_numbers, args=(base, number)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(imports(whole(base))) == [f"import-{number}" for number in range(6)]


def test_the_staging_of_a_living_writer_is_not_swept(
    base: BaseDirectory, forked: Processes, tmp_path: Path
) -> None:
    told = tmp_path / "told"
    writer = forked.start(stay_in_staging, base=str(base.path), told=str(told))
    while not told.exists() or not told.read_text():
        time.sleep(0.01)
    staging = Path(told.read_text())
    base.sweep()
    bring_numbers(base, 1)
    assert (staging / "orders.parquet").read_bytes() == b"half of it"
    writer.kill()
    writer.wait()
    base.sweep()
    assert not staging.exists()


def test_staging_is_gone_when_an_import_fails(base: BaseDirectory) -> None:
    def fail(directory: Path) -> None:
        (directory / "orders.parquet").write_bytes(b"half of it")
        raise InputError("import.empty_file", file="x")

    with pytest.raises(InputError), base.staging() as directory:
        fail(directory)
    assert files(base) == {"CURRENT", "lock"}
    assert not list((base.path / "staging").iterdir())


def test_an_earlier_version_can_be_made_current_again(base: BaseDirectory) -> None:
    bring_numbers(base, 1, 2, 3)
    restored = base.restore(1)
    assert restored.version == 4
    assert whole(base) == restored
    assert restored.parts == base.manifest(1).parts
    assert imports(restored) == ["import-1"]
    bring_numbers(base, 4, 2)
    assert imports(whole(base)) == ["import-1", "import-4", "import-2"]
    assert imports(base.restore(3)) == ["import-1", "import-2", "import-3"]
    whole(base)
    assert files(base) == named(base)


def test_a_version_that_is_not_there_or_not_sound_is_not_restored(base: BaseDirectory) -> None:
    bring_numbers(base, 1, 2, 3)
    part = part_of(base, 2)
    flip(part, 50)
    before = content(base)
    with pytest.raises(InputError, match=r"base\.no_such_version"):
        base.restore(9)
    with pytest.raises(BaseDamaged, match=part.name):
        base.restore(2)
    assert content(base) == before
    assert base.restore(1).version == 4


def test_a_manifest_that_never_became_current_is_no_version(base: BaseDirectory) -> None:
    bring_numbers(base, 1)
    earlier = (base.path / "CURRENT").read_bytes()
    bring_numbers(base, 2)
    (base.path / "CURRENT").write_bytes(earlier)
    assert whole(base).version == base.newest_sound_version() == 1
    with pytest.raises(InputError, match=r"base\.no_such_version"):
        base.restore(2)
    base.sweep()
    assert files(base) == named(base)


def test_every_flipped_byte_of_current_is_noticed(base: BaseDirectory) -> None:
    bring_numbers(base, *range(12))
    bring_numbers(base, 12)
    path = base.path / "CURRENT"
    good = path.read_bytes()
    before = content(base)
    for position in range(len(good.strip())):
        for bit in range(8):
            path.write_bytes(good)
            flip(path, position, bit)
            with pytest.raises(BaseDamaged, match=r"CURRENT|versions/"):
                base.current()
            with pytest.raises(BaseDamaged, match=r"CURRENT|versions/"):
                base.sweep()
    path.write_bytes(good)
    assert content(base) == before


@pytest.mark.parametrize(
    "text", [b"", b"garbage", b"-1", b"1.5", b"\xff\xfe", b"\x00" * 8, b"9" * 5_000, "۱".encode(), b"2 abc"]
)
def test_garbage_in_current_is_reported_and_healed_by_a_restore(base: BaseDirectory, text: bytes) -> None:
    bring_numbers(base, 1, 2)
    (base.path / "CURRENT").write_bytes(text)
    before = content(base)
    for attempt in (base.current_version, base.current, base.sweep, lambda: bring_numbers(base, 3)):
        with pytest.raises(BaseDamaged) as caught:
            attempt()
        assert caught.value.values == {"part": "CURRENT"}
    assert content(base) == before
    assert base.newest_sound_version() == 2
    base.restore(2)
    bring_numbers(base, 3)
    assert imports(whole(base)) == ["import-1", "import-2", "import-3"]


def test_a_lost_current_is_reported_and_nothing_is_swept(base: BaseDirectory) -> None:
    bring_numbers(base, 1)
    (base.path / "CURRENT").unlink()
    before = content(base)
    with pytest.raises(BaseDamaged, match="CURRENT"):
        base.current()
    with pytest.raises(BaseDamaged, match="CURRENT"):
        bring_numbers(base, 2)
    assert content(base) == before
    assert base.restore(1).version == 2


def test_current_may_be_set_by_hand(base: BaseDirectory) -> None:
    bring_numbers(base, 1, 2, 3)
    (base.path / "CURRENT").write_text("2")
    assert whole(base).version == 2
    (base.path / "CURRENT").write_text("1\n")
    assert whole(base).version == 1
    before = content(base)
    with pytest.raises(BaseDamaged, match="CURRENT"):
        base.sweep()
    assert content(base) == before, "two versions beyond the current one are no leftovers"


def test_every_flipped_byte_of_a_manifest_is_noticed(base: BaseDirectory) -> None:
    bring_numbers(base, 1, 2)
    path = base.path / "versions" / "000002.json"
    good = path.read_bytes()
    chance = random.Random(3)
    for position in range(len(good)):
        flip(path, position, chance.randrange(8))
        with pytest.raises(BaseDamaged) as caught:
            base.current()
        assert caught.value.values == {"part": "versions/000002.json"}
        path.write_bytes(good)
    for length in (0, 1, len(good) // 2, len(good) - 3):
        path.write_bytes(good[:length])
        with pytest.raises(BaseDamaged, match=r"versions/000002\.json"):
            base.current()
    path.unlink()
    with pytest.raises(BaseDamaged, match=r"versions/000002\.json"):
        base.current()
    assert base.newest_sound_version() == 1


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "[]", "null", '{"manifest": {}, "sha256": ""}', '{"manifest": 1}']
)
def test_what_is_no_manifest_is_reported(base: BaseDirectory, text: str) -> None:
    bring_numbers(base, 1)
    (base.path / "versions" / "000001.json").write_text(text)
    with pytest.raises(BaseDamaged, match=r"versions/000001\.json"):
        base.current()


def test_a_manifest_under_another_number_is_reported(base: BaseDirectory) -> None:
    bring_numbers(base, 1, 2)
    shutil.copy(base.path / "versions" / "000001.json", base.path / "versions" / "000002.json")
    with pytest.raises(BaseDamaged, match=r"versions/000002\.json"):
        base.manifest(2)


def test_a_manifest_of_a_later_program_says_so(base: BaseDirectory) -> None:
    later = Manifest(0, "EUR", 10_000, "UTC", schema_version=99)
    bring(base, "one", settings=later, orders=some_lines(random.Random(1), 3, customers=["c"], orders=["o"]))
    with pytest.raises(BaseDamaged, match=r"base\.written_by_later_program"):
        base.current()


def test_a_damaged_part_is_named(base: BaseDirectory) -> None:
    bring_numbers(base, 1, 2)
    path = part_of(base, 1)
    name = str(path.relative_to(base.path))
    good = path.read_bytes()
    manifest = whole(base)
    chance = random.Random(5)
    for position in (0, len(good) - 1, *(chance.randrange(len(good)) for _ in range(40))):
        flip(path, position, chance.randrange(8))
        with pytest.raises(BaseDamaged) as caught:
            base.verify(manifest)
        assert caught.value.values == {"part": name}
        path.write_bytes(good)
    for length in (0, 10, len(good) - 1):
        path.write_bytes(good[:length])
        with pytest.raises(BaseDamaged, match=path.name):
            base.verify(manifest)
    path.unlink()
    with pytest.raises(BaseDamaged, match=path.name):
        base.verify(manifest)
    base.verify(manifest, manifest.parts[1:])
    path.mkdir()
    with pytest.raises(BaseDamaged, match=path.name):
        base.verify(manifest)


def test_the_newest_sound_version_is_found(base: BaseDirectory) -> None:
    assert base.newest_sound_version() is None
    bring_numbers(base, 1, 2, 3, 4)
    assert base.newest_sound_version() == 4
    flip(base.path / "versions" / "000004.json", 40)
    assert base.newest_sound_version() == 3
    flip(part_of(base, 2), 99)
    assert base.newest_sound_version() == 1
    flip(part_of(base, 1), 99)
    assert base.newest_sound_version() is None


def test_a_damaged_base_goes_on_from_its_newest_sound_version(base: BaseDirectory) -> None:
    bring_numbers(base, 1, 2, 3)
    (base.path / "versions" / "000003.json").write_bytes(b"")
    with pytest.raises(BaseDamaged):
        bring_numbers(base, 4)
    sound = base.newest_sound_version()
    assert sound == 2
    assert base.restore(sound).version == 4
    bring_numbers(base, 4)
    assert imports(whole(base)) == ["import-1", "import-2", "import-4"]
    assert "parts" in {Path(name).parts[0] for name in files(base)}


def test_parts_are_not_swept_as_long_as_a_manifest_cannot_be_read(base: BaseDirectory) -> None:
    bring_numbers(base, 1, 2)
    base.restore(1)
    path = base.path / "versions" / "000002.json"
    good = path.read_bytes()
    path.write_bytes(b"")
    before = files(base)
    bring_numbers(base, 3)
    assert before <= files(base)
    path.write_bytes(good)
    assert imports(base.restore(2)) == ["import-1", "import-2"]


def test_bringing_a_damaged_part_again_heals_it(base: BaseDirectory) -> None:
    bring_numbers(base, 1, 2)
    flip(part_of(base, 2), 70)
    base.restore(1)
    bring_numbers(base, 2)
    whole(base)
    assert base.restore(2).parts == base.manifest(2).parts


def test_customers_of_many_versions_are_listed_in_order(base: BaseDirectory) -> None:
    for number in range(3):
        bring(
            base,
            f"import-{number}",
            orders=some_lines(random.Random(number), 4, customers=["c"], orders=[f"o{number}"]),
            customers=some_customers(random.Random(number), ids(f"c{number}-", 2)),
        )
    manifest = whole(base)
    assert [part.rows for part in manifest.parts_of("customers")] == [2, 2, 2]
    assert [part.rows for part in manifest.parts_of("orders")] == [4, 4, 4]
    first, last = manifest.order_days
    assert first == min(part.first_day for part in manifest.parts_of("orders") if part.first_day is not None)
    assert last >= first
