"""The command line: the same answers without a browser."""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, NoReturn

from crm_core.base import CrmError, InputError, refused
from crm_core.i18n import LANGUAGES, Language, language
from crm_core.ui.location import DEFAULT_LOCATION, LOCATION_VARIABLE

if TYPE_CHECKING:
    from crm_core.workspace.programmes import Saved

BAD_INPUT: Final = 2
STOPPED: Final = 130
_INTERRUPTED: Final = "Query interrupted"
"""DuckDB's word for Ctrl-C while a query runs."""
_MOST_CUSTOMERS: Final = 10_000_000
_MOST_VERSIONS: Final = 999_999_999
_FORMATS: Final = ("csv", "parquet", "json")

_IGNORED: Final = {
    "constant": "churn_table.ignored.constant",
    "names": "churn_table.ignored.names",
    "tells_all": "churn_table.ignored.tells_all",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        arguments: What follows the program's name; those of the process when None.

    Returns:
        Exit status: 0; 2 with one line on standard error for input that cannot be used; 130 when stopped.
    """
    spoken = _language()
    try:
        asked = _parser().parse_args(arguments)
        run: Callable[[argparse.Namespace, Language], None] = asked.run
        run(asked, spoken)
    except CrmError as error:
        print(spoken.explain(error), file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        print(spoken.say("work.stopped"), file=sys.stderr)
        return STOPPED
    except BrokenPipeError:
        # The reader of our output has gone; nothing is left to say, and nobody to say it to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        print(spoken.explain(refused(error)), file=sys.stderr)
        return BAD_INPUT
    except RuntimeError as error:
        if str(error) != _INTERRUPTED:
            raise
        print(spoken.say("work.stopped"), file=sys.stderr)
        return STOPPED
    return 0


def _language() -> Language:
    """The reader's language by `MOSHTARI_LANG`, else English."""
    asked = os.environ.get("MOSHTARI_LANG", "en")
    return language(asked if asked in LANGUAGES else "en")


class _Parser(argparse.ArgumentParser):
    """Says what it cannot use in one sentence, as everything else does."""

    def error(self, message: str) -> NoReturn:
        """Raise what cannot be used."""
        raise InputError("command.unusable", reason=message, command=self.prog)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m crm_core", description=__doc__)
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    demo = commands.add_parser("demo", help="write the demonstration base, and what is true of it beside it")
    demo.add_argument(
        "--customers", type=_whole("--customers", 1, _MOST_CUSTOMERS), default=20_000, metavar="N"
    )
    demo.add_argument("--seed", type=_whole("--seed", 0, 2**63 - 1), default=1, metavar="S")
    demo.add_argument("--base", required=True, type=_directory, metavar="DIR")
    demo.set_defaults(run=_demo)

    bring = commands.add_parser("import", help="bring a file into a base")
    bring.add_argument("file", metavar="FILE")
    bring.add_argument("--table", default=None, help="the table that the file holds, when no mapping says")
    bring.add_argument("--mapping", type=Path, metavar="FILE.yaml", help="where each column comes from")
    bring.add_argument(
        "--currency", default="", metavar="CODE", help="the base's currency, at its first import"
    )
    bring.add_argument(
        "--time-zone", default="", metavar="ZONE", help="the base's time zone, at its first import"
    )
    bring.add_argument("--base", required=True, type=_directory, metavar="DIR")
    bring.set_defaults(run=_import)

    check = commands.add_parser("check", help="the data passport: what is there, and whether it is sound")
    check.add_argument("--base", required=True, metavar="B")
    check.set_defaults(run=_check)

    metrics = commands.add_parser("metrics", help="every metric: name, grain, columns")
    metrics.add_argument("--markdown", action="store_true", help="as the reference in docs/metrics.md")
    metrics.set_defaults(run=_metrics)

    metric = commands.add_parser("metric", help="the rows of a metric")
    metric.add_argument("name", metavar="NAME")
    metric.add_argument("--base", required=True, metavar="B")
    metric.add_argument(
        "--as-of", type=_date, metavar="YYYY-MM-DD", help="the day of the last order unless told"
    )
    metric.add_argument("--set", action="append", default=[], metavar="OPTION=VALUE", dest="options")
    metric.add_argument("--format", type=_format, default="csv", metavar="|".join(_FORMATS))
    metric.add_argument("--output", type=Path, metavar="FILE")
    metric.set_defaults(run=_metric)

    _programme_commands(commands.add_parser("programme", help="loyalty programmes kept beside a base"))

    table = commands.add_parser("churn-table", help="who leaves, learnt from a table that says who left")
    table.add_argument("file", type=Path, metavar="FILE")
    table.add_argument("--id", required=True, metavar="COLUMN", help="the column of customer ids")
    table.add_argument("--churn", required=True, metavar="COLUMN", help="the column that says who left")
    table.add_argument("--yes", metavar="VALUE", help="its value for those who left")
    table.add_argument("--output", required=True, type=Path, metavar="FILE", help="scores and reasons")
    table.add_argument("--format", type=_format, default="csv", metavar="|".join(_FORMATS))
    table.set_defaults(run=_churn_table)

    serve = commands.add_parser("serve", help="the app")
    serve.add_argument("--base", default=os.environ.get(LOCATION_VARIABLE, DEFAULT_LOCATION), metavar="B")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=_whole("--port", 1, 65_535), default=os.environ.get("PORT", "8501"))
    serve.set_defaults(run=_serve)
    return parser


