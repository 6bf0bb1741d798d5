"""The pages' prose: one sentence per line, spelling, citations, the errata, and what no page may name."""

import re
from collections.abc import Iterator
from pathlib import Path

import codespell_lib
import pytest
from pybtex.database import Entry, parse_file

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "book").glob("*.md"))
MASTERS = sorted((ROOT / "solutions").glob("*.py"))
CHAPTER_PAGES = [page for page in PAGES if page.name[:2].isdigit()]
BIBLIOGRAPHY = parse_file(str(ROOT / "book" / "references.bib")).entries

OPAQUE_DIRECTIVES = {
    "bibliography",
    "code-block",
    "code-cell",
    "math",
    "raw",
    "recall",
    "selfcheck",
}
ABBREVIATIONS = {
    *("al", "approx", "cf", "ch", "e.g", "eq", "eqs", "etc", "fig", "figs", "i.e", "no", "p", "pp"),
    *("resp", "sec", "vol", "vs", "Dr", "Mr", "Mrs", "Prof", "St"),
}
INITIAL = re.compile(r"(?:^|[\s(.])[A-Z]$")  # the J of "Ronald J. Williams"

IDENTIFIERS = ("doi", "eprint", "isbn", "issn", "openreview", "hal")
THESES = ("mastersthesis", "phdthesis")
WITHOUT_IDENTIFIER = {"lecun1985procedure", "novikoff1962convergence"}  # proceedings that have none

SPELLED_RIGHT = (
    "bloc",
    "espace",
    "fonction",
    "marge",
    "transfert",
    "regrading",
)  # French, and a module
ONE_NAME = {"hyperparameter": "hyper-parameter", "**Question (": "**Written answer ("}
"""Names that a thing has elsewhere, and the one that it has here."""


def prose_lines(text: str) -> Iterator[tuple[int, str]]:
    """Give the lines of running text with their numbers, markup replaced by words."""
    fences: list[tuple[str, bool]] = []
    in_math = in_comment = False
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if fence := re.match(r"(`{3,}|~{3,}|:{3,})(.*)", stripped):
            marks, info = fence.groups()
            if fences and not info.strip() and marks[0] == fences[-1][0][0]:
                fences.pop()
            elif not fences or not fences[-1][1]:
                directive = re.match(r"\{([\w:-]+)\}", info)
                opaque = directive is None or directive[1] in OPAQUE_DIRECTIVES
                fences.append((marks, opaque))
            continue
        if fences and fences[-1][1]:
            continue
        if in_math or stripped.startswith("$$"):
            in_math ^= stripped.count("$$") % 2 == 1
            continue
        if in_comment or stripped.startswith("<!--"):
            in_comment = "-->" not in stripped
            continue
        if not stripped or re.match(r"[|#%]|\(\S+\)=$|:[\w-]+:|\[\^?\S+\]:", stripped):
            continue
        yield number, _plain(stripped)


def _plain(line: str) -> str:
    line = re.sub(r"^(?:(?:[-*+:]|\d+[.)])\s+|>\s*)+", "", line)
    line = re.sub(r"\{[\w:-]+\}`[^`]*`|`+[^`]*`+|\$[^$]*\$|\"[^\"]*\"|“[^”]*”", "Markup", line)
    line = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", line)
    return re.sub(r"^\*\*[^*]+[.!?:]\*\*\s+", "", line)  # **Why.** leads in, as a small heading


def _is_abbreviation(word: str) -> bool:
    word = word.lstrip("(")
    return word in ABBREVIATIONS or word.lower() in ABBREVIATIONS


def second_sentence(line: str) -> str | None:
    """Give what follows the first sentence of a line, if anything does."""
    for end in re.finditer(r"([.!?…])[\"”’»)\]*_]*\s+(?=[\"“«(*_\[]*[A-ZÀ-Þ])", line):
        before = line[: end.start()]
        abbreviated = before.split()[-1:] and _is_abbreviation(before.split()[-1])
        if end[1] == "." and (abbreviated or INITIAL.search(before)):
            continue
        return line[end.end() :]
    return None


@pytest.mark.parametrize(
    "line",
    [
        "It learns. It forgets.",
        "- a point. Another point",
        "Why does it? Because it must.",
        "The loss is $E$. $W$ is a matrix.",
        "As {cite:t}`lecun1998gradient` says. See also `check`.",
        "**Why.** The sign is lost. The step goes the wrong way.",
        "(It ends here.) Then it goes on.",
    ],
)
def test_a_second_sentence_on_a_line_is_found(line: str):
    ((_, plain),) = prose_lines(line)
    assert second_sentence(plain)


@pytest.mark.parametrize(
    "line",
    [
        "A rate of 0.01 is small, e.g. Adam uses 0.001.",
        "Ronald J. Williams and G. E. Hinton wrote it, cf. Fig. 2.",
        "**Why.** The sign is lost.",
        "1. First $a$, then $b$.",
        'The slide "What is it? An answer" says so.',
        "In `a. B` and $x. Y$ nothing ends.",
        "It has three parts: one; two; three.",
    ],
)
def test_one_sentence_is_not_taken_for_two(line: str):
    ((_, plain),) = prose_lines(line)
    assert second_sentence(plain) is None


