"""The figure shows what was measured, and hides the answer until it is asked for."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

from dlarch.figures.base import module_source


@pytest.fixture(scope="module")
def measured():
    return json.loads(
        re.search(r"^const MEASURED = (.*);$", module_source("plain_or_residual"), re.M)[1]
    )


def test_means_are_those_of_the_runs(open_figure, measured):
    live = open_figure("plain_or_residual", state={"residual": True})
    for depth in ("6", "34"):
        live.set(depth=int(depth))
        shown = live.all_exact()
        for kind, runs in measured.items():
            last = [losses[-1] for losses in runs[depth]["losses"]]
            assert len(last) >= 3
            assert shown[f"loss_{kind}"] == pytest.approx(np.mean(last))
            assert shown[f"loss_{kind}_{depth}"] == shown[f"loss_{kind}"]
            accuracy = 100 * np.mean(runs[depth]["accuracies"])
            assert shown[f"accuracy_{kind}"] == pytest.approx(accuracy)
            norms = runs[depth]["norms"]
            assert shown[f"ratio_{kind}"] == pytest.approx(norms[0] / norms[-1])


def test_the_runs_say_what_the_page_says(measured):
    loss = {
        kind: {int(depth): np.mean([run[-1] for run in of["losses"]]) for depth, of in runs.items()}
        for kind, runs in measured.items()
    }
    assert loss["plain"][34] > loss["plain"][14] + 0.3
    assert loss["residual"][34] < loss["residual"][6] - 0.5
    norms = measured["plain"]["34"]["norms"]
    assert norms[0] > 50 * norms[-1]


def test_shortcuts_are_shown_when_asked_for(open_figure):
    live = open_figure("plain_or_residual")
    assert "Guess" in live.words()
    assert "loss_residual" not in live.shown()
    live.page.locator('[data-trait="residual"]').check()
    live.settle()
    assert "with shortcuts 18 layers" in live.words()
    live.key("depth", "ArrowRight", times=2)
    assert live.get("depth") == 26
    live.choose("show", "gradient")
    assert "NaN" not in live.page.locator("main").inner_text()
