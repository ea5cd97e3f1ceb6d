"""Pages drawn without a browser, and what stands on them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from typing import Any

from streamlit.testing.v1 import AppTest

from crm_core.i18n import Language

INVISIBLE = re.compile("[\u2060\u2066-\u2069]")


def said(language: Language, key: str, **values: object) -> str:
    """A message as it is read, without marks that nobody sees."""
    return INVISIBLE.sub("", language.say(key, **values))


@dataclass(frozen=True)
class Drawn:
    """A page after one run."""

    app: AppTest

    @property
    def html(self) -> str:
        """All of its markup, without invisible marks of direction."""
        return INVISIBLE.sub("", "\n".join(each.proto.body for each in self.app.get("html")))

    def texts(self, kind: str) -> list[str]:
        """The texts of all elements of a class."""
        found = re.findall(rf'<(\w+) class="{kind}"[^>]*>(.*?)</\1>', self.html, re.DOTALL)
        return [unescape(re.sub(r"<[^>]+>", "", inner)).strip() for _, inner in found]

    @property
    def pictures(self) -> dict[str, Any]:
        """The figures as Plotly gets them, each by its description for those who cannot see it."""
        charts = self.app.get("plotly_chart")
        return {INVISIBLE.sub("", each.proto.alt): json.loads(each.proto.spec) for each in charts}

    @property
    def ways(self) -> list[str]:
        """Where the links lead that lead on."""
        return [unescape(address) for address in re.findall(r'<a class="mo-way" href="([^"]*)"', self.html)]


def drawn(script: Callable[[], None], **query: str | list[str]) -> Drawn:
    """Draw a page.

    Args:
        script: Imports the page's file and draws it; its source alone is run.
        **query: The address.
    """
    app = AppTest.from_function(script, default_timeout=300)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception, app.exception
    return Drawn(app)
