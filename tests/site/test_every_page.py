"""Every page in a real browser, wide and light, narrow and dark: it works, alone, and for everybody.

A page is loaded once in each setting. The tests follow each other as a reader would: look, use, print;
the last ones ask whether anything went wrong meanwhile.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, Locator, Page

from tests.browser import Watched, watched_page
from tests.site.conftest import PAGES, ROOT

pytestmark = pytest.mark.browser

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
BASELINE = json.loads(Path(__file__).with_name("axe_baseline.json").read_text(encoding="utf-8"))
CUT_ON_PAPER = (ROOT / "website" / "cut_on_paper.js").read_text(encoding="utf-8")
PRINTED_WIDTH_PX = 680  # A4 with margins of 15 mm
KEYS = {"range": "ArrowRight", "number": "ArrowUp", "checkbox": "Space", "select-one": "ArrowDown"}
FIGURES_ARE_READY = """() => document.readyState === "complete" && [
    ...document.querySelectorAll("[data-figure]:not(.dla)")].every((node) => "ready" in node.dataset)"""
NUMBERS_AND_WORDS = """(figure) =>
    [...figure.querySelectorAll("[data-words], [data-value]")].map((node) => node.textContent)"""
EMPTY_DRAWN_FORMULAS = """() => {
    window.drawn = [...document.querySelectorAll("mjx-math[aria-hidden=true]")]
        .filter((node) => !node.textContent.trim())
        .filter((node) => !node.querySelector("a, [href], [tabindex], [style*=important]"))
        .map((node) => [node, [...node.childNodes], node.getBoundingClientRect()]);
    for (const [node, , { width, height }] of window.drawn) {
        node.replaceChildren();
        node.style.cssText = `display: inline-block; width: ${width}px; height: ${height}px`;
    }
}"""
"""Leave the room of drawn formulas and take their glyphs out, which are half of all elements.

