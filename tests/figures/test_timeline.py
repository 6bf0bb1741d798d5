"""Every event agrees with the course's references; every event is reached by keyboard."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

REFERENCES = Path(__file__).parents[2] / "book" / "references.bib"
THREADS = ["perceptrons", "convolution", "sequences", "generative"]


def references() -> dict[str, dict[str, str]]:
    entries = re.findall(
        r"^@\w+\{(\S+),\n(.*?)^\}", REFERENCES.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )
    return {
        key: {
            field: re.sub(r"[{}]", "", content).replace("--", "–")
            for field, content in re.findall(r"^  (\w+) = \{(.*)\},?$", body, re.MULTILINE)
        }
        for key, body in entries
    }


def events(live) -> list[dict[str, str]]:
    return live.page.locator("tr[data-key]").evaluate_all(
        """rows => rows.map(row => {
            const [year, what, who, source] = [...row.cells].map(cell => cell.textContent);
            const link = row.querySelector("a")?.href;
            return { key: row.dataset.key, year: Number(year), what, who, source, link };
        })"""
    )


def test_every_event_has_its_source_among_the_references(open_figure):
    known = references()
    shown = events(open_figure("timeline"))
    assert len(shown) > 40
    assert len({event["key"] for event in shown}) == len(shown)
    for event in shown:
        entry = known[event["key"]]
        surname = entry["author"].split(",")[0]
        assert event["source"].startswith(surname), event
        assert event["source"].endswith(entry["title"].split(", August")[0]), event
        assert entry["year"] in event["source"], event
        possible = {None} if "doi" not in entry and "eprint" not in entry else set()
        possible |= {f"https://doi.org/{entry['doi']}"} if "doi" in entry else set()
        possible |= {f"https://arxiv.org/abs/{entry['eprint']}"} if "eprint" in entry else set()
        assert event["link"] in possible, event
        if "reprinted" not in event["source"]:
            posted = [2000 + int(entry["eprint"][:2])] if "eprint" in entry else []
            assert event["year"] == min([int(entry["year"]), *posted]), event
        first = entry["author"].split(" and ")[0].split(", ")
        assert event["who"].split()[0] == first[1].split()[0], event


def test_the_story_begins_in_1943_and_goes_forward(open_figure):
    years = [event["year"] for event in events(open_figure("timeline"))]
    assert years[0] == 1943
    assert years == sorted(years)


def test_the_threads_divide_the_events(open_figure):
    live = open_figure("timeline")
    whole = {event["key"] for event in events(live)}
    parts = []
    for thread in THREADS:
        live.choose("thread", thread)
        part = {event["key"] for event in events(live)}
        assert live.exact("events") == len(part) > 5
        assert live.exact("place") >= 1
        parts.append(part)
    assert set.union(*parts) == whole
    assert sum(map(len, parts)) == len(whole)


@pytest.mark.parametrize("thread", ["all", "sequences"])
def test_every_event_is_reached_by_keyboard_and_told_in_words(open_figure, thread):
    live = open_figure("timeline", state={"thread": thread, "event": "mcculloch1943logical"})
    expected = events(live)
    for place, event in enumerate(expected, start=1):
        assert live.exact("place") == place
        assert live.exact("year") == event["year"]
        for part in (f"{event['year']}, {event['who']}: {event['what']}.", f"Event {place} of"):
            assert part in live.words()
        marked = live.page.locator("tr[aria-current=true]").get_attribute("data-key")
        assert marked == event["key"]
        if place < len(expected):
            live.press("next")
    assert live.page.locator('[data-action="next"]').is_disabled()
    live.press("back")
    assert live.get("event") == expected[-2]["key"]


def test_arrow_keys_and_the_pointer_choose_events(open_figure):
    live = open_figure("timeline")
    keys = [event["key"] for event in events(live)]
    picture = live.page.get_by_role("application")
    picture.focus()
    for key, place in [("ArrowRight", 3), ("Shift+ArrowDown", 8), ("ArrowLeft", 7), ("ArrowUp", 6)]:
        live.page.keyboard.press(key)
        live.settle()
        assert live.get("event") == keys[place]
    live.choose("thread", "generative")
    box = picture.bounding_box()
    live.page.mouse.click(box["x"] + box["width"] - 5, box["y"] + 5)
    live.settle()
    assert live.get("event") in [event["key"] for event in events(live)]
    live.page.mouse.click(box["x"] + 5, box["y"] + 5)
    live.settle()
    assert live.get("event") == "bourlard1988auto"


def test_an_event_of_another_thread_gives_way_to_the_first_of_this_one(open_figure):
    live = open_figure("timeline", state={"event": "vaswani2017attention"})
    assert "The Transformer" in live.words()
    live.choose("thread", "convolution")
    assert "Event 1 of" in live.words()
    assert "David Hubel" in live.words()
