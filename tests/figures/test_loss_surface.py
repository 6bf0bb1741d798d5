"""Every optimiser on every surface goes where PyTorch's goes, with gradients from autograd."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import torch

from dlarch.figures.loss_surface import OPTIMIZERS
from tests.figures.test_every_figure import contrast

ROOT = Path(__file__).parents[2]
LOSSES = {
    "valley": lambda x, y: 0.04 * (x - 1) ** 2 + (y - 0.5) ** 2,
    "saddle": lambda x, y: x**2 / 2 - y**2 / 2 + y**4 / 16 + 1,
    "two_minima": lambda x, y: (x + 2) ** 2 * ((x - 2) ** 2 + 0.6) / 16 + y**2 / 2,
}


def optimizer(name: str, w: torch.Tensor, learning_rate: float) -> torch.optim.Optimizer:
    optim, lr = torch.optim, learning_rate
    return {
        "sgd": lambda: optim.SGD([w], lr),
        "momentum": lambda: optim.SGD([w], lr, momentum=0.9),
        "nesterov": lambda: optim.SGD([w], lr, momentum=0.9, nesterov=True),
        "adagrad": lambda: optim.Adagrad([w], lr, eps=1e-8),
        "rmsprop": lambda: optim.RMSprop([w], lr, alpha=0.9, eps=1e-8),
        "adadelta": lambda: optim.Adadelta([w], 1.0, rho=0.95, eps=1e-6),
        "adam": lambda: optim.Adam([w], lr),
        "adamw": lambda: optim.AdamW([w], lr, weight_decay=0.1),
    }[name]()


def race(name: str, surface: str, start: list[float], learning_rate: float, steps: int):
    """Position and loss after `steps` updates."""
    w = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    update = optimizer(name, w, learning_rate)
    for _ in range(steps):
        update.zero_grad()
        LOSSES[surface](*w).backward()
        update.step()
    return *w.tolist(), LOSSES[surface](*w).item()


@pytest.mark.parametrize("surface", LOSSES)
@pytest.mark.parametrize(
    ("start", "learning_rate", "steps"),
    [([-3.2, 2.2], 0.1, 60), ([2.75, 0.01], 0.023, 137), ([-1.5, -2.5], 0.004, 400)],
)
def test_positions_and_losses_are_pytorchs(open_figure, surface, start, learning_rate, steps):
    live = open_figure(
        "loss_surface",
        state={"surface": surface, "start": start, "learning_rate": learning_rate, "step": steps},
    )
    shown = live.shown()
    for name in OPTIMIZERS:
        expected = race(name, surface, start, learning_rate, steps)
        found = [shown[f"{part}_{name}"] for part in ("w1", "w2", "loss")]
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-9, err_msg=name)


def test_the_marked_minima_and_saddle_have_no_gradient(open_figure):
    """The crosses, read back from the picture, lie where the gradient is zero."""
    for surface, expected in {"valley": 1, "saddle": 3, "two_minima": 2}.items():
        live = open_figure("loss_surface", state={"surface": surface, "optimizers": []})
        places = live.page.evaluate(
            """() => {
                const picture = document.querySelector(".dla-race svg[role=application]");
                const [width, height] = picture.getAttribute("viewBox").split(" ").slice(2).map(Number);
                return [...picture.querySelectorAll("path[stroke-width='3']")].map(cross => {
                    const box = cross.getBBox();
                    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
                    return [-4 + 8 * (x - 44) / (width - 54), 3 - 6 * (y - 10) / (height - 50)];
                });
            }"""
        )
        assert len(places) == expected
        for place in places:
            w = torch.tensor(place, dtype=torch.float64, requires_grad=True)
            LOSSES[surface](*w).backward()
            assert w.grad.abs().max() < 1e-3


def test_a_rate_beyond_two_over_the_curvature_is_said_to_diverge(open_figure):
    live = open_figure("loss_surface", state={"learning_rate": 0.99, "step": 400})
    assert live.exact("loss_sgd") < 0.1
    live.set(learning_rate=1.03)
    assert "Diverged: SGD" in live.words()
    assert "loss_sgd" not in live.shown()
    live.set(learning_rate=0.1)
    assert "Diverged" not in live.words()


def test_momentum_passes_the_local_minimum_where_sgd_stays(open_figure):
    live = open_figure("loss_surface", state={"learning_rate": 0.02, "step": 400})
    live.choose("surface", "two_minima")
    assert live.get("start") == [3.6, 2.2]
    assert live.exact("loss_momentum") < 1e-6
    assert live.exact("loss_sgd") > 0.5


def test_at_the_crest_of_the_saddle_sgd_stays_for_ever(open_figure):
    live = open_figure("loss_surface", state={"surface": "saddle", "start": [-3.2, 0], "step": 400})
    assert live.exact("w2_sgd") == 0
    live.type("start_2", "0.01")
    assert live.exact("w2_sgd") == pytest.approx(2, abs=1e-3)


def test_the_race_is_run_by_keyboard(open_figure):
    live = open_figure("loss_surface")
    live.press("reset")
    assert (live.get("step"), live.exact("loss_adam")) == (0, live.exact("loss_sgd"))
    live.press("step", times=3)
    live.press("steps")
    assert live.exact("steps") == 13
    assert "after 13 steps" in live.words()
    live.press("run")
    live.page.wait_for_function("() => window.figure.model.get('step') >= 16")
    live.press("run")
    paused = live.get("step")
    live.page.wait_for_timeout(200)
    assert live.get("step") == paused
    assert f"after {paused} steps" in live.words()
    field = live.page.get_by_role("application")
    field.focus()
    live.page.keyboard.press("ArrowRight")
    live.page.keyboard.press("Shift+ArrowDown")
    live.settle()
    assert live.get("start") == [-3.1, 1.7]
    live.set(step=400)
    live.press("run")
    live.page.wait_for_timeout(150)
    assert live.get("step") == 400


def test_the_start_follows_the_pointer(open_figure):
    live = open_figure("loss_surface")
    box = live.page.get_by_role("application").bounding_box()
    live.page.mouse.click(box["x"] + 44 + (box["width"] - 54) * 0.75, box["y"] + 10)
    live.settle()
    assert live.get("start") == pytest.approx([2, 3], abs=0.02)


def test_optimisers_are_ticked_off_and_on(open_figure):
    live = open_figure("loss_surface")
    for name in ("adam", "sgd"):
        live.key(name, "Space")
    assert live.get("optimizers") == [n for n in OPTIMIZERS if n not in ("adam", "sgd")]
    assert "loss_adam" not in live.shown()
    assert "Adam " not in live.words()
    live.key("sgd", "Space")
    assert live.get("optimizers")[0] == "sgd"


def test_optimisers_are_spelt_as_on_the_page(open_figure):
    live = open_figure("loss_surface")
    titles = live.page.locator(".dla-racers label").evaluate_all(
        "labels => labels.map(label => [...label.childNodes].find(node => node.nodeType === 3).data)"
    )
    assert len(titles) == len(OPTIMIZERS)
    page = re.sub("`[^`]*`", "", (ROOT / "book" / "05_optimization.md").read_text())
    assert [title for title in titles if not re.search(rf"\b{title}\b", page)] == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_lines_differ_in_dashes_and_stand_out_from_the_ground(open_figure, theme):
    live = open_figure("loss_surface", theme=theme)
    dashes = live.page.locator(".dla-racers path:first-child").evaluate_all(
        "nodes => nodes.map(node => node.getAttribute('stroke-dasharray'))"
    )
    assert len(dashes) == len(set(dashes)) == len(OPTIMIZERS)
    names = [f"--dla-{name}" for name in [*OPTIMIZERS, "surface"]]
    *colours, surface = live.page.locator(".dla").evaluate(
        "(node, names) => names.map(name => getComputedStyle(node).getPropertyValue(name).trim())",
        names,
    )
    assert len(set(colours)) == len(OPTIMIZERS)
    for name, colour in zip(OPTIMIZERS, colours, strict=True):
        assert contrast(colour, surface) >= 3.5, name
