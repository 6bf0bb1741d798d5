# %% [markdown]
# # 8 CNN architectures
#
# Seven notebooks long you have written every gradient yourself.
# From here on the networks become too large for that, and a library takes over what you have understood: the bookkeeping of the chain rule.
# In this notebook you first build the bridge, from your own arrays to PyTorch's; then the networks that made convolution famous, from LeNet-5 to residual networks: you count them, write them as functions of their parameters, and train two of them.
#
# **How to work here.**
# Each task has a text, a cell for your answer (replace `raise NotImplementedError`), and a cell that checks it.
# Run the check as often as you like: it tells you what is right, what is not, and, when it recognises the slip, which one.
# The chapter [CNN architectures](../../book/08_cnn_architectures.md) explains the theory; [Notation](../../book/notation.md) explains the letters.
#
# It takes about 4½ hours.
# **Core**: tasks 1 to 6 and 9 to 11; **optional**: 7, 8, 12, 13.
# Chapters 14 and 15 need tasks 1 to 3.

# %%
import tempfile
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn import functional
from tqdm.auto import tqdm

from dlarch import check
from dlarch.data import mnist
from dlarch.figures import PlainOrResidual, ShapeExplorer
from dlarch.plots import COLOURS, LiveCurve, labelled_axes

torch.set_num_threads(1)  # the batches are small: several threads would wait for each other


# %% [markdown]
# ## 1 Arrays that differentiate
#
# In chapter 4 your `Value` remembered how a *number* was made, and went back from the result to all numbers that it depends on.
# Let an array do the same, and one thing is new: NumPy stretches.
# In `a + b` with shapes `(5, 3)` and `(3,)` every entry of `b` is used five times; the gradient that comes back from the sum has shape `(5, 3)`, and `b` needs one of shape `(3,)`.
# You know what becomes of a value that is used several times ([more](../../book/08_cnn_architectures.md#cnn-broadcasting)).
#
# **Task (2 points, NumPy).**
# Write `unbroadcast(gradient, shape)`.
# `gradient` is the gradient at an array that was stretched from `shape` by NumPy's rules: shapes are lined up from the right; axes that are missing in front are made; axes of size one are stretched.
# The result is the gradient at the array before stretching, and has exactly the shape `shape`, which may be `()`.
# Where nothing was stretched, it is the gradient itself.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "unbroadcast", "locked": false, "schema_version": 3, "solution": true, "task": false}
def unbroadcast(gradient, shape):
    """Give the gradient at an array before broadcasting stretched it.

    Args:
        gradient: gradient at the stretched array, array float64.
        shape: shape before stretching, a tuple.

    Returns:
        Gradient at the array, an array of that shape.
    """
    ### BEGIN SOLUTION
    while gradient.ndim > len(shape):
        gradient = gradient.sum(axis=0)
    stretched = tuple(axis for axis, side in enumerate(shape) if side == 1)
    return gradient.sum(axis=stretched, keepdims=True)
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_unbroadcast", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(unbroadcast)


# %% [markdown]
# **What it gives you.**
# A library for automatic differentiation in thirty lines.
# `Array` is your `Value` with arrays in it: each operation knows what it sends back to its operands, and your function gives it their shapes.


# %% tags=["demonstration"]
class Array:
    """An array that remembers how it was made."""

    def __init__(self, data, sources=()):
        self.data, self.sources, self.grad = np.asarray(data, dtype=float), sources, None

    def __add__(self, other):
        return Array(self.data + other.data, [(self, lambda g: g), (other, lambda g: g)])

    def __mul__(self, other):
        return Array(
            self.data * other.data,
            [(self, lambda g: g * other.data), (other, lambda g: g * self.data)],
        )

    def __matmul__(self, other):
        return Array(
            self.data @ other.data,
            [(self, lambda g: g @ other.data.T), (other, lambda g: self.data.T @ g)],
        )

    def tanh(self):
        h = np.tanh(self.data)
        return Array(h, [(self, lambda g: g * (1 - h**2))])

    def mean(self):
        return Array(
            self.data.mean(), [(self, lambda g: np.full(self.data.shape, g / self.data.size))]
        )

    def backward(self):
        order, seen = [], set()

        def visit(node):
            if id(node) not in seen:
                seen.add(id(node))
                for source, _ in node.sources:
                    visit(source)
                order.append(node)

        visit(self)
        for node in order:
            node.grad = np.zeros(node.data.shape)
        self.grad = np.ones(self.data.shape)
        for node in reversed(order):
            for source, send_back in node.sources:
                source.grad += unbroadcast(send_back(node.grad), source.data.shape)


rng = np.random.default_rng(0)
shapes = {"x": (6, 4), "W1": (4, 5), "b1": (5,), "W2": (5, 3), "b2": (3,), "scale": (6, 1)}
numbers = {name: rng.normal(size=shape) for name, shape in shapes.items()}


def small_network(v):
    """Two layers and a mean; runs on Array and on torch.Tensor alike."""
    h = (v["x"] @ v["W1"] + v["b1"]).tanh()
    return ((h @ v["W2"] + v["b2"]) * v["scale"]).tanh().mean()


mine = {name: Array(number) for name, number in numbers.items()}
theirs = {name: torch.tensor(number, requires_grad=True) for name, number in numbers.items()}
small_network(mine).backward()
small_network(theirs).backward()
for name in shapes:
    difference = np.abs(mine[name].grad - theirs[name].grad.numpy()).max()
    print(f"{name:>5}: gradient {theirs[name].grad.shape}, largest difference {difference:.1e}")

# %% [markdown]
# The same function, once on your arrays and once on PyTorch's tensors, gives the same gradients.
# A tensor is an array that differentiates: `requires_grad=True` says that its gradient is wanted, `backward()` goes back, `.grad` holds what arrived.
#
# ## 2 A step of training
#
# A **module** (`nn.Module`) is a function that owns its parameters: `model(x)` computes, `model.parameters()` lists them, `model.state_dict()` gives them names.
# Here is the network of chapter 4 as a module, and beside it the same network by hand, with the formulas of chapter 4.

