"""How pages look: a style sheet, what Thai and right-to-left lines need beside it, and a script."""

from __future__ import annotations

import json
from collections.abc import Collection
from functools import lru_cache
from importlib.resources import files

import streamlit as st

from crm_core.i18n import Language
from crm_core.ui.state import SHARED


def apply(language: Language) -> None:
    """Dress the page for a language."""
    st.html(_sheet(language.code, language.direction))
    st.html(_script(language.code, language.direction), unsafe_allow_javascript=True)


def drop(parts: Collection[str]) -> None:
    """Take parts, codes of ours, out of the address that mean nothing here, without a step in the history.

    Changed on the server it would be one more step, and Back would lead to it again and again.
    """
    if parts:
        script = _text("drop.js").replace("{parts}", json.dumps(sorted(parts)))
        st.html(f"<script>{script}</script>", unsafe_allow_javascript=True)


@lru_cache
def _sheet(code: str, direction: str) -> str:
    parts = ["skin.css"]
    if direction == "rtl":
        parts.append("right_to_left.css")
    if code == "th":
        parts.append("thai.css")
    return "<style>" + "\n".join(_text(part) for part in parts) + "</style>"


@lru_cache
def _script(code: str, direction: str) -> str:
    """Holds nothing but codes of ours: what is put here runs in the reader's browser."""
    script = _text("skin.js").replace("{lang}", code).replace("{dir}", direction)
    script = script.replace("{shared}", json.dumps(SHARED))
    return f"<script>{script}</script>"


def _text(name: str) -> str:
    return (files("crm_core.ui") / name).read_text("utf-8")
