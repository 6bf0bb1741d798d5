"""What an output depends on, against adjacency matrices and their powers."""

from __future__ import annotations

import numpy as np
import pytest

LETTERS = "xhry"


def adjacency(pattern):
    """Nodes by name, and which edges there are; entry 2 marks a step in time."""
    steps = 6 if pattern == "to_a_sequence" else 4
    late = 3 if pattern == "to_a_sequence" else 0
    names = [f"{letter}{t}" for letter in LETTERS for t in range(1, steps + 1)]
    edges = np.zeros((len(names), len(names)), dtype=int)

    def join(start, end, step=False):
        edges[names.index(start), names.index(end)] = 2 if step else 1

    for t in range(1, steps + 1):
        if {"to_a_sequence": t <= 3, "from_a_vector": t == 1}.get(pattern, True):
            join(f"x{t}", f"h{t}")
            if pattern == "both_directions":
                join(f"x{t}", f"r{t}")
        if {"to_a_sequence": t > 3, "at_the_end": t == 4}.get(pattern, True):
            join(f"h{t}", f"y{t - late}")
            if pattern == "both_directions":
                join(f"r{t}", f"y{t}")
        if t == 1:
            continue
        if pattern != "output_back":
            join(f"h{t - 1}", f"h{t}", step=True)
        if pattern == "both_directions":
            join(f"r{t}", f"r{t - 1}", step=True)
        fed_back = pattern in ("output_back", "from_a_vector") or (
            pattern == "to_a_sequence" and t > 4
        )
        if fed_back:
            join(f"y{t - 1 - late}", f"h{t}", step=True)
    return names, edges


def dependence(pattern, output):
    names, edges = adjacency(pattern)
    is_edge = (edges > 0).astype(int)
    ways = np.linalg.inv(np.eye(len(names)) - is_edge).round().astype(int)
    goal = names.index(f"y{output}")
    inputs = sum(bool(ways[i, goal]) for i, name in enumerate(names) if name[0] == "x")
    longest = dict.fromkeys(names, 0)
    for _ in names:
        for i, j in zip(*np.nonzero(edges), strict=True):
            longest[names[j]] = max(longest[names[j]], longest[names[i]] + (edges[i, j] == 2))
    return inputs, longest[f"y{output}"], ways[names.index("x1"), goal]


@pytest.mark.parametrize(
    ("pattern", "outputs"),
    [
        ("every_step", (1, 2, 3, 4)),
        ("output_back", (1, 2, 3, 4)),
        ("from_a_vector", (1, 2, 3, 4)),
        ("to_a_sequence", (1, 2, 3)),
        ("both_directions", (1, 2, 3, 4)),
        ("at_the_end", (4,)),
    ],
)
def test_inputs_steps_and_ways_are_those_of_the_graph(open_figure, pattern, outputs):
    live = open_figure("unrolled_patterns", state={"reveal": True})
    live.choose("pattern", pattern)
    for output in outputs:
        live.set(output=output)
        shown = live.all_exact()
        expected = dependence(pattern, output)
        assert (shown["inputs"], shown["steps"], shown["ways"]) == expected, output
        marked = live.page.locator("[data-marked=true]").count()
        assert marked >= expected[0]


def test_nothing_is_revealed_before_it_is_asked_for(open_figure):
    live = open_figure("unrolled_patterns")
    assert live.shown() == {}
    assert "Say it" in live.words()
    assert live.page.locator("[data-marked=true]").count() == 0
    live.key("reveal", "Space")
    assert live.exact("inputs") == 3
    assert "x₁, x₂, x₃" in live.words()
    live.key("output", "ArrowLeft")
    assert live.exact("inputs") == 2
