"""For who comes by chance: the first page, what links show, addresses that do not exist, progress."""

from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup

from autograder.chapters import CHAPTERS
from tests.browser import watched_page
from tests.site.conftest import PAGES


def article_of(site, page: str) -> BeautifulSoup:
    return BeautifulSoup((site / page).read_text(encoding="utf-8"), "html.parser")


def test_the_map_has_every_chapter_with_its_time_and_needs(site):
    rows = article_of(site, "book/index.html").select(".chapter-map tbody tr")
    cells = [[cell.get_text() for cell in row.select("td")] for row in rows]
    assert [f"{stem}.html" for stem in CHAPTERS] == [
        row.select_one("td a")["href"].rpartition("/")[2] for row in rows
    ]
    for title, time, needs, _ in cells:
        number = int(re.match(r"\d+", title)[0])
        assert re.search(r"\d.* hours?$", time), title
        assert all(int(needed) < number for needed in re.findall(r"\d+", needs)), title
    assert sum(needs != "–" for _, _, needs, _ in cells) > len(cells) / 2


def test_the_first_page_opens_with_a_figure_and_says_where_to_start(site):
    article = article_of(site, "book/index.html").select_one("article")
    titles = [title.get_text() for title in article.select("h2")]
    assert titles[0].startswith("Start here: one hour")
    before = article.select_one("h2").find_all_previous(class_="dlarch-figure")
    assert len(before) == 1


def test_every_page_describes_itself(site):
    found = {}
    for page in PAGES:
        head = article_of(site, page).head
        words = head.select_one("meta[name=description]")
        assert words, page
        assert 20 < len(words["content"]) <= 170, (page, words["content"])
        assert head.select_one("meta[property='og:title']")["content"], page
        found.setdefault(words["content"], []).append(page)
    assert [pages for pages in found.values() if len(pages) > 1] == []


@pytest.mark.browser
def test_a_wrong_address_leads_to_the_first_page(browser, origin, site):
    missing = (site / "404.html").read_text(encoding="utf-8")
    with watched_page(browser, origin) as watched:
        for address in ("book/no_such_page.html", "no_such_page.html", "notebooks/05/x.html"):
            url = f"{origin}/course/{address}"
            watched.page.route(
                url, lambda route: route.fulfill(body=missing, content_type="text/html")
            )
            watched.page.goto(url)
            watched.page.get_by_role("link", name="The first page of the course").click()
            watched.page.wait_for_url(f"{origin}/course/book/index.html")
        assert watched.errors == []


@pytest.mark.browser
def test_progress_is_kept_and_shown(browser, origin):
    with watched_page(browser, origin) as watched:
        first = ".chapter-map tbody tr:first-child td:last-child"
        watched.page.goto(f"{origin}/course/book/index.html")
        assert watched.page.locator(first).inner_text() == "–"
        watched.page.goto(f"{origin}/course/book/00_start.html")
        watched.page.locator("article h2").last.scroll_into_view_if_needed()
        watched.page.wait_for_function("() => localStorage.getItem(`read ${location.pathname}`)")
        watched.page.evaluate("localStorage.setItem(`quiz ${location.pathname} Why?`, 'right')")
        watched.page.goto(f"{origin}/course/book/index.html")
        assert watched.page.locator(first).inner_text() == "✓ read, 1 answered"
