"""Plain data: the only thing that passes between a learner's code and what judges it.

Plain data is None, bool, int, float, str, NumPy arrays, torch tensors, and lists, tuples and dicts
(with string keys) of these. `encode` turns it into JSON and a table of arrays, `decode` turns it back.
No pickle is involved.
"""

import copy
import hashlib
import math
import sys
from typing import Any

import numpy as np

PlainData = Any
"""None, bool, int, float, str, numpy.ndarray, torch.Tensor, or list, tuple, dict of plain data."""


class Foreign:
    """Stands for a value that is not plain data; keeps only the name of its type."""

    def __init__(self, type_name: str) -> None:
        self.type_name = type_name


def is_tensor(value: object) -> bool:
    """Say whether `value` is a torch tensor, without importing torch."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def is_array(value: object) -> bool:
    """Say whether `value` is a NumPy array or NumPy scalar of numbers or booleans."""
    return isinstance(value, np.ndarray | np.generic) and value.dtype.kind in "biuf"


def is_number(value: object) -> bool:
    """Say whether `value` is a Python number or boolean."""
    return isinstance(value, bool | int | float)


def describe(value: PlainData) -> str:
    """Name the kind of a value for a learner: `NumPy array (5, 3) float64`."""
    if isinstance(value, Foreign):
        return value.type_name
    if is_tensor(value):
        return f"torch tensor {tuple(value.shape)} {str(value.dtype).removeprefix('torch.')}"
    if isinstance(value, np.ndarray):
        return f"NumPy array {value.shape} {value.dtype}"
    if isinstance(value, list | tuple | dict):
        return f"{type(value).__name__} of {len(value)}"
    return "None" if value is None else type(value).__name__


def as_array(value: PlainData) -> np.ndarray:
    """Give a number, array or tensor as a NumPy array that shares nothing with it."""
    if is_tensor(value):
        value = value.detach().cpu().resolve_conj().resolve_neg()
        if value.dtype is sys.modules["torch"].bfloat16:  # NumPy has no such type
            value = value.float()
        return np.array(value.numpy(), order="C")
    return np.array(value, order="C")


def clone(value: PlainData) -> PlainData:
    """Copy plain data deeply; a copied tensor is a leaf that keeps `requires_grad`."""
    if is_tensor(value):
        return value.detach().clone().requires_grad_(value.requires_grad)
    if isinstance(value, list | tuple):
        return type(value)(clone(item) for item in value)
    if isinstance(value, dict):
        return {key: clone(item) for key, item in value.items()}
    return copy.deepcopy(value)


def detached(value: PlainData) -> PlainData:
    """Give plain data whose tensors, the same ones, have no graph behind them."""
    if is_tensor(value):
        return value.detach()
    if isinstance(value, list | tuple):
        return (tuple if isinstance(value, tuple) else list)(map(detached, value))
    if isinstance(value, dict):
        return {key: detached(item) for key, item in value.items()}
    return value


def leaves(value: PlainData, name: str = "result") -> dict[str, PlainData]:
    """List the leaves of nested lists, tuples and dicts by name: `result[0]["W"]`."""
    if isinstance(value, list | tuple):
        items = ((f"{name}[{index}]", item) for index, item in enumerate(value))
    elif isinstance(value, dict):
        items = ((f'{name}["{key}"]', item) for key, item in value.items())
    else:
        return {name: value}
    return {leaf: item for path, child in items for leaf, item in leaves(child, path).items()}


class ArrayTable:
    """The arrays of one file, each distinct content once."""

    def __init__(self, arrays: dict[str, np.ndarray] | None = None) -> None:
        self.arrays = {} if arrays is None else arrays
        self._keys: dict[bytes, str] = {}

    def add(self, array: np.ndarray) -> str:
        """Store `array` and return its key."""
        description = f"{array.dtype.str}{array.shape}".encode()
        digest = hashlib.sha256(description + array.tobytes()).digest()
        key = self._keys.setdefault(digest, str(len(self._keys)))
        self.arrays[key] = array
        return key


def encode(value: PlainData, table: ArrayTable) -> object:
    """Turn plain data into JSON, its arrays into entries of `table`; other values become Foreign."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else {"float": repr(float(value))}
    if is_tensor(value):
        kind = "parameter" if value.requires_grad else "tensor"
        return {kind: table.add(as_array(value))}
    if is_array(value):
        return {"array": table.add(as_array(value))}
    if isinstance(value, list | tuple):
        kind = "list" if isinstance(value, list) else "tuple"
        return {kind: [encode(item, table) for item in value]}
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {"dict": {key: encode(item, table) for key, item in value.items()}}
    type_name = value.type_name if isinstance(value, Foreign) else type(value).__name__
    return {"foreign": type_name}


def decode(structure: Any, table: ArrayTable) -> PlainData:
    """Undo `encode`; every array and tensor is a fresh copy, `parameter`s require gradients."""
    if not isinstance(structure, dict):
        return structure
    ((kind, content),) = structure.items()
    match kind:
        case "float":
            return float(content)
        case "array":
            return table.arrays[content].copy()
        case "tensor" | "parameter":
            import torch

            tensor = torch.from_numpy(table.arrays[content].copy())
            return tensor.requires_grad_(kind == "parameter")
        case "list":
            return [decode(item, table) for item in content]
        case "tuple":
            return tuple(decode(item, table) for item in content)
        case "dict":
            return {key: decode(item, table) for key, item in content.items()}
        case "foreign":
            return Foreign(content)
    raise ValueError(f"expected encoded plain data, got the kind {kind!r}")
