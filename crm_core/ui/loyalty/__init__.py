"""The answer on what the customer club costs and brings as it is shown, in the reader's words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from crm_core.base import Sentence
from crm_core.loyalty import answers
from crm_core.loyalty.answers import Club
from crm_core.loyalty.estimates import loyalty_cost, loyalty_groups
from crm_core.tables import Build
from crm_core.ui.ahead import USUAL_GROUP
from crm_core.ui.loyalty import choices, doubted, effect, moving
from crm_core.ui.loyalty.choices import Chosen, is_told
from crm_core.ui.loyalty.phrases import context, figures, headline
from crm_core.ui.loyalty.points import fates_picture, outstanding_picture, points_picture
from crm_core.ui.loyalty.segments import segments_picture
from crm_core.ui.loyalty.tiers import moved_picture, over_time_picture, worth_picture
from crm_core.ui.plot import kept, look_of
from crm_core.ui.report import Picture, ShownFigure
from crm_core.ui.shell import Reader
from crm_core.workspace.catalogue import GROUPINGS


@dataclass(frozen=True)
class View:
    """All that the page shows of one programme.

    Args:
        club: The answer itself.
        headline: The answer in one sentence.
        context: Of whom and over which days.
        figures: The figures.
        points: Points by month, and what is outstanding; none for a programme without points.
        fates: What became of points; None likewise.
        tiers: Members by tier, and moves between them; none for a programme without tiers.
        worth: What each tier brings and costs; None likewise.
        segments: What each segment brings and costs.
        moving: Who is about to fall or to rise; None for a programme without tiers.
    """

    club: Club
    headline: Sentence
    context: Sentence
    figures: tuple[ShownFigure, ...]
    points: tuple[Picture, ...]
    fates: Picture | None
    tiers: tuple[Picture, ...]
    worth: Picture | None
    segments: Picture
    moving: moving.Shown | None


def steps(reader: Reader, chosen: Chosen) -> tuple[tuple[str, Callable[[], object]], ...]:
    """What is worked out before a view can be shown, each in words, in order; what is known takes no time."""

    def asked(build: Build, **more: object) -> Callable[[], object]:
        options: dict[str, object] = {"programme": chosen.programme, "months": chosen.months, **more}
        return lambda: reader.ask(build, as_of=reader.as_of, calendar=reader.calendar, **options)

    return (
        (reader.say("loyalty.work.replaying"), asked(loyalty_cost)),
        (reader.say("loyalty.work.grouping"), asked(loyalty_groups, group=GROUPINGS[USUAL_GROUP])),
        (reader.say("loyalty.work.comparing"), lambda: effect.shown(reader, chosen)),
        (reader.say("loyalty.work.doubting"), lambda: doubted.learn(reader, chosen)),
        (reader.say("loyalty.work.counting"), lambda: None),
    )


def view(reader: Reader, chosen: Chosen) -> View:
    """What the page shows of a programme.

    Raises:
        CrmError: Nobody would be a member, or members bought nothing.
        NotProvided: The base lacks what the programme is about.
    """
    told = is_told(reader, chosen)
    return kept(reader, lambda: _marked(reader, chosen, _view(reader, chosen)), "view", chosen, told)


def _marked(reader: Reader, chosen: Chosen, shown: View) -> View:
    """A view whose pictures say so where they are of a template, wherever they are taken to."""
    if not choices.is_template(reader, chosen.code):
        return shown

    def marked(one: Picture) -> Picture:
        return replace(one, n=reader.say("loyalty.template.picture", n=one.n))

    return replace(
        shown,
        points=tuple(map(marked, shown.points)),
        fates=shown.fates and marked(shown.fates),
        tiers=tuple(map(marked, shown.tiers)),
        worth=shown.worth and marked(shown.worth),
        segments=marked(shown.segments),
    )


def _view(reader: Reader, chosen: Chosen) -> View:
    ask, look, programme = reader.ask, look_of(reader), chosen.programme
    as_of, months, calendar = reader.as_of, chosen.months, reader.calendar
    found = answers.club(ask, as_of=as_of, programme=programme, months=months, calendar=calendar)
    group = GROUPINGS[USUAL_GROUP]
    parts = answers.groups(
        ask, as_of=as_of, programme=programme, group=group, months=months, calendar=calendar
    )
    over_time: tuple[Picture, ...] = ()
    worth = tiered = None
    if programme.tiers is not None:
        moved = answers.moves(ask, as_of=as_of, programme=programme, months=months, calendar=calendar)
        over_time = (over_time_picture(reader, moved, look), moved_picture(reader, moved, look))
        by_tier = answers.tiers(ask, as_of=as_of, programme=programme, months=months, calendar=calendar)
        tiered = int(by_tier.rows.loc[by_tier.rows["place"] > 0, "members"].sum())
        worth = worth_picture(reader, by_tier, chosen, look)
    with_points = bool(found.months["issued"].any())
    return View(
        club=found,
        headline=headline(found, chosen),
        context=context(reader, found),
        figures=figures(reader, found, look, tiered),
        points=(points_picture(reader, found, look), outstanding_picture(reader, found, look))
        if with_points
        else (),
        fates=fates_picture(reader, found, look) if with_points else None,
        tiers=over_time,
        worth=worth,
        segments=segments_picture(reader, parts, chosen, look),
        moving=moving.shown(reader, chosen),
    )
