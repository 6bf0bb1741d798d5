"""Losses as numbers, in whichever form a learner's function gives them."""

import numpy as np

from dlarch.plain import PlainData, as_array, is_tensor


def number(loss: PlainData) -> PlainData:
    """Give a loss as a number, be it a tensor with one element or a number already."""
    return loss.item() if is_tensor(loss) and loss.numel() == 1 else loss


def numbers(losses: PlainData) -> PlainData:
    """Give a list or tensor of losses as an array; what is neither stays as it is."""
    if is_tensor(losses):
        return as_array(losses)
    if isinstance(losses, list | tuple):
        return np.array([number(loss) for loss in losses], dtype=np.float64)
    return losses
