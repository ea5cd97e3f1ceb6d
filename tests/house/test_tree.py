"""What may stand in the files of the repository."""

from __future__ import annotations

import re
import warnings

import pytest

from tests.house.tree import REPOSITORY, files, texts

FORBIDDEN = {
    "a path of one machine": re.compile(r"(?<![\w.*/-])/(?:root|home|Users|work|workspace)/\w"),
    "the host of a package registry": re.compile(
        r"\b(?:py(?:pi|thonhosted)\.org|npm(?:js|mirror)\.(?:org|com)|deb\.debian\.(?:org|net)|crates\.(?:io))"
    ),
    "a number of an issue": re.compile(r"(?<![\w#])(?:[Ii]ssue|[Tt]icket)s? #?\d+\b"),
    "unfinished work": re.compile(r"\b(?:TO[D]O|FIX[M]E|HAC[K])\b"),
}
DRAWERS = {"utils", "util", "helpers", "helper", "common", "misc", "tools", "shared", "lib"}
PAGE_LINES = 120


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_holds(what: str) -> None:
    found = [
        f"{path}:{number}: {line.strip()}"
        for path, text in texts()
        for number, line in enumerate(text.splitlines(), 1)
        if FORBIDDEN[what].search(line)
    ]
    assert not found, f"{what}:\n" + "\n".join(found)


def test_no_module_is_a_drawer() -> None:
    drawers = [path for path in files(".py") if DRAWERS & {path.stem, path.parent.name}]
    assert not drawers


def test_every_ignored_check_says_why() -> None:
    ignored = re.compile(r"#\s*(?:noqa|type:\s*ignore|mypy:\s*\w|ruff:\s*noqa|pragma:\s*no cover)")
    explained = re.compile(
        # mypy takes a reason behind a second # only.
        r"# (?:(?:ruff: )?noqa: [A-Z]+\d+(?:, [A-Z]+\d+)* -|pragma: no cover -|type: ignore\[[\w, -]+\]  #)"
        r" \w.{5,}"
    )
    unexplained = [
        f"{path.relative_to(REPOSITORY)}:{number}: {line.strip()}"
        for path in files(".py")
        if path.name != "test_tree.py"
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if ignored.search(line) and not explained.search(line)
    ]
    assert not unexplained, "write the reason after it: `# noqa: X100 - why`\n" + "\n".join(unexplained)


def test_every_rule_switched_off_says_why() -> None:
    configuration = (REPOSITORY / "pyproject.toml").read_text()
    ignores = configuration.split("\nignore = [", 1)[1].split("[tool.ruff.lint.flake8", 1)[0]
    rules = [line for line in ignores.splitlines() if re.search(r'"[A-Z]+\d+"', line)]
    assert rules
    assert not [line for line in rules if "#" not in line]


def test_long_pages_are_pointed_out() -> None:
    """A rule of thumb and no gate: a page past it may be two pages in one."""
    for path in (REPOSITORY / "pages").glob("*.py"):
        lines = len(path.read_text().splitlines())
        if lines > PAGE_LINES:
            warnings.warn_explicit(
                f"{lines} lines: is it two pages in one?",
                UserWarning,
                str(path),
                lines,
                module="rule_of_thumb",
            )
