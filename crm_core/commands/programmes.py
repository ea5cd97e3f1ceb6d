"""Commands about the loyalty programmes that are kept beside a base."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Final

from crm_core.base import InputError, NotProvided
from crm_core.commands.arguments import date, whole
from crm_core.i18n import Language

if TYPE_CHECKING:
    from crm_core.workspace.programmes import Saved

_MOST_VERSIONS: Final = 999_999_999


def programme(parser: argparse.ArgumentParser) -> None:
    """Fill the parser of `programme`, with a command for each thing that can be done with them."""
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    known = commands.add_parser("list", help="the newest version of each")
    known.set_defaults(run=_list)
    past = commands.add_parser("history", help="every version of one")
    past.set_defaults(run=_history)
    show = commands.add_parser("show", help="the YAML of one, or of a template")
    show.add_argument("--version", type=whole("--version", 1, _MOST_VERSIONS), metavar="N")
    show.set_defaults(run=_show)
    save = commands.add_parser("save", help="keep a file as a new programme, or as the next version of one")
    save.add_argument("file", type=Path, metavar="FILE.yaml")
    save.set_defaults(run=_save)
    back = commands.add_parser("restore", help="keep an earlier version again, as the next one")
    back.set_defaults(run=_restore)
    brought = commands.add_parser("openings", help="what members have when it takes over: points and tiers")
    brought.set_defaults(run=_openings)
    for command in (past, show, back, brought):
        command.add_argument("name", metavar="NAME")
    brought.add_argument("file", type=Path, metavar="FILE.csv")
    brought.add_argument("--as-of", required=True, type=date, metavar="YYYY-MM-DD")
    back.add_argument("version", type=whole("VERSION", 1, _MOST_VERSIONS), metavar="VERSION")
    for command in (save, back):
        command.add_argument(
            "--after",
            type=whole("--after", 0, _MOST_VERSIONS),
            default=0,
            metavar="N",
            help="the version that was the newest when you looked; without it, a new programme",
        )
    for command in (known, past, show, save, back, brought):
        command.add_argument("--base", required=True, metavar="B")


def _list(asked: argparse.Namespace, spoken: Language) -> None:
    from crm_core.workspace import programmes

    programmes.check_place(asked.base)
    for one in programmes.listed(asked.base):
        print(f"{one.name}\t{_version(one, spoken)}")


def _history(asked: argparse.Namespace, spoken: Language) -> None:
    from crm_core.workspace import programmes

    for one in programmes.history(asked.base, asked.name):
        print(_version(one, spoken))


def _version(saved: Saved, spoken: Language) -> str:
    """A version's number, and when it was saved or why it cannot be read."""
    if saved.error is not None or saved.saved_at is None:
        return f"{saved.version}\t{spoken.explain(saved.error) if saved.error else ''}"
    again = spoken.say("loyalty.programmes.again", version=saved.again) if saved.again else ""
    return f"{saved.version}\t{saved.saved_at.isoformat()}\t{again}".rstrip()


def _show(asked: argparse.Namespace, spoken: Language) -> None:
    from crm_core.loyalty.rules import TEMPLATES
    from crm_core.workspace import programmes

    if asked.name in TEMPLATES and asked.version is None and not programmes.is_kept(asked.base, asked.name):
        print(_template(asked.base, asked.name), end="")
        return
    print(programmes.read(asked.base, asked.name, asked.version).text, end="")


def _template(base: str, name: str) -> str:
    """A template's file; as it is sized where its amounts are not those of the base's purchases."""
    from crm_core.loyalty.answers import size_of_templates
    from crm_core.loyalty.rules import read_programme, sized, template, write_programme
    from crm_core.workspace import open_base

    try:
        workspace = open_base(base)
        times = size_of_templates(workspace.ask(), as_of=workspace.as_of)
    except (InputError, NotProvided):
        # Where there is no base, or no orders in it, a template is as it was written.
        times = 1.0
    return template(name) if times == 1 else write_programme(sized(read_programme(template(name)), times))


def _save(asked: argparse.Namespace, spoken: Language) -> None:
    from crm_core.loyalty.rules import LONGEST
    from crm_core.workspace import programmes

    try:
        with asked.file.open(encoding="utf-8", newline="") as file:
            text = file.read(LONGEST + 1)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("import.file_unreadable", file=asked.file.name) from error
    kept = programmes.save(asked.base, text, after=asked.after)
    print(spoken.say("loyalty.programmes.kept", name=kept.name, version=kept.version))


def _restore(asked: argparse.Namespace, spoken: Language) -> None:
    from crm_core.workspace import programmes

    kept = programmes.restore(asked.base, asked.name, asked.version, after=asked.after)
    print(spoken.say("loyalty.programmes.kept", name=kept.name, version=kept.version))


def _openings(asked: argparse.Namespace, spoken: Language) -> None:
    from crm_core.workspace import open_base
    from crm_core.workspace.openings import bring_openings

    kept = bring_openings(open_base(asked.base), asked.name, asked.file, asked.as_of)
    points = sum(one.points for one in kept.balances)
    print(spoken.say("loyalty.openings.kept", count=len(kept.balances), points=points, date=kept.as_of))
