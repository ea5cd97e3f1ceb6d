"""YAML as people write it: every value once, where it stands."""

from __future__ import annotations

import math
from typing import Any

import yaml


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
        names = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        if len(names) != len(node.value) or len(set(names)) < len(names):
            raise yaml.constructor.ConstructorError(None, None, "a key twice", node.start_mark)
        return super().construct_mapping(node, deep=True)

    def construct_yaml_float(self, node: yaml.ScalarNode) -> float:
        """A number, if it is one."""
        number = super().construct_yaml_float(node)
        if not math.isfinite(number):
            raise yaml.constructor.ConstructorError(None, None, "no number", node.start_mark)
        return number


PlainLoader.add_constructor("tag:yaml.org,2002:float", PlainLoader.construct_yaml_float)
