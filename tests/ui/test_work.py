"""Long work is done in its order, and who stopped it may go on."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def page() -> None:
    import time
    from functools import partial
    from types import SimpleNamespace
    from typing import Any, cast

    import streamlit as st

    from crm_core.ui import work

    reader: Any = SimpleNamespace(say=lambda key, **values: f"{key} {values.get('step', '')}".strip())
    done: list[str] = []

    def adds(name: str) -> None:
        time.sleep(0.5)
        done.append(name)

    steps = [work.Step(name, partial(adds, name)) for name in ("a", "b")]
    if work.done(cast(Any, reader), steps, note="note", stopped="stopped", title="what one waits for"):
        st.text(" ".join(done))


def test_steps_are_done_in_their_order_and_leave_nothing_behind() -> None:
    found = AppTest.from_function(page, default_timeout=60).run()
    assert [one.value for one in found.text] == ["a b"]
    assert not found.button
    assert not found.exception


def test_who_stopped_it_is_told_so_and_may_go_on() -> None:
    found = AppTest.from_function(page, default_timeout=60)
    found.session_state["mo-stopped"] = True
    found.run()
    assert not found.text
    assert "stopped" in found.get("html")[0].proto.body
    assert "what one waits for" in found.get("html")[0].proto.body
    found.button(key="mo-again").click().run()
    assert [one.value for one in found.text] == ["a b"]


def failing() -> None:
    from types import SimpleNamespace
    from typing import Any, cast

    import streamlit as st

    from crm_core.base import CrmError
    from crm_core.ui import work

    def fails() -> None:
        raise CrmError("churn.nobody")

    reader: Any = SimpleNamespace(say=lambda key, **values: key)
    try:
        work.done(cast(Any, reader), [work.Step("a", fails)], note="", stopped="")
    except CrmError as error:
        st.text(error.key)


def test_what_goes_wrong_is_told_to_the_page() -> None:
    found = AppTest.from_function(failing, default_timeout=60).run()
    assert [one.value for one in found.text] == ["churn.nobody"]
