"""Message catalogues: one gettext file a language, with the dotted key as msgid."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from numbers import Integral
from pathlib import Path
from typing import Final

from babel import Locale
from babel.messages.pofile import read_po

CATALOGUES: Final = Path(__file__).parent / "catalogues"

_PLURAL_TAGS: Final = ("zero", "one", "two", "few", "many", "other")
_PLACEHOLDER: Final = re.compile(r"\{(?P<name>[a-z][a-z0-9_]*)(?:\|(?P<terms>[a-z][a-z0-9_.]*))?\}")


class MessageError(LookupError):
    """A message cannot be said: the program and its catalogues do not agree."""

    def __init__(self, language: str, key: str, reason: str) -> None:
        super().__init__(f"message {key!r} in {language!r}: {reason}")
        self.language = language
        self.key = key


class UnknownMessage(MessageError):
    """The catalogue has no message of this key."""


class WrongPlaceholders(MessageError):
    """The values given are not those that the message asks for."""


@dataclass(frozen=True)
class Placeholder:
    """A gap in a message.

    Args:
        name: Name of the value that fills it.
        terms: When given, the value is a code (or the key `terms.code`) and that message is shown.
    """

    name: str
    terms: str | None = None


def template(text: str) -> tuple[str | Placeholder, ...]:
    """Split a message into its words and its gaps.

    A gap is `{name}`, or `{name|terms}` for a code whose word is the message `terms.code`; nothing else may
    stand in braces, so a value's attributes and items can never be reached.

    Raises:
        ValueError: There is a brace that belongs to no gap.
    """
    parts: list[str | Placeholder] = []
    end = 0
    for gap in _PLACEHOLDER.finditer(text):
        parts += [text[end : gap.start()], Placeholder(gap["name"], gap["terms"])]
        end = gap.end()
    parts.append(text[end:])
    if any("{" in part or "}" in part for part in parts if isinstance(part, str)):
        raise ValueError(f"a brace outside a placeholder: {text!r}")
    return tuple(part for part in parts if part != "")


@dataclass(frozen=True)
class Message:
    """One message: a single text, or one for each plural form of the language."""

    texts: tuple[str, ...]
    plural: bool

    @cached_property
    def templates(self) -> tuple[tuple[str | Placeholder, ...], ...]:
        """The texts, split into words and gaps."""
        return tuple(template(text) for text in self.texts)

    @cached_property
    def placeholders(self) -> frozenset[str]:
        """Names of all values that the message knows, `count` of a plural always among them."""
        gaps = {part.name for parts in self.templates for part in parts if isinstance(part, Placeholder)}
        return frozenset(gaps | {"count"} if self.plural else gaps)


@dataclass(frozen=True)
class Catalogue:
    """The messages of one language, by key."""

    code: str
    messages: Mapping[str, Message]

    def fill(self, key: str, values: Mapping[str, object], show: Callable[[object], str] = str) -> str:
        """A message with its gaps filled.

        Args:
            key: Name of the message.
            values: One value for each gap, by name; `count` also chooses the plural form.
            show: Turns a value into text.

        Raises:
            UnknownMessage: There is no such message.
            WrongPlaceholders: A value is missing, is one too many, or is not of the kind asked for.
        """
        message = self._message(key)
        if message.placeholders != values.keys():
            asked, given = sorted(message.placeholders), sorted(values)
            raise WrongPlaceholders(self.code, key, f"it asks for {asked} and was given {given}")
        parts = message.templates[self._plural_form(key, values["count"]) if message.plural else 0]
        return "".join(
            part if isinstance(part, str) else self._filled(key, part, values, show) for part in parts
        )

    def placeholders(self, key: str) -> frozenset[str]:
        """Names of the values that a message asks for.

        Raises:
            UnknownMessage: There is no such message.
        """
        return self._message(key).placeholders

    @cached_property
    def plural_tags(self) -> tuple[str, ...]:
        """The plural forms of the language in the order of the file's `msgstr[n]`."""
        return plural_tags(self.code)

    def _message(self, key: str) -> Message:
        message = self.messages.get(key)
        if message is None:
            raise UnknownMessage(self.code, key, "there is none")
        return message

    def _plural_form(self, key: str, count: object) -> int:
        if not isinstance(count, Integral):
            raise WrongPlaceholders(self.code, key, f"count must be a whole number, not {count!r}")
        return self.plural_tags.index(Locale.parse(self.code).plural_form(abs(int(count))))

    def _filled(
        self, key: str, gap: Placeholder, values: Mapping[str, object], show: Callable[[object], str]
    ) -> str:
        value = values[gap.name]
        if gap.terms is None:
            return show(value)
        if not isinstance(value, str):
            raise WrongPlaceholders(self.code, key, f"{gap.name} must be a code, not {value!r}")
        return self.fill(f"{gap.terms}.{value.removeprefix(f'{gap.terms}.')}", {})


def plural_tags(code: str) -> tuple[str, ...]:
    """The plural forms that a language has, in the order in which gettext counts them."""
    tags = Locale.parse(code).plural_form.tags | {"other"}
    return tuple(tag for tag in _PLURAL_TAGS if tag in tags)


@lru_cache
def catalogue(code: str) -> Catalogue:
    """Read a language's catalogue; it is read once a process.

    Raises:
        babel.messages.pofile.PoFileError: The file is not a well-formed catalogue.
    """
    messages: dict[str, Message] = {}
    with (CATALOGUES / f"{code}.po").open(encoding="utf-8") as file:
        for entry in read_po(file, locale=code, charset="utf-8", abort_invalid=True):
            if isinstance(entry.id, str):
                messages[entry.id] = Message((str(entry.string),), plural=False)
            else:
                messages[entry.id[0]] = Message(tuple(entry.string or ()), plural=True)
    del messages[""]
    return Catalogue(code, messages)