# %% tags=["demonstration"]
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 3))
x, labels = torch.randn(6, 4), torch.tensor([0, 2, 1, 1, 0, 2])
loss = functional.cross_entropy(model(x), labels)
loss.backward()

state = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
W1, b1, W2, b2 = state["0.weight"].T, state["0.bias"], state["2.weight"].T, state["2.bias"]
h = np.tanh(x.numpy() @ W1 + b1)
a = h @ W2 + b2
p = np.exp(a - a.max(axis=1, keepdims=True))
p /= p.sum(axis=1, keepdims=True)
delta2 = (p - np.eye(3)[labels]) / len(x)
delta1 = (delta2 @ W2.T) * (1 - h**2)
by_hand = {"0.weight": (x.numpy().T @ delta1).T, "0.bias": delta1.sum(0)}
by_hand |= {"2.weight": (h.T @ delta2).T, "2.bias": delta2.sum(0)}
for name, parameter in model.named_parameters():
    difference = np.abs(parameter.grad.numpy() - by_hand[name]).max()
    print(
        f"{name:>9} {tuple(parameter.shape)}: largest difference of the gradients {difference:.1e}"
    )


# %% [markdown]
# Note the transposes: `nn.Linear` stores its weight as (outputs, inputs).
#
# What remains to be written in every program is the step ([how its parts hang together](../../book/08_cnn_architectures.md#cnn-training)).
#
# **Task (2 points).**
# Write `train_step(model, optimizer, x, labels)`: one step of the optimiser on the mean cross-entropy of a batch.
# The optimiser holds all parameters of the model.
# The step is made in *training* mode, whatever mode the model comes in, since somebody may have evaluated it in between; run the model once.
# What an earlier step left in `.grad` must not count again.
# Return the loss whose gradient was used, as a float.
# `functional.cross_entropy` takes logits.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "train_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train_step(model, optimizer, x, labels):
    """Make one step on the cross-entropy of a batch.

    Args:
        model: module that maps x to logits (N, K).
        optimizer: a torch optimiser over all parameters of the model.
        x: batch, tensor whose first axis counts the N examples.
        labels: classes, tensor (N,) int64.

    Returns:
        The loss before the step, a float in nats.
    """
    ### BEGIN SOLUTION
    model.train()
    loss = functional.cross_entropy(model(x), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_train_step", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(train_step)


# %% [markdown]
# ## 3 Evaluation leaves no trace
#
# Dropout and batch normalisation do one thing while a network trains and another while it works; `model.train()` and `model.eval()` switch, and `model.training` says what is on.
# And when no gradient is wanted, `torch.no_grad()` keeps PyTorch from recording a graph ([both](../../book/08_cnn_architectures.md#cnn-modes)).
#
# **Task (1 + 1 points).**
# Write `evaluate(model, x, labels, batch_size)`: the mean cross-entropy and the accuracy over *all N examples*, two floats.
#
# - The model is in evaluation mode and gets the examples in their order, `batch_size` at a time; the last batch may be smaller.
# - No graph is recorded.
# - Afterwards the model is as it was: parameters, running statistics, and the mode that it came in.
#
# The first check looks at the numbers, the second at how you came by them.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "evaluate", "locked": false, "schema_version": 3, "solution": true, "task": false}
def evaluate(model, x, labels, batch_size):
    """Measure loss and accuracy of a classifier without changing it.

    Args:
        model: module that maps a batch to logits (n, K).
        x: examples, tensor whose first axis has N entries.
        labels: classes, tensor (N,) int64.
        batch_size: most examples that the model gets at once.

    Returns:
        The mean cross-entropy in nats and the share of right answers, two floats.
    """
    ### BEGIN SOLUTION
    was_training = model.training
    model.eval()
    with torch.no_grad():
        logits = torch.cat([model(batch) for batch in x.split(batch_size)])
    model.train(was_training)
    loss = functional.cross_entropy(logits, labels)
    accuracy = (logits.argmax(dim=1) == labels).double().mean()
    return loss.item(), accuracy.item()
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_evaluate_value", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(evaluate, "value")

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_evaluate_use", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(evaluate, "use")

# %% [markdown]
# **What it gives you.**
# The loop of every chapter from here on, in four lines, and a reader of digits with batch normalisation.
# The validation part decides between networks; the test part waits for the end.

# %% tags=["demonstration"]
images, digits, test_images, test_digits = (torch.from_numpy(part) for part in mnist())
images, test_images = images[:, None], test_images[:, None]  # (N, 1, 28, 28)
x_train, y_train, x_validation, y_validation = (
    *(images[:7000], digits[:7000]),
    *(images[7000:], digits[7000:]),
)


def fit(model, optimizer, x, labels, epochs, batch_size, curve=None, schedule=None):
    """Train with your `train_step`, and give the mean loss of each epoch."""
    order, losses = torch.Generator().manual_seed(0), []
    for epoch in tqdm(range(1, epochs + 1), desc="training", unit="epoch"):
        total = 0.0
        for batch in torch.randperm(len(x), generator=order).split(batch_size):
            total += len(batch) * train_step(model, optimizer, x[batch], labels[batch])
            if schedule is not None:
                schedule.step()
        losses.append(total / len(x))
        if curve is not None:
            measured = evaluate(model, x_validation, y_validation, 500)[0]
            curve.add(epoch, training=losses[-1], validation=measured)
    return losses


torch.manual_seed(0)
dense = nn.Sequential(
    nn.Flatten(), nn.Linear(784, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 10)
)
fit(dense, torch.optim.Adam(dense.parameters(), lr=0.003), x_train, y_train, 3, 64)
print(
    "validation: loss {:.3f}, accuracy {:.1%}".format(
        *evaluate(dense, x_validation, y_validation, 500)
    )
)

# %% [markdown]
# **Keep it.**
# What is worth keeping of a model is its state, named arrays: the program that makes sense of them is yours anyway.
# `safetensors` writes arrays and nothing else, so that a file of somebody else can hold no program; `torch.load` reads a pickle, which can ([why that matters](../../book/08_cnn_architectures.md#cnn-saving)).

# %% tags=["demonstration"]
with tempfile.TemporaryDirectory() as folder:
    file = Path(folder) / "dense.safetensors"
    save_file(dense.state_dict(), file)
    size = file.stat().st_size
    again = nn.Sequential(
        nn.Flatten(), nn.Linear(784, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 10)
    )
    again.load_state_dict(load_file(file))
for name, tensor in again.state_dict().items():
    print(f"{name:>21} {tuple(tensor.shape)}")
print(
    f"{size:,} bytes; the same answers: {torch.equal(again.eval()(x_validation), dense.eval()(x_validation))}"
)


# %% [markdown]
# ## 4 What a layer costs
#
# How many numbers does a convolution learn?
# One of the lectures' formulas counts the image in place of the window ([here](../../book/08_cnn_architectures.md#cnn-count)).
# And since AlexNet a layer may be *grouped*: channels and filters are divided into `groups` parts of equal size, and the filters of a part read the channels of the same part only.
#
# **Task (1 point).**
# Write `conv_parameters(kernel_size, channels, filters, bias, groups)`: the number of parameters, an `int`.
# `kernel_size` is `(KH, KW)`; `groups` divides `channels` and `filters`; with `bias` each filter has one.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "conv_parameters", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv_parameters(kernel_size, channels, filters, bias, groups):
    """Count the parameters of a convolutional layer.

    Args:
        kernel_size: (KH, KW).
        channels: C of the input.
        filters: F, the channels of the output.
        bias: whether each filter has a bias.
        groups: number of groups; 1 for an ordinary layer, C for a depthwise one.

    Returns:
        The number of parameters, an int.
    """
    ### BEGIN SOLUTION
    KH, KW = kernel_size
    return filters * (KH * KW * (channels // groups) + bool(bias))
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_conv_parameters", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(conv_parameters)

# %% [markdown]
# **What it gives you.**
# The price list of three ways to turn 256 channels into 256 others, looking at 3 × 3 pixels.

# %% tags=["demonstration"]
ordinary = conv_parameters((3, 3), 256, 256, True, 1)
two_groups = conv_parameters((3, 3), 256, 256, True, 2)
separable = conv_parameters((3, 3), 256, 256, True, 256) + conv_parameters(
    (1, 1), 256, 256, True, 1
)
print(f"AlexNet's first layer: {conv_parameters((11, 11), 3, 96, True, 1):,}")
print(f"3 × 3, 256 → 256: ordinary {ordinary:,}, two groups {two_groups:,}")
print(f"depthwise, then 1 × 1: {separable:,}, a share of {separable / ordinary:.3f}")


# %% [markdown]
# ## 5 What a network costs
#
# **Task (3 + 1 points).**
# Write `network_table(layers, input_shape)`.
# Each layer is a dict:
#
# - `{"kind": "conv", "filters": F, "kernel": (KH, KW), "stride": s, "padding": p, "bias": True, "groups": 1}`
# - `{"kind": "max_pool", "size": k, "stride": s}`, without padding
# - `{"kind": "global_average_pool"}`, which makes one number of each channel's map
# - `{"kind": "dense", "units": K}`, which reads everything that comes, and has biases
#
# `input_shape` is `(C, H, W)`.
# Return three arrays with one entry, or row, for each layer: its output shape, `(L, 3)`, in which K units are `(K, 1, 1)`; its parameters, `(L,)`; its multiply–adds for one image, `(L,)`.
# A multiply–add is a multiplication with the addition that follows; biases and pooling count none.
# Sizes are rounded down, as in chapter 7.
# Where a window is larger than the (padded) map, raise `ValueError`; the second check asks for that.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "network_table", "locked": false, "schema_version": 3, "solution": true, "task": false}
def network_table(layers, input_shape):
    """Follow one image through a network: shapes, parameters, work.

    Args:
        layers: list of dicts, see the task.
        input_shape: (C, H, W).

    Returns:
        shapes (L, 3), parameters (L,), multiply_adds (L,), integers.

    Raises:
        ValueError: a window is larger than the padded map.
    """
    ### BEGIN SOLUTION
    C, H, W = input_shape
    rows = []
    for layer in layers:
        parameters = multiply_adds = 0
        if layer["kind"] == "conv":
            KH, KW = layer["kernel"]
            s, p, F = layer["stride"], layer["padding"], layer["filters"]
            if H + 2 * p < KH or W + 2 * p < KW:
                raise ValueError(f"a kernel {KH} × {KW} does not fit into {H} × {W}, padding {p}")
            parameters = conv_parameters((KH, KW), C, F, layer["bias"], layer["groups"])
            weights = conv_parameters((KH, KW), C, F, False, layer["groups"])
            C, H, W = F, (H + 2 * p - KH) // s + 1, (W + 2 * p - KW) // s + 1
            multiply_adds = weights * H * W
        elif layer["kind"] == "max_pool":
            k, s = layer["size"], layer["stride"]
            if min(H, W) < k:
                raise ValueError(f"a window of {k} does not fit into {H} × {W}")
            H, W = (H - k) // s + 1, (W - k) // s + 1
        elif layer["kind"] == "global_average_pool":
            H = W = 1
        else:
            multiply_adds = C * H * W * layer["units"]
            C, H, W = layer["units"], 1, 1
            parameters = multiply_adds + C
        rows.append((C, H, W, parameters, multiply_adds))
    table = np.array(rows)
    return table[:, :3], table[:, 3], table[:, 4]
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_network_table_value", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check(network_table, "value")

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_network_table_bad_size", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(network_table, "bad_size")


# %% [markdown]
# **What it gives you.**
# Where are the parameters of a network, and where is its work?
# Guess first: of AlexNet and of VGG16, which share of the parameters is in the dense layers, and which share of the multiply–adds?


# %% tags=["demonstration"]
def conv(filters, kernel, stride=1, padding=0, groups=1):
    """One convolution of `network_table`, square and with biases."""
    return {
        "kind": "conv",
        "filters": filters,
        "kernel": (kernel, kernel),
        "stride": stride,
        "padding": padding,
        "bias": True,
        "groups": groups,
    }


def pool(size, stride):
    """One pooling layer of `network_table`."""
    return {"kind": "max_pool", "size": size, "stride": stride}


def dense_layers(*units):
    """Dense layers of `network_table`."""
    return [{"kind": "dense", "units": K} for K in units]


ALEXNET = [conv(96, 11, 4), pool(3, 2), conv(256, 5, 1, 2), pool(3, 2), conv(384, 3, 1, 1)]
ALEXNET += [conv(384, 3, 1, 1), conv(256, 3, 1, 1), pool(3, 2), *dense_layers(4096, 4096, 1000)]
VGG16 = [
    layer
    for filters, count in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))
    for layer in (*[conv(filters, 3, 1, 1)] * count, pool(2, 2))
] + dense_layers(4096, 4096, 1000)
for name, layers, side in (("AlexNet", ALEXNET, 227), ("VGG16", VGG16, 224)):
    table = network_table(layers, (3, side, side))
    in_dense = np.array([layer["kind"] == "dense" for layer in layers])
    shares = [column[in_dense].sum() / column.sum() for column in table[1:]]
    print(f"{name}: {table[1].sum():,} parameters, {table[2].sum():,} multiply–adds for one image")
    print(f"  in the dense layers: {shares[0]:.1%} of the parameters, {shares[1]:.1%} of the work")

# %% tags=["demonstration"]
ShapeExplorer()


# %% [markdown]
# **Written answer (2 points).**
# Somebody wants to use AlexNet's layers (`ALEXNET` above), which have 256 maps at the end, on images of 323 × 323 in place of 227 × 227, and finds that the network has 1.76 times as many parameters, though no layer was added.
#
# (a) Which layer grows, and why do the others not? Give the shapes and numbers of your table for both sizes.
#
# (b) Its work grows by another factor. Which layers cause that, and why does each of them grow by about the square of the sides' ratio?

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": true, "grade_id": "dense_layers_why", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# **Model answer.**
# (a) The first dense layer: it reads the whole last map, 256 × 9 × 9 = 20,736 numbers in place of 9216, and has a weight from each of them to each of its units: 84,938,752 parameters in place of 37.8 million.
# A convolution's parameters are those of its window, and the window is the same on every image; the other dense layers read what the first one gives, whose size is fixed.
# All in all there are 109.6 million.
#
# (b) The convolutions: each weight works once at every place of the map, and the map has about (323/227)² = 2.02 times as many places.
# The dense layers, in which each weight works once, are a twentieth of the work.
#
# Marking: ½ for the first dense layer, ½ for shapes and numbers of both sizes; ½ for the convolutions, ½ for one use at each place.
# ### END SOLUTION

# %% [markdown]
# ## 6 LeNet-5
#
# A network is a function of its input *and* of its parameters.
# We write it so: parameters come in a dict, and the graph leads back to each of them.
#
# **Task (2 + 1 points).**
# Write `lenet5(x, parameters)` ([the network](../../book/08_cnn_architectures.md#cnn-lenet)):
#
# 1. convolution `conv1` with 5 × 5 kernels on the image padded by 2, tanh, *average* pooling 2 × 2;
# 2. convolution `conv2`, 5 × 5, no padding, tanh, average pooling 2 × 2;
# 3. flatten, in the order (C, H, W) in which the map lies;
# 4. dense layers `dense1` and `dense2` with tanh, `dense3` without: ten logits.
#
# `parameters` holds `conv1_weight` (F, 1, 5, 5), `conv1_bias` (F,) and so on; dense weights are (inputs, outputs), for `h @ weight + bias`.
# Take all sizes from the parameters: the check has narrower networks than LeNet's 6–16–120–84.
# Everything in `torch.nn.functional` may be used.
# The first check looks at the logits, the second at the gradients that reach `x` and the parameters.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "lenet5", "locked": false, "schema_version": 3, "solution": true, "task": false}
def lenet5(x, parameters):
    """Give the logits of LeNet-5.

    Args:
        x: images, tensor (N, 1, 28, 28).
        parameters: tensors by name, see the task.

    Returns:
        Logits, tensor (N, 10).
    """
    ### BEGIN SOLUTION

    def convolved(maps, name, padding=0):
        weight, bias = parameters[f"{name}_weight"], parameters[f"{name}_bias"]
        activated = functional.conv2d(maps, weight, bias, padding=padding).tanh()
        return functional.avg_pool2d(activated, kernel_size=2)

    def connected(units, name):
        return units @ parameters[f"{name}_weight"] + parameters[f"{name}_bias"]

    features = convolved(convolved(x, "conv1", padding=2), "conv2").flatten(start_dim=1)
    hidden = connected(connected(features, "dense1").tanh(), "dense2").tanh()
    return connected(hidden, "dense3")
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_lenet5_value", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(lenet5, "value")

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_lenet5_gradient", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(lenet5, "gradient")


# %% [markdown]
# **What it gives you.**
# A module made of your function: ten lines that serve for every network of this notebook.
# You train it in section 14.


# %% tags=["demonstration"]
class Network(nn.Module):
    """A function of input and parameters, as a module."""

    def __init__(self, function, parameters):
        super().__init__()
        self.function = function
        self.weights = nn.ParameterDict(parameters)

    def forward(self, x):
        return self.function(x, dict(self.weights.items()))


def draw_parameters(shapes, seed, gain=1.0):
    """Draw weights of standard deviation gain / √inputs, and biases of 0."""
    rng = torch.Generator().manual_seed(seed)
    parameters = {}
    for name, shape in shapes.items():
        inputs = np.prod(shape[1:]) if len(shape) == 4 else shape[0]
        drawn = torch.randn(*shape, generator=rng) * gain / float(inputs) ** 0.5
        parameters[name] = torch.zeros(shape) if "bias" in name else drawn
    return parameters


LENET5 = {
    "conv1_weight": (6, 1, 5, 5),
    "conv1_bias": (6,),
    "conv2_weight": (16, 6, 5, 5),
    "conv2_bias": (16,),
    "dense1_weight": (400, 120),
    "dense1_bias": (120,),
    "dense2_weight": (120, 84),
    "dense2_bias": (84,),
    "dense3_weight": (84, 10),
    "dense3_bias": (10,),
}
lenet = Network(lenet5, draw_parameters(LENET5, seed=0))
print(f"{sum(p.numel() for p in lenet.parameters()):,} parameters")
print(
    "before training: loss {:.3f}, accuracy {:.1%}".format(
        *evaluate(lenet, x_validation, y_validation, 500)
    )
)


# %% [markdown]
# ## 7 A block of VGG
#
# VGG has one block, again and again: some 3 × 3 convolutions that keep the size of the map, each followed by ReLU, then 2 × 2 max pooling with stride 2 ([why 3 × 3](../../book/08_cnn_architectures.md#cnn-vgg)).
#
# **Task (1 point).**
# Write `vgg_block(x, weights, biases)` for any number of convolutions.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "vgg_block", "locked": false, "schema_version": 3, "solution": true, "task": false}
def vgg_block(x, weights, biases):
    """Give the output of a VGG block.

    Args:
        x: maps, tensor (N, C, H, W).
        weights: kernels of each convolution, tensors (F, C, 3, 3).
        biases: tensors (F,).

    Returns:
        Tensor (N, F, H // 2, W // 2).
    """
    ### BEGIN SOLUTION
    for weight, bias in zip(weights, biases, strict=True):
        x = functional.relu(functional.conv2d(x, weight, bias, padding=1))
    return functional.max_pool2d(x, 2)
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_vgg_block", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(vgg_block)


# %% [markdown]
# ## 8 An Inception block
#
# Which size of kernel?
# All of them, side by side ([the block](../../book/08_cnn_architectures.md#cnn-inception)).
#
# **Task (3 points).**
# Somebody has written `inception_block(x, parameters)`, and networks train with it.
# It has two slips: find and mend both.
# Four branches read the same `x`; every convolution is followed by ReLU and keeps the size of the map:
#
# 1. `one`: 1 × 1
# 2. `reduce3`: 1 × 1, then `three`: 3 × 3
# 3. `reduce5`: 1 × 1, then `five`: 5 × 5
# 4. max pooling 3 × 3, stride 1, which keeps the size too; then `pool`: 1 × 1
#
# Their outputs are joined along the channels, in this order.
# At the border the maximum is taken over the pixels that are there; pixels may be negative.
# `parameters` holds `one_weight`, `one_bias`, and so on.
# The check looks at values and gradients.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "inception_block", "locked": false, "schema_version": 3, "solution": true, "task": false}
def inception_block(x, parameters):
    """Give the output of an Inception block with dimension reductions.

    Args:
        x: maps, tensor (N, C, H, W).
        parameters: tensors by name, see the task.

    Returns:
        Tensor (N, F1 + F3 + F5 + Fp, H, W).
    """
    ### BEGIN SOLUTION
    p = parameters
    one = functional.relu(functional.conv2d(x, p["one_weight"], p["one_bias"]))
    three = functional.relu(functional.conv2d(x, p["reduce3_weight"], p["reduce3_bias"]))
    three = functional.relu(functional.conv2d(three, p["three_weight"], p["three_bias"], padding=1))
    five = functional.relu(functional.conv2d(x, p["reduce5_weight"], p["reduce5_bias"]))
    five = functional.relu(functional.conv2d(five, p["five_weight"], p["five_bias"], padding=2))
    pool = functional.max_pool2d(x, 3, stride=1, padding=1)
    pool = functional.relu(functional.conv2d(pool, p["pool_weight"], p["pool_bias"]))
    return torch.cat([one, three, five, pool], dim=1)
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_inception_block", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check(inception_block)


# %% [markdown]
# ## 9 The mean of a map
#
# **Task (1 point, NumPy).**
# Write `global_average_pool(x)`: the mean of each channel's map, shape `(N, C)` ([what it replaces](../../book/08_cnn_architectures.md#cnn-global-pooling)).


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "global_average_pool", "locked": false, "schema_version": 3, "solution": true, "task": false}
def global_average_pool(x):
    """Give the mean of each channel's map.

    Args:
        x: maps, array (N, C, H, W) float64.

    Returns:
        Array (N, C) float64.
    """
    ### BEGIN SOLUTION
    return x.mean(axis=(2, 3))
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_global_average_pool", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(global_average_pool)


