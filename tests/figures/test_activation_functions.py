"""Values, slopes and products of slopes are those of NumPy, slopes by central differences as well."""

from __future__ import annotations

import numpy as np
import pytest

LEAK = 0.3
FUNCTIONS = {
    "sigmoid": (lambda a: 1 / (1 + np.exp(-a)), lambda a: np.exp(-a) / (1 + np.exp(-a)) ** 2),
    "tanh": (np.tanh, lambda a: 1 / np.cosh(a) ** 2),
    "relu": (lambda a: np.maximum(a, 0), lambda a: float(a > 0)),
    "threshold": (lambda a: float(a >= 0), lambda a: 0.0),
    "identity": (lambda a: a, lambda a: 1.0),
    "leaky_relu": (lambda a: a if a > 0 else LEAK * a, lambda a: 1.0 if a > 0 else LEAK),
    "softplus": (lambda a: np.logaddexp(0, a), lambda a: 1 / (1 + np.exp(-a))),
}
STEEPEST = dict.fromkeys(FUNCTIONS, 1) | {"sigmoid": 0.25, "threshold": 0}


@pytest.mark.parametrize("activation", FUNCTIONS)
def test_values_slopes_and_products_are_numpys(open_figure, activation):
    live = open_figure("activation_functions", state={"leak": LEAK})
    live.choose("activation", activation)
    g, slope = FUNCTIONS[activation]
    for x, depth in [(-5.3, 7), (-0.4, 12), (0.85, 4), (6, 30)]:
        live.set(x=x, depth=depth)
        shown = live.all_exact()
        assert shown["g"] == pytest.approx(g(x), rel=1e-12)
        assert shown["slope"] == pytest.approx(slope(x), rel=1e-12)
        assert shown["slope"] == pytest.approx((g(x + 1e-5) - g(x - 1e-5)) / 2e-5, abs=1e-8)
        assert shown["power"] == pytest.approx(slope(x) ** depth, rel=1e-10)
        a, product = x, 1.0
        for layer in range(1, depth + 1):
            assert shown[f"a_{layer}"] == pytest.approx(a, rel=1e-12)
            product *= slope(a)
            a = g(a)
        assert shown["chain"] == pytest.approx(product, rel=1e-10)
        assert shown["best"] == pytest.approx(STEEPEST[activation] ** depth)
        assert max(slope(a) for a in np.linspace(-6, 6, 1201)) <= STEEPEST[activation] + 1e-12


@pytest.mark.parametrize(("activation", "used"), [("relu", 0), ("threshold", 0), ("leaky_relu", 1)])
def test_a_corner_has_no_slope(open_figure, activation, used):
    live = open_figure("activation_functions", state={"x": 0, "leak": LEAK, "depth": 1})
    live.choose("activation", activation)
    assert "slope" not in live.shown()
    assert live.exact("power") == used * LEAK
    assert "slope is undefined" in live.words()


def test_x_moves_by_keyboard_on_the_curve_and_on_the_slider(open_figure):
    live = open_figure("activation_functions")
    live.key("x", "ArrowRight", times=2)
    assert live.get("x") == pytest.approx(1.1)
    chart = live.page.get_by_role("application").first
    chart.focus()
    live.page.keyboard.press("ArrowLeft")
    live.page.keyboard.press("Shift+ArrowLeft")
    live.settle()
    assert live.get("x") == 0
    assert "at x = 0.00 the value is 0.5000 and the slope 0.2500" in live.words()
    box = chart.bounding_box()
    live.page.mouse.click(box["x"] + box["width"] - 10, box["y"] + 80)
    live.settle()
    assert live.get("x") == pytest.approx(6, abs=0.05)


def test_words_say_what_the_product_means(open_figure):
    live = open_figure("activation_functions")
    assert "hardly learns" in live.words()
    live.choose("activation", "relu")
    assert "keeps 100 % of its size" in live.words()
    live.set(x=-1)
    assert "The slope here is 0" in live.words()


def test_the_leak_is_asked_for_only_where_there_is_one(open_figure):
    live = open_figure("activation_functions")
    leak = live.page.locator('[data-trait="leak"]')
    assert not leak.is_visible()
    live.choose("activation", "leaky_relu")
    assert leak.is_visible()
