"""A small language over source columns: a column, arithmetic, or texts put together, and nothing else.

`Quantity * Price`, `-(Total - Tax) / 100`, ``'C' + `Customer ID` ``, `"First name" || ' ' || Family`: a
name with spaces stands in backticks or double quotes, a text in single quotes. Whether `+` adds or joins is
said by the canonical column that the expression fills.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from crm_core.base import InputError
from crm_core.sources.headers import SourceColumns

Operator = Literal["+", "-", "*", "/", "||"]


@dataclass(frozen=True)
class Column:
    """The values of a source column."""

    name: str


@dataclass(frozen=True)
class Text:
    """A constant text."""

    value: str


@dataclass(frozen=True)
class Number:
    """A constant number, as it was written in ASCII digits."""

    digits: str


@dataclass(frozen=True)
class Negation:
    """The number with the other sign."""

    operand: Node


@dataclass(frozen=True)
class Operation:
    """Two operands and what is done with them."""

    operator: Operator
    left: Node
    right: Node


Node = Column | Text | Number | Negation | Operation

_LONGEST = 400
_DEEPEST = 40
# Thai vowels and Persian half-spaces are no word characters to `re`.
_WORD = r"\w\u0600-\u06ff\u0e00-\u0e7f\u0300-\u036f\u200c\u200d"
_TOKEN = re.compile(
    rf"\s*(?:(?P<number>[0-9]{{1,18}}(?:\.[0-9]{{1,18}})?(?![{_WORD}.]))|(?P<name>(?!\d)[{_WORD}][{_WORD}.]*)"
    r"|`(?P<tick>[^`]+)`|\"(?P<quoted>[^\"]+)\"|'(?P<text>[^']*)'|(?P<operator>\|\||[-+*/()]))"
)

_NAME_WITH_SPACES = re.compile(rf"(?![0-9.\s]*\Z)[{_WORD} .]+")


def parse(expression: str, target: str, columns: SourceColumns) -> Node:
    """The tree of an expression.

    Args:
        expression: As it stands in a mapping.
        target: The canonical column that it fills, for the error.
        columns: The columns that there are.

    Raises:
        InputError: It cannot be read, or names a column that is not there.
    """
    stripped = expression.strip()
    if stripped in columns.names:
        return Column(stripped)
    if _NAME_WITH_SPACES.fullmatch(stripped) and (alike := columns.find(stripped)):
        return Column(alike)
    return _Parser(expression, target, columns).parse()


def columns_of(node: Node) -> Iterator[str]:
    """The source columns that an expression reads, in the order in which they stand."""
    if isinstance(node, Column):
        yield node.name
    elif isinstance(node, Negation):
        yield from columns_of(node.operand)
    elif isinstance(node, Operation):
        yield from columns_of(node.left)
        yield from columns_of(node.right)


def require_kind(node: Node, expression: str, target: str, *, numeric: bool) -> None:
    """Refuse an expression that cannot fill a column of this kind: a text in arithmetic, a product of texts.

    Raises:
        InputError: It does not fit.
    """
    fits = True
    if isinstance(node, Text):
        fits = not numeric
    elif isinstance(node, Negation):
        fits = numeric
        require_kind(node.operand, expression, target, numeric=numeric)
    elif isinstance(node, Operation):
        fits = node.operator != "||" if numeric else node.operator in ("+", "||")
        require_kind(node.left, expression, target, numeric=numeric)
        require_kind(node.right, expression, target, numeric=numeric)
    if not fits:
        raise InputError("import.expression_kind", column=target, expression=expression)


class _Parser:
    """Recursive descent: sums of products of signed operands, with a bound on the nesting."""

    def __init__(self, expression: str, target: str, columns: SourceColumns) -> None:
        self.expression = expression
        self.target = target
        self.columns = columns
        self.depth = 0
        self.tokens = list(self._tokens())
        self.next = 0

    def _unreadable(self) -> InputError:
        return InputError("import.expression_unreadable", column=self.target, expression=self.expression)

    def _tokens(self) -> Iterator[tuple[str, str]]:
        text = self.expression.rstrip()
        if not text.strip() or len(text) > _LONGEST:
            raise self._unreadable()
        position = 0
        while position < len(text):
            match = _TOKEN.match(text, position)
            if match is None or match.lastgroup is None:
                raise self._unreadable()
            yield match.lastgroup, match[match.lastgroup]
            position = match.end()

    def _take(self, *operators: str) -> str | None:
        if self.next < len(self.tokens):
            kind, text = self.tokens[self.next]
            if kind == "operator" and text in operators:
                self.next += 1
                return text
        return None

    def parse(self) -> Node:
        node = self._sum()
        if self.next < len(self.tokens):
            raise self._unreadable()
        return node

    def _sum(self) -> Node:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise self._unreadable()
        node = self._product()
        while operator := self._take("+", "-", "||"):
            node = Operation(operator, node, self._product())  # type: ignore[arg-type]  # one of these three
        self.depth -= 1
        return node

    def _product(self) -> Node:
        node = self._operand()
        while operator := self._take("*", "/"):
            node = Operation(operator, node, self._operand())  # type: ignore[arg-type]  # one of these two
        return node

    def _operand(self) -> Node:
        negative = False
        while sign := self._take("-", "+"):
            negative ^= sign == "-"
        node = self._value()
        return Negation(node) if negative else node

    def _value(self) -> Node:
        if self._take("("):
            node = self._sum()
            if not self._take(")"):
                raise self._unreadable()
            return node
        if self.next >= len(self.tokens):
            raise self._unreadable()
        kind, text = self.tokens[self.next]
        self.next += 1
        if kind == "number":
            return Number(text)
        if kind == "text":
            return Text(text)
        if kind == "operator":
            raise self._unreadable()
        name = self.columns.find(text)
        if name is None:
            raise InputError("import.column_missing", column=text, columns=", ".join(self.columns.names))
        return Column(name)
