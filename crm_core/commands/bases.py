"""Commands about bases: the demonstration, bringing a file, checking what is there."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from crm_core.commands.arguments import directory, whole
from crm_core.commands.writing import progress
from crm_core.i18n import Language

_MOST_CUSTOMERS: Final = 10_000_000


def demo(parser: argparse.ArgumentParser) -> None:
    """Fill the parser of `demo`."""
    parser.add_argument(
        "--customers", type=whole("--customers", 1, _MOST_CUSTOMERS), default=20_000, metavar="N"
    )
    parser.add_argument("--seed", type=whole("--seed", 0, 2**63 - 1), default=1, metavar="S")
    parser.add_argument("--base", required=True, type=directory, metavar="DIR")
    parser.set_defaults(run=_demo)


def _demo(asked: argparse.Namespace, spoken: Language) -> None:
    from crm_core.workspace.bringing import write_demonstration

    with progress(spoken) as tell:
        brought = write_demonstration(asked.base, customers=asked.customers, seed=asked.seed, progress=tell)
    print(spoken.say("demo.written", customers=asked.customers, rows=brought.accepted, base=str(asked.base)))


def import_file(parser: argparse.ArgumentParser) -> None:
    """Fill the parser of `import`."""
    parser.add_argument("file", metavar="FILE")
    parser.add_argument("--table", default=None, help="the table that the file holds, when no mapping says")
    parser.add_argument("--mapping", type=Path, metavar="FILE.yaml", help="where each column comes from")
    parser.add_argument(
        "--currency", default="", metavar="CODE", help="the base's currency, at its first import"
    )
    parser.add_argument(
        "--time-zone", default="", metavar="ZONE", help="the base's time zone, at its first import"
    )
    parser.add_argument("--base", required=True, type=directory, metavar="DIR")
    parser.set_defaults(run=_import)


def _import(asked: argparse.Namespace, spoken: Language) -> None:
    from crm_core.workspace.bringing import BaseSettings, bring, mapping_for

    path = Path(asked.file)
    mapping, guessed = mapping_for(path, asked.mapping, asked.table)
    if guessed:
        print(spoken.say("import.mapping_guessed"), mapping.to_yaml(), sep="\n")
    settings = BaseSettings(currency=asked.currency, time_zone=asked.time_zone)
    with progress(spoken) as tell:
        brought = bring(asked.base, path, mapping, source_name=path.name, settings=settings, progress=tell)
    if not brought.new:
        print(spoken.say("import.known_already", file=path.name))
        return
    print(
        spoken.say(
            "import.done", read=brought.read, accepted=brought.accepted, rejected=brought.rejected_rows
        )
    )
    if brought.guests:
        print(spoken.say("import.guests", count=brought.guests))
    for reason, rows in brought.rejected.items():
        print(f"  {spoken.number(rows)}  {spoken.say(reason)}")
    if brought.rejects is not None:
        print(spoken.say("import.rejects_kept", file=str(brought.rejects)))


def check(parser: argparse.ArgumentParser) -> None:
    """Fill the parser of `check`."""
    parser.add_argument("--base", required=True, metavar="B")
    parser.set_defaults(run=_check)


def _check(asked: argparse.Namespace, spoken: Language) -> None:
    from crm_core.workspace import open_base, verify_base

    verify_base(asked.base)
    passport = open_base(asked.base).passport
    say, number = spoken.say, spoken.number
    print(say("check.sound"))
    print(say("check.days", first=passport.first_day, last=passport.last_day))
    print(say("check.customers", customers=passport.customers, purchases=passport.purchases))
    print(say("check.guests", count=passport.guest_lines))
    print(say("check.unconverted", count=passport.unconverted_lines))
    for table in passport.tables:
        print(f"{table.name}\t{number(table.rows)}\t{', '.join(table.columns)}")
    for one in passport.imports:
        rejected = sum(one.rejected.values())
        print(say("check.import", file=one.source, read=one.read, accepted=one.accepted, rejected=rejected))
