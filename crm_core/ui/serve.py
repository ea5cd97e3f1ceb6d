"""The server: Streamlit with security headers and a route that says whether it lives."""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import socket
import sys
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import streamlit as st
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from streamlit import config
from streamlit.runtime.pages_manager import PagesManager

from crm_core.base import InputError
from crm_core.ui.location import LOCATION_VARIABLE

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_FIRST_READER_SECONDS: Final = 1.0
"""How long the pages wait to be loaded for somebody who comes at once."""
_LARGEST_MESSAGE: Final = 200 * 2**20
_REPOSITORY: Final = Path(__file__).parents[2]
_SCRIPT: Final = (_REPOSITORY / "app").with_suffix(".py")

CONTENT_POLICY: Final = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' 'wasm-unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "frame-src 'none'",
        "frame-ancestors 'none'",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
    )
)

HEADERS: Final = (
    (b"content-security-policy", CONTENT_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
)


class SecurityHeaders:
    """Adds the headers to every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and its answer back with the headers."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                ours = {name for name, _ in HEADERS}
                kept = [pair for pair in message.get("headers", []) if pair[0].lower() not in ours]
                message["headers"] = [*kept, *HEADERS]
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)


async def _alive(_: Request) -> PlainTextResponse:
    return PlainTextResponse("ok")


@contextlib.asynccontextmanager
async def _warming(_: st.App) -> AsyncIterator[None]:
    """Load what the pages need while nobody reads yet; a first reader sees the frame of the page before."""
    from crm_core.ui import frame

    def load() -> None:
        frame.drawn.wait(_FIRST_READER_SECONDS)
        for path in sorted((_REPOSITORY / "pages").glob("*.py")):
            importlib.import_module(f"pages.{path.stem}")

    threading.Thread(target=load, daemon=True).start()
    yield


def _unexpected(error: Exception) -> bool:
    from crm_core.ui.app import unexpected

    return unexpected(error)


def asgi() -> st.App:
    """The app for an ASGI server."""
    # Else a page's file could be run without app.py by whoever comes before the first visitor. The files do
    # nothing then, but that visitor would see an empty page.
    PagesManager.uses_pages_directory = False
    return st.App(
        _SCRIPT,
        middleware=[Middleware(SecurityHeaders)],
        routes=[Route("/healthz", _alive)],
        on_script_error=_unexpected,
        lifespan=_warming,
    )


def serve(base: str, port: int, host: str, announce: Callable[[str], None]) -> None:
    """Show a base until the process is told to stop.

    Args:
        base: A directory, or the URL of an engine on which the canonical tables live.
        port: Where to listen.
        host: On which address to listen.
        announce: Told the server's own address once it listens.

    Raises:
        InputError: Somebody else listens there, or this machine has no such address.
    """
    import uvicorn

    try:
        listening = socket.create_server((host, port))
    except OSError as error:
        raise InputError("serve.cannot_listen", host=host, port=str(port)) from error
    os.environ[LOCATION_VARIABLE] = base
    sys.path.insert(0, str(_REPOSITORY))
    # Streamlit looks for its settings beside the script that it was started with.
    config._main_script_path = str(_SCRIPT)
    config.get_config_options(
        force_reparse=True, options_from_flags={"server.port": port, "server.address": host}
    )
    settings = uvicorn.Config(
        asgi(),
        access_log=False,
        log_level="warning",
        ws="websockets-sansio",
        ws_max_size=_LARGEST_MESSAGE,
    )
    announce(f"http://{host}:{port}/")
    with listening, contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(settings).run(sockets=[listening])
    gc.unfreeze()
