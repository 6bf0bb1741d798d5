"""What holds for every figure: one contract, readable by everybody, everywhere.

A figure is opened once. The first tests look at it as it opens and leave it so; the last ones change it.
"""

from __future__ import annotations

import html
import json
import re
import subprocess
import sys

import pytest

import dlarch.figures
from dlarch.figures import FIGURES
from dlarch.figures.base import figure_markup, module_source
from tests.figures.conftest import opening

NAMES = sorted(FIGURES)
TONES = ["data", "prediction", "error", "gradient", "truth", "neutral", "ink", "soft"]


def figure_class(name: str) -> type:
    return getattr(dlarch.figures, FIGURES[name])


@pytest.fixture(scope="module", params=NAMES)
def name(request):
    return request.param


@pytest.fixture(scope="module")
def live(browser, origin, name):
    """The figure as it opens, for all tests of this file."""
    with opening(browser, origin) as open_one:
        yield open_one(name)


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_python_class_has_the_modules_defaults(live, name):
    assert figure_class(name)().state() == live.page.evaluate("() => window.figure.defaults")


def test_the_widget_carries_the_modules_source_and_words_for_a_terminal(name):
    figure = figure_class(name)()
    assert figure._esm == module_source(name)
    data, _ = figure._repr_mimebundle_()
    assert data["text/plain"].startswith(figure.summary)
    assert f'data-figure="{name}"' in data["text/html"]
    assert "application/vnd.jupyter.widget-view+json" in data
    assert "<script" not in data["text/html"]


def test_the_root_is_a_labelled_group_with_live_words(live, name):
    root = live.page.locator(f'[data-figure="{name}"]')
    assert root.get_attribute("role") == "group"
    assert len(root.get_attribute("aria-label")) > 20
    assert live.page.locator("[data-words][aria-live=polite]").count() == 1
    assert len(live.words()) > 60
    assert "NaN" not in live.page.locator("main").inner_text()


def test_everything_is_reached_by_keyboard_with_a_visible_focus(live):
    wanted = live.page.locator(
        ".dla :is(a, button:not(:disabled), input, select, summary, [tabindex])"
    ).evaluate_all("nodes => nodes.filter(node => node.checkVisibility()).length")
    reached = 0
    for _ in range(wanted):
        live.page.keyboard.press("Tab")
        style = live.page.evaluate(
            """() => { const node = document.activeElement;
            const inside = node.closest(".dla") !== null;
            return inside && [getComputedStyle(node).outlineStyle, node.matches(":focus-visible")]; }"""
        )
        assert style == ["solid", True]
        reached += 1
    assert reached == wanted > 0


def test_every_control_has_a_name(live):
    live.page.locator(".dla [hidden]").evaluate_all(
        "nodes => { window.revealed = nodes; nodes.forEach(node => { node.hidden = false; }); }"
    )
    controls = live.page.locator(".dla :is(button, input, select, [role=application])")
    for i in range(controls.count()):
        snapshot = controls.nth(i).aria_snapshot()
        assert re.search(r'"[^"]+"', snapshot), f"a control without a name: {snapshot}"
    live.page.evaluate("() => window.revealed.forEach(node => { node.hidden = true; })")


def test_nothing_overflows_the_page(live):
    live.page.locator("summary").evaluate_all(
        "nodes => nodes.forEach(node => { node.parentElement.open = true; })"
    )
    for width_px in (900, 390, 340):
        live.resize(width_px)
        assert live.page.evaluate("document.documentElement.scrollWidth") <= width_px
        cut = live.page.locator(".dla svg[role=img] text").evaluate_all(
            """nodes => nodes.filter(node => { const box = node.getBoundingClientRect();
            return box.width && (box.left < 0 || box.right > innerWidth);
            }).map(node => node.textContent)"""
        )
        assert cut == [], f"outside the page at {width_px} px"
    live.resize(900)


def test_a_finger_can_scroll_the_page_from_everywhere(live):
    allowed = live.page.locator(".dla, .dla *").evaluate_all(
        "nodes => [...new Set(nodes.map(node => getComputedStyle(node).touchAction))]"
    )
    assert set(allowed) <= {"auto", "manipulation", "pan-y pinch-zoom"}


