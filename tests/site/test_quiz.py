"""The questions of a page: answered by keyboard alone, kept in the browser, readable without a script."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import watched_page

pytestmark = pytest.mark.browser

PAGE = "book/04_backpropagation.html"


@pytest.fixture(scope="module")
def page(browser: Browser, origin: str) -> Iterator[Page]:
    with watched_page(browser, origin) as watched:
        watched.page.goto(f"{origin}/course/{PAGE}")
        watched.page.wait_for_selector(".quiz.is-live")
        yield watched.page
        assert watched.errors == []
        assert watched.external_requests == []


def verdict(question) -> str:
    return question.locator(".quiz-verdict").inner_text()


def check(page: Page, question) -> str:
    question.locator(".quiz-check").focus()
    page.keyboard.press("Enter")
    return verdict(question)


def test_a_choice_is_answered_by_keyboard_and_a_wrong_one_says_why(page):
    question = page.locator(".quiz-recall .quiz-choices").first
    assert check(page, question).startswith("Answer first")
    wrong = question.locator("li.quiz-wrong").first
    wrong.locator("input").focus()
    page.keyboard.press("Space")
    said = check(page, question)
    assert "Not yet" in said
    assert wrong.locator(".quiz-because").evaluate("node => node.textContent.trim()") in said
    question.locator("li.quiz-right input").focus()
    page.keyboard.press("Space")
    assert "Right" in check(page, question)


@pytest.mark.parametrize(
    ("typed", "said"),
    [("1/4", "Right"), ("0,25", "Right"), ("0.5", "the value at 0"), ("7", "Not")],
)
def test_a_number_is_read_as_people_write_it_and_a_known_slip_is_named(page, typed, said):
    question = page.locator(".quiz-recall .quiz-number").first
    question.locator("input").fill(typed)
    assert said in check(page, question)


def test_steps_are_put_in_order_by_keyboard(page):
    question = page.locator(".quiz-order").first
    assert "Not yet" in check(page, question)
    for place in range(1, 6):
        item = question.locator("li").filter(has=page.locator(f".quiz-value >> text='{place}'"))
        while item.evaluate("node => [...node.parentElement.children].indexOf(node)") >= place:
            item.locator("button").first.focus()
            page.keyboard.press("Enter")
    assert "Right" in check(page, question)


def test_pairs_are_matched(page):
    question = page.locator(".quiz-pairs").first
    assert "Answer first" in check(page, question)
    for index, select in enumerate(question.locator("select").all()):
        select.select_option(str(index))
    assert "Right" in check(page, question)


def test_what_was_answered_is_remembered_by_this_browser(page):
    page.reload()
    page.wait_for_selector(".quiz.is-live")
    assert "of" in page.locator(".quiz-recall .quiz-progress").inner_text()
    assert page.locator(".quiz-recall .quiz-question.is-answered").count() >= 2


def test_paper_has_the_answers_at_the_end_and_the_screen_has_not(page):
    answers = page.locator(".quiz-answers")
    assert not answers.is_visible()
    page.emulate_media(media="print")
    assert answers.is_visible()
    assert not page.locator(".quiz-check").first.is_visible()
    page.emulate_media(media="screen")


def test_without_a_script_questions_and_answers_are_there(browser: Browser, origin: str):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{origin}/course/{PAGE}")
    assert page.locator(".quiz-recall .quiz-text").first.is_visible()
    assert page.locator(".quiz-answers").is_visible()
    context.close()
