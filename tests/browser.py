"""A real Chromium for tests: find it, start it, serve a folder to it, and note what it complains about."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from autograder.doctor import find_browser

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find_chromium() -> str:
    """Return the path of a Chromium or Chrome, or say how to get one."""
    if path := find_browser():
        return path
    raise RuntimeError(
        "these tests need Chromium and there is none: run `apt-get install chromium`, "
        "or set CHROMIUM to the path of a Chromium or Chrome"
    )


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Start Chromium; it is closed at the end."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


class _SilentHandler(SimpleHTTPRequestHandler):
    extensions_map = {**SimpleHTTPRequestHandler.extensions_map, ".mjs": "text/javascript"}

    def log_message(self, *arguments: object) -> None:
        pass


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    """Serve a folder on localhost; yield the origin, such as `http://127.0.0.1:40001`."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_SilentHandler, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@dataclass
class Watched:
    """A page and what went wrong on it."""

    page: Page
    errors: list[str] = field(default_factory=list)
    external_requests: list[str] = field(default_factory=list)


@contextmanager
def watched_page(
    browser: Browser,
    origin: str,
    *,
    width_px: int = 900,
    height_px: int = 900,
    color_scheme: str = "light",
    reduced_motion: str = "no-preference",
) -> Iterator[Watched]:
    """Open an empty page that notes console errors, failed loads and requests to other origins.

    A request to another origin is noted and refused, so that a test without a network says the same.
    """
    context = browser.new_context(
        viewport={"width": width_px, "height": height_px},
        color_scheme=color_scheme,
        reduced_motion=reduced_motion,
    )
    page = context.new_page()
    watched = Watched(page)

    def refuse(route):
        watched.external_requests.append(route.request.url)
        route.abort()

    def is_external(url: str) -> bool:
        return not url.startswith((origin + "/", "data:", "blob:", "about:"))

    context.route(is_external, refuse)
    page.on("pageerror", lambda error: watched.errors.append(f"page error: {error}"))
    page.on(
        "console",
        lambda message: (
            watched.errors.append(f"console: {message.text}") if message.type == "error" else None
        ),
    )
    page.on(
        "response",
        lambda response: (
            watched.errors.append(f"{response.status}: {response.url}")
            if response.status >= 400
            else None
        ),
    )
    try:
        yield watched
    finally:
        context.close()
