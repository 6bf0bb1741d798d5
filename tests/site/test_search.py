"""The search field finds pages, and quotes them readably."""

from __future__ import annotations

import pytest

from tests.browser import watched_page

pytestmark = pytest.mark.browser


QUERIES = {
    "00_start": ["broadcasting", "central difference", "floating point", "error message"],
    "01_background": ["precision", "recall", "confusion matrix", "validation", "mini-batch", "ROC"],
    "02_neuron": ["perceptron", "XOR", "universal approximation", "sigmoid"],
    "03_mlp": ["softmax", "cross-entropy", "Xavier", "hidden layer"],
    "04_backpropagation": ["backpropagation", "vanishing gradient", "chain rule", "gradient check"],
    "05_optimization": ["momentum", "Adam", "learning rate", "saddle"],
    "06_regularization": ["overfitting", "dropout", "weight decay", "early stopping"],
    "07_convolution": ["convolution", "pooling", "receptive field", "stride"],
    "08_cnn_architectures": ["ResNet", "LeNet", "Inception", "shortcut"],
    "10_recurrent": ["recurrent", "perplexity", "clipping"],
    "14_vae": ["KL divergence", "evidence lower bound", "latent", "decoder"],
    "15_gan": ["generator", "discriminator", "mode collapse"],
    "setup": ["install"],
}
FIRST_PAGES = """(query) => [...new Set(
    Search._performSearch(...Search._parseQuery(query)).reverse().map(([page]) => page))].slice(0, 2)"""


def test_what_is_asked_leads_to_its_page(browser, origin):
    """Each of these queries has the page that teaches it first or second."""
    with watched_page(browser, origin) as watched:
        watched.page.goto(f"{origin}/course/search.html?q=gradient")
        watched.page.locator("#search-results li").first.wait_for()
        first = {
            query: (page, watched.page.evaluate(FIRST_PAGES, query))
            for page, queries in QUERIES.items()
            for query in queries
        }
    assert len(first) >= 40
    lost = {query: found for query, (page, found) in first.items() if f"book/{page}" not in found}
    assert lost == {}


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
