"""What the ops accept: tensors of one floating dtype whose sizes agree letter by letter."""

from __future__ import annotations

import torch


def check_tensors(op: str, **tensors: tuple[torch.Tensor, str]) -> None:
    """Raise unless every tensor has its shape and all have one dtype, float32 or float64.

    Args:
        op: name of the op, for the message.
        tensors: by argument name, the tensor and its shape as letters, such as `(a, "M K")`;
            a letter stands for the same size everywhere, and `"..."` for any shape.

    Raises:
        TypeError: not a tensor, not float32 or float64, or not the first argument's dtype.
        ValueError: a shape that does not fit, or an empty tensor.
    """
    sizes: dict[str, tuple[int, str]] = {}
    dtypes = (torch.float32, torch.float64)
    for name, (tensor, shape) in tensors.items():
        if not isinstance(tensor, torch.Tensor):
            raise TypeError(f"{op}: {name} is a {type(tensor).__name__}; expected a torch.Tensor.")
        if tensor.dtype not in dtypes:
            expected = " or ".join(str(dtype).removeprefix("torch.") for dtype in dtypes)
            raise TypeError(f"{op}: {name} has dtype {tensor.dtype}; expected {expected}.")
        dtypes = (tensor.dtype,)
        if tensor.numel() == 0:
            raise ValueError(f"{op}: {name} is empty, with shape {tuple(tensor.shape)}.")
        if shape == "...":
            continue
        letters = shape.split()
        if tensor.dim() != len(letters):
            raise ValueError(
                f"{op}: {name} has shape {tuple(tensor.shape)}; expected ({', '.join(letters)})."
            )
        for letter, size in zip(letters, tensor.shape, strict=True):
            known, owner = sizes.setdefault(letter, (size, name))
            if size != known:
                raise ValueError(
                    f"{op}: {name} has shape {tuple(tensor.shape)}; expected ({', '.join(letters)}) "
                    f"with {letter} = {known} as in {owner}."
                )


def check_same_shape(op: str, **tensors: torch.Tensor) -> None:
    """Raise unless all tensors have the first one's shape, and one dtype, float32 or float64."""
    check_tensors(op, **{name: (tensor, "...") for name, tensor in tensors.items()})
    (first, reference), *others = tensors.items()
    for name, tensor in others:
        if tensor.shape != reference.shape:
            raise ValueError(
                f"{op}: {name} has shape {tuple(tensor.shape)}; "
                f"expected {tuple(reference.shape)}, the shape of {first}."
            )


def check_choice(op: str, name: str, value: str, choices: tuple[str, ...]) -> None:
    """Raise ValueError unless `value` is one of `choices`."""
    if value not in choices:
        raise ValueError(f"{op}: {name} is {value!r}; expected one of {', '.join(choices)}.")
