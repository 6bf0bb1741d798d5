"""Figures on the built site: without a kernel, without a mouse, under a strict policy."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from dlarch.figures import FIGURES
from tests.browser import watched_page
from tests.site.conftest import PAGES

pytestmark = pytest.mark.browser


@pytest.fixture(scope="session")
def figures_by_page(site) -> dict[str, list[str]]:
    """The names of the figures on each page that has some."""
    by_page = {}
    for page in PAGES:
        soup = BeautifulSoup((site / page).read_text(encoding="utf-8"), "html.parser")
        if names := [node["data-figure"] for node in soup.select("[data-figure]")]:
            by_page[page] = names
    return by_page


@pytest.mark.parametrize("name", FIGURES)
def test_each_figure_of_the_course_stands_on_a_page(name, figures_by_page):
    assert any(name in names for names in figures_by_page.values())


def test_figures_run_under_a_policy_without_inline_scripts(figures_by_page, browser, origin):
    policy = "script-src 'self'; object-src 'none'; base-uri 'none'; connect-src 'self'"
    for page, names in figures_by_page.items():
        with watched_page(browser, origin) as watched:

            def add_policy(route):
                answer = route.fetch()
                headers = {**answer.headers, "content-security-policy": policy}
                route.fulfill(response=answer, headers=headers)

            watched.page.route(f"{origin}/course/{page}", add_policy)
            watched.page.goto(f"{origin}/course/{page}")
            running = watched.page.locator(".dlarch-figure[data-ready]")
            running.nth(len(names) - 1).wait_for(state="attached", timeout=20_000)
            assert running.count() == len(names)


def test_figures_and_formulas_work_on_pages_opened_from_a_disk(figures_by_page, browser, site):
    for page, names in figures_by_page.items():
        with watched_page(browser, "file://") as watched:
            watched.page.goto((site / page).as_uri())
            running = watched.page.locator(".dlarch-figure[data-ready]:has(.dla)")
            running.nth(len(names) - 1).wait_for(timeout=20_000)
            if watched.page.locator(".math").count():
                watched.page.locator(".math mjx-container").first.wait_for(state="attached")
            assert watched.errors == []
            assert watched.external_requests == []


def test_a_figure_that_cannot_start_leaves_its_description(figures_by_page, browser, origin):
    page = next(iter(figures_by_page))
    with watched_page(browser, origin) as watched:
        watched.page.route("**/figures/*.mjs", lambda route: route.abort())
        watched.page.goto(f"{origin}/course/{page}")
        watched.page.get_by_text("could not start").first.wait_for()
        description = watched.page.locator(".live-alt").first
        assert description.is_visible()
        assert description.bounding_box()["height"] > 10
