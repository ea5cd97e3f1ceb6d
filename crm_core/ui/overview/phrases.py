"""What the parts of the overview say alike."""

from __future__ import annotations

from crm_core.overview.rules import Span
from crm_core.ui.shell import Reader


def days(reader: Reader, span: Span) -> str:
    """The days of a span in the reader's words."""
    return reader.language.date_range(span.first, span.last)
