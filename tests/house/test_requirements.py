"""The pinned requirements: complete, hashed, and naming no index."""

from __future__ import annotations

import re

import pytest

from tests.house.tree import REPOSITORY

PINNED = ("requirements.txt", "requirements-dev.txt", "requirements-peers.txt")


def _pins(name: str) -> dict[str, str]:
    """Each requirement's line, with its hashes, by package."""
    joined = (REPOSITORY / name).read_text().replace("\\\n", " ")
    lines = [line for line in joined.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return {re.split(r"[=\[ ]", line)[0]: line for line in lines}


@pytest.mark.parametrize("name", PINNED)
def test_every_requirement_is_pinned_and_hashed(name: str) -> None:
    pins = _pins(name)
    assert len(pins) > 20
    loose = [pin for pin in pins.values() if not re.search(r"==[\w.]+ .*--hash=sha256:[0-9a-f]{64}", pin)]
    assert not loose


@pytest.mark.parametrize("name", PINNED)
def test_no_index_is_named(name: str) -> None:
    text = (REPOSITORY / name).read_text()
    assert "index" not in text
    assert "://" not in text


@pytest.mark.parametrize("name", PINNED)
def test_what_was_asked_for_is_there(name: str) -> None:
    asked = re.findall(r"^([A-Za-z][\w-]*)", (REPOSITORY / name).with_suffix(".in").read_text(), re.MULTILINE)
    assert {package.lower() for package in asked} <= set(_pins(name))


def test_the_tests_run_what_the_product_runs() -> None:
    run, develop = (_pins(name) for name in PINNED[:2])
    versions = {package: line.split()[0] for package, line in develop.items()}
    assert {package: line.split()[0] for package, line in run.items()}.items() <= versions.items()


def test_every_chosen_package_has_its_line_in_the_records() -> None:
    record = (REPOSITORY / "docs" / "adr" / "0003-dependencies.md").read_text().lower()
    for name in ("requirements.in", "requirements-dev.in", "requirements-peers.in"):
        for package in re.findall(r"^([A-Za-z][\w-]*)", (REPOSITORY / name).read_text(), re.MULTILINE):
            assert f"| {package.lower()} |" in record, f"{package} is not in docs/adr/0003-dependencies.md"
