"""The command that learns who leaves from a table that says who left."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from crm_core.commands.arguments import FORMATS, table_format
from crm_core.commands.writing import output
from crm_core.i18n import Language

_IGNORED: Final = {
    "constant": "churn_table.ignored.constant",
    "names": "churn_table.ignored.names",
    "tells_all": "churn_table.ignored.tells_all",
}


def churn_table(parser: argparse.ArgumentParser) -> None:
    """Fill the parser of `churn-table`."""
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--id", required=True, metavar="COLUMN", help="the column of customer ids")
    parser.add_argument("--churn", required=True, metavar="COLUMN", help="the column that says who left")
    parser.add_argument("--yes", metavar="VALUE", help="its value for those who left")
    parser.add_argument("--output", required=True, type=Path, metavar="FILE", help="scores and reasons")
    parser.add_argument("--format", type=table_format, default="csv", metavar="|".join(FORMATS))
    parser.set_defaults(run=_churn_table)


def _churn_table(asked: argparse.Namespace, spoken: Language) -> None:
    from crm_core.exports.plain import write
    from crm_core.workspace.plain_churn import churn_of_table, scores_csv

    found = churn_of_table(asked.file, asked.id, asked.churn, asked.yes)
    with output(asked.output) as file:
        if asked.format == "csv":
            file.write(scores_csv(found))
        else:
            write(found.scores, asked.format, file)
    say = spoken.say
    print(say("churn_table.learnt", customers=found.customers, left=found.left))
    if found.ragged:
        print(say("churn_table.ragged", rows=found.ragged))
    for column, why in found.ignored.items():
        print(say(_IGNORED[why], column=column))
    for column, cells in found.no_numbers.items():
        print(say("churn_table.no_numbers", column=column, cells=cells))
    for key, one in (("churn_table.model", found.tried), ("churn_table.naive", found.naive)):
        auc, brier, log_loss, apart = (
            f"{figure:.4f}" for figure in (one.auc, one.brier, one.log_loss, one.calibration_error)
        )
        print(say(key, auc=auc, brier=brier, log_loss=log_loss, calibration_error=apart))
    print(spoken.tell(found.reliance.told))
    print(say("churn_table.written", customers=found.scores.num_rows, file=str(asked.output)))
