"""Bases to measure on, made once and kept in the cache."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks import purchase_processes
from benchmarks.purchase_processes import PROCESSES, SPEND, simulate, simulate_spend
from benchmarks.settings import Settings
from crm_core.sources import demonstration
from crm_core.sources.mapping import load_mapping
from crm_core.workspace import Workspace, current_version, open_base
from crm_core.workspace.asking import Answers, Asking
from crm_core.workspace.bringing import bring, write_demonstration

_SEED = 1
_LINKED_FROM_BYTES = 2**20


def demonstration_base(settings: Settings, customers: int) -> Path:
    """The directory of a demonstration base with its derived tables, made when it is not in the cache."""
    base = settings.cache / f"demonstration-{customers}-{_recipe()}"
    if current_version(str(base)) is None:
        write_demonstration(base, customers=customers, seed=_SEED)
    open_base(str(base), limits=settings.limits()).close()
    return base


def simulated_base(settings: Settings, customers: int) -> Path:
    """The directory of a base whose customers buy as Pareto/NBD says, with its derived tables."""
    recipe = hashlib.sha256(Path(purchase_processes.__file__).read_bytes() + Path(__file__).read_bytes())
    base = settings.cache / f"simulated-{customers}-{recipe.hexdigest()[:12]}"
    if current_version(str(base)) is None:
        orders = settings.directory / "orders.parquet"
        pq.write_table(_simulated_orders(customers), orders)
        columns = {name: name for name in ("customer_id", "ordered_at", "amount")}
        mapping = {"orders": {"columns": columns, "currency": "EUR"}}
        bring(base, orders, load_mapping(json.dumps(mapping)), source_name=orders.name)
    open_base(str(base), limits=settings.limits()).close()
    return base


def _simulated_orders(customers: int) -> pa.Table:
    """Orders of customers who first bought in the course of two years, up to half a year after it."""
    random = np.random.default_rng(_SEED)
    age = random.uniform(26.0, 130.0, customers)
    process = "pareto_nbd"
    simulated = simulate(process, PROCESSES[process], age, 0.0, random)
    spent, _ = simulate_spend(SPEND, simulated, random)
    frequency, recency, age_days = simulated.days()
    usual = float(spent[frequency > 0].mean())
    who = np.repeat(np.arange(customers), frequency)
    # The last of a customer's repeat purchases is at the recency, the others anywhere before it.
    last = np.zeros(who.size, dtype=bool)
    last[np.cumsum(frequency)[frequency > 0] - 1] = True
    after = np.where(last, recency[who], np.ceil(random.random(who.size) * recency[who]).astype(np.int64))
    everybody = np.concatenate([np.arange(customers), who])
    days = np.concatenate([-age_days, after - age_days[who]])
    amounts = np.where(frequency > 0, spent, usual)[everybody] * random.gamma(6.0, 1 / 6, everybody.size)
    moments = np.datetime64("2026-06-30T12:00:00", "us") + days.astype("timedelta64[D]")
    ids = pa.array([f"{number:08d}" for number in range(customers)])
    return pa.table(
        {
            "customer_id": ids.take(pa.array(everybody)),
            "ordered_at": pa.array(moments),
            "amount": np.maximum(np.round(amounts, 2), 0.01),
        }
    )


def _recipe() -> str:
    """What a base is made by: another generator makes another base."""
    digest = hashlib.sha256(repr(demonstration.settings_from_file()).encode())
    for source in sorted(Path(demonstration.__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:12]


def twin(base: Path, directory: Path) -> Path:
    """A base of its own with the same contents; large files, which no base ever changes, are shared."""

    def shared(source: str, target: str) -> str:
        if Path(source).stat().st_size < _LINKED_FROM_BYTES:
            return shutil.copy2(source, target)
        try:
            os.link(source, target)
        except OSError:
            return shutil.copy2(source, target)
        return target

    shutil.copytree(base, directory, copy_function=shared)
    return directory


def fresh(workspace: Workspace) -> Asking:
    """How to ask an open base that remembers no answer, while its engine stays warm."""
    return Asking(Answers(workspace.connection, workspace.tables, narrows=True))


def engine_of(workspace: Workspace) -> Any:
    """The DuckDB connection on which the derived tables lie, for SQL written by hand."""
    return workspace.connection.backend.con


def warm(workspace: Workspace) -> None:
    """Read from every order line what figures are made of, so that nothing timed waits for the disk."""
    read = "max(COLUMNS(* EXCLUDE (product_id, product, brand)))"
    statement = f"SELECT {read} FROM base.main.order_lines"  # noqa: S608 - the names are ours
    engine_of(workspace).execute(statement).fetchall()
