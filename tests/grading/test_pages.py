"""What a learner writes cannot act on the pages that show it, and is shown."""

import time

import nbformat
import pytest
from bs4 import BeautifulSoup

from autograder.course import Course
from autograder.grading.limited import limited
from autograder.grading.pages import LONGEST, FeedbackExporter, formatted
from dlarch.importer.pictures import pictures_in

PICTURE = (  # one pixel
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAA"
    "AABJRU5ErkJggg=="
)
ADDRESS = f"data:image/png;base64,{PICTURE}"


def as_html(text, *pictures):
    """Render Markdown."""
    return formatted("markdown", text, list(pictures))


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
    "<!-- <plaintext> <textarea> <title> <xmp> <noscript> <template><p id='x'>",
    "</pre></div></body></html><body onload='x'><p id='x'>",
    "$x</script><script id='x'>$ $$<img src=x id='x'>$$ \\begin{a}<b id='x'>\\end{a}",
    "<a href='&#106;avascript:x'>a</a> [b](<javascript:x>) <https://h/\"onclick=x> [c](JaVa\tscript:x)",
    "```</code></pre><p id='x'>\n</code></pre><p id='x'>\n```",
    "```python x\nimport os\n```\n\n| a |\n|:-:|\n| b |\n\n- [ ] c",
]


@pytest.mark.parametrize("text", TEXTS)
def test_nothing_of_a_text_names_itself_or_fetches(text):
    for tag in BeautifulSoup(as_html(text), "html.parser").find_all():
        assert tag.name not in ("script", "style", "svg", "math", "input", "iframe", "link", "base")
        assert set(tag.attrs) <= {"href", "src", "alt", "title"}
        assert tag.get("src", "data:").startswith("data:")
        assert tag.get("href", "https:").startswith(("https:", "http:", "mailto:"))


def test_what_is_harmless_stays():
    html = as_html(
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
    html = as_html("![d](attachment:d.png) ![e](attachment:e.png)", ["d.png", ADDRESS])

    assert f'<img src="{ADDRESS}" alt="d">' in html
    assert "no picture attachment:e.png is attached" in html


SLOW = {
    "blank lines": ("code", "\n " * 100_000, "python"),
    "fewer blank lines": ("code", "\n " * 9_900, "python"),
    "spaces": ("markdown", " " * 200_000, []),
    "brackets": ("markdown", "[" * 200_000, []),
    "emphasis": ("markdown", "*a **b " * 30_000, []),
    "open tags": ("clean", "<div>" * 40_000),
}


@pytest.mark.parametrize("name", SLOW)
def test_no_text_takes_long_to_format(name):
    started = time.monotonic()
    html = formatted(*SLOW[name])

    assert time.monotonic() - started < 20
    assert len(html) < 20 * LONGEST


def test_what_reaches_a_limit_is_shown_as_it_is_with_a_note_and_the_next_text_is_formatted():
    slow = formatted("code", "\n " * 9_999, "python")
    long = as_html("*a* " * 50_000)

    assert slow.startswith("<div><em>[Shown as it is, for formatting it takes too long]")
    assert f"the first {LONGEST} of 200000 characters" in long
    assert as_html("*a*").strip() == "<p><em>a</em></p>"


def test_memory_is_limited():
    assert limited().ask("as_python", 5, [[]] * (15 << 20)) is None
    assert limited().ask("as_python", 5, ["x"]) == ["x\n"]


def page_of(sources):
    """Make a feedback page of code cells."""
    exporter = FeedbackExporter(config=Course().nbgrader_config())
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    return exporter.from_notebook_node(nbformat.v4.new_notebook(cells=cells))[0]


def test_a_page_of_slow_texts_is_made_soon():
    slow = [f"# {number}\n" + "\n " * 9_900 for number in range(30)]
    started = time.monotonic()
    page = page_of([*slow, "last = 1"])

    assert time.monotonic() - started < 30
    assert page.count("formatting it takes too long") >= 30
    assert "last" in page


def test_outputs_keep_no_ids_either():
    html = formatted(
        "clean", '<div id="x" class="full-credit"><table><tbody><tr><td>a</td></tr></tbody>'
    )

    assert html == "<div><table><tbody><tr><td>a</td></tr></tbody></table></div>"


def test_formgraders_exporter_uses_these_filters():
    filters = Course().nbgrader_config().HTMLExporter.filters

    assert set(filters) == {"markdown2html", "highlight_code", "clean_html"}
    assert all(name.startswith("autograder.grading.pages.") for name in filters.values())