# %% [markdown]
# ### A network for a budget
#
# A telephone has room for so many parameters and no more.
# The network: a convolution with $F$ filters, a second one with $2F$, both `kernel` × `kernel` with biases, a global mean, and a dense layer for `classes` classes (pooling in between costs nothing).
#
# **Task (2 points).**
# Write `most_filters(channels, kernel, classes, budget)`: the largest $F$ for which the network, on images of `channels` channels, has at most `budget` parameters in all.
# The budget is enough for one filter.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "most_filters", "locked": false, "schema_version": 3, "solution": true, "task": false}
def most_filters(channels, kernel, classes, budget):
    """Give the largest number of filters that a budget of parameters allows.

    Args:
        channels: C of the image.
        kernel: side of both kernels.
        classes: outputs of the dense layer.
        budget: most parameters, at least those of a network with one filter.

    Returns:
        F, an int.
    """
    ### BEGIN SOLUTION

    def parameters(F):
        first = conv_parameters((kernel, kernel), channels, F, True, 1)
        second = conv_parameters((kernel, kernel), F, 2 * F, True, 1)
        return first + second + (2 * F + 1) * classes

    F = 1
    while parameters(F + 1) <= budget:
        F += 1
    return F
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_most_filters", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(most_filters)

# %% [markdown]
# **What it gives you.**
# With LeNet-5's budget of 61,706 parameters, a network without large dense layers can be much wider.

