import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.cnn_architectures.shared import PAGE
from autograder.exercises.sizes import share_cases, value_and_bad_size

network_table = Exercise(
    "network_table",
    signature=(
        "network_table(layers: list of dicts, input_shape: (C, H, W)) "
        "-> shapes (L, 3) int64, parameters (L,) int64, multiply_adds (L,) int64"
    ),
    outputs=("shapes", "parameters", "multiply_adds"),
    parts=value_and_bad_size(3),
    uses=("conv_parameters",),
    section=f"{PAGE}table",
)


def _conv(filters, kernel, stride=1, padding=0, bias=True, groups=1):
    return {
        "kind": "conv",
        "filters": filters,
        "kernel": kernel,
        "stride": stride,
        "padding": padding,
        "bias": bias,
        "groups": groups,
    }


def _pool(size, stride):
    return {"kind": "max_pool", "size": size, "stride": stride}


def _dense(units):
    return {"kind": "dense", "units": units}


GLOBAL = {"kind": "global_average_pool"}


@network_table.case("convolution, pooling, dense: sides that differ")
def _(random):
    F = int(random.integers(4, 9))
    layers = [_conv(F, (3, 4), 2, 1), _pool(2, 2), _conv(F + 3, (2, 3)), _dense(7), _dense(3)]
    return {"layers": layers, "input_shape": (3, 19, 26)}


@network_table.case("windows that leave a remainder, and overlap")
def _(random):
    F = int(random.integers(3, 9))
    layers = [_conv(F, (5, 2), 3, 2), _pool(3, 2), _pool(2, 3)]
    return {"layers": layers, "input_shape": (2, 31, 22)}


@network_table.case("groups, no bias, a global mean at the end")
def _(random):
    C = 4 * int(random.integers(1, 4))
    layers = [
        _conv(2 * C, (3, 3), 1, 1, bias=False, groups=4),
        _conv(2 * C, (3, 5), 2, 1, groups=2 * C),
        _conv(11, (1, 1), bias=False),
        GLOBAL,
        _dense(5),
    ]
    return {"layers": layers, "input_shape": (C, 9, 14)}


@network_table.case("AlexNet, not split, 227 × 227")
def _(random):
    layers = [
        _conv(96, (11, 11), 4),
        _pool(3, 2),
        _conv(256, (5, 5), 1, 2),
        _pool(3, 2),
        _conv(384, (3, 3), 1, 1),
        _conv(384, (3, 3), 1, 1),
        _conv(256, (3, 3), 1, 1),
        _pool(3, 2),
        _dense(4096),
        _dense(4096),
        _dense(1000),
    ]
    return {"layers": layers, "input_shape": (3, 227, 227)}


@network_table.case("one layer whose window only just fits")
def _(random):
    F = int(random.integers(3, 9))
    return {"layers": [_conv(F, (6, 9), 3, 2)], "input_shape": (2, 2, 5)}


@network_table.case("a dense layer alone")
def _(random):
    return {"layers": [_dense(int(random.integers(3, 90)))], "input_shape": (3, 4, 5)}


@network_table.case("a pooling window as high as the map, then one as wide")
def _(random):
    F = int(random.integers(3, 9))
    layers = [_conv(F, (2, 3)), _pool(4, 2), _conv(F + 1, (1, 2), 1, 1), _pool(3, 1)]
    return {"layers": layers, "input_shape": (2, 5, 9)}


@network_table.case("a convolution too tall by one", raises="ValueError")
def _(random):
    return {"layers": [_conv(4, (3, 3)), _conv(5, (8, 2), 2, 1)], "input_shape": (2, 7, 9)}


@network_table.case("a convolution too wide by one", raises="ValueError")
def _(random):
    return {"layers": [_conv(4, (3, 3)), _conv(5, (2, 10), 2, 1)], "input_shape": (2, 12, 9)}


@network_table.case("a pooling window too tall by one", raises="ValueError")
def _(random):
    return {"layers": [_conv(4, (2, 3), 2, 1), _pool(5, 2)], "input_shape": (2, 6, 12)}


