"""Every address on the site leads somewhere."""

from __future__ import annotations

from collections import deque
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit
from urllib.request import urlopen

from bs4 import BeautifulSoup

from tests.browser import serve
from tests.site.conftest import PAGES

ADDRESSES = {
    "a": "href",
    "area": "href",
    "link": "href",
    "script": "src",
    "img": "src",
    "source": "src",
}


def addresses_on(page: BeautifulSoup) -> list[str]:
    """Return what a page links to, loads, or sends its reader on to."""
    found = [
        node[ADDRESSES[node.name]]
        for node in page.find_all(ADDRESSES)
        if node.get(ADDRESSES[node.name])
    ]
    for refresh in page.find_all("meta", attrs={"http-equiv": "Refresh"}):
        found.append(refresh["content"].partition("url=")[2])
    return found


def crawl(start: str) -> tuple[dict[str, set[str] | None], list[str]]:
    """Follow every address from a start page on the same origin.

    Returns:
        the addresses reached, each with the anchors of its page (None for other files), and what
        is wrong, as sentences.
    """
    origin = urlsplit(start).netloc
    reached: dict[str, set[str] | None] = {}
    wanted_anchors: list[tuple[str, str, str]] = []
    wrong: list[str] = []
    queue = deque([(start, "the start")])
    while queue:
        address, source = queue.popleft()
        if address in reached:
            continue
        try:
            with urlopen(address) as answer:
                is_page = answer.headers.get_content_type() == "text/html"
                text = answer.read() if is_page else b""
        except OSError as error:
            reached[address] = None
            wrong.append(f"{source} → {address}: {error}")
            continue
        page = BeautifulSoup(text, "html.parser") if is_page else None
        reached[address] = {node["id"] for node in page.find_all(id=True)} if page else None
        for link in addresses_on(page) if page else []:
            target, anchor = urldefrag(urljoin(address, link))
            parts = urlsplit(target)
            if parts.scheme not in ("http", "https"):
                continue
            if parts.netloc != origin:
                if parts.scheme != "https":
                    wrong.append(f"{address} → {target}: not https")
                continue
            queue.append((target, address))
            if anchor and anchor != "top":
                wanted_anchors.append((address, target, unquote(anchor)))
    for source, target, anchor in wanted_anchors:
        if reached[target] is not None and anchor not in reached[target]:
            wrong.append(f"{source} → {target}#{anchor}: no such anchor")
    return reached, wrong


def test_every_link_leads_somewhere_and_every_page_is_reached(origin):
    reached, wrong = crawl(f"{origin}/course/")
    assert wrong == []
    assert {f"{origin}/course/{page}" for page in PAGES} <= set(reached)


def test_the_crawl_sees_broken_links_and_anchors(tmp_path: Path):
    (tmp_path / "index.html").write_text(
        '<p id="here"><a href="b.html#there"></a><img src="no.png">'
    )
    (tmp_path / "b.html").write_text(
        '<a href="index.html#here"></a><a href="http://example.org"></a>'
    )
    with serve(tmp_path) as address:
        reached, wrong = crawl(f"{address}/index.html")
    assert len(reached) == 3
    assert [sentence.rpartition(": ")[2] for sentence in sorted(wrong)] == [
        "not https",
        "no such anchor",
        "File not found",
    ]