# %% tags=["demonstration"]
for kernel in (5, 3):
    F = most_filters(1, kernel, 10, 61706)
    print(f"{kernel} × {kernel}: {F} and {2 * F} filters in place of LeNet-5's 6 and 16")


# %% [markdown]
# ## 10 A residual block
#
# **Task (2 + 1 points).**
# Write `residual_block(x, parameters, stride)` ([why it is built so](../../book/08_cnn_architectures.md#cnn-residual)).
#
# - The branch: a 3 × 3 convolution `weight1`, `bias1` with the given stride, ReLU, a second 3 × 3 convolution `weight2`, `bias2` with stride 1; both padded by 1.
# - The shortcut: where `parameters` holds `projection`, (F, C, 1, 1), a 1 × 1 convolution with the given stride and no bias; else `x` itself (the stride is then 1 and C = F).
# - The result: ReLU of their sum.
#
# `x` may be negative.
# The first check looks at the values, the second at the gradients that reach `x` and the parameters.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "residual_block", "locked": false, "schema_version": 3, "solution": true, "task": false}
def residual_block(x, parameters, stride):
    """Give the output of a residual block.

    Args:
        x: maps, tensor (N, C, H, W).
        parameters: tensors weight1, bias1, weight2, bias2 and perhaps projection.
        stride: of the first convolution and of the projection.

    Returns:
        Tensor (N, F, OH, OW).
    """
    ### BEGIN SOLUTION
    p = parameters
    h = functional.relu(functional.conv2d(x, p["weight1"], p["bias1"], stride, padding=1))
    h = functional.conv2d(h, p["weight2"], p["bias2"], padding=1)
    shortcut = x
    if "projection" in p:
        shortcut = functional.conv2d(x, p["projection"], stride=stride)
    return functional.relu(h + shortcut)
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_residual_block_value", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(residual_block, "value")

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_residual_block_gradient", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(residual_block, "gradient")


