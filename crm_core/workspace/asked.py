"""A metric asked for by name, with options as text: the command line's and the analyst's way to a number."""

from __future__ import annotations

import datetime as dt
import inspect
import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args, get_origin, get_type_hints

import pyarrow as pa
import pyarrow.compute as pc

from crm_core.base import InputError
from crm_core.customers.metrics import Grouping
from crm_core.loyalty.rules import LONGEST, TEMPLATES, Programme, read_programme, sized, template
from crm_core.tables import Metric
from crm_core.workspace import programmes
from crm_core.workspace.catalogue import GROUPINGS, HANDED_IN, METRICS
from crm_core.workspace.openings import with_openings

_EXAMPLES: Final[Mapping[Any, str]] = {
    int: "0, 1, 2, …",
    float: "0.5",
    dt.date: "YYYY-MM-DD",
    dt.date | None: "YYYY-MM-DD",
    tuple[int, ...]: "1,4,7,13",
    Programme: f"{', '.join(TEMPLATES)}, NAME, FILE.yaml",
}
"""What a value looks like, by the kind of an option."""
_LARGEST: Final = 10**9


@dataclass(frozen=True)
class Description:
    """What a metric says of itself: its definition, its grain, and what its arguments and columns mean."""

    name: str
    definition: str
    grain: str
    arguments: tuple[tuple[str, str], ...]
    columns: tuple[tuple[str, str], ...]


def metric_named(name: str) -> Metric:
    """The metric of this name.

    Raises:
        InputError: There is none.
    """
    if name not in METRICS:
        raise InputError("metric.unknown", metric=name, metrics=", ".join(sorted(METRICS)))
    return METRICS[name]


def describe(metric: Metric) -> Description:
    """What a metric's docstring says, and the types of those options that it leaves to them."""
    document = inspect.cleandoc(metric.build.__doc__ or "")
    definition, *rest = re.split(r"\n\n(Args|Returns|Raises):\n", document)
    sections = {title: textwrap.dedent(text) for title, text in zip(rest[::2], rest[1::2], strict=True)}
    grain, _, columns = sections.get("Returns", "").partition("\n\n- ")
    told = dict(_named(entry) for entry in re.split(r"\n(?=\S)", sections.get("Args", "")) if entry)
    return Description(
        name=metric.name,
        definition=" ".join(definition.split()),
        grain=" ".join(grain.removeprefix("Grain: ").split()),
        arguments=tuple({**_told_by_types(metric), **told}.items()),
        columns=tuple(
            (name.strip(" `"), meaning)
            for names, meaning in (_named(entry) for entry in columns.split("\n- "))
            for name in names.split(",")
        ),
    )


def _told_by_types(metric: Metric) -> dict[str, str]:
    hints = get_type_hints(metric.build, include_extras=True)
    return {name: hint.__metadata__[0] for name, hint in hints.items() if get_origin(hint) is Annotated}


def _named(entry: str) -> tuple[str, str]:
    name, _, meaning = " ".join(entry.split()).partition(": ")
    return name, meaning


def options_from_text(
    metric: Metric,
    settings: Sequence[str],
    base: str | None = None,
    size: Callable[[], float] = lambda: 1.0,
) -> dict[str, object]:
    """Options of a metric from `name=value` texts.

    Args:
        metric: Which.
        settings: The texts.
        base: Beside which programmes are kept that may be named.
        size: By how many times the amounts of a template of programmes are those of its file; asked for
            where one is named.

    Raises:
        InputError: A text has no `=`, names no option, its value is not one that the option takes, or an
            option is missing without which the metric cannot be asked for.
    """
    hints = get_type_hints(metric.build)
    defaults = {
        name: parameter.default
        for name, parameter in inspect.signature(metric.build).parameters.items()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY and name not in ("as_of", *HANDED_IN)
    }
    known = {name: hints[name] for name in defaults}
    options: dict[str, object] = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals or name not in known:
            raise InputError(
                "metric.unknown_option", option=name, metric=metric.name, options=", ".join(known) or "-"
            )
        options[name] = _option(name, value, known[name], lambda text: _programme(text, base, size))
    needed = [name for name in known if name not in options and defaults[name] is inspect.Parameter.empty]
    if needed:
        raise InputError("metric.option_needed", metric=metric.name, options=", ".join(needed))
    return options


