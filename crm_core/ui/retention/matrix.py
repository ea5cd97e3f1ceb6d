"""A matrix as markup: headings that stay in sight, cells that are links, and below it what they mean."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from crm_core.ui import markup


@dataclass(frozen=True)
class Square:
    """A cell.

    Args:
        shown: What stands in it.
        told: What it means, in words.
        address: Where it leads; empty where it leads nowhere.
        fill: Its colour as `#rrggbb`; empty where it is hatched.
        ink: The colour of the text on it.
    """

    shown: str
    told: str
    address: str
    fill: str
    ink: str


@dataclass(frozen=True)
class Line:
    """A row: its name, what stands beside the name, where the name leads, and its cells from the first on."""

    name: str
    beside: str
    told: str
    address: str
    squares: tuple[Square, ...]


def drawn(
    corner: str,
    headings: Sequence[str],
    lines: Iterable[Line],
    mean: Line,
    *,
    hint: str,
    sideways: str,
    way: str,
) -> str:
    """The matrix: one stop for the keyboard, on which arrows lead from link to link; see the page's script.

    Args:
        corner: What the names of rows are.
        headings: Of the columns.
        lines: The rows.
        mean: The row that stays at the foot.
        hint: What can be done with it, in the line where the cell that is pointed at is told.
        sideways: That it can be moved to the side, where it is wider than its place.
        way: What leads on from a cell that a finger has pointed at.
    """
    columns = "".join(f'<th scope="col">{escape(one)}</th>' for one in headings)
    body = "".join(_row(one, len(headings)) for one in lines)
    # The first link is where the keyboard comes in.
    body = body.replace(' tabindex="-1"', ' tabindex="0"', 1)
    return (
        f'<div class="mo-matrix" data-way="{escape(way)}"><p class="mo-sideways">{escape(sideways)}</p>'
        '<div class="mo-matrix-frame">'
        f'<div class="mo-matrix-view" role="region" aria-label="{escape(corner)}"><table>'
        f'<thead><tr><th scope="col">{escape(corner)}</th>{columns}</tr></thead>'
        f"<tbody>{body}</tbody><tfoot>{_row(mean, len(headings))}</tfoot></table></div></div>"
        f'<p class="mo-told" aria-live="off">{escape(hint)}</p></div>'
    )


def _row(line: Line, columns: int) -> str:
    name = markup.text(line.name)
    if line.address:
        name = f'<a href="{escape(line.address)}" tabindex="-1" data-told="{escape(line.told)}">{name}</a>'
    cells = "".join(_cell(one) for one in line.squares)
    rest = "<td></td>" * (columns - len(line.squares))
    beside = f"<small>{escape(line.beside)}</small>"
    return f'<tr><th scope="row"><div><span>{name}</span>{beside}</div></th>{cells}{rest}</tr>'


def _cell(square: Square) -> str:
    told = escape(square.told)
    style = f"background:{square.fill};color:{square.ink}" if square.fill else ""
    kind = f' style="{style}"' if style else ' class="mo-hatched"'
    shown = escape(square.shown)
    if not square.address:
        return f'<td{kind} data-told="{told}">{shown}</td>'
    return f'<td{kind}><a href="{escape(square.address)}" tabindex="-1" aria-label="{told}">{shown}</a></td>'