def _programme_commands(parser: argparse.ArgumentParser) -> None:
    """What can be done with the programmes that are kept beside a base."""
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    known = commands.add_parser("list", help="the newest version of each")
    known.set_defaults(run=_programmes)
    past = commands.add_parser("history", help="every version of one")
    past.set_defaults(run=_programme_history)
    show = commands.add_parser("show", help="the YAML of one, or of a template")
    show.add_argument("--version", type=_whole("--version", 1, _MOST_VERSIONS), metavar="N")
    show.set_defaults(run=_programme_show)
    save = commands.add_parser("save", help="keep a file as a new programme, or as the next version of one")
    save.add_argument("file", type=Path, metavar="FILE.yaml")
    save.set_defaults(run=_programme_save)
    back = commands.add_parser("restore", help="keep an earlier version again, as the next one")
    back.set_defaults(run=_programme_restore)
    brought = commands.add_parser("openings", help="what members have when it takes over: points and tiers")
    brought.set_defaults(run=_programme_openings)
    for command in (past, show, back, brought):
        command.add_argument("name", metavar="NAME")
    brought.add_argument("file", type=Path, metavar="FILE.csv")
    brought.add_argument("--as-of", required=True, type=_date, metavar="YYYY-MM-DD")
    back.add_argument("version", type=_whole("VERSION", 1, _MOST_VERSIONS), metavar="VERSION")
    for command in (save, back):
        command.add_argument(
            "--after",
            type=_whole("--after", 0, _MOST_VERSIONS),
            default=0,
            metavar="N",
            help="the version that was the newest when you looked; without it, a new programme",
        )
    for command in (known, past, show, save, back, brought):
        command.add_argument("--base", required=True, metavar="B")


def _whole(option: str, least: int, most: int) -> Callable[[str], int]:
    """Reads a whole number of an option."""

    def read(text: str) -> int:
        plain = text.strip().removeprefix("+")
        number = int(plain) if plain.isdecimal() and len(plain) < 20 else -1
        if not least <= number <= most:
            raise InputError("metric.bad_option", option=option, value=text, allowed=f"{least} … {most}")
        return number

    return read


def _directory(text: str) -> Path:
    if not text.strip():
        raise InputError("metric.bad_option", option="--base", value=text, allowed="DIR")
    return Path(text)


def _format(text: str) -> str:
    if text not in _FORMATS:
        raise InputError("metric.bad_option", option="--format", value=text, allowed=", ".join(_FORMATS))
    return text