# %% [markdown]
# ## 11 Which block is it?
#
# Six blocks have the same layers, and only one is the residual block of this notebook.
# Each of them trains.
# You see the input `x`, what the branch `branch` $= F(x)$ gives before any activation of the block, and the output `y`:
#
# | kind | what is different |
# |---|---|
# | `"residual"` | nothing |
# | `"plain"` | there is no shortcut |
# | `"activated before the sum"` | the ReLU stands behind the branch, none behind the sum |
# | `"branch activated"` | there is one behind the branch, and one behind the sum |
# | `"shortcut activated"` | the shortcut passes a ReLU, and so does the sum |
# | `"sum not activated"` | no ReLU follows |
#
# **Task (2 points, NumPy).**
# Write `which_block(x, branch, y)`, which returns the name of the kind.
# Both signs occur in `x` and in `branch`, in all combinations.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "which_block", "locked": false, "schema_version": 3, "solution": true, "task": false}
def which_block(x, branch, y):
    """Say which kind of block made an output.

    Args:
        x: input, array (D,) float64.
        branch: what the branch makes of it, array (D,) float64.
        y: output, array (D,) float64.

    Returns:
        The name of the kind.
    """
    ### BEGIN SOLUTION

    def relu(a):
        return np.maximum(a, 0)

    outputs = {
        "residual": relu(branch + x),
        "plain": relu(branch),
        "activated before the sum": relu(branch) + x,
        "branch activated": relu(relu(branch) + x),
        "shortcut activated": relu(branch + relu(x)),
        "sum not activated": branch + x,
    }
    return next(kind for kind, output in outputs.items() if np.allclose(output, y))
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_which_block", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(which_block)

