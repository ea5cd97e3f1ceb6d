"""Files and directories that are on the disk, whole, when a call returns."""

from __future__ import annotations

import fcntl
import hashlib
import os
import uuid
from pathlib import Path


def sha256_of(path: Path) -> str:
    """The sum of a file's content, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_held(lock: Path) -> bool:
    """Whether a living process holds a lock file."""
    try:
        with lock.open("r") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def move(source: Path, target: Path) -> None:
    """Move a file so that it is whole under its new name, on the disk, before this returns."""
    make_directory(target.parent)
    with source.open("rb") as file:
        os.fsync(file.fileno())
    source.replace(target)
    sync_directory(target.parent)


def write(path: Path, text: str) -> None:
    """Write a small file so that it is there with all of its text or as it was before."""
    make_directory(path.parent)
    aside = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        with aside.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def make_directory(path: Path) -> None:
    """Make a directory and those above it, each of them known to the disk."""
    if path.is_dir():
        return
    make_directory(path.parent)
    path.mkdir(exist_ok=True)
    sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """See to it that the names in a directory are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
