"""Every page in a real browser, wide and light, narrow and dark: it works, alone, and for everybody."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import Browser

from tests.browser import Watched, watched_page
from tests.site.conftest import PAGES

pytestmark = pytest.mark.browser

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
BASELINE = json.loads(Path(__file__).with_name("axe_baseline.json").read_text(encoding="utf-8"))
SETTINGS = {"wide and light": (1280, "light"), "narrow and dark": (390, "dark")}


@pytest.fixture(
    scope="module", params=[(page, name) for page in PAGES for name in SETTINGS], ids=" ".join
)
def opened(request: pytest.FixtureRequest, browser: Browser, origin: str) -> Iterator[Watched]:
    """One page in one setting, with its formulas set and its figures started."""
    address, setting = request.param
    width_px, color_scheme = SETTINGS[setting]
    with watched_page(browser, origin, width_px=width_px, color_scheme=color_scheme) as watched:
        watched.page.goto(f"{origin}/course/{address}")
        watched.page.evaluate("window.MathJax?.startup?.promise")
        watched.page.wait_for_load_state("networkidle")
        yield watched


def test_nothing_goes_wrong(opened):
    assert opened.errors == []


def test_nothing_comes_from_another_origin(opened):
    assert opened.external_requests == []


def test_every_figure_runs(opened):
    figures = opened.page.locator("[data-figure]:not(.dla)")
    running = opened.page.locator("[data-figure][data-ready]:has(.dla)")
    assert running.count() == figures.count()


def test_every_formula_is_set(opened):
    counts = opened.page.evaluate(
        """() => ({
            formulas: document.querySelectorAll(".math").length,
            set: document.querySelectorAll(".math mjx-container").length,
            errors: [...document.querySelectorAll("mjx-merror")].map((node) => node.title),
        })"""
    )
    assert counts["errors"] == []
    assert counts["set"] >= counts["formulas"]


def test_the_page_never_scrolls_sideways(opened):
    too_wide = opened.page.evaluate(
        """() => document.documentElement.scrollWidth <= innerWidth ? [] :
            [...document.querySelectorAll("article *")]
                .filter((node) => node.getBoundingClientRect().right > innerWidth)
                .map((node) => node.outerHTML.slice(0, 120))"""
    )
    assert too_wide == []


def test_the_colours_follow_the_reader(opened):
    dark = opened.page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    surfaces = opened.page.evaluate(
        """() => [document.body, ...document.querySelectorAll(".dla, .admonition, pre")].map((node) =>
            getComputedStyle(node).backgroundColor.match(/[\\d.]+/g).map(Number))"""
    )
    opaque = [surface[:3] for surface in surfaces if len(surface) == 3 or surface[3] == 1]
    assert opaque
    assert all((sum(rgb) / 3 < 90) == dark for rgb in opaque), opaque


def test_axe_finds_no_serious_violation_of_ours(opened):
    opened.page.evaluate(AXE.read_text(encoding="utf-8"))
    found = opened.page.evaluate(
        """async (baseline) => {
            const { violations } = await axe.run(document, { preload: false });
            return violations
                .filter(({ impact }) => impact === "serious" || impact === "critical")
                .flatMap(({ id, nodes }) =>
                    nodes.map(({ target, html }) => ({ id, html, target: target[0] })))
                .filter(({ id, target }) => !baseline.some(({ rule, within }) =>
                    id === rule && document.querySelector(target).closest(within)));
        }""",
        BASELINE,
    )
    assert found == []


def test_a_printed_page_is_its_article_on_white(opened):
    opened.page.emulate_media(media="print")
    frame = opened.page.locator(".bd-sidebar-primary, .bd-sidebar-secondary, .bd-header-article")
    assert not any(node.is_visible() for node in frame.all())
    assert opened.page.locator("h1:visible").count() == 1
    assert opened.page.locator("html[data-theme=light]").count() == 1
    paper = opened.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == "rgb(255, 255, 255)"