# %% [markdown]
# **What it gives you.**
# Your own block of task 10, put to the test.

# %% tags=["demonstration"]
torch.manual_seed(2)
own = {"weight1": torch.randn(4, 4, 3, 3) / 6, "bias1": torch.randn(4)}
own |= {"weight2": torch.randn(4, 4, 3, 3) / 6, "bias2": torch.randn(4)}
x = torch.randn(1, 4, 6, 6)
inside = functional.relu(functional.conv2d(x, own["weight1"], own["bias1"], padding=1))
branch = functional.conv2d(inside, own["weight2"], own["bias2"], padding=1)
made = residual_block(x, own, 1)
print("your block is", which_block(*(t.flatten().double().numpy() for t in (x, branch, made))))


# %% [markdown]
# **Written answer (3 points).**
# A friend trains two plain networks on the same digits, with batch normalisation: one of 6 layers and one of 34.
# The deep one ends with the higher loss on the *training* images and fewer right answers on the others.
# "Overfitting," says the friend, "I shall add dropout."
#
# (a) Which of the friend's numbers speaks against this diagnosis, and how?
#
# (b) Take the trained 6-layer network and put 28 more 3 × 3 layers (convolution, ReLU, 8 channels) behind one of its ReLUs, so that the answers stay exactly the same. Write down the weights and biases of such a layer, number by number. What does it prove about the 34-layer network?
#
# (c) What would the weights of a residual block be that changes nothing? Say why the difference to (b) matters to an optimiser that starts near 0.

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": true, "grade_id": "degradation_why", "locked": false, "points": 3, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# **Model answer.**
# (a) The loss on the training images. An overfitted network is *better* on the training images than the smaller one; this one is worse. Dropout would make the training loss higher still.
#
# (b) $w_{f,c,u,v} = 1$ where $f = c$ and $(u, v)$ is the middle of the kernel, (1, 1), all other weights 0; biases 0; padding 1. Behind a ReLU the map is not negative, so the ReLU of the new layer changes nothing.
# So weights exist for 34 layers that are as good as the 6 layers: the deep network's training loss *could* be as low. That it is not is a matter of the optimisation, which does not find such weights.
#
# (c) All weights and biases of the branch 0 (or those of its second convolution): then the output is relu(0 + x) = x.
# Doing nothing is what a residual block does at 0, where small random weights begin; a plain layer has to find an exact pattern of ones among zeros, in each of 28 layers.
#
# Marking: (a) ½ for the training loss, ½ for its being lower when a network overfits; (b) ½ for the kernel, ½ for a problem of the optimisation; (c) ½ for a branch of zeros, ½ for its being near the start.
# ### END SOLUTION

