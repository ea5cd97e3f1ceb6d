"""How well it would have been told who leaves, as it is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from crm_core.base import Sentence, Share
from crm_core.churn import rules
from crm_core.churn.answers import Asked, Tried, model_named
from crm_core.ui import report
from crm_core.ui.churn.before import ShownEarned
from crm_core.ui.churn.trials import calibration_picture, drift_picture, lift_picture, tried_definition
from crm_core.ui.plot import kept, look_of
from crm_core.ui.report import Column, Picture, Table, Twin, Undrawn
from crm_core.ui.shell import Reader
from crm_core.ui.tables import Kind

_FIRST_ON_A_TELEPHONE: Final = 1
_MEASURES: Final[dict[str, Kind]] = {
    "auc": "measure",
    "pr_auc": "measure",
    "brier": "measure",
    "log_loss": "measure",
    "calibration_error": "share",
    "lift_at_10": "ratio",
}


@dataclass(frozen=True)
class ShownTried:
    """All that is shown of trials.

    Args:
        told: How the same method did, and the verdict.
        why: Which model it is, and the thresholds of the verdict.
        pictures: Expected against actual, and the lift.
        drift: How far customers have changed.
        models: Models and rules of thumb over all days; None where nothing could be tried.
        trials: Every one of them on every day.
    """

    told: str
    why: str
    pictures: tuple[Picture | Undrawn, ...]
    drift: Picture
    models: Table | None
    trials: Twin | None


def shown(reader: Reader, found: Tried, asked: Asked) -> ShownTried:
    """Trials in the reader's words, whatever the offer."""
    return kept(reader, lambda: _shown(reader, found), "tried", asked.horizon_days, asked.churn)


def _shown(reader: Reader, found: Tried) -> ShownTried:
    look = look_of(reader)
    return ShownTried(
        told=reader.tell(found.told),
        why=f"{reader.tell(found.why)} {reader.tell(_thresholds(reader))}",
        pictures=(calibration_picture(reader, found, look), lift_picture(reader, found, look)),
        drift=drift_picture(reader, found),
        models=models_table(reader, found) if found.trials else None,
        trials=every_trial(reader, found) if found.trials else None,
    )


def draw(reader: Reader, one: ShownTried, before: ShownEarned | None) -> None:
    """The section on how well it would have been told who leaves.

    Args:
        reader: Who reads.
        one: The trials.
        before: What lists of earlier days would have earned.
    """
    report.section(reader.say("churn.tried.title"))
    report.text(one.told)
    with report.folded("tried", reader.say("churn.tried.show")):
        report.side_by_side(reader, one.pictures)
        with report.shut("models", reader.say("churn.tried.models")):
            report.text(one.why)
            if one.models is not None:
                report.table(reader, one.models)
            if one.trials is not None:
                report.twin(reader, one.trials)
            report.picture(reader, one.drift)
    if before is not None:
        report.section(reader.say("churn.earned.title"))
        report.text(before.told)
        report.table(reader, before.table, name="earned-before", first=_FIRST_ON_A_TELEPHONE)


def _thresholds(reader: Reader) -> Sentence:
    """From where on scores are used, with care, or not: stated with the verdict."""
    return Sentence(
        "churn.verdict.rule",
        {
            "gain": reader.language.number(rules.LEAST_GAIN, 3),
            "share": Share(rules.LEAST_SHARE, 0),
            "use": round(100 * rules.USE_CALIBRATION_BELOW),
            "care": round(100 * rules.CARE_CALIBRATION_BELOW),
            "index": rules.USE_DRIFT_BELOW,
            "trials": rules.ENOUGH_TRIALS,
        },
    )


def models_table(reader: Reader, found: Tried) -> Table:
    """Models and rules of thumb over all days, the one that is used first."""
    rows = found.models
    names = [reader.tell(model_named(one)) for one in rows["model"]]
    marked = [
        reader.say("churn.model.used", model=name) if used else name
        for name, used in zip(names, rows["used"], strict=True)
    ]
    return Table(
        rows.assign(name=marked),
        {"name": Column(reader.say("column.model")), **_measures(reader)},
    )


def every_trial(reader: Reader, found: Tried) -> Twin:
    """Every model and rule of thumb on every day."""
    rows = found.each
    return Twin(
        name="churn-trials",
        title=reader.say("churn.tried.each"),
        n=reader.say("picture.n_customers", count=int(rows.groupby("cut_off")["customers"].first().sum())),
        definition=tried_definition(reader, found, "churn.tried.definition"),
        table=Table(
            rows.assign(name=[reader.tell(model_named(one)) for one in rows["model"]]),
            {
                "cut_off": Column(reader.say("column.cut_off"), "date"),
                "name": Column(reader.say("column.model")),
                "customers": Column(reader.say("column.customers"), "count"),
                "churn_rate": Column(reader.say("column.churn_rate"), "share"),
                **_measures(reader),
                "lift_low": Column(reader.say("column.lift_low"), "ratio"),
                "lift_high": Column(reader.say("column.lift_high"), "ratio"),
            },
        ),
    )


def _measures(reader: Reader) -> dict[str, Column]:
    return {name: Column(reader.say(f"column.{name}"), kind) for name, kind in _MEASURES.items()}
