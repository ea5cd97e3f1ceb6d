"""No test is left out quietly: the closing summary counts them by reason, and with CI set it is a failure."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Generator

import pytest

_CI = os.environ.get("CI", "").lower() not in {"", "0", "false"}


def in_ci() -> bool:
    """Whether this run is one in which nothing may be left out (environment variable `CI`)."""
    return _CI


class LeftOut:
    """A pytest plugin; under xdist one instance runs in each worker and one in the controller."""

    def __init__(self) -> None:
        self.deselected: Counter[str] = Counter()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        # An expected failure is reported as skipped too, but it ran.
        if in_ci() and report.skipped and not hasattr(report, "wasxfail"):
            report.outcome = "failed"
            report.longrepr = f"Left out, which is a failure when CI is set. {_reason(report)}"
        return report

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        report = yield
        if in_ci() and report.skipped:
            reason = _reason(report)
            report.outcome = "failed"
            report.longrepr = f"Left out, which is a failure when CI is set. {reason}"
        return report

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        for item in items:
            marks = {mark.name for mark in item.iter_markers()} & {"slow", "browser", "postgres"}
            self.deselected[", ".join(sorted(marks)) or "not asked for"] += 1

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        output = getattr(session.config, "workeroutput", None)
        if output is not None:
            output["deselected"] = dict(self.deselected)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: object) -> None:
        # Every worker collects, and so leaves out, the same tests.
        self.deselected = Counter(getattr(node, "workeroutput", {}).get("deselected", {})) or self.deselected

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        reasons = Counter(
            _reason(report)
            for report in terminalreporter.stats.get("skipped", [])
            if not hasattr(report, "wasxfail")
        )
        if not reasons and not self.deselected:
            return
        terminalreporter.section("LEFT OUT", sep="=", yellow=True, bold=True)
        for reason, count in sorted(reasons.items()):
            terminalreporter.line(f"{count:5} could not run: {reason}", yellow=True, bold=True)
        for marks, count in sorted(self.deselected.items()):
            hint = " (make soak)" if "slow" in marks else ""
            terminalreporter.line(f"{count:5} not selected: {marks}{hint}")


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    text = report.longrepr
    return str(text[2] if isinstance(text, tuple) else text).removeprefix("Skipped: ")
