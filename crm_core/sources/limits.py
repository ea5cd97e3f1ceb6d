"""How much a file from outside may cost before it is refused."""

from __future__ import annotations

from dataclasses import dataclass

MEGABYTE = 1 << 20
GIGABYTE = 1 << 30


@dataclass(frozen=True)
class Limits:
    """Bounds on what is read, and on the child process that reads it.

    Args:
        file_bytes: Size of the file as it lies on disk.
        decompressed_bytes: Size of what a compressed file unpacks to.
        ratio: Unpacked bytes per packed byte, looked at once more than 16 MB were unpacked.
        columns: Columns of a file.
        cells: Rows times columns that a Parquet file claims to hold.
        row_bytes: Longest row; also the block in which a delimited file is read.
        run_bytes: Memory for the rows of one table before they are sorted and set aside on disk.
        address_space_bytes: Address space of the child; much more than what it really uses.
        seconds: Time on the clock for the child.
        cpu_seconds: Processor time for the child.
        idle_seconds: Time without any computing after which the child is taken for stuck.
    """

    file_bytes: int = 16 * GIGABYTE
    decompressed_bytes: int = 32 * GIGABYTE
    ratio: int = 200
    columns: int = 2_000
    cells: int = 4_000_000_000
    row_bytes: int = 4 * MEGABYTE
    run_bytes: int = 64 * MEGABYTE
    address_space_bytes: int = 3 * GIGABYTE
    seconds: int = 3_600
    cpu_seconds: int = 7_200
    idle_seconds: int = 30
