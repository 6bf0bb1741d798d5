# %% [markdown]
# # 9 Vision tasks
#
# One label for one picture: that is what your networks have given so far.
# In this notebook they learn from few pictures, by what they learnt on others; say where several things are; say of every pixel what it shows; and recognise what they have seen once.
#
# **How to work here.**
# Each task has a text, a cell for your answer (replace `raise NotImplementedError`), and a cell that checks it.
# Run the check as often as you like: it tells you what is right, what is not, and, when it recognises the slip, which one.
# The chapter [Vision tasks](../../book/09_vision_tasks.md) explains the theory; [Notation](../../book/notation.md) explains the letters.
#
# It takes about 4 hours.
# **Core**: tasks 1 to 6, 8 and 10; **optional**: 7, 9, 11 to 13.

# %%
import numpy as np
import torch
from torch import nn
from torch.nn import functional
from tqdm.auto import tqdm

from dlarch import check
from dlarch.data import mnist
from dlarch.figures import AugmentedBox, BoxesNms
from dlarch.plots import COLOURS, LiveCurve, image_grid, labelled_axes

torch.set_num_threads(1)  # the batches are small: several threads would wait for each other


# %% [markdown]
# ## 1 What is frozen
#
# A trained network is a *backbone*, which makes features of an image, and a *head*, which makes an answer of features.
# For a new task the head is replaced; the backbone may stay as it is ([why](../../book/09_vision_tasks.md#vision-transfer)).
#
# **Task (1 point).**
# Write `freeze_backbone(model)` for a model with the two modules `model.backbone` and `model.head`.
# Afterwards no parameter of the backbone wants a gradient (`requires_grad`), and all parameters of the head do, whatever was frozen before.
# Return the names of the parameters that are left to be trained, a list, as `model.named_parameters()` calls them and in its order.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "freeze_backbone", "locked": false, "schema_version": 3, "solution": true, "task": false}
def freeze_backbone(model):
    """Freeze the backbone of a model, and nothing of its head.

    Args:
        model: module with the modules `backbone` and `head`.

    Returns:
        Names of the parameters that are left to be trained, a list of str.
    """
    ### BEGIN SOLUTION
    left = []
    for name, weight in model.named_parameters():
        part, _, _ = name.partition(".")
        weight.requires_grad_(part == "head")
        if part == "head":
            left.append(name)
    return left
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_freeze_backbone", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(freeze_backbone)


