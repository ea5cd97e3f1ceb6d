"""The command line: the same answers without a browser."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import Final, NoReturn

from crm_core.base import CrmError, InputError, refused
from crm_core.commands.arguments import whole
from crm_core.commands.asking import metric, metrics
from crm_core.commands.bases import check, demo, import_file
from crm_core.commands.churn_table import churn_table
from crm_core.commands.programmes import programme
from crm_core.i18n import LANGUAGES, Language, language
from crm_core.ui.location import DEFAULT_LOCATION, LOCATION_VARIABLE

BAD_INPUT: Final = 2
STOPPED: Final = 130
_INTERRUPTED: Final = "Query interrupted"
"""DuckDB's word for Ctrl-C while a query runs."""


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
    for name, what, fill in (
        ("demo", "write the demonstration base, and what is true of it beside it", demo),
        ("import", "bring a file into a base", import_file),
        ("check", "the data passport: what is there, and whether it is sound", check),
        ("metrics", "every metric: name, grain, columns", metrics),
        ("metric", "the rows of a metric", metric),
        ("programme", "loyalty programmes kept beside a base", programme),
        ("churn-table", "who leaves, learnt from a table that says who left", churn_table),
        ("serve", "the app", _serve_arguments),
    ):
        fill(commands.add_parser(name, help=what))
    return parser


def _serve_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--base", default=os.environ.get(LOCATION_VARIABLE, DEFAULT_LOCATION), metavar="B")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=whole("--port", 1, 65_535), default=os.environ.get("PORT", "8501"))
    parser.set_defaults(run=_serve)


def _serve(asked: argparse.Namespace, spoken: Language) -> None:
    from crm_core.ui.serve import serve

    def announce(address: str) -> None:
        print(spoken.say("serve.listening", address=address), flush=True)

    serve(asked.base, asked.port, asked.host, announce)


if __name__ == "__main__":
    sys.exit(main())
