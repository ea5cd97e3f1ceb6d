"""Which programme a reader looks at, over how many months, and against which other one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from crm_core.base import CrmError
from crm_core.i18n import Language
from crm_core.loyalty.answers import size_of_templates
from crm_core.loyalty.rules import (
    NAMED_PARTS,
    TEMPLATES,
    Programme,
    read_programme,
    sized,
    template,
    write_programme,
)
from crm_core.ui import state
from crm_core.ui.frame import Choice
from crm_core.ui.shell import Reader
from crm_core.workspace import programmes
from crm_core.workspace.openings import with_openings
from crm_core.workspace.programmes import Saved

MONTHS: Final = ("6", "12", "24", "36")
USUAL_MONTHS: Final = "12"
USUAL: Final = "points_club"


@dataclass(frozen=True)
class Chosen:
    """What the address asks for.

    Args:
        code: Of the programme in the address.
        name: What the programme is called, in the reader's words where it is one of ours.
        programme: The programme.
        months: Over how many months up to the day it is replayed.
    """

    code: str
    name: str
    programme: Programme
    months: int

    @property
    def parts(self) -> dict[str, str]:
        """What an address says of it."""
        said = {"programme": self.code}
        return said if self.months == int(USUAL_MONTHS) else {**said, "months": str(self.months)}


def chosen(reader: Reader) -> Chosen:
    """The programme that the address names, or else the one that was saved last, or a template."""
    known_now = known(reader)
    code = state.read("programme", known_now) or usual(reader) or USUAL
    return Chosen(code, name_of(reader, code), _opened(reader, code, known_now), months())


def unknown(reader: Reader) -> str | None:
    """What the address calls a programme and none is called; None where it names one or none."""
    asked = state.read("programme")
    return None if asked is None or asked in known(reader) else asked


def unknown_months() -> str | None:
    """What the address says of months for which there is no replay; None where it names some or none."""
    asked = state.read("months")
    return None if asked is None or asked in MONTHS else asked


def months() -> int:
    """Over how many months the address asks for a replay."""
    return int(state.read("months", MONTHS) or USUAL_MONTHS)


def compared(reader: Reader, now: Chosen) -> Chosen | None:
    """The programme that the address sets it against; None for none."""
    known_now = known(reader)
    code = state.read("compare", known_now)
    if code is None or code == now.code:
        return None
    return Chosen(code, name_of(reader, code), _opened(reader, code, known_now), now.months)


def name_of(reader: Reader, code: str) -> str:
    """What a programme is called."""
    return reader.say(f"loyalty.template.{code}") if is_template(reader, code) else code


def is_template(reader: Reader, code: str) -> bool:
    """Whether a programme is one to begin with, and none that the company keeps under such a name."""
    return code in TEMPLATES and not programmes.is_kept(reader.workspace.location, code)


def _choice_of(reader: Reader, code: str) -> str:
    name = name_of(reader, code)
    return reader.say("loyalty.template.named", name=name) if is_template(reader, code) else name


def known(reader: Reader) -> Mapping[str, Programme]:
    """All programmes that can be looked at, by their code in the address: those kept by their names.

    As they are written: what members of one bring comes with the one that is chosen.
    """
    own = {name: one.programme for name, one in saved(reader).items()}
    begun = templates(reader.language, size(reader))
    return {**own, **{name: one for name, one in begun.items() if name not in own}}


def _opened(reader: Reader, code: str, known_now: Mapping[str, Programme]) -> Programme:
    """A programme with the opening balances that are kept beside it, as long as they fit it."""
    programme = known_now[code]
    if is_template(reader, code):
        return programme
    try:
        return with_openings(reader.workspace.location, programme)
    except CrmError:
        # Said in the editor, where all is said that is wrong with the programme.
        return programme


def is_told(reader: Reader, now: Chosen) -> bool:
    """Whether an address says which programme this is: it cannot say one that was changed and not saved."""
    known_now = known(reader)
    return now.code in known_now and _opened(reader, now.code, known_now) == now.programme


def saved(reader: Reader) -> Mapping[str, Saved]:
    """The programmes that are kept beside the base and can be read, by name."""
    kept = programmes.listed(reader.workspace.location)
    return {one.name: one for one in kept if one.error is None}


def is_kept(reader: Reader, chosen: Chosen) -> bool:
    """Whether a programme is kept just as it is shown."""
    return chosen.code in saved(reader) and is_told(reader, chosen)


def usual(reader: Reader) -> str | None:
    """The programme that was saved last; None where none is."""
    found = [(one.saved_at, one.name) for one in saved(reader).values() if one.saved_at is not None]
    return max(found)[1] if found else None


def size(reader: Reader) -> float:
    """By how many times the amounts of templates are those of the files: they follow the base's purchases."""
    workspace = reader.workspace
    return size_of_templates(workspace.ask(), as_of=workspace.as_of)


@cache
def templates(language: Language, times: float = 1.0) -> Mapping[str, Programme]:
    """The programmes to begin with, by their codes, all names in the reader's language, amounts as sized."""
    return {code: sized(_named(language, code), times) for code in TEMPLATES}


def template_text(language: Language, code: str, times: float = 1.0) -> str:
    """The YAML text of a template, likewise."""
    text, named = template(code), templates(language, times)[code]
    return text if read_programme(text) == named else write_programme(named)


def _named(language: Language, code: str) -> Programme:
    programme = read_programme(template(code))
    tiers = programme.tiers
    if tiers is not None:
        steps = tuple(replace(step, name=language.say(NAMED_PARTS[step.name])) for step in tiers.steps)
        tiers = replace(tiers, steps=steps)
    rewards = tuple(replace(one, name=language.say(NAMED_PARTS[one.name])) for one in programme.rewards)
    name = language.say(f"loyalty.template.{code}")
    return replace(programme, name=name, tiers=tiers, rewards=rewards)


def offered(reader: Reader, now: Chosen) -> Mapping[str, tuple[Choice, ...]]:
    """Which programme, and over how many months."""
    offered_programmes = [
        Choice(_choice_of(reader, code), "programme", code, code == now.code) for code in known(reader)
    ]
    spans = [
        Choice(
            reader.say("loyalty.months", months=int(one)),
            "months",
            None if one == USUAL_MONTHS else one,
            int(one) == now.months,
        )
        for one in MONTHS
    ]
    return {
        reader.say("loyalty.programme"): tuple(offered_programmes),
        reader.say("loyalty.over"): tuple(spans),
    }


def others(reader: Reader, now: Chosen, other: Chosen | None) -> Mapping[str, tuple[Choice, ...]]:
    """Against which other programme, or none."""
    code = None if other is None else other.code
    offered_programmes = [
        Choice(_choice_of(reader, one), "compare", one, one == code)
        for one in known(reader)
        if one != now.code
    ]
    nothing = Choice(reader.say("loyalty.against.none"), "compare", None, code is None)
    return {reader.say("loyalty.against.choose"): (nothing, *offered_programmes)}
