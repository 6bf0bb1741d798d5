"""One chapter with the keyboard alone: every stop is seen, and the first figure is reached and moved."""

from __future__ import annotations

import pytest

from tests.browser import watched_page

pytestmark = pytest.mark.browser

FOCUSED = """() => {
    const node = document.activeElement;
    const { outlineStyle, boxShadow } = getComputedStyle(node);
    const box = node.getBoundingClientRect();
    return {
        name: node.outerHTML.slice(0, 100),
        seen: outlineStyle !== "none" || boxShadow !== "none",
        inside: box.bottom > 0 && box.top < innerHeight,
        article: Boolean(node.closest("article")),
        figure: Boolean(node.closest("article .dla")),
        trait: node.dataset.trait,
    };
}"""


def test_a_chapter_is_read_and_played_without_a_mouse(browser, origin):
    with watched_page(browser, origin, width_px=1280) as watched:
        page = watched.page
        page.goto(f"{origin}/course/book/02_neuron.html")
        page.evaluate("window.MathJax?.startup?.promise")
        page.wait_for_selector("[data-figure][data-ready] .dla")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent").strip().startswith("Skip to")
        page.keyboard.press("Enter")
        stops, unseen = [], []
        for _ in range(80):
            page.keyboard.press("Tab")
            stop = page.evaluate(FOCUSED)
            stops.append(stop)
            if stop["article"] and not (stop["seen"] and stop["inside"]):
                unseen.append(stop["name"])
            if stop["figure"]:
                break
        assert stops[-1]["figure"], "the first figure is within eighty stops of the page's start"
        assert unseen == []
        words = page.locator(".dla [data-words]").first
        before = words.inner_text()
        for _ in range(8):
            page.keyboard.press("Enter")
            page.keyboard.press("ArrowDown")
            page.keyboard.press("Tab")
        assert words.inner_text() != before