def test_code_math_tables_and_options_are_not_prose():
    text = "\n".join(
        ["```python", "a. B", "```", "$$", "a. B", "$$ (label)", "| a. B |", "# A. B", "(label)=",
         ":::{figure-live} name", ":alt: A. B", ":::", "::::{note} A. B", "Prose.", "::::"]
    )  # fmt: skip
    assert [line for _, line in prose_lines(text)] == ["Prose."]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_line_holds_one_sentence(page: Path):
    found = [
        f"{page.name}:{number}: start a new line at “{rest[:50]}”"
        for number, line in prose_lines(page.read_text())
        if (rest := second_sentence(line))
    ]
    assert not found, "\n" + "\n".join(found)


def test_words_are_spelled_right(capsys: pytest.CaptureFixture):
    places = [ROOT / name for name in ("book", "solutions", "README.md", "CONTRIBUTING.md")]
    misspelled = codespell_lib.main(
        "--ignore-words-list", ",".join(SPELLED_RIGHT),
        "--skip", "*.svg,*.png,references.bib",
        *(str(place) for place in places if place.exists()),
    )  # fmt: skip
    assert not misspelled, "\n" + capsys.readouterr().out


def test_citations_are_in_the_bibliography():
    cited = {
        (page.name, key.strip())
        for page in PAGES
        for keys in re.findall(r"\{cite(?::\w+)?\}`([^`]+)`", page.read_text())
        for key in keys.split(",")
    }
    assert cited
    assert not {(page, key) for page, key in cited if key not in BIBLIOGRAPHY}


@pytest.mark.parametrize("key", BIBLIOGRAPHY)
def test_a_reference_can_be_found(key: str):
    entry = BIBLIOGRAPHY[key]
    assert re.fullmatch(r"[a-z]+(1[89]|20)\d\d[a-z0-9]+", key), f"{key}: expected surnameYEARword"
    assert _has_identifier(entry) or key in WITHOUT_IDENTIFIER, (
        f"{key}: expected one of {', '.join(IDENTIFIERS)}"
    )
    fields = entry.fields
    assert fields["year"] in key, f"{key}: the year is {fields['year']}"
    assert re.fullmatch(r"10\.\d{4,9}/\S+", fields.get("doi", "10.1234/x")), fields["doi"]
    assert re.fullmatch(r"\d{4}\.\d{4,5}", fields.get("eprint", "1234.56789")), fields["eprint"]
    assert _isbn_is_valid(fields.get("isbn", "978-0-262-03561-3")), fields["isbn"]


def _has_identifier(entry: Entry) -> bool:
    return any(name in entry.fields for name in IDENTIFIERS) or (
        entry.type in THESES and "school" in entry.fields
    )


def _isbn_is_valid(isbn: str) -> bool:
    digits = [int(digit) for digit in isbn.replace("-", "")]
    return len(digits) == 13 and sum(d * (1, 3)[i % 2] for i, d in enumerate(digits)) % 10 == 0


def test_every_erratum_is_listed_once_with_its_correction():
    text = (ROOT / "book" / "errata.md").read_text()
    expected = [f"{number:02}" for number in range(1, 70)]
    assert sorted(re.findall(r"^\(e(\d\d)\)=$", text, re.M)) == expected
    entries = re.split(r"^\(e\d\d\)=$", text, flags=re.M)[1:]
    assert sorted(re.match(r"\n### E(\d\d) · ", entry)[1] for entry in entries) == expected
    for entry in entries:
        leads = re.findall(r"^- \*\*([\w ]+)\.\*\*", entry.split("\n(errata-")[0], re.M)
        assert leads[:4] == ["Where", "It says", "Correct", "Why"], entry
        assert leads[-1] == "Source", entry


def test_the_errata_have_a_heading_for_every_chapter():
    text = (ROOT / "book" / "errata.md").read_text()
    assert re.findall(r"^## (\d\d) ", text, re.M) == [f"{number:02}" for number in range(19)]


def test_no_page_names_what_readers_do_not_have():
    texts = [*PAGES, *(ROOT / "solutions").glob("*.py"), *ROOT.glob("*.md")]
    unknown = re.compile(
        r"shared/|\bseeds?/|\bseed 00\d|\b00[0-4]_[0-9a-f]{6,}|[Ll]ectures? 00[0-4]"
    )
    found = [
        f"{path.name}: {match[0]!r}"
        for path in texts
        for match in unknown.finditer(path.read_text())
    ]
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize("path", CHAPTER_PAGES, ids=lambda path: path.stem)
def test_page_and_notebook_say_how_long_they_take(path):
    number = r"(?:\d+½?|½)"
    said = re.search(
        rf"^It takes\n: about ({number}) hours: ({number}) to read and ({number}) in the notebook\.$",
        path.read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    assert said, "the opening box has no line 'It takes'"
    total, reading, notebook = (float(text.replace("½", ".5")) for text in said.groups())
    assert total == reading + notebook
    master = (ROOT / "solutions" / f"{path.stem}.py").read_text(encoding="utf-8")
    assert re.search(rf"it takes about {said[3]} hours?\.", master, re.IGNORECASE)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_thousands_have_commas(path):
    grouped = re.compile(r"\d(?:\\,|[ \u202f\u00a0])\d{3}(?!\d)")

    assert grouped.findall(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("page", [*PAGES, *MASTERS], ids=lambda page: page.stem)
def test_a_thing_has_one_name(page):
    text = page.read_text(encoding="utf-8")

    assert [f"{other}: write {name}" for other, name in ONE_NAME.items() if other in text] == []
