"""No text outside the catalogues, no key outside them, and none in them that nobody says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from crm_core.i18n import LANGUAGES
from crm_core.i18n.messages import Placeholder, catalogue
from tests.i18n import text_in_code as code

MESSAGES = catalogue("en").messages
GROUPS = frozenset(key.split(".")[0] for key in MESSAGES)
PREFIXES = tuple(code.DYNAMIC_PREFIXES) + tuple(code.OPEN_PREFIXES)


def test_text_for_readers_stands_in_the_catalogues() -> None:
    found = [
        f"{each.place}: {each.text!r}"
        for file in code.reader_files()
        for each in code.prose(file.read_text(encoding="utf-8"), str(file.relative_to(code.REPOSITORY)))
    ]
    assert not found, "text outside the catalogues:\n" + "\n".join(found)


@pytest.mark.parametrize(
    "source",
    [
        'st.title("Our customers today")',
        'Headline("Revenue held")',
        'st.button("Save")',
        'f"{count} customers bought"',
        'x = "مشتری"',
        'x = "ลูกค้า"',
        """x = '<p class="mo-note">Nothing to see</p>'""",
        """st.markdown(f'<b>{name}</b> and more of it')""",
        'raise InputError("the file is empty")',
        'st.selectbox(label="Period", options=choices)',
        'figure.update_layout(title="Revenue by month")',
    ],
)
def test_text_is_found(source: str) -> None:
    assert code.prose(source)


@pytest.mark.parametrize(
    "source",
    [
        '"""A docstring that says something."""',
        'def f():\n    """One more docstring."""',
        'st.title(language.say("page.overview"))',
        'raise ValueError("no such unit of time")',
        """x = '<div class="mo-figure mo-wide" role="group"><span>'""",
        'x = "<style>.mo-note { color: red; margin: 0 auto; }</style>"',
        'x = ".mo-note { color: red; margin: 0 auto; }"',
        'font = "Vazirmatn, Noto Sans Thai Looped, sans-serif"',
        'x = "mo-figure mo-wide"',
        'x = "▲ "',
        'st.columns(2, gap="large")',
        'frame["customer_id"]',
    ],
)
def test_what_is_no_text_is_left_alone(source: str) -> None:
    assert not code.prose(source)


def test_every_key_in_the_code_is_in_the_catalogues() -> None:
    files = code.product_files()
    told = [*code.said(files), *code.key_like(files, GROUPS)]
    missing = {f"{each.place}: {each.text}" for each in told if each.text not in MESSAGES}
    assert not missing, "no such message:\n" + "\n".join(sorted(missing))


def test_every_message_is_given_the_values_that_it_asks_for() -> None:
    wrong = []
    for each in code.said(code.product_files()):
        message = MESSAGES.get(each.text)
        if message is None or each.values is None:
            continue
        if message.placeholders - each.values or (each.exactly and each.values != message.placeholders):
            asked, given = sorted(message.placeholders), sorted(each.values)
            wrong.append(f"{each.place}: {each.text} asks for {asked} and is given {given}")
    assert not wrong, "\n".join(wrong)


def test_every_completed_key_begins_with_a_known_prefix() -> None:
    unknown = [
        f"{each.place}: {each.text}"
        for each in code.completed_prefixes(code.product_files(), GROUPS)
        if not each.text.startswith(PREFIXES) and not any(prefix.startswith(each.text) for prefix in PREFIXES)
    ]
    assert not unknown, "list these beginnings in text_in_code.py:\n" + "\n".join(unknown)


@pytest.mark.skipif(
    not (code.REPOSITORY / "app.py").exists(), reason="there is no app yet that says the messages"
)
def test_no_message_is_unused() -> None:
    files = code.product_files()
    literal = {each.text for each in [*code.said(files), *code.key_like(files, GROUPS)]}
    referred = {
        part.terms
        for language in LANGUAGES
        for message in catalogue(language).messages.values()
        for parts in message.templates
        for part in parts
        if isinstance(part, Placeholder) and part.terms
    }
    words, patterns = code.words_of_code(files), [*code.completed_keys(files, GROUPS)]
    patterns += [re.compile(rf"{terms}\.([a-z0-9_.]*)") for terms in referred]
    unused = sorted(
        key
        for key in MESSAGES
        if key not in literal
        and not key.startswith(tuple(code.OPEN_PREFIXES))
        and not any(_completes(pattern, key, words) for pattern in patterns)
    )
    assert not unused, "nobody says:\n" + "\n".join(unused)


def _completes(pattern: re.Pattern[str], key: str, words: frozenset[str]) -> bool:
    """Whether a key has a form that the code completes, with words each of which the code knows."""
    found = pattern.fullmatch(key)
    if found is None:
        return False
    return all(word in words for told in found.groups() for word in told.split(".") if word)


def test_a_key_is_used_where_its_form_and_its_words_stand_in_the_code(tmp_path: Path) -> None:
    source = tmp_path / "source.py"
    source.write_text('say(f"club.effect.{name}.title")\nWORDS = "club.by."', encoding="utf-8")
    first, second = sorted(code.completed_keys([source], frozenset({"club"})), key=lambda one: one.pattern)
    assert _completes(second, "club.effect.known.title", frozenset({"known"}))
    assert not _completes(second, "club.effect.known.title", frozenset({"other"}))
    assert not _completes(second, "club.effect.known.note", frozenset({"known"}))
    assert _completes(first, "club.by.points", frozenset({"points"}))
