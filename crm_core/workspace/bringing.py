"""Files into a base: staged by `sources`, made a version by `engine`, derived; all of it or nothing."""

from __future__ import annotations

import json
import re
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq

from crm_core.base import Cancelled, InputError
from crm_core.engine.connection import Limits
from crm_core.engine.derived import Progress, build
from crm_core.engine.versions import BaseDirectory, Import, Manifest, StagedFile
from crm_core.schemas import MONEY_SCALE, SCHEMAS
from crm_core.sources.child import read_header_in_child, stage_in_child
from crm_core.sources.demonstration import demonstration
from crm_core.sources.mapping import Mapping, load_mapping
from crm_core.sources.staged import Preview, Staged
from crm_core.sources.staging import stage_batches
from crm_core.workspace.catalogue import DERIVATIONS

__all__ = [
    "BaseSettings",
    "Brought",
    "Mapping",
    "Preview",
    "bring",
    "load_mapping",
    "look",
    "mapping_for",
    "write_demonstration",
]

WITHOUT_FRACTIONS: Final = frozenset({"IDR", "IRR", "KRW", "LAK", "MMK", "UGX", "VND"})
"""Currencies with amounts so large that no fraction is ever written: their money is stored unscaled."""
_CURRENCY: Final = re.compile("[A-Z]{3}")
_READING_SHARE: Final = 0.6


@dataclass(frozen=True)
class BaseSettings:
    """What a base is told at its first import; later ones keep what it has.

    Args:
        currency: Code of the base's currency; empty to take the only one that the orders are in.
        time_zone: Time zone of its moments.
    """

    currency: str = ""
    time_zone: str = ""


@dataclass(frozen=True)
class Brought:
    """What an import did: `read` rows, of which `accepted` and those `rejected` by the key of their reason.

    `new` is False when the base held the very same import already, and nothing changed.
    """

    version: int
    new: bool
    read: int
    accepted: int
    rejected: dict[str, int]
    guests: int
    rejects: Path | None

    @property
    def rejected_rows(self) -> int:
        """How many rows were rejected."""
        return sum(self.rejected.values())


def mapping_for(file: Path, mapping: Path | None, table: str | None = None) -> tuple[Mapping, bool]:
    """The mapping to read a file by, and whether it was guessed from the file's header.

    Raises:
        InputError: The file or the mapping cannot be read, or a required column cannot be told.
    """
    if mapping is not None:
        try:
            return load_mapping(mapping.read_text("utf-8")), False
        except (OSError, UnicodeDecodeError) as error:
            raise InputError("import.mapping_not_found", file=str(mapping)) from error
    if table is not None and table not in SCHEMAS:
        raise InputError("import.mapping_unknown_table", table=table, tables=", ".join(SCHEMAS))
    preview = read_header_in_child(file, table=table)
    for missing_table, column in preview.missing:
        raise InputError("import.required_unmapped", table=missing_table, column=column)
    return load_mapping(preview.mapping), True


def look(
    location: str | Path,
    file: Path,
    *,
    mapping: Mapping | None = None,
    table: str | None = None,
    settings: BaseSettings | None = None,
) -> Preview:
    """What a file holds, what that is taken to mean, and its first rows as they would lie in a base.

    Args:
        location: Directory of the base; it need not be there.
        file: CSV, packed or not, or Parquet.
        mapping: What fills what, as far as that is known; None: to be guessed.
        table: The table that it is for; None: to be guessed, too.
        settings: For a first import.

    Raises:
        InputError: The file or the mapping cannot be used.
    """
    before = BaseDirectory(Path(location)).current()
    found = before or _first(settings or BaseSettings(), mapping or Mapping())
    return read_header_in_child(
        file,
        table=table,
        mapping=mapping,
        money_scale=found.money_scale,
        base_currency=found.currency,
        time_zone_name=found.time_zone,
    )


def bring(
    location: str | Path,
    file: Path,
    mapping: Mapping,
    *,
    source_name: str,
    settings: BaseSettings | None = None,
    progress: Progress | None = None,
    cancelled: threading.Event | None = None,
) -> Brought:
    """Import a file into a base and build what is derived from it.

    Args:
        location: Directory of the base; made when it is not there.
        file: CSV, packed or not, or Parquet.
        mapping: What fills what.
        source_name: What the reader calls the file.
        settings: For a first import.
        progress: Told the share that is done, 0 to 1.
        cancelled: Set by somebody else to stop before the base is changed.

    Raises:
        InputError: The file cannot be used; the base is as it was.
        Cancelled: `cancelled` was set; the base is as it was.
    """
    tell = progress or (lambda share: None)
    base = BaseDirectory(Path(location))
    before = base.current()
    if before is not None and before.demonstration:
        raise InputError("import.base_is_demonstration", base=str(location))
    settings = _settled(settings or BaseSettings(), before)
    manifest = before or _first(settings, mapping)
    with base.staging() as directory:
        staged = stage_in_child(
            file,
            mapping,
            directory / "parts",
            source_name=source_name,
            money_scale=manifest.money_scale,
            base_currency=manifest.currency,
            time_zone_name=manifest.time_zone,
            progress=lambda share: tell(share * _READING_SHARE),
            cancelled=cancelled,
        )
        if not manifest.currency:
            manifest = replace(manifest, currency=_only_currency(staged))
        brought = _add(base, staged, manifest)
    _derive(base, brought, lambda share: tell(_READING_SHARE + share * (1 - _READING_SHARE)), cancelled)
    return brought