# %% [markdown]
# ## 2 A step that leaves the backbone alone
#
# A parameter is not all that a network remembers ([what else](../../book/09_vision_tasks.md#vision-frozen-norm)).
#
# **Task (3 points).**
# Write `transfer_step(model, optimizer, images, labels)`: one step of the optimiser on the mean cross-entropy of a batch, which trains the head.
#
# - The head behaves as in training.
# - The backbone works as it does once training is over; *nothing* of it changes, neither parameters nor running statistics, though the optimiser may hold its parameters, and they may not be frozen.
# - The model comes in either mode. What an earlier step left in `.grad` must not count again.
#
# Return the loss whose gradient was used, as a float.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "transfer_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def transfer_step(model, optimizer, images, labels):
    """Make one step with the head of a model, and leave its backbone as it is.

    Args:
        model: module with the modules `backbone` and `head`; `model(images)` is `head(backbone(images))`.
        optimizer: a torch optimiser over the parameters of the head, or of the whole model.
        images: batch, tensor (N, 1, H, W).
        labels: classes, tensor (N,) int64.

    Returns:
        The loss before the step, a float in nats.
    """
    ### BEGIN SOLUTION
    model.backbone.eval()
    model.head.train()
    with torch.no_grad():
        features = model.backbone(images)
    loss = functional.cross_entropy(model.head(features), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_transfer_step", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check(transfer_step)

# %% [markdown]
# **What it gives you.**
# A network learns the digits 0 to 4 from 3,600 images.
# Then it is to read 5 to 9, of which there are five images each.
# Three ways: your frozen backbone with a new head; *fine-tuning*, all of it with a small rate for the backbone; and *from scratch*, as if the first task had never been.
# And two places to cut: behind the convolutions, or behind the hidden dense layer that follows them.
# Predict first: at which cut does the frozen backbone help, and does it help at both?

# %% tags=["demonstration"]
images, digits, test_images, test_digits = (torch.from_numpy(part) for part in mnist())
images, test_images = images[:, None], test_images[:, None]  # (N, 1, 28, 28)
x_train, y_train, x_validation, y_validation = (
    *(images[:7000], digits[:7000]),
    *(images[7000:], digits[7000:]),
)


class Reader(nn.Module):
    """Two convolutions, and a dense layer of 32 units that belongs to the backbone, or is not there."""

    def __init__(self, cut, seed):
        super().__init__()
        torch.manual_seed(seed)
        layers = []
        for channels, filters in ((1, 8), (8, 16)):
            layers += [nn.Conv2d(channels, filters, 3), nn.BatchNorm2d(filters)]
            layers += [nn.ReLU(), nn.MaxPool2d(2)]
        layers.append(nn.Flatten())
        features = 400
        if cut == "behind the dense layer":
            layers += [nn.Linear(400, 32), nn.BatchNorm1d(32), nn.ReLU()]
            features = 32
        self.backbone, self.head = nn.Sequential(*layers), nn.Linear(features, 5)

    def forward(self, x):
        return self.head(self.backbone(x))


def ordinary_step(model, optimizer, x, labels):
    """A step of the whole model, as in chapter 8."""
    model.train()
    loss = functional.cross_entropy(model(x), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def accuracy(model, x, labels):
    """The share of right answers."""
    model.eval()
    with torch.no_grad():
        return (model(x).argmax(dim=1) == labels).double().mean().item()


def pretrained(cut):
    """A reader of the digits 0 to 4."""
    model = Reader(cut, seed=0)
    adam = torch.optim.Adam(model.parameters(), lr=0.003)
    x, labels = x_train[y_train < 5], y_train[y_train < 5]
    order = torch.Generator().manual_seed(0)
    for _ in range(2):
        for batch in torch.randperm(len(x), generator=order).split(64):
            ordinary_step(model, adam, x[batch], labels[batch])
    return model


def new_reader(way, cut, start, seed):
    """A model for the digits 5 to 9, its optimiser, and the step that trains it."""
    model = Reader(cut, seed)
    if way == "from scratch":
        return model, torch.optim.Adam(model.parameters(), lr=0.005), ordinary_step
    model.backbone.load_state_dict(start.backbone.state_dict())
    if way == "frozen":
        freeze_backbone(model)
        return model, torch.optim.Adam(model.head.parameters(), lr=0.01), transfer_step
    rates = [{"params": model.head.parameters()}]
    rates += [{"params": model.backbone.parameters(), "lr": 0.001}]
    return model, torch.optim.Adam(rates, lr=0.01), ordinary_step


WAYS = ("frozen", "fine-tuned", "from scratch")
new_x, new_y = x_train[y_train > 4], y_train[y_train > 4] - 5
asked = y_validation > 4
results = {}
for cut in ("behind the convolutions", "behind the dense layer"):
    start = pretrained(cut)
    for seed in tqdm(range(5), desc=cut, unit="draw"):
        draw = torch.Generator().manual_seed(seed)
        chosen = []
        for label in range(5):
            places = torch.nonzero(new_y == label)[:, 0]
            chosen.append(places[torch.randperm(len(places), generator=draw)[:5]])
        chosen = torch.cat(chosen)
        for way in WAYS:
            model, optimizer, step = new_reader(way, cut, start, seed)
            for _ in range(40):
                step(model, optimizer, new_x[chosen], new_y[chosen])
            right = accuracy(model, x_validation[asked], y_validation[asked] - 5)
            results.setdefault((cut, way), []).append(right)

axes = labelled_axes("", "right answers", "Five images of each new digit, five draws")
for index, ((cut, way), scores) in enumerate(results.items()):
    axes.scatter([index] * 5, scores, color=COLOURS[index % 3], label=way if index < 3 else None)
    print(f"{cut}, {way}: {np.mean(scores):.1%} (from {min(scores):.1%} to {max(scores):.1%})")
axes.set_xticks([1, 4], ["behind the convolutions", "behind the dense layer"])
axes.legend(frameon=False)


# %% [markdown]
# **Written answer (3 points).**
# A friend wants to tell photographs of hugs from photographs without one, and has 80 pictures.
# She takes a network that was trained on a million photographs, puts a new head on its backbone, sets `requires_grad = False` for the backbone, and trains with `model.train()` and Adam.
# The training loss falls.
# Then she loads another head that she had trained the week before on the same backbone, for another task: it has become worse.
#
# (a) She compares the backbone's parameters before and after: not one has changed. What has, and why does it harm the old head?
#
# (b) In the plot above the frozen backbone is better than a start from scratch at one cut, and not at the other. Which is which in your run, and what does this say about the features behind the dense layer?
#
# (c) She asks whether she should fine-tune instead. Name one reason for and one against, each with what in *her* situation makes it a reason.

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": true, "grade_id": "transfer_why", "locked": false, "points": 3, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# **Model answer.**
# (a) The running means and variances of the backbone's batch normalisation: they are buffers, not parameters, and move in every pass in training mode, whatever `requires_grad` says.
# The old head gets features that are shifted and scaled otherwise than those it was trained on; it was made for the old statistics.
#
# (b) Behind the convolutions it is better (about 84 % against 81 %), behind the dense layer worse (about 68 % against 76 %). Edges and strokes, which the convolutions find, are the same in all digits; the dense layer has kept what tells 0 to 4 apart, and thrown away what only 5 to 9 would need. The nearer to the answer, the more special a feature is.
#
# (c) For: her photographs may differ from those of the first training in what counts (two people touching, not the kind of object), and the late features may be too special, as in (b).
# Against: 80 pictures are few for millions of parameters; a whole network can learn them by heart. Also against: the old head could no longer share the backbone.
#
# Marking: (a) ½ for the running statistics, ½ for the old head being made for others; (b) ½ for the cuts, ½ for what special features have lost; (c) ½ for each reason tied to her situation.
# ### END SOLUTION

# %% [markdown]
# ## 3 The overlap of boxes
#
# A box is $(x_1, y_1, x_2, y_2)$: $x$ to the right, $y$ downwards, the corner at the top left and the one at the bottom right.
# Corners are *places*, not numbers of pixels: the box from 2 to 5 is 3 wide, and its picture is `image[y1:y2, x1:x2]`.
#
# **Task (2 points, NumPy).**
# Write `iou(a, b)`: entry $(n, m)$ is the area of the intersection of box $n$ of `a` and box $m$ of `b`, divided by the area of their union.
# Where the union has no area, the overlap is 0.
# There may be no box in `a` or in `b`; then the result has no row or no column.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "iou", "locked": false, "schema_version": 3, "solution": true, "task": false}
def iou(a, b):
    """Give intersection over union of every box of a with every box of b.

    Args:
        a: boxes (x1, y1, x2, y2), array (N, 4) float64.
        b: boxes, array (M, 4) float64.

    Returns:
        Overlaps, array (N, M) float64 in [0, 1].
    """
    ### BEGIN SOLUTION
    left, top, right, bottom = (
        pick(a[:, None, side], b[None, :, side])
        for pick, side in ((np.maximum, 0), (np.maximum, 1), (np.minimum, 2), (np.minimum, 3))
    )
    shared = np.maximum(right - left, 0) * np.maximum(bottom - top, 0)
    area_a, area_b = ((c[:, 2] - c[:, 0]) * (c[:, 3] - c[:, 1]) for c in (a, b))
    union = area_a[:, None] + area_b - shared
    return shared / np.where(union > 0, union, 1)
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_iou", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(iou)


# %% [markdown]
# ## 4 One box for each thing
#
# A detector answers at every place of a map, and neighbouring places find the same thing.
# *Non-maximum suppression* keeps the best box of each crowd ([the rule](../../book/09_vision_tasks.md#vision-nms)).
#
# **Task (3 points, NumPy).**
# Write `non_max_suppression(boxes, scores, threshold)`.
# Go through the boxes by falling score, of equal scores the one with the lower number first; keep a box unless it overlaps a box *that was kept* by more than `threshold`.
# Return the numbers of the kept boxes in the order in which they were kept, an array `(K,)` of integers; without a box its shape is `(0,)`.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "non_max_suppression", "locked": false, "schema_version": 3, "solution": true, "task": false}
def non_max_suppression(boxes, scores, threshold):
    """Keep of overlapping boxes the one with the highest score.

    Args:
        boxes: (x1, y1, x2, y2), array (N, 4) float64.
        scores: how sure the detector is of each, array (N,) float64.
        threshold: a box that overlaps a kept one by more is dropped, a float.

    Returns:
        Numbers of the kept boxes by falling score, array (K,) int64.
    """
    ### BEGIN SOLUTION
    overlap = iou(boxes, boxes)
    kept = []
    for n in np.argsort(-scores, kind="stable"):
        if not (overlap[n, kept] > threshold).any():
            kept.append(n)
    return np.array(kept, dtype=np.int64)
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_non_max_suppression", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check(non_max_suppression)

# %% [markdown]
# **What it gives you.**
# Twelve detections; the same rule with thresholds of your choice.
# Predict first: what is lost with a low threshold, and what with a high one?

# %% tags=["demonstration"]
BoxesNms()


# %% [markdown]
# ## 5 Which detections are right?
#
# A detection is right when it is the first to claim an object of its image ([the rule of PASCAL VOC](../../book/09_vision_tasks.md#vision-matching)):
#
# - the detections of all images claim by falling score, of equal scores the one with the lower number first;
# - a detection looks at the objects of *its* image (equal numbers in `image` and `truth_image`), and at the one of them that it overlaps most;
# - it is right if that overlap is at least `threshold` and no right detection has claimed this object before. It does not turn to another object.
#
# **Task (3 points): find the slips.**
# `match_detections(boxes, scores, image, truth, truth_image, threshold)` below should say of each detection, in the order in which they are given, whether it is right.
# It has two slips, and works on easy pictures.
# Find them, by trying it on pictures small enough to follow by hand, and mend them.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "match_detections", "locked": false, "schema_version": 3, "solution": true, "task": false}
def match_detections(boxes, scores, image, truth, truth_image, threshold):
    """Say which detections are right.

    Args:
        boxes: detections, array (N, 4) float64.
        scores: how sure each is, array (N,) float64.
        image: number of the image that each is in, array (N,) int64.
        truth: the objects' boxes, array (M, 4) float64.
        truth_image: number of the image that each object is in, array (M,) int64.
        threshold: least overlap of a right detection, a float above 0.

    Returns:
        Array (N,) bool, in the order of the detections as given.
    """
    ### BEGIN SOLUTION
    overlap = iou(boxes, truth)
    overlap[image[:, None] != truth_image] = -1
    correct, claimed = np.zeros(len(boxes), dtype=bool), set()
    if len(truth) == 0:
        return correct
    for n in np.argsort(-scores, kind="stable"):
        best = overlap[n].argmax()
        if overlap[n, best] >= threshold and best not in claimed:
            correct[n] = True
            claimed.add(best)
    return correct
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_match_detections", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check(match_detections)


# %% [markdown]
# ## 6 The average precision of a detector
#
# In chapter 1 an average precision judged a ranking of all examples.
# A detector may overlook objects: they are in no ranking, and count all the same ([how](../../book/09_vision_tasks.md#vision-ap)).
#
# **Task (2 points, NumPy).**
# Write `detection_average_precision(scores, correct, truths)`.
# Rank the detections by falling score, equal ones in the order given.
# After each rank there is a precision and a recall; the recall is over all `truths` objects.
# Replace each precision by the highest precision at this rank or a later one, and return the area below the resulting steps, over the recall from 0 to 1, a float.
# Where no detection reaches a recall, the precision is 0; without any detection the area is 0.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "detection_average_precision", "locked": false, "schema_version": 3, "solution": true, "task": false}
def detection_average_precision(scores, correct, truths):
    """Give the area below the falling precision–recall steps of a detector.

    Args:
        scores: how sure the detector is of each detection, array (N,) float64.
        correct: whether it is right, array (N,) bool.
        truths: number of objects that are there, an int above 0.

    Returns:
        The average precision, a float in [0, 1].
    """
    ### BEGIN SOLUTION
    hits = correct[np.argsort(-scores, kind="stable")]
    precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    falling = np.maximum.accumulate(precision[::-1])[::-1]
    return float(falling[hits].sum() / truths)
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_detection_average_precision", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(detection_average_precision)


# %% [markdown]
# ## 7 Which average precision?
#
# Papers print "AP" and mean several things ([all of them](../../book/09_vision_tasks.md#vision-definitions)):
#
# | name | what is computed |
# |---|---|
# | `"all points"` | the area of task 6 |
# | `"no interpolation"` | the same with each precision as it is |
# | `"eleven points"` | the mean, over the recalls 0, 0.1, … 1, of the highest precision at that recall or a higher one, 0 where there is none |
# | `"trapezoids"` | the area below straight lines between the points (recall, precision) after each rank, from the first rank to the last |
# | `"found ones only"` | as all points, with the recall over the objects that were found |
#
# **Task (2 points, NumPy): identify.**
# Write `which_average_precision(scores, correct, truths, value)`, which says by which of the five `value` was computed.
# They differ by more than 0.01; no score comes twice.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "which_average_precision", "locked": false, "schema_version": 3, "solution": true, "task": false}
def which_average_precision(scores, correct, truths, value):
    """Say by which definition an average precision was computed.

    Args:
        scores: array (N,) float64.
        correct: array (N,) bool.
        truths: number of objects, an int.
        value: the average precision that somebody printed, a float.

    Returns:
        The name of the definition.
    """
    ### BEGIN SOLUTION
    hits = correct[np.argsort(-scores, kind="stable")]
    found = np.cumsum(hits)
    precision, recall = found / np.arange(1, len(hits) + 1), found / truths
    area = detection_average_precision(scores, correct, truths)
    at_tenths = [precision[10 * found >= k * truths].max(initial=0) for k in range(11)]
    computed = {
        "all points": area,
        "no interpolation": precision[hits].sum() / truths,
        "eleven points": np.mean(at_tenths),
        "trapezoids": np.trapezoid(precision, recall),
        "found ones only": area * truths / hits.sum(),
    }
    return min(computed, key=lambda name: abs(computed[name] - value))
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_which_average_precision", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(which_average_precision)

# %% [markdown]
# **What it gives you.**
# A detector: a small network looks at canvases of 64 × 64 with one to three digits and says, at each place of a 16 × 16 map, which digit has its middle there (or none), and how far its four sides are ([what it learns](../../book/09_vision_tasks.md#vision-detectors)).
# Your functions do the rest: choose boxes, match them, judge.
# Before you run it: how much will it matter that the suppression is there?

# %% tags=["demonstration"]
SIDE, STRIDE = 64, 4
CENTRES = (np.arange(SIDE // STRIDE) + 0.5) * STRIDE


def tight(image):
    """Cut the empty border off a digit."""
    rows, columns = (np.flatnonzero(image.max(axis=axis) > 0.2) for axis in (1, 0))
    return image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def canvases(images, digits, count, seed):
    """Draw canvases with up to three digits that hardly overlap, their boxes and their classes."""
    rng = np.random.default_rng(seed)
    pictures, boxes, classes = np.zeros((count, SIDE, SIDE), dtype=np.float32), [], []
    for picture in pictures:
        mine, labels = np.zeros((0, 4)), []
        for n in rng.integers(len(images), size=rng.integers(1, 4)):
            digit = tight(images[n, 0].numpy())
            height, width = digit.shape
            x, y = rng.integers(SIDE - width + 1), rng.integers(SIDE - height + 1)
            box = np.array([[x, y, x + width, y + height]], dtype=float)
            if not len(mine) or iou(box, mine).max() <= 0.05:
                place = picture[y : y + height, x : x + width]
                np.maximum(place, digit, out=place)
                mine, labels = np.concatenate([mine, box]), [*labels, int(digits[n])]
        boxes.append(mine)
        classes.append(np.array(labels))
    return torch.from_numpy(pictures)[:, None], boxes, classes


def targets(boxes, classes):
    """What the map should say: a class at each place, 10 for none, and the four distances."""
    side = len(CENTRES)
    label = torch.full((len(boxes), side, side), 10)
    distance = torch.zeros(len(boxes), 4, side, side)
    for n, (mine, labels) in enumerate(zip(boxes, classes, strict=True)):
        for (x1, y1, x2, y2), digit in zip(mine, labels, strict=True):
            for i in np.flatnonzero(abs(CENTRES - (y1 + y2) / 2) < STRIDE):
                for j in np.flatnonzero(abs(CENTRES - (x1 + x2) / 2) < STRIDE):
                    x, y = CENTRES[j], CENTRES[i]
                    label[n, i, j] = int(digit)
                    distance[n, :, i, j] = torch.tensor([x - x1, y - y1, x2 - x, y2 - y])
    return label, distance


def block(channels, filters, stride=1):
    """A normalised convolution."""
    convolution = nn.Conv2d(channels, filters, 3, stride, padding=1, bias=False)
    return [convolution, nn.BatchNorm2d(filters), nn.ReLU()]


pictures, boxes, classes = canvases(x_train, y_train, 1500, seed=0)
label, distance = targets(boxes, classes)
torch.manual_seed(0)
detector = nn.Sequential(
    *block(1, 12, 2), *block(12, 24, 2), *block(24, 32), *block(32, 32), *block(32, 32),
    nn.Conv2d(32, 11 + 4, 1),
)  # fmt: skip
EPOCHS, weight = 8, torch.ones(11)
weight[10] = 0.3  # most places are empty
adam = torch.optim.Adam(detector.parameters())
rate = torch.optim.lr_scheduler.OneCycleLR(adam, 0.006, EPOCHS * -(-len(pictures) // 32))
curve = LiveCurve("epoch", "loss", "classes (nats)", "sides (pixels)", title="A detector learns")
for epoch in tqdm(range(1, EPOCHS + 1), desc="training", unit="epoch"):
    sums = np.zeros(2)
    for batch in torch.randperm(len(pictures)).split(32):
        output = detector(pictures[batch])
        there = label[batch] < 10
        named = functional.cross_entropy(output[:, :11], label[batch], weight=weight)
        sides = functional.l1_loss(
            output[:, 11:].movedim(1, 3)[there], distance[batch].movedim(1, 3)[there]
        )
        adam.zero_grad()
        (named + 0.1 * sides).backward()
        adam.step()
        rate.step()
        sums += len(batch) * np.array([named.item(), sides.item()])
    curve.add(
        epoch,
        **dict(zip(("classes (nats)", "sides (pixels)"), sums / len(pictures), strict=True)),
    )
curve.close()

# %% tags=["demonstration"]
held_out, true_boxes, true_classes = canvases(x_validation, y_validation, 200, seed=1)
detector.eval()
with torch.no_grad():
    output = detector(held_out).double()
probability, sides = output[:, :11].softmax(dim=1).numpy(), output[:, 11:].numpy()


def detections(digit, threshold):
    """Boxes of one digit on all canvases, their scores and canvases; threshold None: all boxes."""
    found = [(np.zeros((0, 4)), np.zeros(0), np.zeros(0, dtype=int))]
    for n, (p, d) in enumerate(zip(probability[:, digit], sides, strict=True)):
        i, j = np.nonzero(p > 0.05)
        x, y, scores = CENTRES[j], CENTRES[i], p[i, j]
        left, up, right, down = d[:, i, j]
        mine = np.stack([x - left, y - up, x + right, y + down], axis=1)
        if threshold is not None:
            kept = non_max_suppression(mine, scores, threshold)
            mine, scores = mine[kept], scores[kept]
        found.append((mine, scores, np.full(len(scores), n)))
    return [np.concatenate(parts) for parts in zip(*found, strict=True)]


def mean_average_precision(threshold, overlap):
    """Your average precision, averaged over the ten digits."""
    precisions = []
    for digit in range(10):
        mine, scores, canvas = detections(digit, threshold)
        objects = [b[c == digit] for b, c in zip(true_boxes, true_classes, strict=True)]
        where = np.repeat(np.arange(len(objects)), list(map(len, objects)))
        objects = np.concatenate(objects)
        correct = match_detections(mine, scores, canvas, objects, where, overlap)
        precisions.append(detection_average_precision(scores, correct, len(objects)))
    return np.mean(precisions)


for threshold in (0.05, 0.4, 0.8, None):
    name = "without suppression" if threshold is None else f"suppression above {threshold}"
    found = [mean_average_precision(threshold, overlap) for overlap in (0.5, 0.75)]
    print(f"{name}: mAP {found[0]:.2f} at an overlap of 0.5, {found[1]:.2f} at 0.75")

# %% tags=["demonstration"]
figure = image_grid(held_out[:8, 0].numpy(), columns=4)
figure.set_size_inches(8, 4.4)
for digit in range(10):
    for box, score, n in zip(*detections(digit, 0.4), strict=True):
        if n < 8 and score > 0.3:
            x1, y1, x2, y2 = box - 0.5
            axes = figure.axes[n]
            axes.plot([x1, x2, x2, x1, x1], [y1, y1, y2, y2, y1], color=COLOURS[4])
            axes.text(x1, y1 - 1, f"{digit}: {score:.2f}", color=COLOURS[4], fontsize=7)

# %% [markdown]
# Turn a picture, and its box has to turn with it.
# What becomes of the box when only its corners are turned?

# %% tags=["demonstration"]
AugmentedBox()


# %% [markdown]
# ## 8 How alike two regions are
#
# To *segment* is to say of each pixel whether it belongs to the object.
# The score of Dice compares a map of probabilities with the true region ([where it comes from](../../book/09_vision_tasks.md#vision-dice)).
#
# **Task (1 point, NumPy).**
# Write `dice(probability, target, smooth)`: the mean over the images of
#
# $$
# \frac{2 \sum p\,t + s}{\sum p + \sum t + s} ,
# $$
#
# where the sums run over the pixels of one image, and $s$ is `smooth`.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "dice", "locked": false, "schema_version": 3, "solution": true, "task": false}
def dice(probability, target, smooth):
    """Give the mean score of Dice over the images.

    Args:
        probability: of belonging to the object, array (N, H, W) float64.
        target: 1 where a pixel belongs to it, 0 elsewhere, array (N, H, W) float64.
        smooth: added above and below, a float.

    Returns:
        The mean score, a float; 1 for a perfect answer.
    """
    ### BEGIN SOLUTION
    pixels = (-2, -1)
    above = 2 * np.sum(probability * target, axis=pixels) + smooth
    below = np.sum(probability, axis=pixels) + np.sum(target, axis=pixels) + smooth
    return float((above / below).mean())
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_dice", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(dice)


# %% [markdown]
# ## 9 Larger again
#
# A convolution with stride makes a map smaller; a segmentation needs the size of the image again.
# The *transposed convolution* is the map that a gradient takes on its way back through a convolution ([a start](../../book/09_vision_tasks.md#vision-transposed)).
#
# **Task (3 points, NumPy): derive.**
# A convolution with stride $s$ and padding $p$, without bias, gives
#
# $$
# a_{n,c,i,j} = \sum_{f,u,v} w_{c,f,u,v}\, z_{n,f,\,si + u - p,\,sj + v - p} ,
# $$
#
# where $z$ is 0 outside.
# It has $F$ channels before and $C$ behind.
# Derive $\partial E/\partial z$ from $\partial E/\partial a = x$ with pencil and paper: which entries of $z$ does the pixel $(i, j)$ reach, and with which weights?
# Then write `transposed_conv2d(x, weight, bias, stride, padding)`, which computes it and adds `bias`, one number for each of the $F$ channels.
# `weight` has shape `(C, F, KH, KW)`; the result has $OH = s(H - 1) + KH - 2p$ rows, and columns likewise.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "transposed_conv2d", "locked": false, "schema_version": 3, "solution": true, "task": false}
def transposed_conv2d(x, weight, bias, stride, padding):
    """Send a map back through a convolution.

    Args:
        x: map, array (N, C, H, W) float64.
        weight: kernels, array (C, F, KH, KW).
        bias: array (F,).
        stride: places between the stamps of two neighbouring pixels, an int.
        padding: rows and columns that are cut off at each side, an int.

    Returns:
        Array (N, F, OH, OW) with OH = stride (H − 1) + KH − 2 padding.
    """
    ### BEGIN SOLUTION
    N, _, H, W = x.shape
    _, F, KH, KW = weight.shape
    y = np.zeros((N, F, stride * (H - 1) + KH, stride * (W - 1) + KW))
    stamps = np.tensordot(x, weight, axes=(1, 0))  # (N, H, W, F, KH, KW)
    for u in range(KH):
        for v in range(KW):
            rows = slice(u, u + stride * (H - 1) + 1, stride)
            columns = slice(v, v + stride * (W - 1) + 1, stride)
            y[:, :, rows, columns] += stamps[..., u, v].transpose(0, 3, 1, 2)
    OH, OW = y.shape[2] - 2 * padding, y.shape[3] - 2 * padding
    return y[:, :, padding : padding + OH, padding : padding + OW] + bias[:, None, None]
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_transposed_conv2d", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check(transposed_conv2d)

# %% [markdown]
# **What it gives you.**
# Ones, sent through kernels of ones: how often is each place reached?
# Predict: which of the two pictures is a chessboard, the one with kernels of 3 or of 4, when the stride is 2?

# %% tags=["demonstration"]
stamped = {
    K: transposed_conv2d(np.ones((1, 1, 7, 7)), np.ones((1, 1, K, K)), np.zeros(1), 2, 1)[0, 0]
    for K in (3, 4)
}
for K, reached in stamped.items():
    times = sorted({int(count) for count in reached[2:-2, 2:-2].flat})
    print(f"kernel {K} × {K}: inside, places are reached {times} times")
figure = image_grid(
    np.stack([reached[:13, :13] for reached in stamped.values()]), ["3 × 3", "4 × 4"], columns=2
)
figure.set_size_inches(4, 2.4)


# %% [markdown]
# ## 10 A U-Net
#
# Down to see what is there, up to say where, and across at each level what was lost on the way down ([a picture](../../book/09_vision_tasks.md#vision-unet)).
#
# **Task (2 + 1 points).**
# Write `unet_forward(x, parameters)` with two levels.
# Convolutions are 3 × 3 with padding 1 and a ReLU, poolings take the maximum of 2 × 2; `parameters` has a weight and a bias for each name, `"down1_weight"`, `"down1_bias"` and so on:
#
# 1. convolution `down1`: this is the first skip; pool it;
# 2. convolution `down2`: the second skip; pool it;
# 3. convolution `bottom`;
# 4. transposed convolution `up2` (2 × 2, stride 2, no ReLU); the second skip and its result side by side as channels, *the skip first*; convolution `merge2`;
# 5. the same with `up1`, the first skip, `merge1`;
# 6. convolution `head`, 1 × 1, without ReLU: logits of the shape `(N, K, H, W)`.
#
# Sides may be odd.
# Pooling then leaves the last row or column out, and what comes up is smaller than the skip by one: fill it with zeros at the bottom or on the right.
#
# The first check compares values, the second gradients.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "unet_forward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def unet_forward(x, parameters):
    """Give the logits of a U-Net with two levels.

    Args:
        x: images, tensor (N, 1, H, W).
        parameters: weights and biases by name, a dict of tensors.

    Returns:
        Logits, tensor (N, K, H, W).
    """
    ### BEGIN SOLUTION

    def conv(h, name):
        weight, bias = parameters[f"{name}_weight"], parameters[f"{name}_bias"]
        return functional.relu(functional.conv2d(h, weight, bias, padding=1))

    def up_and_merge(h, skip, level):
        weight, bias = parameters[f"up{level}_weight"], parameters[f"up{level}_bias"]
        h = functional.conv_transpose2d(h, weight, bias, stride=2)
        (rows, columns), (H, W) = h.shape[2:], skip.shape[2:]
        h = functional.pad(h, (0, W - columns, 0, H - rows))
        return conv(torch.cat([skip, h], dim=1), f"merge{level}")

    first = conv(x, "down1")
    second = conv(functional.max_pool2d(first, 2), "down2")
    h = conv(functional.max_pool2d(second, 2), "bottom")
    h = up_and_merge(up_and_merge(h, second, 2), first, 1)
    return functional.conv2d(h, parameters["head_weight"], parameters["head_bias"])
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_unet_forward_value", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(unet_forward, "value")

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_unet_forward_gradient", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(unet_forward, "gradient")


# %% [markdown]
# **What it gives you.**
# Noisy images with a disc and a thin frame; two maps are wanted, one of each.
# Your U-Net learns them twice: as it is, and with the weights of its skips held at 0.
# Predict first: which of the two shapes suffers more without skips?


# %% tags=["demonstration"]
def discs_and_frames(count, seed):
    """Draw images with a disc and a frame of one pixel's width, and the regions of both."""
    rng = np.random.default_rng(seed)
    row, column = np.mgrid[:32, :32]
    noisy = 0.5 * rng.normal(size=(count, 1, 32, 32))
    regions = np.zeros((count, 2, 32, 32))
    for image, (disc, frame) in zip(noisy[:, 0], regions, strict=True):
        (y, x), radius = rng.uniform(6, 26, size=2), rng.uniform(3, 6)
        disc[:] = (row - y) ** 2 + (column - x) ** 2 < radius**2
        (top, left), (height, width) = rng.integers(1, 14, size=2), rng.integers(10, 18, size=2)
        frame[top : top + height, left : left + width] = 1
        frame[top + 1 : top + height - 1, left + 1 : left + width - 1] = 0
        image += np.maximum(disc, frame)
    return torch.from_numpy(noisy).float(), torch.from_numpy(regions).float()


UNET = {
    "down1": (8, 1, 3, 3), "down2": (16, 8, 3, 3), "bottom": (32, 16, 3, 3),
    "up2": (32, 16, 2, 2), "merge2": (16, 32, 3, 3),
    "up1": (16, 8, 2, 2), "merge1": (8, 16, 3, 3), "head": (2, 8, 1, 1),
}  # fmt: skip


def draw_unet(seed):
    """Weights for ReLU, biases 0."""
    random, parameters = torch.Generator().manual_seed(seed), {}
    for name, shape in UNET.items():
        up = name.startswith("up")
        deviation = (2 / (shape[0] if up else np.prod(shape[1:]))) ** 0.5
        parameters[f"{name}_weight"] = deviation * torch.randn(shape, generator=random)
        parameters[f"{name}_bias"] = torch.zeros(shape[1 if up else 0])
    return {name: parameter.requires_grad_() for name, parameter in parameters.items()}


def without_skips(x, parameters):
    """Your U-Net with the weights of its skips held at 0."""
    kept = {}
    for name, channels in (("merge2_weight", 16), ("merge1_weight", 8)):
        kept[name] = parameters[name] * (torch.arange(2 * channels) >= channels)[:, None, None]
    return unet_forward(x, parameters | kept)


noisy, regions = discs_and_frames(800, seed=0)
new_noisy, new_regions = discs_and_frames(200, seed=1)
curve = LiveCurve(
    "epoch", "Dice", "disc", "frame", "disc, no skips", "frame, no skips", title="A U-Net learns"
)
maps = {}
for name, function in (("", unet_forward), (", no skips", without_skips)):
    parameters = draw_unet(seed=0)
    adam = torch.optim.Adam(parameters.values(), lr=0.004)
    order = torch.Generator().manual_seed(0)
    for epoch in tqdm(range(1, 7), desc=f"U-Net{name}", unit="epoch"):
        for batch in torch.randperm(len(noisy), generator=order).split(20):
            loss = functional.binary_cross_entropy_with_logits(
                function(noisy[batch], parameters), regions[batch]
            )
            adam.zero_grad()
            loss.backward()
            adam.step()
        with torch.no_grad():
            maps[name] = function(new_noisy, parameters).sigmoid().double().numpy()
        scores = [dice(maps[name][:, k], new_regions[:, k].double().numpy(), 1.0) for k in (0, 1)]
        curve.add(epoch, **{f"disc{name}": scores[0], f"frame{name}": scores[1]})
    print(f"U-Net{name}: Dice {scores[0]:.2f} of the discs, {scores[1]:.2f} of the frames")
curve.close()

# %% tags=["demonstration"]
shown = [new_noisy[0, 0], new_regions[0, 1], maps[""][0, 1], maps[", no skips"][0, 1]]
image_grid(np.stack(shown), ["image", "frame", "with skips", "without"], columns=4)


# %% [markdown]
# ## 11 Pairs
#
# How can a network recognise a person whom it has seen once?
# It learns no classes but *distances*: two images pass the same network, and their codes should be near if both show the same, and far if not ([siamese networks](../../book/09_vision_tasks.md#vision-siamese)).
#
# **Task (1 + 1 points).**
# Write `contrastive_loss(z1, z2, same, margin)`: the mean over the pairs of
#
# $$
# \tfrac12 d^2 \text{ for two of the same class}, \qquad \tfrac12 \max(0,\ m - d)^2 \text{ for two of different classes},
# $$
#
# with the distance $d = \lVert z_1 - z_2 \rVert$ and the margin $m$.
# Two codes of the same class may be equal: the gradient is 0 there, and a number.
# The first check compares values, the second gradients.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "contrastive_loss", "locked": false, "schema_version": 3, "solution": true, "task": false}
def contrastive_loss(z1, z2, same, margin):
    """Give the contrastive loss of a batch of pairs.

    Args:
        z1, z2: codes of the pairs' images, tensors (N, Z).
        same: whether both are of one class, tensor (N,) bool.
        margin: how far codes of different classes should be apart, a float.

    Returns:
        The mean loss, a scalar tensor.
    """
    ### BEGIN SOLUTION
    squares = (z1 - z2).pow(2).sum(dim=-1)
    together = squares[same]
    apart = functional.relu(margin - squares[~same].sqrt()).pow(2)
    return torch.cat([together, apart]).mean() / 2
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_contrastive_loss_value", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(contrastive_loss, "value")

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_contrastive_loss_gradient", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(contrastive_loss, "gradient")


# %% [markdown]
# ## 12 Triplets
#
# **Task (1 point).**
# Write `triplet_loss(anchor, positive, negative, margin)`: the mean over the triplets of
#
# $$
# \max\bigl(0,\ \lVert z_a - z_p \rVert^2 - \lVert z_a - z_n \rVert^2 + m\bigr) .
# $$
#
# The distances are squared ([why](../../book/09_vision_tasks.md#vision-triplets)).


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "triplet_loss", "locked": false, "schema_version": 3, "solution": true, "task": false}
def triplet_loss(anchor, positive, negative, margin):
    """Give the triplet loss of a batch.

    Args:
        anchor, positive, negative: codes, tensors (N, Z); the positive is of the anchor's class.
        margin: by how much the negative should be farther away, in squared distance, a float.

    Returns:
        The mean loss, a scalar tensor.
    """
    ### BEGIN SOLUTION
    near, far = ((anchor - other).pow(2).sum(dim=1) for other in (positive, negative))
    return functional.relu(near - far + margin).mean()
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_triplet_loss", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(triplet_loss)


# %% [markdown]
# **Written answer (2 points).**
# A network trains with your triplet loss and the margin 0.5, with the hardest negative of each batch.
# After 50 updates the loss is 0.500, and there it stays, to three digits, however long one waits.
#
# (a) What do the codes look like, and how do you get exactly 0.500 from them?
#
# (b) Compute the gradient of the loss with respect to the anchor's code there, and say why the training does not leave this state.
#
# (c) Name one number that you would print beside the loss to see it coming.

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": true, "grade_id": "collapse_why", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# **Model answer.**
# (a) All images have nearly the same code. Both squared distances are then 0, and max(0, 0 − 0 + 0.5) = 0.5 for each triplet.
#
# (b) The gradient is 2(z_a − z_p) − 2(z_a − z_n) = 2(z_n − z_p) where the maximum is not 0; with all codes equal this is 0, and so are the gradients at the other two. It is a stationary point: no parameter moves.
# (The hardest negatives lead there: as long as they are nearer than the positives, pulling everything together lowers the loss to the margin.)
#
# (c) The mean distance between codes of different images, or the variance of the codes over the batch, or the share of triplets with a loss above 0 (all of them here).
#
# Marking: ½ for equal codes, ½ for the sum that gives the margin; ½ for a gradient of 0; ½ for a number that shows it.
# ### END SOLUTION

# %% [markdown]
# ## 13 Seen once
#
# **Task (1 point, NumPy).**
# Write `one_shot_accuracy(support, query, labels)`.
# `support` has the code of one example of each class, row $k$ for class $k$.
# Each row of `query` is given the class of the example whose code is nearest, by Euclidean distance; return the share of right answers, a float.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "one_shot_accuracy", "locked": false, "schema_version": 3, "solution": true, "task": false}
def one_shot_accuracy(support, query, labels):
    """Give the share of images whose nearest example is of their class.

    Args:
        support: code of one example of each class, array (K, Z) float64.
        query: codes of the images, array (N, Z) float64.
        labels: true classes, array (N,) int64.

    Returns:
        The accuracy, a float in [0, 1].
    """
    ### BEGIN SOLUTION
    offsets = query[:, np.newaxis, :] - support[np.newaxis, :, :]
    answers = np.argmin(np.square(offsets).sum(axis=-1), axis=-1)
    return float(np.mean(answers == labels))
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_one_shot_accuracy", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(one_shot_accuracy)

# %% [markdown]
# **What it gives you.**
# A network learns by your triplets from the digits 0 to 4, each turned by 0, 90, 180 and 270 degrees, which makes twenty classes of five.
# Then it is shown *one* 5, one 6, one 7, one 8 and one 9, and asked which of them other images are.
# Guessing gives 20 %; comparing the pixels themselves is the rival to beat.

# %% tags=["demonstration"]
low = y_train < 5
turned = torch.cat([torch.rot90(x_train[low], quarter, (2, 3)) for quarter in range(4)])
turned_labels = torch.cat([4 * y_train[low] + quarter for quarter in range(4)])
members = [torch.nonzero(turned_labels == k)[:, 0] for k in range(20)]
unseen, unseen_labels = x_train[~low], (y_train[~low] - 5).numpy()


def one_shot(codes):
    """The mean accuracy over 100 draws of five examples and 100 images."""
    rng, shares = np.random.default_rng(0), []
    for _ in range(100):
        examples = [rng.choice(np.flatnonzero(unseen_labels == k)) for k in range(5)]
        asked = rng.choice(len(codes), size=100)
        shares.append(one_shot_accuracy(codes[examples], codes[asked], unseen_labels[asked]))
    return np.mean(shares)


def codes_of(network):
    """What the network makes of the unseen digits."""
    network.eval()
    with torch.no_grad():
        return network(unseen).double().numpy()


print(f"pixels: {one_shot(unseen.flatten(1).double().numpy()):.1%}")
torch.manual_seed(0)
encoder = nn.Sequential(
    *block(1, 16, 2), *block(16, 32, 2), *block(32, 32, 2), nn.Flatten(), nn.Linear(512, 32)
)
print(f"codes of a network that has learnt nothing: {one_shot(codes_of(encoder)):.1%}")
adam = torch.optim.Adam(encoder.parameters(), lr=0.001)
draw = torch.Generator().manual_seed(0)
curve = LiveCurve("updates", "triplet loss", "loss", title="Distances are learnt")
for update in tqdm(range(1, 601), desc="training", unit="update"):
    encoder.train()
    pairs = torch.stack([m[torch.randint(len(m), (2,), generator=draw)] for m in members])
    anchor, positive = encoder(turned[pairs.T.flatten()]).split(20)
    between = torch.cdist(anchor, positive).detach()
    hardest = between.fill_diagonal_(torch.inf).argmin(dim=1)  # the nearest of another class
    loss = triplet_loss(anchor, positive, positive[hardest], 1.0)
    adam.zero_grad()
    loss.backward()
    adam.step()
    if update % 50 == 0:
        curve.add(update, loss=loss.item())
curve.close()
print(f"learnt codes: {one_shot(codes_of(encoder)):.1%}")

# %% [markdown]
# A gain, and a small one: over five seeds the codes had 55 to 63 %, the pixels 50 %.
# Twenty classes that are five in truth teach little of what tells *any* two digits apart; networks for faces learnt from thousands of people.
#
# ## Where to go from here
#
# - Train the detector for two epochs, and for twenty. Which of the two numbers of its mAP grows longer, and why?
# - Put a term 1 − Dice beside the U-Net's cross-entropy; write it in PyTorch, so that it has a gradient. What becomes of the thin frames?
# - Take `contrastive_loss` in the place of the triplets: which pairs of a batch would you choose?
