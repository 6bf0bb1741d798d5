"""The stepper shows the numbers that NumPy finds."""

from __future__ import annotations

import numpy as np
import pytest

W1 = np.array([[0.4, -0.6, 0.3], [0.8, 0.5, -0.7]])
B1 = np.array([0.1, -0.2, 0.2])
W2 = np.array([[0.7, -0.4], [-0.5, 0.9], [0.6, 0.3]])
B2 = np.array([-0.3, 0.2])

ACTIVATIONS = {
    "sigmoid": (lambda a: 1 / (1 + np.exp(-a)), lambda a: np.exp(-a) / (1 + np.exp(-a)) ** 2),
    "tanh": (np.tanh, lambda a: 1 / np.cosh(a) ** 2),
}


def parameters(hidden: int, outputs: int) -> dict[str, np.ndarray]:
    return {
        "w1": W1[:, :hidden],
        "b1": B1[:hidden],
        "w2": W2[:hidden, :outputs],
        "b2": B2[:outputs],
    }


def one_pass(p: dict, x: np.ndarray, t: np.ndarray, activation: str) -> tuple[dict, dict, float]:
    """Everything the stepper names, the gradients, and the error."""
    g, slope = ACTIVATIONS[activation]
    a1 = x @ p["w1"] + p["b1"]
    h = g(a1)
    a2 = h @ p["w2"] + p["b2"]
    o = g(a2)
    delta2 = (o - t) * slope(a2)
    delta1 = slope(a1) * (p["w2"] @ delta2)
    gradients = {"w1": np.outer(x, delta1), "b1": delta1, "w2": np.outer(h, delta2), "b2": delta2}
    error = float(0.5 * np.sum((o - t) ** 2))
    named = {"error": error}
    for unit in range(len(h)):
        named |= {
            f"a_hidden_{unit + 1}": a1[unit],
            f"h_hidden_{unit + 1}": h[unit],
            f"slope_hidden_{unit + 1}": slope(a1)[unit],
            f"returned_{unit + 1}": (p["w2"] @ delta2)[unit],
            f"delta_hidden_{unit + 1}": delta1[unit],
        }
    for unit in range(len(o)):
        named |= {
            f"a_output_{unit + 1}": a2[unit],
            f"output_{unit + 1}": o[unit],
            f"slope_output_{unit + 1}": slope(a2)[unit],
            f"delta_output_{unit + 1}": delta2[unit],
        }
    return named, gradients, error


def by_entry(arrays: dict[str, np.ndarray], prefix: str) -> dict[str, float]:
    return {
        f"{prefix}{key}_" + "_".join(str(i + 1) for i in index): entry
        for key, array in arrays.items()
        for index, entry in np.ndenumerate(array)
    }


@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
@pytest.mark.parametrize("network", ["2-2-1", "2-2-2", "2-3-2"])
def test_every_number_of_two_updates_is_numpys(open_figure, network, activation):
    live = open_figure("backpropagation_stepper")
    live.choose("network", network)
    live.choose("activation", activation)
    live.type("x_1", "-0.7")
    live.type("x_2", "1.3")
    live.type("t_1", "0.35")
    live.type("learning_rate", "0.8")
    _, hidden, outputs = map(int, network.split("-"))
    p, x, t = parameters(hidden, outputs), np.array([-0.7, 1.3]), np.array([0.35, 0.2])[:outputs]
    steps = 5 + 2 * hidden + 2 * outputs
    for _ in range(2):
        named, gradients, _ = one_pass(p, x, t, activation)
        after = {key: p[key] - 0.8 * gradients[key] for key in p}
        _, _, error_after = one_pass(after, x, t, activation)
        expected = named | by_entry(gradients, "gradient_") | by_entry(p, "old_")
        seen: dict[str, float] = {}
        for step in range(steps):
            shown = live.all_exact()
            seen |= {name: number for name, number in shown.items() if name in expected}
            if step == steps - 1:
                updated = {name: shown[name] for name in by_entry(after, "")}
                np.testing.assert_allclose(
                    list(updated.values()), list(by_entry(after, "").values()), rtol=1e-10
                )
                assert shown["error_after"] == pytest.approx(error_after, rel=1e-10)
            live.press("next")
        assert seen.keys() == expected.keys()
        for name, number in expected.items():
            assert seen[name] == pytest.approx(float(number), rel=1e-10, abs=1e-14), name
        p = after


def test_a_number_is_hidden_until_its_step(open_figure):
    live = open_figure("backpropagation_stepper")
    assert "output_1" not in live.shown()
    live.press("next", times=5)
    assert {"output_1", "error"} <= live.shown().keys()
    assert not any(name.startswith("delta") for name in live.shown())


def test_back_returns_to_the_weights_before_the_update(open_figure):
    live = open_figure("backpropagation_stepper")
    live.press("update")
    live.press("next")
    first_pass = live.exact("w1_1_1")
    assert first_pass != 0.4
    live.press("back", times=2)
    assert live.exact("old_w1_1_1") == 0.4


def test_the_error_after_each_update_is_that_of_gradient_descent(open_figure):
    live = open_figure("backpropagation_stepper")
    p, x, t = parameters(2, 2), np.array([1.0, 0.5]), np.array([0.9, 0.2])
    for _ in range(6):
        live.press("update")
        _, gradients, _ = one_pass(p, x, t, "sigmoid")
        p = {key: p[key] - 1.0 * gradients[key] for key in p}
        assert live.exact("error_after") == pytest.approx(one_pass(p, x, t, "sigmoid")[2], rel=1e-9)
        live.press("next")


def test_the_words_say_the_numbers_of_the_step(open_figure):
    live = open_figure("backpropagation_stepper")
    live.press("next")
    named, _, _ = one_pass(parameters(2, 2), np.array([1.0, 0.5]), np.array([0.9, 0.2]), "sigmoid")
    assert f"a = {named['a_hidden_1']:.4f}" in live.words()
    assert f"= {named['h_hidden_1']:.4f}" in live.words()


def test_run_walks_by_itself_and_reset_goes_back(open_figure):
    live = open_figure("backpropagation_stepper")
    live.press("run")
    live.page.wait_for_function("() => window.figure.model.get('step') >= 2")
    live.press("reset")
    assert live.get("step") == 0
    live.page.wait_for_timeout(1000)
    assert live.get("step") == 0
