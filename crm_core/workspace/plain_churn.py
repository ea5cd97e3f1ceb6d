"""Who leaves, learnt from one plain table that says who left: for those who have no order history."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from crm_core.base import InputError
from crm_core.churn import rules
from crm_core.churn.models.columns import Categories, Column, Floats, at_rows
from crm_core.churn.models.plain import PlainTrained, Texts, plain_features, train_plain
from crm_core.sources.child import read_plain_in_child

REASONS: Final = 3
_YES: Final = frozenset({"yes", "true", "1", "y", "t", "churned", "left", "بله", "ใช่"})
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
        auc, brier, log_loss: Means over the five fifths, each held out in turn.
        calibration_error: Of all held out together.
        naive_auc, naive_brier, naive_log_loss: Of one chance for everybody.
        model: Name of the model chosen.
        verdict: Whether scores may be relied on.
        ignored: Columns not used, each with why.
        ragged: Rows of the file left out because they have too few or too many cells.
    """

    scores: pa.Table
    customers: int
    left: int
    auc: float
    brier: float
    log_loss: float
    calibration_error: float
    naive_auc: float
    naive_brier: float
    naive_log_loss: float
    model: str
    verdict: rules.Judged
    ignored: Mapping[str, str]
    ragged: int


def churn_of_table(path: Path, customer_id: str, churn: str, yes: str | None = None) -> PlainChurn:
    """Learn who leaves from a table of one row a customer, by its own columns, and score everybody in it.

    Args:
        path: CSV, packed or not, or Parquet; read in a process of its own, within limits.
        customer_id: The column of ids.
        churn: The column that says who left; where it is empty the customer is scored and not learnt from.
        yes: Its value for those who left; None where it is one of the usual words.

    Raises:
        InputError: The file cannot be read, has no such column, repeats an id, says the same of everybody or
            is too short to learn from.
    """
    with tempfile.TemporaryDirectory() as directory:
        target = Path(directory) / "rows.parquet"
        ragged = read_plain_in_child(path, target)
        table = pq.read_table(target)
    for column in (customer_id, churn):
        if column not in table.column_names or customer_id == churn:
            known = ", ".join(table.column_names[:_SHOWN])
            raise InputError("churn_table.no_column", file=path.name, column=column, columns=known)
    ids = _ids(table[customer_id], customer_id)
    churned = _churned(table[churn], churn, yes)
    texts: dict[str, Texts] = {
        name: table[name].to_numpy(zero_copy_only=False)
        for name in table.column_names
        if name not in (customer_id, churn)
    }
    features = plain_features(texts, churned)
    if not features.columns:
        raise InputError("churn_table.no_features", file=path.name)
    known_rows = np.flatnonzero(~np.isnan(churned))
    taught = churned[known_rows]
    learnt = train_plain(at_rows(features.columns, known_rows), taught)
    held_out = np.full(churned.size, np.nan)
    held_out[known_rows] = learnt.held_out
    rate = float(taught.mean())
    return PlainChurn(
        scores=_scores(ids, features.columns, learnt, held_out),
        customers=taught.size,
        left=int(taught.sum()),
        auc=float(np.mean([fold.auc for fold in learnt.folds])),
        brier=float(np.mean([fold.brier for fold in learnt.folds])),
        log_loss=float(np.mean([fold.log_loss for fold in learnt.folds])),
        calibration_error=learnt.pooled.calibration_error,
        naive_auc=0.5,
        naive_brier=rate * (1 - rate),
        naive_log_loss=learnt.naive_log_loss,
        model=learnt.trained.chosen,
        verdict=_judged(learnt),
        ignored=dict(features.ignored),
        ragged=ragged,
    )


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
    wanted = _YES if yes is None else {yes.strip().casefold()}
    those = [value for value in values if value.casefold() in wanted]
    if len(values) < 2:
        raise InputError("churn_table.one_outcome", column=name)
    if not those or len(those) == len(values) or (yes is None and len(values) > 2):
        shown = ", ".join(values[:_SHOWN])
        raise InputError("churn_table.unclear_outcome", column=name, values=shown)
    texts = column.to_pylist()
    return np.array([np.nan if text is None else float(text in those) for text in texts])


def _judged(learnt: PlainTrained) -> rules.Judged:
    """By the thresholds of the backtest; each fifth is a trial."""
    apart = learnt.pooled.calibration_error
    tried = [
        rules.Tried(fold.customers, apart, {"all_alike": (one.log_loss, one.standard_error)})
        for fold, one in zip(learnt.folds, learnt.naive, strict=True)
    ]
    return rules.judged(tried, 0.0)


def _scores(
    ids: pa.ChunkedArray, columns: Mapping[str, Column], learnt: PlainTrained, held_out: Floats
) -> pa.Table:
    model = learnt.trained.model
    parts = model.parts(columns)
    usual = parts.mean(axis=0)
    base_value = model.base_value(usual)
    parts -= usual
    most = min(REASONS, parts.shape[1])
    top = np.argsort(-np.abs(parts), axis=1, kind="stable")[:, :most]
    told = np.take_along_axis(parts, top, axis=1)
    names = np.array(model.features, dtype=object)
    texts = [_texts(columns[feature]) for feature in model.features]
    rows: dict[str, object] = {
        "customer_id": ids,
        "churn_probability": model.probability(columns),
        "held_out_probability": pa.array(held_out, from_pandas=True),
        "base_value": np.full(len(ids), base_value),
    }
    for place in range(most):
        which = top[:, place]
        rows[f"reason_{place + 1}"] = names[which]
        rows[f"value_{place + 1}"] = pa.array(
            [texts[feature][row] for row, feature in enumerate(which)], pa.string()
        )
        rows[f"contribution_{place + 1}"] = told[:, place]
    rows["rest"] = parts.sum(axis=1) - told.sum(axis=1)
    return pa.table(rows)


def _texts(column: Column) -> list[str | None]:
    if isinstance(column, Categories):
        levels = (*column.levels, None)
        return [levels[code] for code in column.codes]
    return [None if np.isnan(number) else format(number, ".15g") for number in column]