@network_table.case("a pooling window too wide by one", raises="ValueError")
def _(random):
    return {"layers": [_conv(4, (3, 2), 2, 1), _pool(5, 2)], "input_shape": (2, 12, 6)}


@network_table.case("seven layers", secret=True)
def _(random):
    F = int(random.integers(5, 20))
    layers = [
        _conv(2 * F, (7, 5), 2, 3),
        _pool(3, 2),
        _conv(4 * F, (3, 1), 2, 1, groups=2),
        _conv(F, (1, 1), 1, 0, bias=False),
        _pool(2, 2),
        _dense(13),
        _dense(4),
    ]
    return {"layers": layers, "input_shape": (3, 60 + F, 83)}


share_cases(
    network_table,
    "convolution, pooling, dense: sides that differ",
    "windows that leave a remainder, and overlap",
    "one layer whose window only just fits",
    "a pooling window as high as the map, then one as wide",
)


def _floor(span, stride):
    return span // stride + 1


def _table(
    layers,
    input_shape,
    *,
    output=_floor,
    weights=None,
    inputs=None,
    work=None,
    order=(0, 1, 2),
    require_fit=True,
    pool_parameters=0,
):
    """The table, or what a variant makes of it."""
    weights = weights or (
        lambda layer, C: layer["filters"] * C // layer["groups"] * np.prod(layer["kernel"])
    )
    inputs = inputs or (lambda C, H, W: C * H * W)
    work = work or (lambda w, before, after: w * after[1] * after[2])
    shape, rows = tuple(input_shape), []
    for layer in layers:
        C, H, W = shape
        kind, parameters, multiply_adds = layer["kind"], 0, 0
        if kind == "dense":
            multiply_adds = inputs(C, H, W) * layer["units"]
            parameters, shape = multiply_adds + layer["units"], (layer["units"], 1, 1)
        elif kind == "global_average_pool":
            shape = (C, 1, 1)
        else:
            kernel = layer["kernel"] if kind == "conv" else (layer["size"],) * 2
            padding = layer.get("padding", 0)
            spans = [s + 2 * padding - k for s, k in zip((H, W), kernel, strict=True)]
            if require_fit and min(spans) < 0:
                raise ValueError("the window does not fit")
            sides = [output(span, layer["stride"]) for span in spans]
            shape = (layer["filters"] if kind == "conv" else C, *sides)
            if kind == "conv":
                w = int(weights(layer, C))
                parameters = w + layer["filters"] * layer["bias"]
                multiply_adds = work(w, (C, H, W), shape)
            else:
                parameters = pool_parameters * C
        rows.append(([shape[i] for i in order], parameters, multiply_adds))
    return tuple(np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))


@network_table.reference
def _(layers, input_shape):
    return _table(layers, input_shape)


@network_table.mistake(
    "work_not_repeated",
    "You count the multiplications of one position: the filters work at every place of the output.",
)
def _(layers, input_shape):
    return _table(layers, input_shape, work=lambda w, before, after: w)


@network_table.mistake(
    "work_at_input_positions",
    "You let the filters work at every pixel of the input: with a stride, or without padding, the output has fewer places.",
)
def _(layers, input_shape):
    return _table(layers, input_shape, work=lambda w, before, after: w * before[1] * before[2])


@network_table.mistake(
    "operations_for_multiply_adds",
    "Your work is twice that of the task: a multiplication and the addition after it count as one multiply–add here.",
)
def _(layers, input_shape):
    shapes, parameters, work = _table(layers, input_shape)
    return shapes, parameters, 2 * work


@network_table.mistake(
    "biases_as_work",
    "Your work counts the biases: adding one is no multiplication.",
)
def _(layers, input_shape):
    shapes, parameters, work = _table(layers, input_shape)
    positions = np.where(work > 0, shapes[:, 1] * shapes[:, 2], 0)
    return shapes, parameters, parameters * positions


