"""A real Chromium for tests: find it, start it, serve a folder to it, and note what it complains about."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from weakref import WeakKeyDictionary

from playwright.sync_api import Browser, Error, Page, sync_playwright

from autograder.system import find_browser

FLAGS = [
    "--headless",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
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


FORGET = "() => { localStorage.clear(); sessionStorage.clear(); }"
_idle: WeakKeyDictionary[Browser, list[Page]] = WeakKeyDictionary()


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

    A request to another origin is noted, and no name but this machine's is resolved, so that a test
    without a network says the same. To open a tab takes longer than a figure, so a tab is used again:
    emptied, and with nothing stored.
    """
    idle = _idle.setdefault(browser, [])
    page = idle.pop() if idle else browser.new_page()
    page.set_viewport_size({"width": width_px, "height": height_px})
    page.emulate_media(media="null", color_scheme=color_scheme, reduced_motion=reduced_motion)
    watched = Watched(page)

    def note_request(request):
        if not request.url.startswith((origin + "/", "data:", "blob:", "about:")):
            watched.external_requests.append(request.url)

    def note_message(message):
        if message.type == "error":
            watched.errors.append(f"console: {message.text}")

    def note_response(response):
        if response.status >= 400:
            watched.errors.append(f"{response.status}: {response.url}")

    notes = {
        "pageerror": lambda error: watched.errors.append(f"page error: {error}"),
        "console": note_message,
        "request": note_request,
        "response": note_response,
    }
    for event, note in notes.items():
        page.on(event, note)
    try:
        yield watched
    finally:
        for event, note in notes.items():
            page.remove_listener(event, note)
        _put_back(page, idle)


def _put_back(page: Page, idle: list[Page]) -> None:
    """Keep a tab for the next test, if it can be emptied."""
    try:
        page.unroute_all()
        if page.url.startswith("http"):
            page.evaluate(FORGET)
        page.context.clear_cookies()
        page.goto("about:blank")
        page.mouse.move(-1, -1)
    except Error:
        page.context.close()
    else:
        idle.append(page)
