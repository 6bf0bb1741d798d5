"""What the built files hold: notebooks to take along, and nothing that does not belong on a page."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO
from urllib.parse import unquote

import pytest
from bs4 import BeautifulSoup

from tests.site.conftest import PAGES, ROOT

NOTEBOOKS = [page for page in PAGES if page.startswith("notebooks/")]


@pytest.mark.parametrize("page", NOTEBOOKS)
def test_a_notebook_can_be_taken_along_with_its_checks(page, site):
    source = (ROOT / page).with_suffix(".ipynb")
    soup = BeautifulSoup((site / page).read_text(encoding="utf-8"), "html.parser")
    links = [
        (site / page).parent / unquote(link["href"])
        for link in soup.select(".notebook-downloads a")
    ]
    assert links[-1].resolve() == site / "book" / "setup.html"
    archive, notebook, checks = (link.resolve().read_bytes() for link in links[:-1])
    assert notebook == source.read_bytes()
    assert checks == source.with_name("checks.safetensors").read_bytes()
    with zipfile.ZipFile(BytesIO(archive)) as packed:
        assert {name: packed.read(name) for name in packed.namelist()} == {
            f"{source.stem}/{source.name}": notebook,
            f"{source.stem}/checks.safetensors": checks,
        }


@pytest.mark.parametrize("page", NOTEBOOKS)
def test_notebooks_are_shown_and_not_run(page, site):
    soup = BeautifulSoup((site / page).read_text(encoding="utf-8"), "html.parser")
    assert soup.select(".cell_input")
    assert not soup.select(".cell_output")


@pytest.mark.parametrize("page", NOTEBOOKS)
def test_every_cell_says_what_it_is_for(page, site):
    soup = BeautifulSoup((site / page).read_text(encoding="utf-8"), "html.parser")
    kinds = [cell.select_one(".cell-kind").get_text() for cell in soup.select("div.cell")]
    assert len(kinds) == len(soup.select("div.cell"))
    assert {"Your answer", "Check", "Demonstration"} <= set(kinds)
    titles = [title.get_text() for title in soup.select("article h2, article h3")]
    assert not [title for title in titles if re.match(r"\d", title)], "numbers are the chapters'"
    assert re.match(r"Notebook \d+ ", soup.h1.get_text())


@pytest.mark.parametrize("page", NOTEBOOKS)
def test_figures_of_demonstrations_run_and_exercise_boxes_lead_to_their_task(page, site):
    notebook = BeautifulSoup((site / page).read_text(encoding="utf-8"), "html.parser")
    assert notebook.select(".cell-demonstration .dlarch-figure + .live-alt")
    chapter = site / "book" / page.rpartition("/")[2]
    boxes = BeautifulSoup(chapter.read_text(encoding="utf-8"), "html.parser").select(".exercise")
    links = [box.find("a", string="Do it in the notebook")["href"] for box in boxes]
    assert links
    for link in links:
        task = link.partition("#")[2]
        assert notebook.select_one(f"[id='{task}'].cell-answer"), link


@pytest.mark.parametrize(
    "foreign",
    [
        "widget-view+json",  # ipywidgets stay blank without a kernel
        "require.js",
        "html-manager",
        "thebe",
        "font-awesome/4",
        "cdn.jsdelivr",
        "cdnjs",
        "unpkg.com",
    ],
)
def test_no_page_waits_for_a_kernel_or_another_host(foreign, site):
    assert [
        path for path in site.rglob("*.html") if foreign in path.read_text(encoding="utf-8")
    ] == []


def test_only_pages_of_the_table_of_contents_are_published(site):
    pages = {path.relative_to(site).as_posix() for path in site.rglob("*.html")}
    pages = {page for page in pages if not page.startswith("_static/")}
    assert pages - {"index.html", "search.html", "404.html"} == set(PAGES)
    sources = {
        path.relative_to(site / "_sources").with_suffix("")
        for path in (site / "_sources").rglob("*.*")
    }
    assert {f"{source}.html" for source in sources} == set(PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_every_picture_has_words(page, site):
    soup = BeautifulSoup((site / page).read_text(encoding="utf-8"), "html.parser")
    article = soup.select_one("article")
    assert [str(image) for image in article.select("img:not([alt])")] == []
    described = article.select(".dlarch-figure + .live-alt")
    assert len(described) == len(article.select(".dlarch-figure"))
    assert all(re.search(r"\w{3}", description.text) for description in described)


def test_the_next_page_of_a_chapter_is_called_its_notebook(site):
    for notebook in NOTEBOOKS:
        page = f"book/{notebook.rpartition('/')[2]}"
        soup = BeautifulSoup((site / page).read_text(encoding="utf-8"), "html.parser")
        assert re.match(r"Notebook \d+ ", soup.select_one(".right-next .prev-next-title").text)


def test_every_page_names_its_licence(site):
    for page in PAGES:
        soup = BeautifulSoup((site / page).read_text(encoding="utf-8"), "html.parser")
        assert "CC BY 4.0" in soup.select_one("footer.bd-footer-content, .bd-footer-content").text