def test_a_swipe_on_a_chart_scrolls_and_a_tap_moves_the_point(open_figure):
    live = open_figure("precision_recall", width_px=390, height_px=500)
    chart = live.page.get_by_role("application")
    chart.evaluate("node => node.scrollIntoView({ block: 'center' })")
    box, scrolled = chart.bounding_box(), live.page.evaluate("scrollY")
    session = live.page.context.new_cdp_session(live.page)
    x, y = box["x"] + 0.7 * box["width"], box["y"] + 200

    def touch(kind: str, *places: float) -> None:
        points = [{"x": x, "y": place} for place in places]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", y)
    for step in range(1, 12):
        touch("touchMove", y - 14 * step)
    touch("touchEnd")
    live.page.wait_for_function(f"() => scrollY > {scrolled} + 60")
    assert live.get("threshold") == 0
    live.page.wait_for_timeout(200)
    y = chart.bounding_box()["y"] + 100
    touch("touchStart", y)
    touch("touchEnd")
    live.page.wait_for_function("() => window.figure.model.get('threshold') > 1")
    session.detach()


def test_keys_stay_inside_the_figure(live):
    """JupyterLab's shortcuts listen outside and would swallow the arrow keys."""
    live.page.evaluate(
        "() => { window.heard = 0; document.addEventListener('keydown', () => { window.heard += 1; }); }"
    )
    control = live.page.locator(".dla :is(input, select)").first
    control.focus()
    live.page.keyboard.press("ArrowUp")
    assert live.page.evaluate("window.heard") == 0
    missing = live.page.locator(".dla :is(button, input, select):not([data-lm-suppress-shortcuts])")
    assert missing.count() == 0


def test_cleanup_removes_what_render_made(live):
    live.page.evaluate("() => window.figure.cleanup()")
    assert live.page.locator(".dla").count() == 0
    left = live.page.evaluate(
        "() => [...window.figure.listeners.values()].flatMap((set) => [...set]).length"
    )
    assert left == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_colours_are_legible(open_figure, theme):
    live = open_figure("sliding_window", theme=theme)
    names = [f"--dla-{tone}" for tone in [*TONES, "surface", "panel"]]
    colours = live.page.locator(".dla").evaluate(
        "(node, names) => names.map(name => getComputedStyle(node).getPropertyValue(name).trim())",
        names,
    )
    *tones, surface, panel = colours
    for tone, colour in zip(TONES, tones, strict=True):
        assert contrast(colour, surface) >= 4.5, tone
        assert contrast(colour, panel) >= 4.5, tone


def test_nothing_moves_where_motion_is_not_wanted(open_figure):
    moving = "() => document.getAnimations().length"
    live = open_figure("backpropagation_stepper", state={"step": 1})
    assert live.page.evaluate(moving) > 0
    still = open_figure("backpropagation_stepper", state={"step": 1}, reduced_motion="reduce")
    assert still.page.evaluate(moving) == 0


def test_print_is_on_white_also_in_the_dark_and_has_no_buttons(open_figure):
    live = open_figure("sliding_window", theme="dark")
    buttons = live.page.locator(".dla-buttons").first
    assert buttons.is_visible()
    live.page.emulate_media(media="print")
    assert not buttons.is_visible()
    background = live.page.locator(".dla").evaluate(
        "node => getComputedStyle(node).backgroundColor"
    )
    assert background == "rgb(255, 255, 255)"


def test_importing_the_figures_loads_no_widget_library():
    heavy = "('anywidget', 'ipywidgets', 'torch')"
    code = f"import sys, dlarch.figures; print(any(module in sys.modules for module in {heavy}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_an_unknown_figure_is_named_with_the_known_ones():
    with pytest.raises(
        ValueError, match=r"no figure named 'nope'; there are .*backpropagation_stepper, "
    ):
        module_source("nope")


def test_markup_keeps_any_state():
    state = {"x": [1.5, -2], "text": "<\"&'>"}
    markup = figure_markup("sliding_window", state, "1 < 2")
    encoded = re.search(r'data-state="([^"]*)"', markup)[1]
    assert json.loads(html.unescape(encoded)) == state
    assert "<p>1 &lt; 2</p>" in markup