# %% [markdown]
# ## 12 The paths of a gradient
#
# Let $L$ residual blocks follow each other, $x_l = x_{l-1} + f_l(x_{l-1})$, and let $J_l = \partial f_l/\partial x_{l-1}$ be the Jacobian of branch $l$ alone, $(J_l)_{ij} = \partial f_{l,i}/\partial x_{l-1,j}$.
# The gradient comes back from $x_L$ to $x_0$ on many paths: at each block it either skips the branch or goes through it.
#
# **Task (3 points, NumPy).**
# Derive with pencil and paper how the gradient at $x_0$ is a sum over paths; then write `path_gradients(jacobians, cotangent)`.
# `jacobians[0]` is $J_1$, the block next to the input; `cotangent` is $\partial E/\partial x_L$.
# Row $k$ of the result, shape `(L + 1, D)`, is the sum of what comes back along all paths that go through *exactly* $k$ branches; all rows together are $\partial E/\partial x_0$.
# Any way that is right is welcome for up to twelve blocks; can you do it without visiting all $2^L$ paths ([a hint](../../book/08_cnn_architectures.md#cnn-paths))?


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "path_gradients", "locked": false, "schema_version": 3, "solution": true, "task": false}
def path_gradients(jacobians, cotangent):
    """Divide the gradient at the input of a chain of residual blocks by the length of its paths.

    Args:
        jacobians: Jacobian of each branch, first block first, array (L, D, D) float64.
        cotangent: gradient at the output of the last block, array (D,) float64.

    Returns:
        Array (L + 1, D): in row k the paths through exactly k branches.
    """
    ### BEGIN SOLUTION
    shares = np.zeros((len(jacobians) + 1, len(cotangent)))
    shares[0] = cotangent
    for jacobian in jacobians[::-1]:
        through = shares @ jacobian
        shares[1:] += through[:-1]
    return shares
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_path_gradients", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check(path_gradients)

# %% [markdown]
# **What it gives you.**
# Where does the gradient of a deep residual network come from?
# Twelve blocks of eight units, with branches that shrink what comes back to about 0.4 of its length.
# Before you look: there are 924 paths through six branches and 12 through one. Which length brings most?

# %% tags=["demonstration"]
rng = np.random.default_rng(1)
L, D = 12, 8
shares = path_gradients(rng.normal(0, 0.4 / D**0.5, size=(L, D, D)), rng.normal(size=D))
axes = labelled_axes("branches that a path goes through", "length of the gradient", "Twelve blocks")
axes.bar(range(L + 1), np.linalg.norm(shares, axis=1), color=COLOURS[0])
axes.set_xticks(range(L + 1))
plain = np.linalg.norm(shares[-1])
print(
    f"all paths {np.linalg.norm(shares.sum(0)):.2f}; the one through all branches, as in a plain network, {plain:.1e}"
)


# %% [markdown]
# ## 13 Batch normalisation, folded away
#
# In evaluation mode batch normalisation is the same affine map for every image, and a convolution is affine too.
# Two affine maps in a row are one.
#
# **Task (2 points, NumPy).**
# A convolution with `weight`, `bias` is followed by batch normalisation of each channel with learnt `gamma`, `beta` and *running* `mean`, `variance`; `epsilon` keeps the root from 0 ([the formula](../../book/08_cnn_architectures.md#cnn-batch-norm)).
# Derive weight and bias of the *one* convolution that does the same, and write `fold_batch_norm(weight, bias, gamma, beta, mean, variance, epsilon)`, which returns them.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "fold_batch_norm", "locked": false, "schema_version": 3, "solution": true, "task": false}
def fold_batch_norm(weight, bias, gamma, beta, mean, variance, epsilon):
    """Give the convolution that does what a convolution and batch normalisation do after each other.

    Args:
        weight: kernels, array (F, C, KH, KW) float64.
        bias: array (F,).
        gamma, beta: learnt scale and shift of each channel, arrays (F,).
        mean, variance: running statistics of each channel, arrays (F,).
        epsilon: added to the variance, a float.

    Returns:
        weight (F, C, KH, KW), bias (F,).
    """
    ### BEGIN SOLUTION
    scale = gamma / np.sqrt(variance + epsilon)
    return weight * scale[:, None, None, None], (bias - mean) * scale + beta
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_fold_batch_norm", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(fold_batch_norm)

# %% [markdown]
# **What it gives you.**
# Two layers for the price of one, with the same answers: a network is made so before it is put to use.

# %% tags=["demonstration"]
torch.manual_seed(1)
pair = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8))
for _ in range(20):
    pair(1 + 2 * torch.randn(16, 3, 8, 8))  # training mode: the running statistics learn
