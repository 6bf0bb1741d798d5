"""Shapes fit, stretch and are refused as NumPy's are, and the values are NumPy's."""

from __future__ import annotations

import numpy as np
import pytest

PAIRS = [
    ([4, 1], [3]),
    ([4, 1, 2], [3, 2]),
    ([4, 3], [4, 1]),
    ([2, 3, 4], [1]),
    ([], [3, 1]),
    ([], []),
    ([1, 1], [1, 1, 1]),
    ([2, 4], [2, 4]),
    ([3], [4, 1, 1]),
]
REFUSED = [([4, 3], [4]), ([2, 3, 4], [2, 1, 3]), ([2], [3]), ([3, 1, 2], [2, 4, 2])]


def arrays(a: list[int], b: list[int]) -> tuple[np.ndarray, np.ndarray]:
    return (
        10 * np.arange(1, np.prod(a, dtype=int) + 1).reshape(a),
        np.arange(1, np.prod(b, dtype=int) + 1).reshape(b),
    )


def shown_array(live, name: str, shape: tuple[int, ...]) -> np.ndarray:
    shown = live.shown()
    found = np.full(shape, np.nan)
    for index in np.ndindex(shape):
        found[index] = shown["_".join([name, *map(str, index)])]
    assert sum(key.split("_")[0] == name for key in shown) == found.size
    return found


@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_values_and_shapes_are_numpys(open_figure, a, b):
    live = open_figure("broadcasting", state={"a": a, "b": b})
    x, y = arrays(a, b)
    total = x + y
    for name, expected in (("a", x), ("b", y), ("sum", total)):
        np.testing.assert_array_equal(
            shown_array(live, name, total.shape), np.broadcast_to(expected, total.shape)
        )
    shown = live.shown()
    sizes = [shown[f"size_{place}"] for place in range(total.ndim, 0, -1)]
    assert tuple(sizes) == total.shape
    assert f"The result has shape {total.shape}." in live.words()
    assert f"Shapes {x.shape} and {y.shape}" in live.words()


@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_entries_that_are_read_again_are_marked_as_copies(open_figure, a, b):
    """As many entries are not copies as the array has."""
    live = open_figure("broadcasting", state={"a": a, "b": b})
    for place, array in enumerate(arrays(a, b)):
        cells = live.page.locator(".dla-array").nth(place).locator(".dla-slice > span")
        copies = cells.evaluate_all("nodes => nodes.map(node => node.matches('.dla-copy'))")
        assert copies.count(False) == array.size
        numbers = cells.evaluate_all("nodes => nodes.map(node => Number(node.textContent))")
        originals = [n for n, copy in zip(numbers, copies, strict=True) if not copy]
        assert originals == array.ravel().tolist()


@pytest.mark.parametrize(("a", "b"), REFUSED)
def test_shapes_that_do_not_fit_are_refused_with_the_axis(open_figure, a, b):
    x, y = arrays(a, b)
    with pytest.raises(ValueError, match="could not be broadcast"):
        x + y
    live = open_figure("broadcasting", state={"a": a, "b": b})
    assert "They do not fit: a + b raises a ValueError." in live.words()
    wrong = [
        place
        for place in range(1, min(x.ndim, y.ndim) + 1)
        if x.shape[-place] != y.shape[-place] and 1 not in (x.shape[-place], y.shape[-place])
    ]
    for place in range(1, max(x.ndim, y.ndim) + 1):
        assert (f"Axis −{place}: refused" in live.words()) == (place in wrong)
    assert not any(name.startswith("sum") for name in live.shown())


def test_every_pair_of_shapes_with_two_axes_is_judged_as_numpy_judges(open_figure):
    live = open_figure("broadcasting")
    shapes = [[], [1], [2], [3], [1, 1], [1, 3], [2, 1], [2, 3], [3, 2]]
    for a in shapes:
        for b in shapes:
            live.set(a=a, b=b)
            try:
                expected = f"The result has shape {np.broadcast_shapes(tuple(a), tuple(b))}."
            except ValueError:
                expected = "They do not fit"
            assert expected in live.words(), (a, b)


def test_shapes_are_chosen_axis_by_axis(open_figure):
    live = open_figure("broadcasting")
    live.choose("b_3", 2)
    assert live.get("b") == [2, 1, 3]
    live.choose("b_2", 4)
    assert live.get("b") == [2, 4, 3]
    live.choose("a_2", 0)
    assert live.get("a") == [1]
    live.choose("a_1", 0)
    assert live.get("a") == []
    live.choose("a_1", 2)
    assert "Axis −1: refused: 2 ≠ 3 and neither is 1." in live.words()


def test_examples_are_a_button_away(open_figure):
    live = open_figure("broadcasting")
    live.press("refused")
    assert "They do not fit" in live.words()
    live.press("mended")
    assert "The result has shape (4, 3)." in live.words()
    live.press("pairs")
    assert "The result has shape (4, 3, 2)." in live.words()


def test_the_explained_entry_is_walked_by_arrow_keys_and_pointer(open_figure):
    live = open_figure("broadcasting", state={"a": [2, 1, 3], "b": [4, 1], "cell": [0, 0, 0]})
    total = np.add(*arrays([2, 1, 3], [4, 1]))
    live.page.get_by_role("application").focus()
    index = [0, 0, 0]
    for key, axis, way in [
        ("ArrowRight", 2, 1),
        ("ArrowDown", 1, 1),
        ("ArrowDown", 1, 1),
        ("Shift+ArrowDown", 0, 1),
        ("ArrowLeft", 2, -1),
        ("ArrowLeft", 2, 0),
        ("Shift+ArrowDown", 0, 0),
        ("ArrowUp", 1, -1),
    ]:
        live.page.keyboard.press(key)
        live.settle()
        index[axis] += way
        assert live.get("cell") == index
        assert f"= {total[tuple(index)]}." in live.words()
        assert f"Its entry {index} is" in live.words()
    live.page.locator('[data-value="sum_0_3_2"]').click()
    live.settle()
    assert live.get("cell") == [0, 3, 2]
    assert live.page.locator(".dla-now").count() == 3
