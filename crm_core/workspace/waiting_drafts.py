"""Drafts of programmes that wait beside a base until they are saved or let go of.

BASE/programmes/drafts/<token>.json    a seal, then what was written and the version with which it began

A token is drawn, not guessed: who has it has the draft. What nobody has touched for 30 days is forgotten.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import secrets
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from crm_core.base import BaseDamaged, InputError
from crm_core.engine.durable import write
from crm_core.engine.sealed import locked, told
from crm_core.loyalty.rules import LONGEST
from crm_core.workspace.programme_drafts import ProgrammeDraft
from crm_core.workspace.programmes import DIRECTORY, check_place

DAYS_KEPT: Final = 30
"""Drafts that nobody has touched for longer are forgotten."""

_TOKEN: Final = re.compile(r"[0-9a-f]{32}", re.ASCII)
_SEALED: Final = re.compile(r"([0-9a-f]{64})\n(.*)", re.ASCII | re.DOTALL)
# A character takes up to 6 bytes in a text of JSON that is no ASCII, a control character escaped as \u0000.
_MOST_BYTES: Final = 16 * LONGEST


@dataclass(frozen=True)
class Waiting:
    """A draft that waits.

    Args:
        token: What finds it.
        code: The programme that is being changed, as an address names it.
        after: The version with which it began; 0 where none is kept.
        kept: The text of that version.
        text: As it stands now, whether it can be read or not.
    """

    token: str
    code: str
    after: int
    kept: str
    text: str

    @property
    def draft(self) -> ProgrammeDraft:
        """The draft itself.

        Raises:
            InputError: This program cannot use the version with which it began.
        """
        return ProgrammeDraft.of(self.kept, self.after).written(self.text)


def put(location: str, code: str, draft: ProgrammeDraft, before: Waiting | None = None) -> Waiting:
    """Let a draft wait, in the place of what waited of it before.

    Args:
        location: The base.
        code: The programme, as an address names it.
        draft: As it stands now.
        before: What this reader has read or put last. Where that is no longer what waits, somebody else has
            gone on with it: the draft then waits under a token of its own.

    Raises:
        InputError: It is longer than any programme, or nothing can be kept beside this base.
    """
    if len(draft.text) > LONGEST:
        raise InputError("loyalty.programme.too_long", most=LONGEST)
    directory = _directory(location)
    with told(directory), locked(directory.parent):
        ours = before is not None and _still_waits(directory, before)
        token = before.token if before and ours else secrets.token_hex(16)
        waiting = Waiting(token, code, draft.after, draft.kept, draft.text)
        body = json.dumps(asdict(waiting), ensure_ascii=False)
        write(directory / f"{token}.json", f"{_seal(body)}\n{body}")
        if not ours:
            _forget_old(directory)
    return waiting


def take(location: str, token: str) -> Waiting:
    """The draft that a token finds.

    Raises:
        InputError: None waits under it, or nothing can be kept beside this base.
        BaseDamaged: It is not what was written.
    """
    directory = _directory(location)
    if not _TOKEN.fullmatch(token):
        raise InputError("loyalty.draft.unknown", days=DAYS_KEPT)
    with told(directory):
        try:
            found = _read(directory / f"{token}.json")
        except FileNotFoundError:
            found = None
    if found is None:
        raise InputError("loyalty.draft.unknown", days=DAYS_KEPT)
    return found


def forget(location: str, waiting: Waiting) -> None:
    """Let go of a draft, unless somebody else has gone on with it.

    Raises:
        InputError: The machine would not.
    """
    directory = _directory(location)
    with told(directory), locked(directory.parent):
        if _still_waits(directory, waiting):
            (directory / f"{waiting.token}.json").unlink(missing_ok=True)


def _directory(location: str) -> Path:
    check_place(location)
    return Path(location) / DIRECTORY / "drafts"


def _still_waits(directory: Path, waiting: Waiting) -> bool:
    try:
        return _read(directory / f"{waiting.token}.json") == waiting
    except (FileNotFoundError, BaseDamaged):
        return False


def _read(path: Path) -> Waiting:
    damaged = BaseDamaged("loyalty.draft.damaged", days=DAYS_KEPT)
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1).decode("utf-8")
    except UnicodeDecodeError as error:
        raise damaged from error
    found = _SEALED.fullmatch(content)
    if found is None or found[1] != _seal(found[2]):
        raise damaged
    try:
        # Another version of this program may say other things of a draft.
        return Waiting(**json.loads(found[2]))
    except (TypeError, ValueError) as error:
        raise damaged from error


def _seal(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()


def _forget_old(directory: Path) -> None:
    oldest = time.time() - DAYS_KEPT * 24 * 60 * 60
    for path in directory.iterdir():
        # Another process may forget it, too.
        with contextlib.suppress(OSError):
            if path.stat().st_mtime < oldest:
                path.unlink()
