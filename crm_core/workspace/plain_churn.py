"""Who leaves, learnt from one plain table that says who left: for those who have no order history."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from crm_core.base import InputError, Sentence
from crm_core.churn import rules
from crm_core.churn.answers.reliance import Reliance, relied_on
from crm_core.churn.models.columns import Categories, Column, Columns, Floats, at_rows
from crm_core.churn.models.plain import HeldOut, PlainTrained, plain_features, plain_reasons, train_plain
from crm_core.exports.csv import csv_bytes
from crm_core.sources.characters import plain
from crm_core.sources.child import read_plain_in_child
from crm_core.sources.plain import plain_numbers

REASONS: Final = 3
_YES: Final = frozenset({"yes", "true", "1", "y", "t", "churned", "left", "بله", "بلی", "آری", "ใช่"})
_WHOLE: Final = re.compile(r"(\d+)\.0+", re.ASCII)
_SHOWN: Final = 10


@dataclass(frozen=True)
class PlainChurn:
    """What one table says of who leaves.

    Args:
        scores: A row for each customer, in the order of the file: `customer_id`; `churn_probability` by a
            model of all customers whose outcome is known; `held_out_probability` by models that had not seen
            the customer, null where the outcome is not known; `base_value`, `reason_1`, `value_1`,
            `contribution_1`, ..., `rest`: the log-odds of `churn_probability` are the base value, the
            contributions and the rest added up.
        customers: Rows learnt from.
        left: How many of them left.
        tried: How well models did on each fifth that they had not seen.
        naive: How well one chance for everybody did there.
        model: Name of the model chosen, the simplest of those that did as well as the best.
        reliance: Whether scores may be relied on, and what speaks against them.
        ignored: Columns not used, each with why.
        numbers: The columns of numbers among those used.
        no_numbers: Of these, how many cells are no numbers and count as missing, where there are any.
        ragged: Rows of the file left out because they have too few or too many cells.
    """

    scores: pa.Table
    customers: int
    left: int
    tried: HeldOut
    naive: HeldOut
    model: str
    reliance: Reliance
    ignored: Mapping[str, str]
    numbers: frozenset[str]
    no_numbers: Mapping[str, int]
    ragged: int


def churn_of_table(path: Path, customer_id: str, churn: str, yes: str | None = None) -> PlainChurn:
    """Learn who leaves from a table of one row a customer, by its own columns, and score everybody in it.

    Args:
        path: CSV, packed or not, or Parquet; read in a process of its own, within limits.
        customer_id: The column of ids.
        churn: The column that says who left; where it is empty the customer is scored and not learnt from.
        yes: Its value for those who left; None where it is one of the usual words.

    Raises:
        InputError: The file cannot be read, has no such column or two of one name, repeats an id, says the
            same of everybody or is too short to learn from.
    """
    table, ragged = _read(path, customer_id, churn)
    ids = _ids(table[customer_id], customer_id)
    churned = _churned(table[churn], churn, yes)
    table = table.drop_columns([customer_id, churn])
    numbers = plain_numbers(table)
    columns: dict[str, Column] = {
        name: numbers[name].values if name in numbers else Categories.of(table[name].to_pylist())
        for name in table.column_names
    }
    features = plain_features(columns, churned)
    if not features.columns:
        raise InputError("churn_table.no_features", file=path.name)
    known_rows = np.flatnonzero(~np.isnan(churned))
    taught = churned[known_rows]
    learnt = train_plain(at_rows(features.columns, known_rows), taught)
    held_out = np.full(churned.size, np.nan)
    held_out[known_rows] = learnt.held_out
    return PlainChurn(
        scores=_scores(ids, features.columns, learnt, held_out),
        customers=taught.size,
        left=int(taught.sum()),
        tried=learnt.tried,
        naive=learnt.naive,
        model=learnt.chosen,
        reliance=_reliance(learnt, features.doubtful),
        ignored=dict(features.ignored),
        numbers=frozenset(numbers) & frozenset(features.columns),
        no_numbers={
            name: one.others for name, one in numbers.items() if one.others and name in features.columns
        },
        ragged=ragged,
    )


def _read(path: Path, customer_id: str, churn: str) -> tuple[pa.Table, int]:
    """The rows, which have both columns, and how many were left out for their number of cells."""
    with tempfile.TemporaryDirectory() as directory:
        target = Path(directory) / "rows.parquet"
        ragged = read_plain_in_child(path, target)
        table = pq.read_table(target)
    for column in (customer_id, churn):
        if column not in table.column_names or customer_id == churn:
            known = ", ".join(table.column_names[:_SHOWN])
            raise InputError("churn_table.no_column", file=path.name, column=column, columns=known)
    return table, ragged


def _ids(column: pa.ChunkedArray, name: str) -> pa.ChunkedArray:
    if column.null_count:
        raise InputError("churn_table.empty_id", column=name, rows=column.null_count)
    counts = column.value_counts()
    counts = counts.filter(pa.compute.greater(counts.field("counts"), 1))
    if len(counts):
        raise InputError(
            "churn_table.repeated_id", column=name, ids=len(counts), id=counts[0]["values"].as_py()
        )
    return column


def _churned(column: pa.ChunkedArray, name: str, yes: str | None) -> Floats:
    values = sorted(value for value in column.unique().to_pylist() if value is not None)
    words = {_word(value) for value in values}
    those = words & (_YES if yes is None else {_word(yes)})
    if len(words) < 2:
        raise InputError("churn_table.one_outcome", column=name)
    if not those or those == words or (yes is None and len(words) > 2):
        shown = ", ".join(values[:_SHOWN])
        raise InputError("churn_table.unclear_outcome", column=name, values=shown)
    texts = column.to_pylist()
    return np.array([np.nan if text is None else float(_word(text) in those) for text in texts])


def _word(text: str) -> str:
    """A value as it is compared; 1.0 is 1, as programs write it where some cells of a column are empty."""
    word = plain(text).casefold()
    whole = _WHOLE.fullmatch(word)
    return word if whole is None else whole[1]


def _reliance(learnt: PlainTrained, doubtful: Mapping[str, float]) -> Reliance:
    """By the thresholds of the backtest, each fifth a trial; with care where a column may tell the future."""
    apart = learnt.tried.calibration_error
    found = relied_on(
        [
            rules.TrialResult(
                fold.customers, apart, {"all_alike": (one.log_loss, one.standard_error)}, fold.churn_rate
            )
            for fold, one in zip(learnt.tried.folds, learnt.gains, strict=True)
        ]
    )
    if not doubtful or not found.usable:
        return found
    told = [
        Sentence("churn.against.one_column", {"column": name, "auc": round(area, 2)})
        for name, area in doubtful.items()
    ]
    return Reliance("use_with_care", (*told, *found.against), found.apart)


def _scores(ids: pa.ChunkedArray, columns: Columns, learnt: PlainTrained, held_out: Floats) -> pa.Table:
    why = plain_reasons(learnt, columns, REASONS)
    rows: dict[str, object] = {
        "customer_id": ids,
        "churn_probability": learnt.model.probability(columns),
        "held_out_probability": pa.array(held_out, from_pandas=True),
        "base_value": np.full(len(ids), why.base_value),
    }
    for place in range(why.features.shape[1]):
        rows[f"reason_{place + 1}"] = why.features[:, place]
        rows[f"value_{place + 1}"] = pa.array(why.told[:, place], pa.string())
        rows[f"contribution_{place + 1}"] = why.contributions[:, place]
    rows["rest"] = why.rest
    return pa.table(rows)


def scores_csv(found: PlainChurn) -> bytes:
    """The scores as a file for spreadsheets: texts never become formulas, and numbers are numbers."""
    columns = {name: found.scores[name].to_pylist() for name in found.scores.column_names}
    for place in range(1, REASONS + 1):
        if f"reason_{place}" in columns:
            columns[f"value_{place}"] = [
                float(value) if value is not None and reason in found.numbers else value
                for reason, value in zip(columns[f"reason_{place}"], columns[f"value_{place}"], strict=True)
            ]
    return csv_bytes(list(columns), zip(*columns.values(), strict=True))
