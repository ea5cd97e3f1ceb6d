"""Run the benchmarks: `python -m benchmarks [NAME ...]`; exit status 1 when something does not hold."""

from __future__ import annotations

import argparse
import importlib
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from benchmarks.report import Report
from benchmarks.settings import Settings

NAMES: Final = (
    "import_file",
    "import_memory",
    "sessions",
    "questions",
    "append",
    "metric_against_pandas",
    "first_page",
    "purchase_models",
    "value_intervals",
    "fit_beside_readers",
    "churn_features",
    "churn_training",
    "churn_page",
    "loyalty_replay",
    "loyalty_page",
    "loyalty_effect",
    "loyalty_thresholds",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run all benchmarks or those that are named, and print one table each."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    unknown = [name for name in asked.names if name not in NAMES]
    if unknown:
        parser.error(f"there is no benchmark {', '.join(unknown)}; there are {', '.join(NAMES)}")
    with tempfile.TemporaryDirectory(prefix="moshtari-bench-") as temporary:
        settings = Settings(Path(temporary), asked.cache or Path(temporary) / "cache").share(asked.share)
        settings = replace(settings, pairs=asked.pairs)
        reports = [_run(name, settings) for name in asked.names or NAMES]
    failed = [report.name for report in reports if not report.holds]
    print(f"DOES NOT HOLD: {', '.join(failed)}" if failed else "Everything holds.")
    return 1 if failed else 0


def _run(name: str, settings: Settings) -> Report:
    run: Callable[[Settings], Report] = importlib.import_module(f"benchmarks.{name}").run
    own = settings.directory / name
    own.mkdir(parents=True)
    report = run(replace(settings, directory=own))
    print(report.table(), end="\n\n", flush=True)
    return report


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--cache", type=Path, metavar="DIR", help="keeps the large bases for the next run")
    parser.add_argument(
        "--share",
        type=float,
        default=1.0,
        metavar="S",
        help="of the data, 0 to 1: to try; the limits are meant for 1",
    )
    parser.add_argument("--pairs", type=int, default=5, metavar="N", help="how often each is timed")
    return parser


if __name__ == "__main__":
    sys.exit(main())
