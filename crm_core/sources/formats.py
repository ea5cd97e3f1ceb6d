"""What a file is, told by its first bytes and not by its name."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

from crm_core.base import InputError
from crm_core.sources.limits import Limits

Format = Literal["delimited", "parquet"]

GZIP: Final = b"\x1f\x8b"
PARQUET: Final = b"PAR1"

_WORKBOOKS: Final = (b"xl/", b"[Content_Types].xml")
_BINARY: Final = {
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "import.spreadsheet",
    b"PK\x03\x04": "import.archive",
    b"PK\x05\x06": "import.archive",
    b"7z\xbc\xaf\x27\x1c": "import.archive",
    b"Rar!": "import.archive",
    b"BZh": "import.archive",
    b"\xfd7zXZ\x00": "import.archive",
    b"\x28\xb5\x2f\xfd": "import.archive",
    b"%PDF-": "import.not_a_table",
    b"\x89PNG": "import.not_a_table",
    b"\xff\xd8\xff": "import.not_a_table",
    b"GIF8": "import.not_a_table",
    b"SQLite format 3\x00": "import.not_a_table",
    b"\x7fELF": "import.not_a_table",
    b"ARROW1\x00\x00": "import.not_a_table",
    b"Obj\x01": "import.not_a_table",
    b"ORC": "import.not_a_table",
}


def format_of(path: Path, limits: Limits) -> Format:
    """The format of a file.

    Raises:
        InputError: There is no such file, it is empty or too large, or is something else than a table as text
            (packed by gzip or not) or Parquet.
    """
    try:
        if not path.is_file():
            raise InputError(
                "import.not_a_file" if path.exists() else "import.file_not_found", file=path.name
            )
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(4_096)
    except OSError as error:
        raise InputError("import.file_unreadable", file=path.name) from error
    if not size:
        raise InputError("import.empty_file", file=path.name)
    if size > limits.file_bytes:
        raise too_large(path.name, limits.file_bytes)
    if head.startswith(PARQUET):
        return "parquet"
    refuse_binary(head, path.name)
    return "delimited"


def refuse_binary(head: bytes, file: str) -> None:
    """Refuse what begins like a spreadsheet, an archive, a picture, a database.

    Raises:
        InputError: It does.
    """
    for magic, key in _BINARY.items():
        if head.startswith(magic):
            workbook = key == "import.archive" and any(part in head for part in _WORKBOOKS)
            raise InputError("import.spreadsheet" if workbook else key, file=file)


def too_large(file: str, limit: int) -> InputError:
    """The refusal of a file that is, or unpacks to, more than a limit in bytes."""
    return InputError("import.too_large", file=file, megabytes=limit >> 20)
