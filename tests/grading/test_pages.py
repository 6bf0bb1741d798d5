"""What a learner writes cannot act on the pages that show it, and is shown."""

import time

import pytest
from bs4 import BeautifulSoup

from autograder.course import Course
from autograder.grading.pages import clean_html, highlighted, render_markdown
from autograder.grading.pictures import pictures_in

PICTURE = (  # one pixel
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAA"
    "AABJRU5ErkJggg=="
)
ADDRESS = f"data:image/png;base64,{PICTURE}"

TEXTS = [
    "# test_hidden_delta\n\n## [a link](#top)",
    "<span id='test_x' class='full-credit' name='y' style='position:fixed' data-link='z'>a</span>",
    "<div class='nbgrader_cell' onclick='x()'></div></div></div>",
    "<input class='score'><textarea id='x-comment'></textarea><form action='/x'></form>",
    "[a](javascript:x) [b](data:text/html;base64,eA==) [c](/hub/logout) <a name='q' href='//h'>d</a>",
    "![a](https://h/x.png) ![b](/api/x.png) ![c](../x.png) ![d](attachment:x.png) <img src='x'>",
    "<img src='data:image/svg+xml;base64,eA=='> <img src='data:image/png;base64,eA=='>",
    "<svg><a href='x'></svg> <math><mi id='x'></mi></math> <style>*{}</style> <script>x</script>",
    "<iframe src='x'></iframe> <object data='x'></object> <base href='x'> <link href='x'>",
    "```python x\nimport os\n```\n\n| a |\n|:-:|\n| b |\n\n- [ ] c",
]


@pytest.mark.parametrize("text", TEXTS)
def test_nothing_of_a_text_names_itself_or_fetches(text):
    for tag in BeautifulSoup(render_markdown(text), "html.parser").find_all():
        assert tag.name not in ("script", "style", "svg", "math", "input", "iframe", "link", "base")
        assert set(tag.attrs) <= {"href", "src", "alt", "title"}
        assert tag.get("src", "data:").startswith("data:")
        assert tag.get("href", "https:").startswith(("https:", "http:", "mailto:"))


def test_what_is_harmless_stays():
    html = render_markdown(
        "# A *title*\n\n[a](https://example.org) `x<y` $a < b$\n\n| a |\n|---|\n| b |\n\n- [ ] open",
    )

    for part in ("<h1>A <em>title</em></h1>", 'href="https://example.org"', "<code>x&lt;y</code>"):
        assert part in html
    assert "$a &lt; b$" in html
    assert "<td>b</td>" in html
    assert "[ ] open" in html


def test_only_pictures_that_are_what_they_say_are_kept():
    kept = pictures_in(
        {
            "good.png": {"image/png": [PICTURE[:4], PICTURE[4:] + "\n"]},
            "page.png": {"image/png": "PGh0bWw+"},
            "page.html": {"text/html": PICTURE},
            "drawing.svg": {"image/svg+xml": PICTURE},
            "odd": {"image/png": 3},
            "odder": [PICTURE],
        }
    )

    assert kept == {"good.png": {"image/png": PICTURE}}
    assert pictures_in("none") == pictures_in(None) == {}


def test_an_attached_picture_is_shown_and_a_missing_one_is_named():
    html = render_markdown("![d](attachment:d.png) ![e](attachment:e.png)", (("d.png", ADDRESS),))

    assert f'<img src="{ADDRESS}" alt="d">' in html
    assert "no picture attachment:e.png is attached" in html


def test_a_text_that_takes_minutes_to_format_is_shown_as_it_is():
    started = time.monotonic()
    pages = [
        render_markdown("[" * 200_000),
        highlighted("\n" * 200_000, "python"),
        render_markdown(" " * 200_000),
    ]

    assert time.monotonic() - started < 10
    assert all(page.startswith("<pre>") for page in pages)


def test_outputs_keep_no_ids_either():
    html = clean_html('<div id="x" class="full-credit"><table><tbody><tr><td>a</td></tr></tbody>')

    assert html == "<div><table><tbody><tr><td>a</td></tr></tbody></table></div>"


def test_formgraders_exporter_uses_these_filters():
    filters = Course().nbgrader_config().HTMLExporter.filters

    assert set(filters) == {"markdown2html", "highlight_code", "clean_html"}
    assert all(name.startswith("autograder.grading.pages.") for name in filters.values())
