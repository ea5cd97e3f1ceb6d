"""The settings file read into its frozen values, every setting checked for its type."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import is_dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, get_args, get_origin, get_type_hints

import yaml

from crm_core.base import InputError
from crm_core.periods import CALENDARS, Calendar
from crm_core.sources.demonstration.settings import DemonstrationSettings

SETTINGS_FILE: Final = Path(__file__).resolve().parents[3] / "data" / "demonstration.yaml"


def settings_from_file(path: Path = SETTINGS_FILE) -> DemonstrationSettings:
    """Read the generator's settings.

    Raises:
        InputError: The file is missing, is no YAML, or a setting is missing, unknown or of the wrong type.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError("demonstration.settings_unreadable", file=path.name) from error
    settings: DemonstrationSettings = _value(DemonstrationSettings, content, "")
    return settings


def _value(kind: Any, content: Any, name: str) -> Any:
    """`content` as a value of type `kind`; `name` is where it stands in the file."""
    if is_dataclass(kind) and isinstance(kind, type):
        return _dataclass(kind, content, name)
    if kind is float and isinstance(content, int | float) and not isinstance(content, bool):
        return float(content)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is tuple and isinstance(content, list):
        return tuple(_value(arguments[0], item, f"{name}[{place}]") for place, item in enumerate(content))
    if origin is Mapping and isinstance(content, dict):
        read = {
            _value(arguments[0], key, name): _value(arguments[1], content[key], f"{name}.{key}")
            for key in content
        }
        return MappingProxyType(read)
    if kind == Calendar and content in CALENDARS:
        return content
    if origin is None and kind in (int, str, dt.date) and type(content) is kind:
        return content
    raise InputError("demonstration.setting_wrong", name=name)


def _dataclass(kind: type[Any], content: Any, name: str) -> Any:
    if not isinstance(content, dict):
        raise InputError("demonstration.setting_wrong", name=name)
    types = get_type_hints(kind)
    prefix = f"{name}." if name else ""
    for odd in types.keys() ^ content.keys():
        raise InputError("demonstration.setting_wrong", name=f"{prefix}{odd}")
    return kind(**{field: _value(types[field], content[field], f"{prefix}{field}") for field in types})
