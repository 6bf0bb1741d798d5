"""The search field finds pages, and quotes them readably."""

from __future__ import annotations

import pytest

from tests.browser import watched_page

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("term", "page"), [("convolution", "07_convolution"), ("backpropagation", "04_backpropagation")]
)
def test_a_term_leads_to_its_chapter(term, page, browser, origin):
    with watched_page(browser, origin) as watched:
        watched.page.goto(f"{origin}/course/search.html?q={term}")
        watched.page.locator(f"#search-results li a[href*='book/{page}.html']").first.wait_for()
        watched.page.wait_for_load_state("networkidle")
        excerpts = watched.page.locator("#search-results .context").all_text_contents()
        assert excerpts
        assert not [text for text in excerpts if "\\(" in text or "\\frac" in text or "\\]" in text]
        assert watched.errors == []
        assert watched.external_requests == []


def test_the_field_in_the_side_bar_opens_the_search(browser, origin):
    with watched_page(browser, origin, width_px=1280) as watched:
        watched.page.goto(f"{origin}/course/book/index.html")
        watched.page.keyboard.press("Control+k")
        watched.page.keyboard.type("gradient")
        watched.page.keyboard.press("Enter")
        watched.page.wait_for_url("**/search.html?q=gradient")
        watched.page.locator("#search-results li").first.wait_for()