def _option(name: str, value: str, kind: Any, programme: Callable[[str], Programme]) -> object:
    if get_origin(kind) is Literal:
        if value not in get_args(kind):
            raise InputError("metric.bad_option", option=name, value=value, allowed=", ".join(get_args(kind)))
        return value
    if kind in (Grouping, Grouping | None):
        if value not in GROUPINGS:
            raise InputError("metric.bad_option", option=name, value=value, allowed=", ".join(GROUPINGS))
        return GROUPINGS[value]
    readers: Mapping[Any, Any] = {
        int: _whole_number,
        float: float,
        str: str,
        dt.date: dt.date.fromisoformat,
        dt.date | None: dt.date.fromisoformat,
        tuple[int, ...]: lambda text: tuple(_whole_number(one) for one in text.split(",")),
        Programme: programme,
    }
    try:
        return readers[kind](value)
    except ValueError as error:
        allowed = _EXAMPLES[kind]
        raise InputError("metric.bad_option", option=name, value=value, allowed=allowed) from error


def _programme(name: str, base: str | None, size: Callable[[], float]) -> Programme:
    """What is kept beside the base under a name, else a template, else what a file says; ValueError else."""
    if base is not None and programmes.is_kept(base, name):
        return with_openings(base, programmes.read(base, name).programme)
    if name in TEMPLATES:
        return sized(read_programme(template(name)), size())
    try:
        with Path(name).open(encoding="utf-8") as file:
            return read_programme(file.read(LONGEST + 1))
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(name) from error


def _whole_number(text: str) -> int:
    """A whole number that every engine can hold; raises ValueError else."""
    number = int(text)
    if abs(number) > _LARGEST:
        raise ValueError(text)
    return number


def in_order(table: pa.Table, metric: Metric) -> pa.Table:
    """The rows of a metric in the same order on every engine; text by its characters' numbers.

    A column that is there only with some options puts rows in order when it is there.
    """
    keys = [
        (name.removeprefix("-"), "descending" if name.startswith("-") else "ascending")
        for name in metric.order
        if name.removeprefix("-") in table.column_names
    ]
    return table.sort_by(keys)


def in_currency(table: pa.Table, metric: Metric, money_scale: int) -> pa.Table:
    """The rows of a metric with money in units of currency, as exact decimals."""
    unit = pa.scalar(Decimal(1) / money_scale)
    for name in metric.money:
        whole = table[name].cast(pa.int64()).cast(pa.decimal128(19, 0))
        table = table.set_column(table.schema.get_field_index(name), name, pc.multiply(whole, unit))
    return table


def reference() -> str:
    """Every metric with its definition, as Markdown: what `docs/metrics.md` holds."""
    parts = ["# Metrics\n", "Made by `python -m crm_core metrics --markdown`.\n"]
    for name in sorted(METRICS):
        told = describe(METRICS[name])
        rows = "\n".join(f"| `{column}` | {meaning.replace('|', '/')} |" for column, meaning in told.columns)
        parts.append(f"\n## {name}\n\n{told.definition}\n\nGrain: {told.grain}\n")
        parts.append(f"\n| column | meaning |\n| --- | --- |\n{rows}\n")
        parts.append(_option_rows(METRICS[name]))
    return "".join(parts)


def _option_rows(metric: Metric) -> str:
    meanings = dict(describe(metric).arguments)
    parameters = inspect.signature(metric.build).parameters.values()
    rows = "\n".join(
        f"| `{one.name}` | {meanings[one.name]} | {_unless_told(one)} |"
        for one in parameters
        if one.kind is inspect.Parameter.KEYWORD_ONLY
    )
    return f"\n| option | meaning | unless told |\n| --- | --- | --- |\n{rows}\n"


def _unless_told(option: inspect.Parameter) -> str:
    """What an option is when nobody says; a grouping by its name."""
    return (
        "" if option.default is option.empty else f"`{getattr(option.default, '__name__', option.default)}`"
    )