def _settled(settings: BaseSettings, before: Manifest | None) -> BaseSettings:
    """Settings in the form in which a base keeps them.

    Raises:
        InputError: There is no such currency or time zone, or the base has another one already.
    """
    currency = settings.currency.strip().upper()
    if currency and not _CURRENCY.fullmatch(currency):
        raise InputError("import.unknown_currency", currency=settings.currency)
    if settings.time_zone:
        _zone(settings.time_zone)
    if before is not None and currency not in ("", before.currency):
        raise InputError("import.base_has_currency", currency=before.currency or "–", asked=currency)
    if before is not None and settings.time_zone not in ("", before.time_zone):
        zone = before.time_zone
        raise InputError("import.base_has_time_zone", time_zone=zone, asked=settings.time_zone)
    return BaseSettings(currency, settings.time_zone)


def _zone(name: str) -> None:
    """Raises InputError: there is no such time zone."""
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:
        raise InputError("import.unknown_time_zone", time_zone=name) from error


def _first(settings: BaseSettings, mapping: Mapping) -> Manifest:
    orders = mapping.tables.get("orders")
    stated = orders.constants.get("currency", "") if orders is not None else ""
    currency = settings.currency or stated
    zone = settings.time_zone or mapping.source.time_zone or "UTC"
    _zone(zone)
    return Manifest(0, currency, 1 if currency in WITHOUT_FRACTIONS else MONEY_SCALE, zone)


def _only_currency(staged: Staged) -> str:
    """The currency that all the orders are in, or none at all.

    Raises:
        InputError: They are in several, and nobody said which is the base's.
    """
    found = sorted({code for part in staged.parts if part.table == "orders" for code in part.currencies})
    if len(found) > 1:
        raise InputError("import.base_currency_needed", currencies=", ".join(found))
    return found[0] if found else ""


def _add(base: BaseDirectory, staged: Staged, settings: Manifest) -> Brought:
    record = Import(
        import_id=staged.import_id,
        source=staged.source,
        mapping=staged.mapping,
        read=staged.read,
        accepted=staged.accepted,
        rejected=dict(staged.rejected),
        guests=staged.guests,
        parts=(),
    )
    files = [
        StagedFile(
            part.table,
            part.path,
            part.first_day,
            part.last_day,
            tuple(sorted(part.currencies)),
            columns=part.columns,
        )
        for part in staged.parts
    ]
    manifest, new = base.add(record, files, rejects=staged.rejects, settings=settings)
    rejects = base.rejects_path(staged.import_id)
    return Brought(
        version=manifest.version,
        new=new,
        read=staged.read,
        accepted=staged.accepted,
        rejected=dict(staged.rejected),
        guests=staged.guests,
        rejects=rejects if rejects.is_file() else None,
    )


def _derive(
    base: BaseDirectory, brought: Brought, tell: Progress, cancelled: threading.Event | None = None
) -> None:
    """Build what is derived from the version that an import made, or take the import back.

    Whatever keeps it from being counted (what the file holds, a full disk, somebody who stopped it), the base
    is as it was.
    """

    def progress(share: float) -> None:
        if cancelled is not None and cancelled.is_set():
            raise Cancelled("work.cancelled")
        tell(share)

    manifest = base.current()
    if manifest is None or not manifest.parts_of("orders"):
        return
    try:
        build(base, manifest, DERIVATIONS, Limits.from_environment(), progress)
    except BaseException:
        if brought.new:
            base.withdraw(brought.version)
        raise


def write_demonstration(
    location: Path, *, customers: int, seed: int, progress: Progress | None = None
) -> Brought:
    """Write the demonstration base, and what is true of it to `truth/` beside it.

    Args:
        location: Directory of the base, which must not hold one yet unless it is this very one.
        customers: How many customers.
        seed: The same seed gives the same base.
        progress: Told the share that is done, 0 to 1.

    Raises:
        InputError: Another base is there already.
    """
    tell = progress or (lambda share: None)
    made = demonstration(customers, seed)
    base = BaseDirectory(location)
    with base.staging() as directory:
        staged = stage_batches(
            made.batches(), directory / "parts", source_name=f"demonstration-{customers}-{seed}"
        )
        tell(_READING_SHARE)
        before = base.current()
        if before is not None and [one.import_id for one in before.imports] != [staged.import_id]:
            raise InputError("demo.base_taken", base=str(location))
        scale, zone = MONEY_SCALE, made.settings.time_zone
        settings = Manifest(0, made.settings.base_currency, scale, zone, demonstration=True)
        brought = _add(base, staged, settings)
        truth = location / "truth"
        truth.mkdir(exist_ok=True)
        (truth / "truth.json").write_text(
            json.dumps(made.truth(), indent=1, ensure_ascii=False) + "\n", "utf-8"
        )
        pq.write_table(pa.concat_tables(made.truth_customers()), truth / "customers.parquet")
    _derive(base, brought, lambda share: tell(_READING_SHARE + share * (1 - _READING_SHARE)))
    return brought
