"""What exercises of chapter 09 share."""

import numpy as np
import torch

from dlarch.drivers.vision_tasks import TransferNetwork

PAGE = "09_vision_tasks.html#vision-"


def draw(random, *shape, scale=1.0):
    return torch.from_numpy(np.asarray(scale * random.normal(size=shape)))


def draw_boxes(random, N, side=20.0):
    """Boxes of all proportions, some of which overlap."""
    corner = random.uniform(-side / 2, side / 2, size=(N, 2))
    return np.hstack([corner, corner + random.uniform(0.1 * side, 0.6 * side, size=(N, 2))])


def draw_crowds(random, crowds, side=40.0, spread=1.5):
    """Boxes in crowds: those of one crowd are about the same place."""
    places = np.array([[side * i, side * (i % 2)] for i in range(len(crowds))])
    corner = np.repeat(places, crowds, axis=0)
    boxes = np.hstack([corner, corner + np.array([10, 14])])
    return boxes + random.normal(0, spread, size=boxes.shape)


def overlaps(a, b):
    """Intersection over union of every pair, in NumPy."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    shared = np.prod(np.maximum(high - low, 0), axis=2)
    areas = [np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) for boxes in (a, b)]
    union = areas[0][:, None] + areas[1] - shared
    return np.divide(shared, union, out=np.zeros_like(union), where=union > 0)


def draw_transfer_network(random, channels, side, head):
    """A backbone whose running statistics are unlike those of any batch, and a head."""
    names = random.choice(np.arange(10, 100), size=3 * len(head) - 2, replace=False).tolist()
    recipe = {"channels": channels, "side": side, "head": head, "names": names}
    state = {}
    for name, tensor in TransferNetwork(**recipe).state_dict().items():
        if name.endswith("running_var"):
            state[name] = torch.from_numpy(random.uniform(0.3, 3.0, size=tensor.shape))
        elif name.endswith("num_batches_tracked"):
            state[name] = torch.tensor(int(random.integers(3, 90)))
        else:
            fan_in = max(tensor[0].numel(), 1)
            state[name] = draw(random, *tensor.shape, scale=fan_in**-0.5)
    return {"network": recipe, "state": state}