def _date(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise InputError("metric.bad_option", option="--as-of", value=text, allowed="YYYY-MM-DD") from error


def _demo(asked: argparse.Namespace, spoken: Language) -> None:
    from crm_core.workspace.bringing import write_demonstration

    with _progress(spoken) as tell:
        brought = write_demonstration(asked.base, customers=asked.customers, seed=asked.seed, progress=tell)
    print(spoken.say("demo.written", customers=asked.customers, rows=brought.accepted, base=str(asked.base)))


def _import(asked: argparse.Namespace, spoken: Language) -> None:
    from crm_core.workspace.bringing import BaseSettings, bring, mapping_for

    path = Path(asked.file)
    mapping, guessed = mapping_for(path, asked.mapping, asked.table)
    if guessed:
        print(spoken.say("import.mapping_guessed"), mapping.to_yaml(), sep="\n")
    settings = BaseSettings(currency=asked.currency, time_zone=asked.time_zone)
    with _progress(spoken) as tell:
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


def _metrics(asked: argparse.Namespace, spoken: Language) -> None:
    from crm_core.workspace.asked import describe, reference
    from crm_core.workspace.catalogue import METRICS

    if asked.markdown:
        print(reference(), end="")
        return
    for name in sorted(METRICS):
        told = describe(METRICS[name])
        print(f"{told.name}\t{told.grain}\t{', '.join(column for column, _ in told.columns)}")


def _metric(asked: argparse.Namespace, spoken: Language) -> None:
    from crm_core.exports.plain import write
    from crm_core.workspace import open_base
    from crm_core.workspace.asked import metric_named, options_from_text

    metric = metric_named(asked.name)
    options = options_from_text(metric, asked.options, asked.base)
    table = open_base(asked.base).table(metric, as_of=asked.as_of, **options)
    with _output(asked.output) as output:
        write(table, asked.format, output)


def _programmes(asked: argparse.Namespace, spoken: Language) -> None:
    from crm_core.workspace import programmes

    for one in programmes.listed(asked.base):
        print(f"{one.name}\t{_version(one, spoken)}")


def _programme_history(asked: argparse.Namespace, spoken: Language) -> None:
    from crm_core.workspace import programmes

    for one in programmes.history(asked.base, asked.name):
        print(_version(one, spoken))


def _version(saved: Saved, spoken: Language) -> str:
    """A version's number, and when it was saved or why it cannot be read."""
    if saved.error is not None or saved.saved_at is None:
        return f"{saved.version}\t{spoken.explain(saved.error) if saved.error else ''}"
    again = spoken.say("loyalty.programmes.again", version=saved.again) if saved.again else ""
    return f"{saved.version}\t{saved.saved_at.isoformat()}\t{again}".rstrip()


def _programme_show(asked: argparse.Namespace, spoken: Language) -> None:
    from crm_core.loyalty.rules import TEMPLATES, template
    from crm_core.workspace import programmes

    if asked.name in TEMPLATES and not programmes.is_kept(asked.base, asked.name):
        print(template(asked.name), end="")
        return
    print(programmes.read(asked.base, asked.name, asked.version).text, end="")


def _programme_save(asked: argparse.Namespace, spoken: Language) -> None:
    from crm_core.loyalty.rules import LONGEST
    from crm_core.workspace import programmes

    try:
        with asked.file.open(encoding="utf-8", newline="") as file:
            text = file.read(LONGEST + 1)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("import.file_unreadable", file=asked.file.name) from error
    kept = programmes.save(asked.base, text, after=asked.after)
    print(spoken.say("loyalty.programmes.kept", name=kept.name, version=kept.version))


def _programme_restore(asked: argparse.Namespace, spoken: Language) -> None:
    from crm_core.workspace import programmes

    kept = programmes.restore(asked.base, asked.name, asked.version, after=asked.after)
    print(spoken.say("loyalty.programmes.kept", name=kept.name, version=kept.version))


def _programme_openings(asked: argparse.Namespace, spoken: Language) -> None:
    from crm_core.workspace import open_base
    from crm_core.workspace.openings import bring_openings

    kept = bring_openings(open_base(asked.base), asked.name, asked.file, asked.as_of)
    points = sum(one.points for one in kept.balances)
    print(spoken.say("loyalty.openings.kept", count=len(kept.balances), points=points, date=kept.as_of))


def _churn_table(asked: argparse.Namespace, spoken: Language) -> None:
    from crm_core.exports.plain import write
    from crm_core.workspace.plain_churn import churn_of_table, scores_csv

    found = churn_of_table(asked.file, asked.id, asked.churn, asked.yes)
    with _output(asked.output) as output:
        if asked.format == "csv":
            output.write(scores_csv(found))
        else:
            write(found.scores, asked.format, output)
    say = spoken.say
    print(say("churn_table.learnt", customers=found.customers, left=found.left))
    if found.ragged:
        print(say("churn_table.ragged", rows=found.ragged))
    for column, why in found.ignored.items():
        print(say(_IGNORED[why], column=column))
    for column, cells in found.no_numbers.items():
        print(say("churn_table.no_numbers", column=column, cells=cells))
    naive = found.naive_auc, found.naive_brier, found.naive_log_loss, found.naive_calibration_error
    for key, figures in (
        ("churn_table.model", (found.auc, found.brier, found.log_loss, found.calibration_error)),
        ("churn_table.naive", naive),
    ):
        auc, brier, log_loss, apart = (f"{figure:.4f}" for figure in figures)
        print(say(key, auc=auc, brier=brier, log_loss=log_loss, calibration_error=apart))
    print(spoken.tell(found.reliance.told))
    print(say("churn_table.written", customers=found.scores.num_rows, file=str(asked.output)))


@contextlib.contextmanager
def _output(path: Path | None) -> Iterator[IO[bytes]]:
    """Standard output, or a file that is there only once it is whole."""
    if path is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    # An empty path and the root have no name to write beside.
    aside = path.parent / f".{path.name}.{os.getpid()}"
    try:
        with aside.open("wb") as output:
            yield output
        aside.replace(path)
    except OSError as error:
        raise InputError("metric.cannot_write", file=str(path)) from error
    finally:
        aside.unlink(missing_ok=True)


def _serve(asked: argparse.Namespace, spoken: Language) -> None:
    from crm_core.ui.serve import serve

    def announce(address: str) -> None:
        print(spoken.say("serve.listening", address=address), flush=True)

    serve(asked.base, asked.port, asked.host, announce)


@contextlib.contextmanager
def _progress(spoken: Language) -> Iterator[Callable[[float], None]]:
    """A line on a terminal that is rewritten as work goes on; nothing where nobody watches."""
    if not sys.stderr.isatty():
        yield lambda share: None
        return
    yield lambda share: print(f"\r{spoken.percent(share)} ", end="", file=sys.stderr, flush=True)
    print("\r", end="", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
