"""Words and citations are explained where they stand: on hover, on focus and on touch."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Browser, Page

from tests.browser import watched_page

PAGE = "book/07_convolution.html"
WORD = 'a.defined[href*="glossary.html"]'
CITATION = 'a.defined[href*="references.html"]'


@pytest.fixture(scope="module")
def page(browser: Browser, origin: str) -> Iterator[Page]:
    with watched_page(browser, origin) as watched:
        watched.page.goto(f"{origin}/course/{PAGE}")
        watched.page.wait_for_selector("#definition", state="attached")
        yield watched.page
        assert watched.errors == []


def shown(page: Page) -> str:
    return page.locator("#definition:not([hidden])").inner_text()


@pytest.mark.browser
def test_a_word_is_explained_on_hover_until_the_pointer_leaves(page):
    page.locator(WORD, has_text="receptive field").hover()
    assert "that a unit can see" in shown(page)
    page.locator("#definition").hover()
    page.wait_for_timeout(400)
    assert "that a unit can see" in shown(page), "the box itself can be pointed at"
    page.mouse.move(0, 0)
    page.locator("#definition").wait_for(state="hidden")


@pytest.mark.browser
def test_a_citation_is_explained_on_focus_until_escape(page):
    link = page.locator(CITATION).first
    link.focus()
    assert re.search(r"\b(19|20)\d\d\b", shown(page))
    assert link.get_attribute("aria-describedby") == "definition"
    page.keyboard.press("Escape")
    assert page.locator("#definition").is_hidden()
    assert link.get_attribute("aria-describedby") is None


@pytest.mark.browser
def test_the_first_touch_explains_and_the_second_follows(browser: Browser, origin: str):
    context = browser.new_context(has_touch=True, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{origin}/course/{PAGE}")
    word = page.locator(WORD, has_text="equivariance").first
    word.tap()
    assert "in the same way" in shown(page)
    box = page.locator("#definition").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    word.tap()
    page.wait_for_url("**/glossary.html#*")
    context.close()


def test_each_word_is_linked_once_on_a_page_and_has_one_sentence(site: Path):
    glossary = BeautifulSoup((site / "book" / "glossary.html").read_text(), "html.parser")
    sentences = {
        term["id"]: term.find_next("dd").p.get_text() for term in glossary.select("dt[id]")
    }
    assert len(sentences) > 80
    for sentence in sentences.values():
        assert re.fullmatch(r"(?:(?![.?!] [A-Z]).)+\.", sentence), sentence
    for path in sorted((site / "book").glob("[0-9]*.html")):
        links = BeautifulSoup(path.read_text(), "html.parser").select(WORD)
        anchors = Counter(link["href"].partition("#")[2] for link in links)
        assert anchors, path.name
        assert set(anchors.values()) == {1}, path.name
        assert all(link["title"] == sentences[link["href"].partition("#")[2]] for link in links)
