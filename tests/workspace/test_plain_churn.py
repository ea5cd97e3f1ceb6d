"""A plain table that says who left: what is learnt of it, what is refused, and what is not used."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy.special import expit, logit

from crm_core.__main__ import main
from crm_core.base import InputError
from crm_core.i18n import language
from crm_core.workspace.plain_churn import REASONS, PlainChurn, _churned, churn_of_table, scores_csv

CUSTOMERS = 1_200


def _customers() -> pd.DataFrame:
    """Who is in the first months leaves, and who complains."""
    draw = np.random.default_rng(3)
    months = draw.integers(0, 60, CUSTOMERS)
    plan = draw.choice(["month", "year"], CUSTOMERS)
    churned = draw.random(CUSTOMERS) < expit(1.5 - 0.08 * months + 1.5 * (plan == "month") - 1)
    return pd.DataFrame(
        {
            "id": [f"{place:05d}" for place in range(CUSTOMERS)],
            "months": months,
            "plan": plan,
            "noise": draw.normal(size=CUSTOMERS),
            "left": np.where(churned, "Yes", "No"),
        }
    )


def _file(directory: Path, table: pd.DataFrame) -> Path:
    path = directory / "customers.csv"
    table.to_csv(path, index=False)
    return path


def _learnt(directory: Path, table: pd.DataFrame, yes: str | None = None) -> PlainChurn:
    return churn_of_table(_file(directory, table), "id", "left", yes)


def test_it_learns_who_leaves_and_says_why(tmp_path: Path) -> None:
    found = _learnt(tmp_path, _customers())
    assert found.customers == CUSTOMERS
    assert found.tried.auc > 0.75
    assert found.tried.log_loss < found.naive.log_loss - 0.05
    assert found.tried.calibration_error < 0.05
    assert found.reliance.verdict == "use"
    rows = found.scores.to_pandas()
    assert rows["customer_id"].tolist() == _customers()["id"].tolist()
    told = [f"contribution_{place}" for place in range(1, REASONS + 1)]
    total = rows["base_value"] + rows[told].sum(axis=1) + rows["rest"]
    assert np.abs(total - logit(rows["churn_probability"])).max() < 1e-6
    assert set(rows["reason_1"]) <= {"months", "plan"}
    early = rows[rows["reason_1"] == "months"].iloc[0]
    assert early["value_1"] == str(_customers()["months"].iloc[early.name])


@pytest.mark.parametrize(("yes", "no"), [("1.0", "0.0"), ("بلی", "خیر"), ("آری", "نه"), ("TRUE", "FALSE")])
def test_who_left_is_told_in_many_ways(yes: str, no: str) -> None:
    column = pa.chunked_array([[yes, None, no, yes]])
    assert np.array_equal(_churned(column, "left", None), [1, np.nan, 0, 1], equal_nan=True)


@pytest.mark.parametrize("pack", [lambda raw: raw, gzip.compress], ids=["csv", "gz"])
def test_parquet_and_csv_say_the_same(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    table = _customers().iloc[:400]
    table.to_parquet(tmp_path / "customers.parquet")
    text = tmp_path / "customers.csv"
    text.write_bytes(pack(table.assign(noise=table["noise"].map(repr)).to_csv(index=False).encode()))
    learnt = [churn_of_table(path, "id", "left") for path in (text, tmp_path / "customers.parquet")]
    assert learnt[0].tried.auc == pytest.approx(learnt[1].tried.auc, abs=1e-6)


def test_shuffled_outcomes_are_not_to_be_used(tmp_path: Path) -> None:
    table = _customers()
    table["left"] = np.random.default_rng(5).permutation(table["left"])
    found = _learnt(tmp_path, table)
    assert found.tried.auc == pytest.approx(0.5, abs=0.05)
    assert found.reliance.verdict == "do_not_use"


def test_a_column_that_is_the_outcome_in_other_words_is_not_used(tmp_path: Path) -> None:
    honest = _learnt(tmp_path, _customers())
    gone = _customers()["left"] == "Yes"
    draw = np.random.default_rng(6)
    days = [f"2024-{draw.integers(1, 13):02d}-{draw.integers(1, 29):02d}" for _ in gone]
    leaks: dict[str, pd.Series] = {
        "status": gone.map({True: "inactive", False: "active"}),
        "left_on": pd.Series(days).where(gone),
        "days_left": pd.Series(draw.integers(1, 365, CUSTOMERS)).where(~gone, 0),
        "reason": pd.Series(draw.choice(["price", "moved"], CUSTOMERS)).where(gone),
    }
    found = _learnt(tmp_path, _customers().assign(**leaks))
    assert {name: found.ignored.get(name) for name in leaks} == dict.fromkeys(leaks, "tells_all")
    assert found.tried.auc == pytest.approx(honest.tried.auc, abs=1e-9)


def test_what_nearly_tells_who_left_is_named_with_the_verdict(tmp_path: Path) -> None:
    table = _customers()
    wrong = np.random.default_rng(7).random(CUSTOMERS) < 0.03
    found = _learnt(tmp_path, table.assign(status_2=np.where((table["left"] == "Yes") ^ wrong, "B", "A")))
    assert not found.ignored
    assert found.reliance.verdict == "use_with_care"
    (against,) = found.reliance.against
    assert (against.key, against.values["column"]) == ("churn.against.one_column", "status_2")
    assert 0.95 < float(str(against.values["auc"])) < 0.99


def test_what_tells_nothing_is_not_used(tmp_path: Path) -> None:
    table = _customers()
    found = _learnt(tmp_path, table.assign(name="n" + table["id"], country="TH", empty=None))
    assert found.ignored == {"name": "names", "country": "constant", "empty": "constant"}


def test_whose_outcome_is_not_known_is_scored_and_not_learnt_from(tmp_path: Path) -> None:
    table = _customers()
    table.loc[:99, "left"] = None
    found = _learnt(tmp_path, table)
    assert found.customers == CUSTOMERS - 100
    rows = found.scores.to_pandas()
    assert rows["held_out_probability"].isna().sum() == 100
    assert rows["churn_probability"].between(0, 1).all()


def test_numbers_written_in_another_way_say_the_same(tmp_path: Path) -> None:
    table = _customers()
    texts = table["noise"].map(lambda number: f"{number:.4f}")
    digits = str.maketrans("0123456789.-", "۰۱۲۳۴۵۶۷۸۹٫−")
    plain = _learnt(tmp_path, table.assign(noise=texts))
    persian = _learnt(tmp_path, table.assign(noise=texts.map(lambda text: text.translate(digits))))
    assert not persian.ignored
    assert persian.scores.equals(plain.scores)


def test_a_cell_that_is_no_number_does_not_lose_the_column(tmp_path: Path) -> None:
    table = _customers()
    table["months"] = table["months"].astype(str)
    table.loc[3, "months"] = "unknown"
    found = _learnt(tmp_path, table)
    assert found.numbers == {"months", "noise"}
    assert found.no_numbers == {"months": 1}
    assert found.tried.auc > 0.75


def test_outcomes_are_words_in_whatever_case(tmp_path: Path) -> None:
    table = _customers()
    table.loc[table.index[::2], "left"] = table["left"].str.upper()
    found = _learnt(tmp_path, table)
    assert found.left == int((_customers()["left"] == "Yes").sum())
    with pytest.raises(InputError) as refused:
        _learnt(tmp_path, table.assign(left=["yes", "YES"] * (CUSTOMERS // 2)))
    assert refused.value.key == "churn_table.one_outcome"


def test_the_same_chance_for_everybody_is_measured_likewise(tmp_path: Path) -> None:
    found = _learnt(tmp_path, _customers())
    rate = found.left / found.customers
    assert found.naive.auc == 0.5
    assert found.naive.brier == pytest.approx(rate * (1 - rate), abs=1e-3)
    assert 0 < found.naive.calibration_error < 0.05


def test_the_file_for_spreadsheets_has_no_formulas_and_keeps_numbers(tmp_path: Path) -> None:
    table = _customers()
    table["id"] = "=1+" + table["id"]
    table["plan"] = "@" + table["plan"]
    rows = pd.read_csv(io.BytesIO(scores_csv(_learnt(tmp_path, table))), dtype=str)
    assert rows["customer_id"].str.startswith("'=1+").all()
    assert rows["churn_probability"].astype(float).between(0, 1).all()
    for place in range(1, REASONS + 1):
        values = rows[f"value_{place}"].groupby(rows[f"reason_{place}"])
        for reason, those in values:
            if reason == "plan":
                assert those.str.startswith("'@").all()
            else:
                assert those.astype(float).notna().all()
        rows[f"contribution_{place}"].astype(float)


def test_words_for_who_left(tmp_path: Path) -> None:
    table = _customers()
    table["left"] = table["left"].map({"Yes": "gone", "No": "here"})
    with pytest.raises(InputError) as refused:
        _learnt(tmp_path, table)
    assert refused.value.key == "churn_table.unclear_outcome"
    assert _learnt(tmp_path, table, "GONE").left == int((table["left"] == "gone").sum())
    with pytest.raises(InputError):
        _learnt(tmp_path, table, "no such")


@pytest.mark.parametrize(
    ("spoil", "key"),
    [
        (lambda table: table.drop(columns="left"), "churn_table.no_column"),
        (lambda table: table.drop(columns="id"), "churn_table.no_column"),
        (lambda table: table.assign(left="Yes"), "churn_table.one_outcome"),
        (lambda table: table.assign(id=["x", "x", *table["id"][2:]]), "churn_table.repeated_id"),
        (lambda table: table.assign(id=[None, *table["id"][1:]]), "churn_table.empty_id"),
        (lambda table: table.iloc[:60], "churn.too_few"),
        (lambda table: table[["id", "left"]], "churn_table.no_features"),
        (lambda table: table.iloc[:0], "import.header_only"),
    ],
)
def test_what_cannot_be_used_is_refused(
    tmp_path: Path, spoil: Callable[[pd.DataFrame], pd.DataFrame], key: str
) -> None:
    with pytest.raises(InputError) as refused:
        _learnt(tmp_path, spoil(_customers()))
    assert refused.value.key == key


def test_rows_of_another_length_are_left_out_and_counted(tmp_path: Path) -> None:
    path = _file(tmp_path, _customers())
    path.write_text(path.read_text() + "00001,1\n")
    assert churn_of_table(path, "id", "left").ragged == 1


@pytest.mark.parametrize("spoken", ["en", "fa", "th"])
def test_on_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, spoken: str
) -> None:
    monkeypatch.setenv("MOSHTARI_LANG", spoken)
    table = _customers().assign(country="TH")
    table["left"] = np.random.default_rng(5).permutation(table["left"])
    table["noise"] = table["noise"].astype(str)
    table.loc[3, "noise"] = "unknown"
    path, output = _file(tmp_path, table), tmp_path / "scores.csv"
    command = ["churn-table", str(path), "--id", "id", "--churn", "left", "--output", str(output)]
    assert main(command) == 0
    assert len(pd.read_csv(output)) == CUSTOMERS
    said = capsys.readouterr().out
    assert "AUC" in said
    assert "country" in said
    assert "noise" in said
    assert language(spoken).say("churn.against.alike") in said
    assert main([*command[:-3], "nothing", "--output", str(output)]) == 2
    assert "nothing" in capsys.readouterr().err


def test_a_telephone_company(shared_data: Path) -> None:
    """Five folds with the seed that others report theirs with."""
    found = churn_of_table(shared_data / "telco_churn.csv", "customerID", "Churn")
    assert found.tried.auc >= 0.849
    assert found.tried.brier <= 0.1337
    assert found.tried.calibration_error <= 0.02
    assert found.reliance.verdict == "use"
    assert not found.ignored


@pytest.mark.parametrize("left", [49, 55, 62])
def test_too_few_are_counted_in_the_whole_table(left: int, tmp_path: Path) -> None:
    table = _customers().assign(left=["Yes"] * left + ["No"] * (CUSTOMERS - left))
    with pytest.raises(InputError) as refused:
        _learnt(tmp_path, table)
    assert refused.value.key == "churn.too_few"
    assert refused.value.values == {"left": left, "stayed": CUSTOMERS - left, "least": 63}


def test_so_many_are_enough(tmp_path: Path) -> None:
    found = _learnt(tmp_path, _customers().assign(left=["Yes"] * 63 + ["No"] * (CUSTOMERS - 63)))
    assert found.left == 63
