"""Finds text and message keys in the project's own source files."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

REPOSITORY: Final = Path(__file__).resolve().parents[2]

DYNAMIC_PREFIXES: Final = {
    "abc.": "classes",
    "calendar.": "calendars",
    "churn.against.": "what speaks against scores",
    "churn.column.margin.": "margin, revenue or contract",
    "churn.context.": "what ends when a customer leaves",
    "churn.curve.": "whether so many, anybody or nobody is contacted",
    "churn.direction.": "directions of a driver",
    "churn.drift.title.": "none, some or much",
    "churn.earned.": "columns of what lists would have earned",
    "churn.figure.at_risk.": "margin, revenue or contract",
    "churn.figure.expected.": "what ends when a customer leaves",
    "churn.headline.": "what ends when a customer leaves",
    "churn.kind.": "kinds of customers",
    "churn.model.": "models and rules of thumb",
    "churn.of.": "what ends when a customer leaves",
    "churn.one.": "what ends when a customer leaves",
    "churn.otherwise.": "what can be changed",
    "churn.reason.": "features",
    "churn.saved.": "margin, revenue or contract",
    "churn.step.": "next steps",
    "churn.terms.": "terms of an offer",
    "churn.thing.": "features without the days over which they count",
    "churn.verdict.": "verdicts",
    "churn.work.": "what is being worked out",
    "column.": "columns of canonical tables and metrics",
    "contact_way.": "ways of contact",
    "customer.headline.": "kinds of customers",
    "date.era.": "calendars",
    "figure.": "figures of the overview",
    "grouping.": "groupings",
    "lifecycle.": "states",
    "loyalty.against.together.": "more, less or the same",
    "loyalty.band.from.": "indicators",
    "loyalty.by.": "what tiers are by",
    "loyalty.context.": "margin or revenue",
    "loyalty.doubt.": "what points are earned by",
    "loyalty.earn.": "what points are earned by",
    "loyalty.edit.": "fields of a programme",
    "loyalty.edit.goes_": "mine, theirs",
    "loyalty.edit.part.": "parts of the editor",
    "loyalty.effect.": "what can be said, comparisons, outcomes, reasons, and what is known of customers",
    "loyalty.expiry.": "kinds of expiry",
    "loyalty.fate.": "what becomes of points",
    "loyalty.figure.brought.": "margin or revenue",
    "loyalty.first.derived.": "margin or revenue",
    "loyalty.first.given.": "margin or revenue",
    "loyalty.goal.": "what customers are to do more of",
    "loyalty.headline.earns.": "whether a club earns its cost",
    "loyalty.indicator.": "indicators",
    "loyalty.missing.": "what tiers are by",
    "loyalty.moving.": "whether members rise or fall, what tiers are by",
    "loyalty.points.": "what becomes of points",
    "loyalty.openings.": "what is wrong with balances",
    "loyalty.review.": "month, quarter, year",
    "loyalty.segments.title.": "margin or revenue",
    "loyalty.takes.": "kinds of numbers",
    "loyalty.template.": "templates",
    "loyalty.terms.": "terms of a proposed programme",
    "loyalty.terms.step.": "what tiers are by",
    "loyalty.value.": "early, late or on time",
    "loyalty.way_down.": "how far members fall",
    "loyalty.who.": "who takes part",
    "loyalty.why.": "kinds of expiry",
    "loyalty.why.reward.": "paying in time, or all else",
    "loyalty.worth.": "margin or revenue",
    "overview.against.": "choices of period",
    "overview.before.": "choices of period",
    "overview.cause.": "causes of the revenue bridge, up or down",
    "overview.during.": "choices of period",
    "overview.finding.": "findings",
    "overview.headline.": "grew, held or fell",
    "overview.step.": "causes of the revenue bridge",
    "page.": "pages",
    "period.": "choices of period",
    "kind.": "kinds of customers",
    "reject.": "reasons",
    "retention.": "choices of how cohorts are counted, and units of time",
    "score.": "what is scored",
    "segment.": "segments",
    "strategy.": "strategies",
    "table.": "canonical tables",
    "value.course.": "whether a forecast knows the season",
    "value.definition.": "margin or revenue",
    "value.course.subtitle.": "whether a forecast knows the season",
    "value.figure.": "margin or revenue",
    "value.groups.subtitle_": "margin or revenue",
    "value.problem.": "what keeps the history from determining a model",
    "value.won.subtitle_": "margin or revenue",
}
"""Beginnings of keys that code completes with a word, which must stand somewhere in the code."""

OPEN_PREFIXES: Final = {
    "churn.kind.": "kinds of customers, each told in a sentence",
    "churn.reason.": "features without the days over which they count, and what becomes of their value",
    "currency.": "codes that stand in a base",
    "forecast.": "models, naive rules, and means of both",
    "date.jalali_month.": "months 01 to 12",
    "date.jalali_month_short.": "months 01 to 12",
    "date.quarter.": "quarters 1 to 4",
    "date.season.": "quarters 1 to 4",
    "score.frequency.": "1 to 5",
    "score.monetary.": "1 to 5",
    "score.recency.": "1 to 5",
    "segments.in_ten.": "1 to 9",
    "retention.filtered.": "what the base is narrowed down to, one thing or two",
    "import.day_order_": "an option that a file leaves unclear",
    "import.decimal_": "an option that a file leaves unclear",
}
"""Beginnings of keys that code completes with something that it does not spell out."""

NOT_PROSE: Final = (
    re.compile(r"sans-serif"),  # a list of font families
    re.compile(r"^(top|middle|bottom) (left|center|right)$"),  # where Plotly puts a label
    re.compile(r"^mo-[a-z0-9-]+( [a-z0-9-]+)*$"),  # classes of a style sheet
    re.compile(r"^[^{}]*\{[^{}]*:[^{}]*;[^{}]*\}", re.DOTALL),  # rules of a style sheet
    re.compile(r"^([a-z-]+: [^;]+; ?)+$"),  # a style attribute
)
"""What has words with spaces between them and is not read by anybody. Keep it short."""

_MARKUP: Final = (
    re.compile(r"<(style|script)\b.*?</\1>", re.DOTALL | re.IGNORECASE),
    re.compile(r"<!--.*?-->", re.DOTALL),
    re.compile(r"</?[a-zA-Z][^<>]*>?|[^<>]*(?<=[\"'\w/])>"),
    re.compile(r"&[a-z]+;|&#\d+;"),
)
_WORDS: Final = re.compile(r"[^\W\d_]{2,} +[^\W\d_]{2,}")
_TEXT_CALLS: Final = frozenset(
    {
        "button",
        "caption",
        "checkbox",
        "code",
        "download_button",
        "error",
        "expander",
        "form_submit_button",
        "header",
        "info",
        "link_button",
        "markdown",
        "metric",
        "multiselect",
        "number_input",
        "pills",
        "radio",
        "segmented_control",
        "selectbox",
        "slider",
        "subheader",
        "success",
        "tab",
        "tabs",
        "text",
        "text_area",
        "text_input",
        "title",
        "toast",
        "toggle",
        "warning",
        "write",
    }
)
_KEY: Final = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+(?<!\.csv)(?<!\.yaml)(?<!\.json)(?<!\.parquet)")
_WORD: Final = r"([a-z0-9_.]*)"
_KNOWN_ERRORS: Final = frozenset({"CrmError", "InputError", "BaseDamaged", "NotProvided", "Cancelled"})


@dataclass(frozen=True)
class Found:
    """Something in a source file.

    Args:
        place: File and line.
        text: What it says.
        values: Of a message, the names of the values given; None when they do not stand there.
        exactly: Of a message, whether a value too many is a mistake.
    """

    place: str
    text: str
    values: frozenset[str] | None = None
    exactly: bool = False


def product_files() -> list[Path]:
    """Every Python file of the product."""
    files = [*REPOSITORY.glob("app.py"), *REPOSITORY.glob("pages/**/*.py")]
    return sorted([*files, *REPOSITORY.glob("crm_core/**/*.py")])


def reader_files() -> list[Path]:
    """The files whose strings may reach a reader."""
    patterns = ("app.py", "pages/**/*.py", "crm_core/ui/**/*.py")
    rooms = (
        "crm_core/*/answers.py",
        "crm_core/*/answers/*.py",
        "crm_core/*/charts.py",
        "crm_core/*/charts/*.py",
    )
    return sorted(file for pattern in patterns + rooms for file in REPOSITORY.glob(pattern))


def prose(source: str, name: str = "") -> list[Found]:
    """Strings of a source file that look like text for a reader.

    That is a string with two words and a space between them, or with a letter outside ASCII, or a single word
    that Streamlit is to show. Docstrings, what is raised as an error of Python itself and what `NOT_PROSE`
    names are left out; of markup only what stands between the tags counts.
    """
    tree = ast.parse(source)
    silent = set(_silent_nodes(tree))
    shown = {id(argument) for call in ast.walk(tree) for argument in _shown_arguments(call)}
    return [
        Found(f"{name}:{node.lineno}", node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent
        if _is_prose(node.value, id(node) in shown)
    ]


def said(files: Iterable[Path]) -> Iterator[Found]:
    """Every message that is named by a literal: `say("key", …)`, sentences and errors with a key."""
    trees = [(file, ast.parse(file.read_text(encoding="utf-8"))) for file in files]
    errors = _error_classes(tree for _, tree in trees)
    for file, tree in trees:
        for call in ast.walk(tree):
            if not isinstance(call, ast.Call) or _called(call) not in errors | {"say", "Sentence"}:
                continue
            first = call.args[0] if call.args else None
            for key in _literals(first):
                names = [keyword.arg for keyword in call.keywords]
                unknown = None in names or _called(call) == "Sentence"
                values = None if unknown else frozenset(name for name in names if name)
                place = f"{file.relative_to(REPOSITORY)}:{call.lineno}"
                yield Found(place, key, values, exactly=_called(call) == "say")


def key_like(files: Iterable[Path], groups: frozenset[str]) -> Iterator[Found]:
    """Every literal that has the form of a key and begins with a group of the catalogues."""
    for file in files:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        formatted = {
            id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and id(node) not in formatted and _is_key(node.value, groups):
                yield Found(f"{file.relative_to(REPOSITORY)}:{node.lineno}", str(node.value))


def completed_prefixes(files: Iterable[Path], groups: frozenset[str]) -> Iterator[Found]:
    """The beginning of every f-string that completes a key."""
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr) and node.values and isinstance(node.values[0], ast.Constant):
                beginning = str(node.values[0].value)
                if re.fullmatch(r"[a-z_]+\.[a-z0-9_.]*", beginning) and beginning.split(".")[0] in groups:
                    yield Found(f"{file.relative_to(REPOSITORY)}:{node.lineno}", beginning)


def completed_keys(files: Iterable[Path], groups: frozenset[str]) -> Iterator[re.Pattern[str]]:
    """What the keys look like that f-strings complete, or that beginnings which stand by themselves are for.

    What the code completes is a group of the pattern.
    """
    for file in files:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        formatted = {
            id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values
        }
        for node in ast.walk(tree):
            parts = node.values if isinstance(node, ast.JoinedStr) else [node]
            if id(node) in formatted or not parts or not isinstance(parts[0], ast.Constant):
                continue
            beginning = str(parts[0].value)
            alone = parts == [node]
            if not re.fullmatch(r"([a-z_]+\.)+" if alone else r"[a-z_]+\.[a-z0-9_.]*", beginning):
                continue
            if beginning.split(".")[0] in groups:
                form = (
                    re.escape(str(one.value)) if isinstance(one, ast.Constant) else _WORD for one in parts
                )
                yield re.compile("".join(form) + _WORD * alone)


def words_of_code(files: Iterable[Path]) -> frozenset[str]:
    """Every name, keyword and literal of the code, to see whether it knows a word."""
    words: set[str] = set()
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                words.update(re.findall(r"\w+", node.value))
            elif isinstance(node, ast.keyword | ast.arg) and node.arg:
                words.add(node.arg)
            elif isinstance(node, ast.Attribute):
                words.add(node.attr)
            elif isinstance(node, ast.Name):
                words.add(node.id)
    return frozenset(words)


def _is_key(text: object, groups: frozenset[str]) -> bool:
    return isinstance(text, str) and _KEY.fullmatch(text) is not None and text.split(".")[0] in groups


def _is_prose(text: str, shown: bool) -> bool:
    visible = text
    for markup in _MARKUP:
        visible = markup.sub(" \n ", visible)
    if any(letter.isalpha() and not letter.isascii() for letter in visible):
        return True
    if any(pattern.search(text) for pattern in NOT_PROSE):
        return False
    return bool(_WORDS.search(visible)) or (shown and bool(re.search(r"[a-zA-Z]{2,}", visible)))


def _silent_nodes(tree: ast.AST) -> Iterator[int]:
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        for statement in body if isinstance(body, list) else []:
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                yield id(statement.value)
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and _is_builtin_error(node.exc):
            yield from (id(inner) for inner in ast.walk(node.exc))
        if isinstance(node, ast.Assert) and node.msg is not None:
            yield from (id(inner) for inner in ast.walk(node.msg))


def _is_builtin_error(call: ast.Call) -> bool:
    found = getattr(builtins, _called(call), None)
    return isinstance(found, type) and issubclass(found, Exception)


def _shown_arguments(node: ast.AST) -> list[ast.expr]:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return []
    root = node.func.value
    while isinstance(root, ast.Attribute | ast.Subscript):
        root = root.value
    if not (isinstance(root, ast.Name) and root.id in {"st", "streamlit"} and node.func.attr in _TEXT_CALLS):
        return []
    return [*node.args[:1], *(word.value for word in node.keywords if word.arg in {"label", "help", "body"})]


def _error_classes(trees: Iterable[ast.AST]) -> frozenset[str]:
    known = set(_KNOWN_ERRORS)
    classes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    grown = True
    while grown:
        more = {
            each.name
            for each in classes
            for base in each.bases
            if isinstance(base, ast.Name) and base.id in known
        }
        grown = not more <= known
        known |= more
    return frozenset(known)


def _called(call: ast.Call) -> str:
    function = call.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _literals(node: ast.AST | None) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _literals(node.body)
        yield from _literals(node.orelse)
