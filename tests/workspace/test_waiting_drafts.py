"""Drafts that wait beside a base: found by their token alone, whole or told, forgotten in time."""

from __future__ import annotations

import hashlib
import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier

import pytest

from crm_core.base import BaseDamaged, InputError
from crm_core.loyalty.rules import LONGEST, template
from crm_core.workspace import programmes, waiting_drafts
from crm_core.workspace.programme_drafts import ProgrammeDraft
from crm_core.workspace.waiting_drafts import DAYS_KEPT, Waiting

BEGUN = ProgrammeDraft.of(template("points_club"), 3)
DRAFT = BEGUN.put(("name",), "باشگاه ما")


@pytest.fixture
def base(tmp_path: Path) -> str:
    """As much of a base as is asked for."""
    (tmp_path / "CURRENT").write_text("1")
    return str(tmp_path)


def file_of(base: str, waiting: Waiting) -> Path:
    return Path(base) / "programmes" / "drafts" / f"{waiting.token}.json"


@pytest.mark.parametrize("draft", [DRAFT, BEGUN.written("caps: [\n# \u0001 ไทย")])
def test_a_draft_comes_back_as_it_was(base: str, draft: ProgrammeDraft) -> None:
    waiting = waiting_drafts.put(base, "points_club", draft)
    assert waiting_drafts.take(base, waiting.token) == waiting
    found = waiting.draft
    assert (found.text, found.after, found.kept, found.told) == (draft.text, 3, draft.kept, draft.told)
    assert str(found.error) == str(draft.error)
    assert programmes.listed(base) == (), "a draft is no programme"


def test_it_waits_in_one_place_and_is_let_go_of(base: str) -> None:
    first = waiting_drafts.put(base, "points_club", DRAFT)
    second = waiting_drafts.put(base, "points_club", DRAFT.put(("name",), "Other"), first)
    assert second.token == first.token
    assert len(list(file_of(base, first).parent.iterdir())) == 1
    waiting_drafts.forget(base, second)
    waiting_drafts.forget(base, second)
    with pytest.raises(InputError, match=r"loyalty\.draft\.unknown"):
        waiting_drafts.take(base, second.token)


def test_of_two_with_one_address_each_keeps_what_was_written(base: str) -> None:
    begun = waiting_drafts.put(base, "points_club", DRAFT)
    one = waiting_drafts.put(base, "points_club", DRAFT.put(("name",), "One"), begun)
    other = waiting_drafts.put(base, "points_club", DRAFT.put(("name",), "Other"), begun)
    assert other.token != one.token
    assert waiting_drafts.take(base, one.token).draft.programme.name == "One"
    waiting_drafts.forget(base, begun)
    assert waiting_drafts.take(base, one.token) == one, "only who has seen it lets go of it"


def test_of_many_at_one_instant_each_keeps_what_was_written(base: str) -> None:
    begun, together = waiting_drafts.put(base, "points_club", DRAFT), Barrier(8)

    def put(name: str) -> str:
        together.wait()
        return waiting_drafts.put(base, "points_club", DRAFT.put(("name",), name), begun).token

    for turn in range(5):
        names = [f"Club {turn} {number}" for number in range(8)]
        with ThreadPoolExecutor(len(names)) as threads:
            tokens = list(threads.map(put, names))
        assert len(set(tokens)) == len(names)
        assert [waiting_drafts.take(base, one).draft.programme.name for one in tokens] == names
        begun = waiting_drafts.take(base, tokens[0])


@pytest.mark.parametrize("token", ["", "x", "../../CURRENT", "..%2f", "0" * 31, "A" * 32, "٠" * 32, "0" * 32])
def test_a_token_that_is_none_finds_nothing(base: str, token: str) -> None:
    with pytest.raises(InputError, match=r"loyalty\.draft\.unknown"):
        waiting_drafts.take(base, token)


@pytest.mark.parametrize("content", [b"", b"rubbish", b"\xff\xfe", b"0" * 64 + b"\n{}"])
def test_a_damaged_draft_is_told_and_replaced_by_none(base: str, content: bytes) -> None:
    waiting = waiting_drafts.put(base, "points_club", DRAFT)
    file_of(base, waiting).write_bytes(content)
    with pytest.raises(BaseDamaged, match=r"loyalty\.draft\.damaged"):
        waiting_drafts.take(base, waiting.token)
    again = waiting_drafts.put(base, "points_club", DRAFT, waiting)
    assert again == replace(waiting, token=again.token)
    assert waiting_drafts.take(base, again.token) == again


@pytest.mark.parametrize("body", ["{}", "[]", '{"token": 1, "words": 2}', "rubbish"])
def test_a_draft_of_another_version_of_the_program_is_told(base: str, body: str) -> None:
    waiting = waiting_drafts.put(base, "points_club", DRAFT)
    seal = hashlib.sha256(body.encode()).hexdigest()
    file_of(base, waiting).write_text(f"{seal}\n{body}")
    with pytest.raises(BaseDamaged, match=r"loyalty\.draft\.damaged"):
        waiting_drafts.take(base, waiting.token)


def test_what_nobody_touches_is_forgotten(base: str) -> None:
    old, young = (waiting_drafts.put(base, "points_club", DRAFT) for _ in range(2))
    for waiting, days in ((old, DAYS_KEPT + 1), (young, DAYS_KEPT - 1)):
        then = time.time() - days * 86_400
        os.utime(file_of(base, waiting), (then, then))
    waiting_drafts.put(base, "points_club", DRAFT)
    assert waiting_drafts.take(base, young.token) == young
    with pytest.raises(InputError, match=r"loyalty\.draft\.unknown"):
        waiting_drafts.take(base, old.token)


def test_where_nothing_can_be_kept_it_is_told(tmp_path: Path, base: str) -> None:
    for nowhere in ("duckdb://somewhere", str(tmp_path / "none")):
        with pytest.raises(InputError):
            waiting_drafts.put(nowhere, "points_club", DRAFT)
    with pytest.raises(InputError, match=r"loyalty\.programme\.too_long"):
        waiting_drafts.put(base, "points_club", BEGUN.written("x" * (LONGEST + 1)))
    (tmp_path / "programmes").write_text("in the way")
    with pytest.raises(InputError, match=r"error\."):
        waiting_drafts.put(base, "points_club", DRAFT)


def test_the_longest_text_of_the_longest_letters_comes_back(base: str) -> None:
    draft = replace(BEGUN.written("\u0001" * LONGEST), kept=template("points_club"))
    waiting = waiting_drafts.put(base, "points_club", draft)
    assert waiting_drafts.take(base, waiting.token).text == draft.text
