"""A value with an explicit tag is told as what cannot be read: some ended in an error of YAML's own."""

from __future__ import annotations

import pytest

from crm_core.base import InputError
from crm_core.loyalty.rules import read_programme
from crm_core.sources.mapping import load_mapping

TAGS = ("bool", "int", "float", "timestamp", "binary", "set", "omap", "null", "str", "python/name:os.system")


@pytest.mark.parametrize("tag", TAGS)
def test_both_readers_tell_the_line(tag: str) -> None:
    with pytest.raises(InputError) as found:
        read_programme(f"name: Club\nmembers: !!{tag} x\n")
    assert (found.value.key, found.value.values["line"]) == ("loyalty.programme.unreadable", 2)
    with pytest.raises(InputError) as found:
        load_mapping(f"source:\n  encoding: utf-8\norders: !!{tag} x\n")
    assert (found.value.key, found.value.values["line"]) == ("import.mapping_unreadable", 3)
