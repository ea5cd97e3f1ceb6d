"""Commands about metrics: what there is, and the rows of one."""

from __future__ import annotations

import argparse
from functools import cache
from pathlib import Path

from crm_core.commands.arguments import FORMATS, date, table_format
from crm_core.commands.writing import output
from crm_core.i18n import Language


def metrics(parser: argparse.ArgumentParser) -> None:
    """Fill the parser of `metrics`."""
    parser.add_argument("--markdown", action="store_true", help="as the reference in docs/metrics.md")
    parser.set_defaults(run=_metrics)


def _metrics(asked: argparse.Namespace, spoken: Language) -> None:
    from crm_core.workspace.asked import describe, reference
    from crm_core.workspace.catalogue import METRICS

    if asked.markdown:
        print(reference(), end="")
        return
    for name in sorted(METRICS):
        told = describe(METRICS[name])
        print(f"{told.name}\t{told.grain}\t{', '.join(column for column, _ in told.columns)}")


def metric(parser: argparse.ArgumentParser) -> None:
    """Fill the parser of `metric`."""
    parser.add_argument("name", metavar="NAME")
    parser.add_argument("--base", required=True, metavar="B")
    parser.add_argument(
        "--as-of", type=date, metavar="YYYY-MM-DD", help="the day of the last order unless told"
    )
    parser.add_argument("--set", action="append", default=[], metavar="OPTION=VALUE", dest="options")
    parser.add_argument("--format", type=table_format, default="csv", metavar="|".join(FORMATS))
    parser.add_argument("--output", type=Path, metavar="FILE")
    parser.set_defaults(run=_metric)


def _metric(asked: argparse.Namespace, spoken: Language) -> None:
    from crm_core.exports.plain import write
    from crm_core.loyalty.answers import size_of_templates
    from crm_core.workspace import open_base
    from crm_core.workspace.asked import metric_named, options_from_text

    named, opened = metric_named(asked.name), cache(lambda: open_base(asked.base))

    def size() -> float:
        return size_of_templates(opened().ask(), as_of=opened().as_of)

    options = options_from_text(named, asked.options, asked.base, size)
    table = opened().table(named, as_of=asked.as_of, **options)
    with output(asked.output) as file:
        write(table, asked.format, file)
