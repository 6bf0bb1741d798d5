"""Print the book: `python website/pdf.py` builds the site and writes _build/deep_learning_architectures.pdf.

Chromium sets every page of the table of contents, figures in their first state with a link to the page where
they move; a page on which something is cut at the right stops it.
"""

import sys
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import yaml
from playwright.sync_api import Page, TimeoutError, sync_playwright
from pypdf import PdfWriter

from autograder.system import find_browser
from build import ROOT, SITE, build

PDF = ROOT / "_build" / "deep_learning_architectures.pdf"
PAPER = {"format": "A4", "margin": dict.fromkeys(("top", "right", "bottom", "left"), "15mm")}
PRINTED_WIDTH_PX = 680
READY = """() => document.readyState === "complete" && [
    ...document.querySelectorAll("[data-figure]:not(.dla)")].every((node) => "ready" in node.dataset)"""
LINK_FIGURES = """(address) => document.querySelectorAll("figure.figure-live").forEach((figure) => {
    const link = Object.assign(document.createElement("a"), {
        href: `${address}#${figure.id}`, textContent: "Play with this figure on the site.",
    });
    figure.append(Object.assign(document.createElement("p"), { className: "figure-link" }));
    figure.lastElementChild.append(link);
})"""
CUT = Path(__file__).with_name("cut_on_paper.js").read_text(encoding="utf-8")


def print_page(page: Page, name: str, address: str) -> tuple[bytes, list[str]]:
    """Return a page of the site as PDF, and what of it is cut off."""
    page.emulate_media(media="screen", color_scheme="light")
    page.goto((SITE / f"{name}.html").as_uri())
    page.evaluate("window.MathJax?.startup?.promise")
    page.wait_for_function(READY)
    page.evaluate(LINK_FIGURES, f"{address}{name}.html")
    page.emulate_media(media="print", color_scheme="light")
    with suppress(TimeoutError):  # charts are drawn again for the paper's width
        page.wait_for_function(f"() => !(\n{CUT})().length", timeout=3000)
    return page.pdf(**PAPER, print_background=True), page.evaluate(CUT)


def main() -> int:
    """Print all pages and return the exit status."""
    if status := build():
        return status
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    names = [chapter["file"] for part in toc["parts"] for chapter in part["chapters"]]
    address = yaml.safe_load((ROOT / "_config.yml").read_text())["html"]["baseurl"].rstrip("/")
    book, faults = PdfWriter(), 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": PRINTED_WIDTH_PX, "height": 1000})
        for name in [toc["root"], *names]:
            printed, cut = print_page(page, name, f"{address}/" if address else "")
            book.append(BytesIO(printed), outline_item=page.title().split(" — ")[0])
            for words in cut:
                print(f"{name}: cut at the right: {words}", file=sys.stderr)
            faults += len(cut)
        browser.close()
    if faults:
        return 1
    book.write(PDF)
    print(f"{len(book.pages)} pages: {PDF}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