@network_table.mistake(
    "rounded_up",
    "You round sizes up: a window that hangs over the edge does not count.",
)
def _(layers, input_shape):
    return _table(layers, input_shape, output=lambda span, stride: -(-span // stride) + 1)


@network_table.mistake(
    "flattened_channels_only",
    "Your dense layer reads one number for each channel: it reads the whole map, every channel at every place.",
)
def _(layers, input_shape):
    return _table(layers, input_shape, inputs=lambda C, H, W: C)


@network_table.mistake(
    "flattened_one_channel",
    "Your dense layer reads the pixels of a single channel: it reads the whole map, every channel at every place.",
)
def _(layers, input_shape):
    return _table(layers, input_shape, inputs=lambda C, H, W: H * W)


@network_table.mistake(
    "channels_last",
    "Your shapes are ordered (H, W, C): here channels come first.",
)
def _(layers, input_shape):
    return _table(layers, input_shape, order=(1, 2, 0))


@network_table.mistake(
    "groups_ignored",
    "You let every filter read all channels: in a grouped layer it reads those of its own group.",
    f"{PAGE}count",
)
def _(layers, input_shape):
    return _table(
        layers,
        input_shape,
        weights=lambda layer, C: layer["filters"] * C * np.prod(layer["kernel"]),
    )


@network_table.mistake(
    "pooling_has_parameters",
    "You give pooling parameters: it has nothing to learn.",
)
def _(layers, input_shape):
    return _table(layers, input_shape, pool_parameters=1)


@network_table.mistake(
    "no_error_for_a_window_that_does_not_fit",
    "You give sizes for a window that fits nowhere: the task asks for a ValueError there.",
)
def _(layers, input_shape):
    return _table(layers, input_shape, require_fit=False)


@network_table.mistake("no_error_for_a_window_that_does_not_fit")
def _(layers, input_shape):
    return _table(
        layers,
        input_shape,
        require_fit=False,
        output=lambda span, stride: max(span // stride + 1, 0),
    )


@network_table.mistake(
    "exact_fit_refused",
    "You refuse a window that is exactly as large as the padded map: it fits, once.",
)
def _(layers, input_shape):
    def output(span, stride):
        if span <= 0:
            raise ValueError("too small")
        return span // stride + 1

    return _table(layers, input_shape, output=output)


@network_table.alternative
def with_lists(layers, input_shape):
    C, H, W = input_shape
    shapes, parameters, work = [], [], []
    for layer in layers:
        if layer["kind"] == "conv":
            (KH, KW), s, p = layer["kernel"], layer["stride"], layer["padding"]
            if min(H + 2 * p - KH, W + 2 * p - KW) < 0:
                raise ValueError(f"a kernel {KH} × {KW} does not fit")
            per_filter = KH * KW * C // layer["groups"]
            C, H, W = layer["filters"], (H + 2 * p - KH) // s + 1, (W + 2 * p - KW) // s + 1
            parameters.append(C * (per_filter + (1 if layer["bias"] else 0)))
            work.append(C * per_filter * H * W)
        elif layer["kind"] == "max_pool":
            k, s = layer["size"], layer["stride"]
            if k > min(H, W):
                raise ValueError(f"a window of {k} does not fit")
            H, W = (H - k) // s + 1, (W - k) // s + 1
            parameters.append(0)
            work.append(0)
        elif layer["kind"] == "dense":
            D, C, H, W = C * H * W, layer["units"], 1, 1
            parameters.append((D + 1) * C)
            work.append(D * C)
        else:
            H = W = 1
            parameters.append(0)
            work.append(0)
        shapes.append([C, H, W])
    return np.array(shapes), np.array(parameters), np.array(work)


@network_table.alternative
def by_counting_windows(layers, input_shape):
    return _table(layers, input_shape, output=lambda span, stride: len(range(0, span + 1, stride)))


@network_table.alternative
def as_lists_of_ints(layers, input_shape):
    shapes, parameters, work = with_lists(layers, input_shape)
    return shapes.astype(np.int32), parameters.astype(float), work.astype(float)
