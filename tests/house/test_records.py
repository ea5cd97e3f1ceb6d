"""Every record of a decision stands in their list, with what a later one replaces of it."""

from __future__ import annotations

import re

import pytest

from tests.house.tree import REPOSITORY

DIRECTORY = REPOSITORY / "docs" / "adr"
RECORDS = sorted(path.name for path in DIRECTORY.glob("[0-9]*.md"))
LIST = (DIRECTORY / "README.md").read_text("utf-8")
ROWS: dict[str, str] = {row[:6]: row for row in re.findall(r"^\| (.+) \|$", LIST, re.MULTILINE)}


def row_of(number: str) -> str:
    return ROWS[f"[{number}]"]


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_stands_in_the_list_under_its_title(name: str) -> None:
    title = (DIRECTORY / name).read_text("utf-8").splitlines()[0].removeprefix(f"# {name[:4]} ")
    assert row_of(name[:4]).startswith(f"[{name[:4]}]({name}) | {title} |")


def test_what_a_record_replaces_is_told_of_the_one_before() -> None:
    replacing = [
        (before, name)
        for name in RECORDS
        for before in re.findall(
            r"(?:Supersedes of|Replaces in) (\d{4})|(\d{4}), whose .+ it replaces",
            (DIRECTORY / name).read_text("utf-8").splitlines()[2],
        )
    ]
    assert replacing
    for before, name in replacing:
        assert f"({name})" in row_of("".join(before)), f"{name} replaces something of {before}"