pair.eval()
convolution, norm = pair
state = [p.detach().double().numpy() for p in (convolution.weight, convolution.bias)]
state += [
    p.detach().double().numpy()
    for p in (norm.weight, norm.bias, norm.running_mean, norm.running_var)
]
weight, bias = (torch.from_numpy(array) for array in fold_batch_norm(*state, norm.eps))
x = torch.randn(4, 3, 8, 8, dtype=torch.float64)
difference = functional.conv2d(x, weight, bias, padding=1) - pair.double()(x)
print(f"largest difference {difference.abs().max():.1e}")

# %% [markdown]
# ## 14 Real digits
#
# **Your LeNet-5** learns from 7,000 digits, with your step and your evaluation.
# Adam's rate falls from 0.003 to 0 along a cosine (chapter 5).
# Before you run it: chapter 4's dense network, with twice as many parameters, read 92 % of its test digits; what do you expect?

# %% tags=["demonstration"]
EPOCHS, BATCH_SIZE = 12, 64


def trained(function, shapes, seed, epochs=EPOCHS, curve=None):
    """Train a network on the digits; give the module."""
    network = Network(function, draw_parameters(shapes, seed))
    adam = torch.optim.Adam(network.parameters(), lr=0.003)
    steps = epochs * -(-len(x_train) // BATCH_SIZE)
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(adam, steps)
    fit(network, adam, x_train, y_train, epochs, BATCH_SIZE, curve, cosine)
    return network


curve = LiveCurve("epoch", "cross-entropy (nats)", "training", "validation", title="LeNet-5")
lenet = trained(lenet5, LENET5, seed=0, curve=curve)
curve.close()
print(
    "validation: loss {:.3f}, accuracy {:.1%}".format(
        *evaluate(lenet, x_validation, y_validation, 500)
    )
)

# %% [markdown]
# Nothing was chosen by the test part, so it may speak now, once.

# %% tags=["demonstration"]
print("test: loss {:.3f}, accuracy {:.1%}".format(*evaluate(lenet, test_images, test_digits, 500)))

# %% [markdown]
# **Plain or residual?**
# The same layers with and without shortcuts: your `residual_block` against a plain block, on digits of 14 × 14, with 8 channels.
# Batch normalisation stands before every block, and weights are drawn for ReLU (He), in all four networks.
# Predict first: which of the four ends with the lowest *training* loss, which with the highest?

# %% tags=["demonstration"]
CHANNELS = 8


def plain_block(x, parameters, stride):
    """The layers of a residual block without its shortcut."""
    p = parameters
    h = functional.relu(functional.conv2d(x, p["weight1"], p["bias1"], stride, padding=1))
    return functional.relu(functional.conv2d(h, p["weight2"], p["bias2"], padding=1))


class DeepNetwork(nn.Module):
    """A convolution, blocks with batch normalisation before each, a global mean, a dense layer."""

    def __init__(self, block, depth, seed):
        super().__init__()
        self.block = block
        shapes = {"stem_weight": (CHANNELS, 1, 3, 3), "stem_bias": (CHANNELS,)}
        shapes |= {"dense_weight": (CHANNELS, 10), "dense_bias": (10,)}
        inside = {
            name + str(i): (CHANNELS, CHANNELS, 3, 3) if name == "weight" else (CHANNELS,)
            for name in ("weight", "bias")
            for i in (1, 2)
        }
        self.ends = nn.ParameterDict(draw_parameters(shapes, seed))
        self.blocks = nn.ModuleList(
            nn.ParameterDict(draw_parameters(inside, 100 * seed + i, gain=2**0.5))
            for i in range((depth - 2) // 2)
        )
        self.norms = nn.ModuleList(nn.BatchNorm2d(CHANNELS) for _ in self.blocks)

    def forward(self, x):
        ends = self.ends
        h = functional.relu(functional.conv2d(x, ends["stem_weight"], ends["stem_bias"], padding=1))
        for norm, weights in zip(self.norms, self.blocks, strict=True):
            h = self.block(norm(h), dict(weights.items()), 1)
        return h.mean(dim=(2, 3)) @ ends["dense_weight"] + ends["dense_bias"]


small_images = functional.avg_pool2d(x_train[:3000] - 0.13, 2) / 0.3
small_validation = functional.avg_pool2d(x_validation - 0.13, 2) / 0.3
axes = labelled_axes("epoch", "training loss (nats)", "The same layers, with and without shortcuts")
for depth in (6, 34):
    for name, block in (("plain", plain_block), ("residual", residual_block)):
        network = DeepNetwork(block, depth, seed=0)
        adam = torch.optim.Adam(network.parameters(), lr=0.003)
        losses = fit(network, adam, small_images, y_train[:3000], 4, 50)
        style = "--" if name == "plain" else "-"
        axes.plot(
            range(1, 5), losses, style, color=COLOURS[depth > 6], label=f"{depth} layers, {name}"
        )
        accuracy = evaluate(network, small_validation, y_validation, 500)[1]
        print(
            f"{depth} layers, {name}: training loss {losses[-1]:.2f}, validation accuracy {accuracy:.1%}"
        )
axes.set_xticks(range(1, 5))
axes.legend(frameon=False)

# %% [markdown]
# One run each: differences of a few per cent say nothing.
# The figure has three runs at each of eight depths, of networks with batch normalisation behind every convolution.

# %% tags=["demonstration"]
PlainOrResidual()

# %% [markdown]
# ## Where to go from here
#
# - Give LeNet-5 ReLU and max pooling: a line each, and about one digit in a hundred more is read.
# - Build a small VGG of two `vgg_block`s and your `global_average_pool`, with the parameters of LeNet-5 as its budget. Which reads better?
# - Initialise `weight2` of every residual block with 0, and train 34 layers again: at the first step the network is as shallow as can be.
