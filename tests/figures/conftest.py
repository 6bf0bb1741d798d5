"""Each figure's module on a page of its own, in Chromium, without a kernel."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from autograder.course import ROOT
from dlarch.figures import FIGURES
from dlarch.figures.base import module_source
from tests.browser import Watched, serve, watched_page

PAGE = """<!doctype html>
<html lang="en" data-theme="{theme}"><head><meta charset="utf-8"><title>{name}</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; script-src 'self'; img-src data:; connect-src 'self'; style-src 'self'">
<link rel="stylesheet" href="page.css"></head>
<body><main></main><script type="module" src="loader.mjs"></script></body></html>
"""
STYLE = (
    "html { background: #fff } html[data-theme=dark] { background: #121417 } body { margin: 12px }"
)
SITE = (ROOT / "website" / "static" / "live_figures.js").read_text()
LOADER = (
    re.search(r"^  function createModel.*?^  }\n", SITE, re.M | re.S)[0]
    + """
const { name, state } = Object.fromEntries(new URLSearchParams(location.search));
const figure = await import(`./${name}.mjs`);
const values = { ...structuredClone(figure.defaults), ...JSON.parse(state) };
const listeners = new Map();
const model = createModel(values, listeners);
const cleanup = await figure.default.render({ model, el: document.querySelector("main") });
window.figure = { model, cleanup, defaults: figure.defaults, listeners };
"""
)


@dataclass
class LiveFigure:
    """A figure on a page: what it shows, by name, and its traits."""

    page: Page
    watched: Watched

    def exact(self, name: str) -> float:
        """The number shown as `name`; every place that shows it must show the same."""
        shown = self.page.locator(f'[data-value="{name}"]').evaluate_all(
            "nodes => nodes.map(node => node.dataset.exact)"
        )
        assert shown, f"the figure shows no value named {name}"
        assert len(set(shown)) == 1, f"{name} is shown as {sorted(set(shown))}"
        return float(shown[0])

    def shown(self) -> dict[str, float]:
        """Every number shown now, by name."""
        return {name: float(number) for name, number in self._places()}

    def all_exact(self) -> dict[str, float]:
        """Every number shown now, by name; every place that shows a name must show the same."""
        places = self._places()
        shown = dict(places)
        different = {name for name, number in places if number != shown[name]}
        assert not different, f"shown in different ways: {sorted(different)}"
        return {name: float(number) for name, number in shown.items()}

    def _places(self) -> list[list[str]]:
        return self.page.locator("[data-value]").evaluate_all(
            "nodes => nodes.map(node => [node.dataset.value, node.dataset.exact])"
        )

    def words(self) -> str:
        return self.page.locator("[data-words]").inner_text()

    def get(self, trait: str) -> object:
        return self.page.evaluate("trait => window.figure.model.get(trait)", trait)

    def set(self, **traits: object) -> None:
        for trait, value in traits.items():
            self.page.evaluate(
                "([trait, value]) => window.figure.model.set(trait, value)", [trait, value]
            )
        self.settle()

    def press(self, action: str, times: int = 1) -> None:
        """Press a button by keyboard."""
        control = self.page.locator(f'[data-action="{action}"]')
        for _ in range(times):
            control.focus()
            self.page.keyboard.press("Enter")
        self.settle()

    def key(self, trait: str, key: str, times: int = 1) -> None:
        """Press a key on a trait's control."""
        self.page.locator(f'[data-trait="{trait}"]').focus()
        for _ in range(times):
            self.page.keyboard.press(key)
        self.settle()

    def type(self, trait: str, text: str) -> None:
        """Type a number in a trait's field."""
        self.page.locator(f'[data-trait="{trait}"]').focus()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text)
        self.settle()

    def choose(self, trait: str, value: object) -> None:
        self.page.locator(f'[data-trait="{trait}"]').select_option(
            json.dumps(value, separators=(",", ":"))
        )
        self.settle()

    def resize(self, width_px: int) -> None:
        """Give the page another width, and wait until the figure has drawn itself for it."""
        self.page.set_viewport_size({"width": width_px, "height": 900})
        self.page.wait_for_function("width => innerWidth === width", arg=width_px)
        for _ in range(2):  # laid out, then drawn anew
            self.settle()

    def settle(self) -> None:
        """Wait until what was changed has been drawn."""
        self.page.evaluate(
            "() => new Promise(done => requestAnimationFrame(() => setTimeout(done, 0)))"
        )


OpenFigure = Callable[..., LiveFigure]


@pytest.fixture(scope="session")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("figures")
    for name in FIGURES:
        (folder / f"{name}.mjs").write_text(module_source(name), encoding="utf-8")
        for theme in ("light", "dark"):
            page = PAGE.format(name=name, theme=theme)
            (folder / f"{name}-{theme}.html").write_text(page, encoding="utf-8")
    (folder / "loader.mjs").write_text(LOADER, encoding="utf-8")
    (folder / "page.css").write_text(STYLE, encoding="utf-8")
    with serve(folder) as address:
        yield address


@contextmanager
def opening(browser: Browser, origin: str) -> Iterator[OpenFigure]:
    """Open figures by name; at the end no page may have complained or asked another origin."""
    with ExitStack() as stack:
        opened: list[LiveFigure] = []

        def open_one(
            name: str, *, theme: str = "light", state: dict | None = None, **page: object
        ) -> LiveFigure:
            watched = stack.enter_context(watched_page(browser, origin, **page))
            live = LiveFigure(watched.page, watched)
            opened.append(live)
            query = f"name={name}&state={json.dumps(state or {})}"
            watched.page.goto(f"{origin}/{name}-{theme}.html?{query}")
            watched.page.wait_for_function("() => window.figure !== undefined")
            live.settle()
            return live

        yield open_one
        for live in opened:
            assert live.watched.errors == []
            assert live.watched.external_requests == []


@pytest.fixture
def open_figure(browser: Browser, origin: str) -> Iterator[OpenFigure]:
    """Open figures for one test."""
    with opening(browser, origin) as open_one:
        yield open_one
