"""The landing page's map: every chapter's time and needs, read from the chapters' own pages."""

import re
from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from autograder.chapters import CHAPTERS

TITLE = re.compile(r"^# (.+)$", re.MULTILINE)
LABEL = re.compile(r"^\(([\w-]+)\)=$", re.MULTILINE)
NEEDS = re.compile(r"^You need first\n: (.+\n(?:  .+\n)*)", re.MULTILINE)
TIME = re.compile(r"^It takes\n: about ([^:.]+)", re.MULTILINE)


def needed_chapters(stem: str, pages: dict[str, str]) -> list[int]:
    """Return the numbers of the earlier chapters that a chapter's opening links or names, in order."""
    homes = {label: other for other, page in pages.items() for label in LABEL.findall(page)}
    needs = "".join(NEEDS.findall(pages[stem]))
    linked = [homes.get(label) for label in re.findall(r"\]\([^)#]*#([\w-]+)\)", needs)]
    linked += re.findall(r"\]\((\d\d_\w+)\.md", needs)
    numbers = {int(other[:2]) for other in linked if other}
    numbers |= {int(number) for number in re.findall(r"chapters? (\d+)", needs)}
    return sorted(number for number in numbers if number < int(stem[:2]))


class ChapterMap(SphinxDirective):
    """A table of the chapters; progress.js adds what the reader has done."""

    def run(self) -> list[nodes.Node]:
        """Return the table."""
        folder = Path(self.env.srcdir, "book")
        pages = {stem: (folder / f"{stem}.md").read_text(encoding="utf-8") for stem in CHAPTERS}
        for stem in CHAPTERS:
            self.env.note_dependency(str(folder / f"{stem}.md"))
        stems = {int(stem[:2]): stem for stem in CHAPTERS}
        rows = ["| chapter | time | needs | you |", "|---|---|---|---|"]
        for stem, page in pages.items():
            time = TIME.search(page)
            needs = [
                f"[{number}]({stems[number]}.md)" if number in stems else str(number)
                for number in needed_chapters(stem, pages)
            ]
            link = f"[{int(stem[:2])} {TITLE.search(page)[1]}]({stem}.md)"
            rows.append(f"| {link} | {time[1] if time else '–'} | {', '.join(needs) or '–'} | |")
        box = nodes.container(classes=["chapter-map"])
        source = self.get_source_info()[0]
        self.state.nested_parse(StringList(rows, source=source), self.content_offset, box)
        return [box]


def setup(app: Sphinx) -> None:
    """Register the directive and the script that adds the reader's progress."""
    app.add_directive("chapter-map", ChapterMap)
    app.add_js_file("progress.js", loading_method="defer")