They are hidden from screen readers, and hold neither text nor anything to focus: nothing that axe asks about.
"""
FILL_DRAWN_FORMULAS = """() => {
    for (const [node, glyphs] of window.drawn) {
        node.style.cssText = "";
        node.replaceChildren(...glyphs);
    }
}"""
FORMULAS_OUT_OF_REACH = """() => [...document.querySelectorAll(".math mjx-container")].filter((formula) => {
    if (!formula.checkVisibility()) return false;
    for (let node = formula; !node.matches("article"); node = node.parentElement) {
        const style = getComputedStyle(node);
        if (style.display === "inline" || node.scrollWidth <= node.clientWidth + 1) continue;
        if (style.overflowX === "auto" || style.overflowX === "scroll") return false;
        if (style.overflowX !== "visible") return true;
    }
    return false;
}).map((node) => node.textContent.trim().slice(0, 60))"""
"""Formulas that are wider than a place that cannot be scrolled (scrollWidth against clientWidth)."""
UNMARKED_SCROLLERS = """() => [...document.querySelectorAll("mjx-container[display=true], .diagram")]
    .filter((node) => node.checkVisibility() && node.scrollWidth > node.clientWidth + 1)
    .filter((node) => node.tabIndex !== 0 || getComputedStyle(node).backgroundImage === "none")
    .map((node) => node.textContent.trim().slice(0, 60))"""
LOST_PUNCTUATION = """() => [...document.querySelectorAll(".together")].filter((node) => {
    const [first, last] = [node.firstChild, node.lastChild].map((child) => {
        const range = document.createRange();
        range.selectNodeContents(child);
        return child.nodeType === 3 ? range.getBoundingClientRect() : child.getBoundingClientRect();
    });
    return node.checkVisibility() && last.left < first.left;
}).map((node) => node.textContent.slice(0, 60))"""
LETTERS_OF_DIAGRAMS = """async () => {
    const images = [...document.querySelectorAll(".diagram img")];
    return Promise.all(images.map(async (image) => {
        const text = await (await fetch(image.src)).text();
        const drawing = new DOMParser().parseFromString(text, "image/svg+xml");
        const scale = image.clientWidth / drawing.documentElement.viewBox.baseVal.width;
        const sizes = [...drawing.querySelectorAll("[font-size]")]
            .map((node) => parseFloat(node.getAttribute("font-size")));
        return [image.src, scale * Math.min(...sizes)];
    }));
}"""
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
        watched.page.wait_for_function(FIGURES_ARE_READY)
        yield watched


@cache
def compressed_size(page: Page, address: str) -> int:
    """The size of a file as a host sends it."""
    return len(gzip.compress(page.request.get(address).body()))


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


def test_no_formula_is_cut_off_at_any_width(opened):
    width_px = opened.page.viewport_size["width"]
    for other_px in [390] if width_px == 390 else [768, 1440, width_px]:
        opened.page.set_viewport_size({"width": other_px, "height": 900})
        assert opened.page.evaluate(FORMULAS_OUT_OF_REACH) == [], other_px
        assert opened.page.evaluate(LOST_PUNCTUATION) == [], other_px
    opened.page.wait_for_function(f"() => !({UNMARKED_SCROLLERS})().length", timeout=2000)


def test_formulas_are_no_tab_stops_unless_they_scroll(opened):
    opened.page.wait_for_function(  # the page hears of a new width a moment later
        """() => ![...document.querySelectorAll("mjx-container[tabindex='0'], .math[tabindex='0']")]
            .some((node) => node.scrollWidth <= node.clientWidth)"""
    )


def test_letters_of_diagrams_can_be_read(opened):
    assert [found for found in opened.page.evaluate(LETTERS_OF_DIAGRAMS) if found[1] < 10.9] == []


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
    opened.page.evaluate(EMPTY_DRAWN_FORMULAS)
    found = opened.page.evaluate(
        """async (baseline) => {
            const { violations } = await axe.run(document, {
                preload: false, resultTypes: ["violations"],
            });
            return violations
                .filter(({ impact }) => impact === "serious" || impact === "critical")
                .flatMap(({ id, nodes }) =>
                    nodes.map(({ target, html }) => ({ id, html, target: target[0] })))
                .filter(({ id, target }) => !baseline.some(({ rule, within }) =>
                    id === rule && document.querySelector(target).closest(within)));
        }""",
        BASELINE,
    )
    opened.page.evaluate(FILL_DRAWN_FORMULAS)
    assert found == []


def test_every_figure_answers_to_the_keyboard(opened):
    for figure in opened.page.locator(".dlarch-figure[data-figure]").all():
        before = figure.evaluate(NUMBERS_AND_WORDS)
        controls = figure.locator("input[data-trait], select[data-trait], button[data-action]")
        usable = (
            control for control in controls.all() if control.is_visible() and control.is_enabled()
        )
        for control in usable:
            control.focus()
            control.press(KEYS.get(control.evaluate("node => node.type"), "Enter"))
            if changes(figure, before):
                break
        assert changes(figure, before), figure.get_attribute("data-figure")


def changes(figure: Locator, before: list[str]) -> bool:
    """Whether a figure soon shows other numbers or words than before."""
    for _ in range(10):
        if figure.evaluate(NUMBERS_AND_WORDS) != before:
            return True
        figure.page.wait_for_timeout(30)
    return False


def test_a_printed_page_is_its_article_on_white(opened):
    opened.page.emulate_media(media="print")
    frame = opened.page.locator(".bd-sidebar-primary, .bd-sidebar-secondary, .bd-header-article")
    assert not any(node.is_visible() for node in frame.all())
    assert opened.page.locator("h1:visible").count() == 1
    assert opened.page.locator("html[data-theme=light]").count() == 1
    paper = opened.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == "rgb(255, 255, 255)"
    opened.page.set_viewport_size({"width": PRINTED_WIDTH_PX, "height": 1000})
    opened.page.wait_for_timeout(100)  # charts are drawn again
    assert opened.page.evaluate(CUT_ON_PAPER) == []


def test_the_page_is_light(opened):
    """At most 600 kB, compressed as hosts do, with everything that it asked for until it was ready."""
    addresses = opened.page.evaluate(
        "() => performance.getEntriesByType('resource').map(({ name }) => name)"
    )
    origin = opened.page.url.partition("/course/")[0]
    paths = {address.removeprefix(origin).partition("?")[0] for address in addresses}
    weight = sum(compressed_size(opened.page, origin + path) for path in paths)
    assert weight + compressed_size(opened.page, opened.page.url) <= 600_000


def test_nothing_went_wrong(opened):
    assert opened.errors == []


def test_nothing_came_from_another_origin(opened):
    assert opened.external_requests == []
