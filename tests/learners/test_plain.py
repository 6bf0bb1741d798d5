"""Plain data survives encoding; what is not plain data becomes Foreign."""

import numpy as np
import pytest
import torch

from dlarch.plain import ArrayTable, Foreign, clone, decode, encode


@pytest.mark.parametrize(
    "value",
    [None, True, 3, 2.5, float("inf"), "text", [1, [2.0, "a"]], (1, (None,)), {"a": {"b": [1]}}],
)
def test_python_values_come_back(value):
    table = ArrayTable()

    assert decode(encode(value, table), table) == value


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64, np.uint8, np.bool_])
@pytest.mark.parametrize("shape", [(), (0,), (3, 1), (2, 3, 5)])
def test_arrays_and_tensors_come_back_with_dtype_and_shape(dtype, shape):
    table = ArrayTable()
    array = np.asarray(np.random.default_rng(0).random(shape) * 9, dtype=dtype)
    for value in (np.asarray(array), torch.from_numpy(np.array(array))):
        back = decode(encode(value, table), table)

        assert type(back) is type(value)
        assert back.dtype == value.dtype
        assert tuple(back.shape) == shape
        assert np.array_equal(np.asarray(back), array)
    assert len(table.arrays) == 1


def test_a_strided_array_comes_back():
    table = ArrayTable()
    array = np.arange(24.0).reshape(4, 6)[::2, ::-3]

    assert np.array_equal(decode(encode(array, table), table), array)


def test_what_is_not_plain_becomes_a_name():
    table = ArrayTable()
    back = decode(encode({"x": [object(), np.array(["a"]), {1: 2}]}, table), table)

    assert [item.type_name for item in back["x"]] == ["object", "ndarray", "dict"]
    assert isinstance(back["x"][0], Foreign)


def test_a_clone_shares_nothing():
    value = {"a": [np.zeros(2)], "t": torch.zeros(2, requires_grad=True)}
    copy = clone(value)
    copy["a"][0][0] = 1

    assert value["a"][0][0] == 0
    assert copy["t"].is_leaf
    assert copy["t"].requires_grad
