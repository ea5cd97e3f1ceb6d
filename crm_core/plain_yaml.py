"""YAML as people write it: every value once, where it stands."""

from __future__ import annotations

import math
import re
from typing import Any, Final

import yaml

_MERGE: Final = "tag:yaml.org,2002:merge"
_WHOLE: Final = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,308})", re.ASCII)


class PlainLoader(yaml.SafeLoader):
    """Refuses aliases (small texts that grow), tags, keys that stand twice and numbers that are none."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """A node of the document, if it is not another one's again."""
        if self.check_event(yaml.events.AliasEvent):
            raise yaml.composer.ComposerError(None, None, "an alias", parent.start_mark if parent else None)
        event = self.peek_event()  # type: ignore[no-untyped-call]  # PyYAML's stubs do not say
        if getattr(event, "tag", None) is not None:
            raise yaml.composer.ComposerError(None, None, "a tag", event.start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """A dictionary, if its keys are texts that stand once."""
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.tag == _MERGE or key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, "a key twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep=True)

    def construct_yaml_int(self, node: yaml.ScalarNode) -> int:
        """A whole number as people read it: 010 is no 8, and 1:30 no 90."""
        if not _WHOLE.fullmatch(node.value):
            raise yaml.constructor.ConstructorError(None, None, "no number", node.start_mark)
        return int(node.value)

    def construct_yaml_float(self, node: yaml.ScalarNode) -> float:
        """A number, if it is one; a whole one where that is what it comes to."""
        parted = ":" in node.value or "_" in node.value
        number = float("nan") if parted else super().construct_yaml_float(node)
        if not math.isfinite(number):
            raise yaml.constructor.ConstructorError(None, None, "no number", node.start_mark)
        return int(number) if number.is_integer() else number


PlainLoader.add_constructor("tag:yaml.org,2002:int", PlainLoader.construct_yaml_int)
PlainLoader.add_constructor("tag:yaml.org,2002:float", PlainLoader.construct_yaml_float)
