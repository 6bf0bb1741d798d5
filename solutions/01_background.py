# %% [markdown]
# # 1 Background
#
# "Our network is 97 % right."
# Right on which images, chosen how, and right in what sense?
# In this notebook you build the instruments that answer: a split that nobody can peek through, mini-batches, and five ways of measuring a classifier.
# You will also use them against yourself, and see a network score 90 % on labels that were thrown with dice.
#
# It takes about 3 hours.
#
# **How to work here.**
# Each task has a text, a cell for your answer (replace `raise NotImplementedError`), and a cell that checks it.
# Run the check as often as you like: it tells you what is right, what is not, and, when it recognises the slip, which one.
# Everything needs only the cells above it.
# The chapter [Background](../../book/01_background.md) explains why; [Notation](../../book/notation.md) explains the letters.

# %%
import matplotlib.pyplot as plt
import numpy as np
import torch
from tqdm.auto import tqdm

from dlarch import check
from dlarch.data import mnist
from dlarch.figures import PrecisionRecall
from dlarch.plots import COLOURS, LiveCurve, image_grid, labelled_axes

torch.set_num_threads(1)  # networks this small are fastest on one core

# %% [markdown]
# Three conventions hold in the whole notebook.
#
# * Answers use NumPy; `torch`, `scipy`, `pandas` and `sklearn` are not allowed in them.
#   (The cells that train a network for you use PyTorch.)
# * Classes are numbered $0, \dots, K-1$.
# * Where chance is needed, a generator comes in as the argument `random`, made by `np.random.default_rng(seed)`.
#   Take all randomness from it.
#   *Which* examples you draw with it is up to you: the checks look at what holds for every right draw.
#
# Our data are handwritten digits, 10,000 of them, each 28 × 28 grey values.
# Look at some before you measure anything: would you get them all right?

# %% tags=["demonstration"]
images, digits, *_ = mnist(10_000, 0)
image_grid(images[:20], [str(digit) for digit in digits[:20]])
plt.show()


# %% [markdown]
# ## 1 Split once
#
# What a model has learnt from must not judge it.
# So the examples are divided, once and before anything else, into three parts:
#
# * *training*: the model learns from them;
# * *validation*: you compare models on them, and choose;
# * *test*: opened once, at the end, to say how good the chosen model is.
#
# The split is *stratified*: every class gives each part its share, so that a rare class is not missing somewhere by bad luck.
#
# **Task (3 points).**
# Write `split_indices(y, validation_fraction, test_fraction, random)` for labels `y`, `(N,)`.
# Return three one-dimensional arrays of indices into `y`: `train`, `validation`, `test`.
#
# * Every example is in exactly one of the three.
# * Of $n$ examples of a class, $n$ times the fraction go to validation and to test, rounded as you like; the others train.
# * Chance decides which: the same state of `random` gives the same split, another one another split.
# * The order within a part does not matter. `y` stays as it is.
#
# (Not every number below the largest label needs to occur in `y`.)


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "split_indices", "locked": false, "schema_version": 3, "solution": true, "task": false}
def split_indices(y, validation_fraction, test_fraction, random):
    """Divide examples into three parts, class by class.

    Args:
        y: labels, (N,).
        validation_fraction, test_fraction: shares of all examples, numbers from 0 to 1.
        random: a NumPy generator.

    Returns:
        train, validation, test: indices into y, three one-dimensional arrays.
    """
    ### BEGIN SOLUTION
    train, validation, test = [], [], []
    for k in np.unique(y):
        own = random.permutation(np.flatnonzero(y == k))
        first = round(validation_fraction * len(own))
        second = first + round(test_fraction * len(own))
        validation.append(own[:first])
        test.append(own[first:second])
        train.append(own[second:])
    return np.concatenate(train), np.concatenate(validation), np.concatenate(test)
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_split_indices", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check(split_indices)

# %% [markdown]
# **What it gives you.**
# The split of our digits, which we keep until the end of the notebook.
# Then an experiment.
# We take 500 digits and replace their labels by *random ones*.
# There is nothing to learn in them: whoever answers is right in one case out of ten.
# A model that knows its training images by heart, and answers with the label of the most similar one, is tested on your split, and then on a careless split whose parts overlap.

# %% tags=["demonstration"]
train, validation, test = split_indices(digits, 0.2, 0.2, np.random.default_rng(1))
print(f"{len(train)} images for training, {len(validation)} for validation, {len(test)} for test")

random = np.random.default_rng(2)
few, dice = images[:500].reshape(500, -1), random.integers(10, size=500)


def nearest_neighbour_accuracy(train, test):
    """Answer with the label of the nearest training image; give the share of right answers."""
    distances = ((few[test][:, None] - few[train]) ** 2).sum(axis=2)
    return np.mean(dice[train][distances.argmin(axis=1)] == dice[test])


small_train, _, small_test = split_indices(dice, 0, 0.3, random)
careless_test = random.choice(500, size=150)
careless_train = random.choice(500, size=350)
print(f"your split:    {100 * nearest_neighbour_accuracy(small_train, small_test):.0f} % right")
overlap = np.isin(careless_test, careless_train).mean()
right = nearest_neighbour_accuracy(careless_train, careless_test)
print(
    f"careless draw: {100 * right:.0f} % right ({100 * overlap:.0f} % of its test was trained on)"
)


# %% [markdown]
# The careless number is no ability: it is the share of the test that leaked into the training.
#
# ## 2 Mini-batches
#
# A network does not learn from all examples at a time.
# In each *epoch* it goes through the training part once, in a new order, in small groups:
# *shuffle, then cut*, so each example comes exactly once, and the groups differ from epoch to epoch.
# If the batch size does not divide the number of examples, the last batch is smaller.
#
# **Task (3 points).**
# Write `iterate_minibatches(x, y, batch_size, random)`, which gives the batches of *one* epoch, pairs `(x_batch, y_batch)`.
#
# * `x` has shape `(N, D)`, `y` has shape `(N,)`; a row of `x` and its entry of `y` stay together.
# * All batches have `batch_size` examples; the last one has what is left, and none is empty.
# * The order is drawn with `random` at every call. `x` and `y` stay as they are.
#
# A function that says `yield pair` inside a loop gives one pair after the other; returning a list of all pairs is fine too.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "iterate_minibatches", "locked": false, "schema_version": 3, "solution": true, "task": false}
def iterate_minibatches(x, y, batch_size, random):
    """Give all examples once, in a random order, a few at a time.

    Args:
        x: examples, (N, D).
        y: targets, (N,).
        batch_size: examples in a batch; the last batch may have fewer.
        random: a NumPy generator.

    Returns:
        An iterator over (or a list of) pairs x (n, D), y (n,).
    """
    ### BEGIN SOLUTION
    order = random.permutation(len(x))
    for start in range(0, len(x), batch_size):
        chosen = order[start : start + batch_size]
        yield x[chosen], y[chosen]
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_iterate_minibatches", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check(iterate_minibatches)


# %% [markdown]
# **What it gives you.**
# A training loop.
# The network comes from PyTorch and is a black box for now; chapters 2 to 5 open it.
# All you need to know: it turns an image into ten scores, one for each class, and every mini-batch changes it a little.


# %% tags=["demonstration"]
def make_network(hidden, seed=0):
    """Make a network 784 → 10, with a hidden layer between them if hidden is not 0."""
    torch.manual_seed(seed)
    if hidden == 0:
        return torch.nn.Linear(784, 10)
    return torch.nn.Sequential(
        torch.nn.Linear(784, hidden), torch.nn.ReLU(), torch.nn.Linear(hidden, 10)
    )


def train_one_epoch(network, optimizer, x, y, random, batch_size=32):
    for x_batch, y_batch in iterate_minibatches(x, y, batch_size, random):
        scores = network(torch.from_numpy(x_batch))
        loss = torch.nn.functional.cross_entropy(scores, torch.from_numpy(y_batch))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def scores_of(network, x):
    """Give the scores (N, 10) of images (N, 784): logarithms of the probabilities of the classes."""
    with torch.no_grad():
        return torch.log_softmax(network(torch.from_numpy(x)), dim=1).numpy().astype(float)


def right_answers(network, x, y):
    return np.mean(scores_of(network, x).argmax(axis=1) == y)


# %% [markdown]
# Now the dice again, 500 digits with random labels, and the habit that one lecture recommends: to rebuild training and validation set at each epoch.
# Left alone, no network can do better than 10 % on images it has not seen.
# What will the validation say?

# %% tags=["demonstration"]
curve = LiveCurve("epoch", "right answers on validation (%)", "split once", "split every epoch")
networks = {name: make_network(100) for name in curve.points}
optimizers = {name: torch.optim.Adam(net.parameters(), 0.002) for name, net in networks.items()}
random = np.random.default_rng(3)
parts = split_indices(dice, 0.2, 0, random)[:2]
for epoch in tqdm(range(1, 41), desc="training on dice", unit="epoch"):
    rebuilt = split_indices(dice, 0.2, 0, random)[:2]
    values = {}
    for name, (learns, judges) in (("split once", parts), ("split every epoch", rebuilt)):
        train_one_epoch(networks[name], optimizers[name], few[learns], dice[learns], random)
        values[name] = 100 * right_answers(networks[name], few[judges], dice[judges])
    curve.add(epoch, **values)
curve.axes.set_ylim(0, 105)
curve.close()
plt.show()

# %% [markdown]
# ### Spot the error
#
# Four statements about data, by people who mean well.
#
# 1. *To be on the safe side I split training and validation anew every tenth epoch only, 80 % to 20 %, over 40 epochs.*
# 2. *I tried five learning rates by five-fold cross-validation on all 1,000 images. The best mean was 93 %, so the network will be right on 93 % of new images.*
# 3. *The rare class had 50 images out of 1,000. I copied each of them 19 times, so that both classes were equally frequent, and then split the data.*
# 4. *On our 100 test images A is right on 91 and B on 89. A is better.*
#
# **Written answer (2 points).**
#
# - (a) What will the curve of 1 look like beside the two in your plot? Which share of the examples has never been trained on at the end of epoch 10, and which at the end of epoch 40?
# - (b) What is wrong with the number in 2: is it too high or too low on average, and what would you do to get a better one?
# - (c) What goes wrong in 3, on which class will the error show, and in which order are the two steps right?
# - (d) By about how much does each score in 4 wobble? What would you have to know besides the two scores?

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": true, "grade_id": "discipline_why", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# (a) A staircase: within ten epochs the validation examples are new ones, except that from the second split on most of them were trained on before, so the curve jumps up at epochs 10, 20 and 30, towards 100 %; with random labels only 10 % is honest.
# An example escapes a split with probability 0.2: 20 % were never trained on after the first ten epochs, and $0.2^4 = 0.0016$ after all four.
#
# (b) Too high: it is the best of five noisy means, chosen for being high.
# Cross-validation chose the rate; the number belongs to a test part that took part in nothing, set aside before.
# (Or to a second cross-validation around the whole choice.)
#
# (c) Copies of one image come into both parts: the network is tested on what it has learnt by heart.
# The recall of the rare class looks far too good.
# Split first, stratified, then copy within the training part alone.
#
# (d) By $\sqrt{0.9 \cdot 0.1/100} = 0.03$, so three images more or less: two say nothing.
# Both saw the same images: one has to know on how many *only A* and on how many *only B* was right, and look at the uncertainty of that difference.
#
# Marking: ½ point for each part.
# ### END SOLUTION

# %% [markdown]
# ## 3 Which is taken for which
#
# We train a first network on our training digits, for the next sections.

# %% tags=["demonstration"]
x = images.reshape(len(images), -1)
first = make_network(0)
optimizer, random = torch.optim.Adam(first.parameters(), 0.002), np.random.default_rng(4)
for _ in tqdm(range(4), desc="training", unit="epoch"):
    train_one_epoch(first, optimizer, x[train], digits[train], random)
scores = scores_of(first, x[validation])
answers = scores.argmax(axis=1)
print("every hundredth answer:", answers[::100])
print("the true classes:      ", digits[validation][::100])


# %% [markdown]
# The whole story of a classifier's answers fits in one table.
# The *confusion matrix* has a row for each true class and a column for each predicted class:
#
# $$C_{ij} = \text{number of examples of class } i \text{ that were taken for class } j .$$
#
# **Task (2 points).**
# Write `confusion_matrix(labels, predictions, K)`, which returns $C$, `(K, K)`.
# A class that does not occur keeps its row and its column.
#
# A hint on NumPy: try `C = np.zeros(3); C[[0, 0, 2]] += 1` before you rely on it.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "confusion_matrix", "locked": false, "schema_version": 3, "solution": true, "task": false}
def confusion_matrix(labels, predictions, K):
    """Count how often class i was taken for class j.

    Args:
        labels: true classes, (N,), from 0 to K − 1.
        predictions: predicted classes, (N,), from 0 to K − 1.
        K: number of classes.

    Returns:
        confusion: counts, (K, K); row: true class, column: predicted class.
    """
    ### BEGIN SOLUTION
    confusion = np.zeros((K, K), dtype=np.int64)
    np.add.at(confusion, (labels, predictions), 1)
    return confusion
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_confusion_matrix", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(confusion_matrix)


# %% [markdown]
# **What it gives you.**
# The network's confusions at a glance.
# Which pair does it mix up most, and does it do so in both directions?


# %% tags=["demonstration"]
def show_confusion(axes, confusion):
    """Draw counts; the colour shows those off the diagonal."""
    K = len(confusion)
    wrong = confusion * (1 - np.eye(K))
    axes.imshow(wrong, cmap="Reds")
    for i, j in np.ndindex(K, K):
        colour = "white" if wrong[i, j] > 0.6 * wrong.max() else "black"
        axes.text(j, i, confusion[i, j], ha="center", va="center", fontsize=8, color=colour)
    axes.set(xlabel="predicted class", ylabel="true class", xticks=range(K), yticks=range(K))


confusion = confusion_matrix(digits[validation], answers, 10)
show_confusion(plt.subplots(figsize=(5, 5), layout="constrained")[1], confusion)
plt.show()


# %% [markdown]
# ## 4 Accuracy
#
# **Task (1 point).**
# Write `accuracy(confusion)`: the share of right answers among all, a number from 0 to 1.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "accuracy", "locked": false, "schema_version": 3, "solution": true, "task": false}
def accuracy(confusion):
    """Give the share of right answers.

    Args:
        confusion: counts, (K, K); row: true class, column: predicted class.

    Returns:
        accuracy: a number from 0 to 1.
    """
    ### BEGIN SOLUTION
    return np.trace(confusion) / np.sum(confusion)
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_accuracy", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(accuracy)

# %% [markdown]
# **What it gives you.**
# Two reasons to distrust a number.
#
# First, chance.
# Two hundred "models" throw a coin for every image: is it even or odd?
# We choose the best of them on 200 images, as if these were our test set, and then show the winner the other 9,800, on which it has not been chosen.

# %% tags=["demonstration"]
random = np.random.default_rng(5)
even = (digits % 2 == 0).astype(int)
coins = random.integers(2, size=(200, len(digits)))
on_test = [accuracy(confusion_matrix(even[:200], coin[:200], 2)) for coin in coins]
best = int(np.argmax(on_test))
fresh = accuracy(confusion_matrix(even[200:], coins[best][200:], 2))
axes = labelled_axes("accuracy on 200 images (%)", "models", "two hundred coins")
axes.hist(100 * np.array(on_test), bins=20, color=COLOURS[0], alpha=0.7)
axes.axvline(
    100 * on_test[best], color=COLOURS[1], label=f"the winner: {100 * on_test[best]:.1f} %"
)
axes.axvline(100 * fresh, color="black", linestyle="--", label=f"on others: {100 * fresh:.1f} %")
axes.legend(frameon=False)
plt.show()

# %% [markdown]
# Second, rare classes.
# Suppose that we look for one digit only, the 8.
# Here are your network and a "detector" that always says no, without looking.

# %% tags=["demonstration"]
is_eight = (digits[validation] == 8).astype(int)
rows = {"network": (answers == 8).astype(int), "always no": np.zeros_like(is_eight)}
for name, said in rows.items():
    table = confusion_matrix(is_eight, said, 2)
    print(f"{name:10} accuracy {100 * accuracy(table):.1f} %, eights found: {table[1, 1]}")


# %% [markdown]
# Ninety per cent, and not one 8 found.
#
# ## 5 Precision and recall
#
# Two questions about a class $k$:
#
# $$\text{precision}_k = \frac{C_{kk}}{\sum_i C_{ik}} \quad\text{of all that were called } k \text{, how many are?}$$
#
# $$\text{recall}_k = \frac{C_{kk}}{\sum_j C_{kj}} \quad\text{of all that are } k \text{, how many were found?}$$
#
# One number out of the two is their *harmonic* mean,
#
# $$F_1 = \frac{2\, \text{precision} \cdot \text{recall}}{\text{precision} + \text{recall}} .$$
#
# **Task (2 + 1 points).**
# Below is a `precision_recall_f1(confusion)` that returns the three for each class, `(K,)` each, and has one slip: on a table in which every class is found as often as it is called, nobody would notice.
# Find and mend it.
# (Both checks count only when it is mended.)
# Where nothing is divided by nothing (a class never predicted, a class that does not occur, both rates 0) the result is 0.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "precision_recall_f1", "locked": false, "schema_version": 3, "solution": true, "task": false}
def precision_recall_f1(confusion):
    """Give precision, recall and F1 of every class.

    Args:
        confusion: counts, (K, K); row: true class, column: predicted class.

    Returns:
        precision, recall, f1: (K,) each; 0 where 0 is divided by 0.
    """
    ### BEGIN SOLUTION
    right = np.diag(confusion)
    called, true = confusion.sum(axis=0), confusion.sum(axis=1)
    precision = right / np.maximum(called, 1)
    recall = right / np.maximum(true, 1)
    total = precision + recall
    f1 = 2 * precision * recall / np.where(total > 0, total, 1)
    return precision, recall, f1
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_precision_recall_f1_rates", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(precision_recall_f1, "rates")

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_precision_recall_f1_f1", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check(precision_recall_f1, "f1")

# %% [markdown]
# **What it gives you.**
# A report for each digit.
# Which digit does the network call too readily, and which one does it overlook?

# %% tags=["demonstration"]
precision, recall, f1 = precision_recall_f1(confusion)
axes = labelled_axes("class", "share (%)", "the first network, on validation")
for shift, values, name in ((-0.2, precision, "precision"), (0.2, recall, "recall")):
    axes.bar(np.arange(10) + shift, 100 * values, width=0.38, label=name)
axes.plot(np.arange(10), 100 * f1, "k_", markersize=14, label="F1")
axes.set(ylim=(70, 100), xticks=range(10))
axes.legend(frameon=False, ncols=3)
plt.show()

# %% [markdown]
# ### Which number for which purpose?
#
# A lecture says: *F1 is a weighted average of precision and recall*; and: *mean average precision is the average precision over recall from 0 to 1*.
#
# **Written answer (2 points).**
#
# - (a) A test for a disease that one person in a thousand has finds 90 % of the ill and gives a false alarm for 5 % of the healthy. Compute accuracy, precision and recall for 100,000 people. Which of the three would you print on the box?
# - (b) Compute the arithmetic mean of that precision and recall, and F1. What does the lecture's "weighted average" get wrong?
# - (c) You may move the test's threshold. Which number would you raise at the expense of which, for a first screening, and for the decision to operate?
# - (d) What does the lecture's second sentence define, and what is still missing for the *mean* average precision?

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": true, "grade_id": "metric_why", "locked": false, "points": 2, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# (a) 100 are ill: 90 found, 10 missed. 99,900 are healthy: 4,995 false alarms, 94,905 rightly sent home.
# Accuracy $(90 + 94{,}905)/100{,}000 = 95.0\,\%$, recall 90 %, precision $90/5{,}085 = 1.8\,\%$.
# The accuracy says nearly nothing: answering "healthy" always has 99.9 %.
# Precision and recall belong together, with how rare the disease is.
#
# (b) Arithmetic mean 45.9 %, $F_1 = 2 \cdot 0.9 \cdot 0.0177 / 0.9177 = 3.5\,\%$.
# F1 is the harmonic mean; it stays near the smaller number, so a good recall cannot make up for a hopeless precision.
#
# (c) Screening: lower the threshold, to raise recall at the expense of precision, since a second test follows and a missed illness is worse.
# Operating: raise it, for precision, since a false alarm does harm.
#
# (d) The average precision of *one* class, the mean precision over recall.
# The mean of it over all classes is missing.
#
# Marking: ½ point for each part.
# ### END SOLUTION

# %% [markdown]
# ## 6 A digits classifier, judged properly
#
# Everything together.
# Four candidates: no hidden layer, or one of 8, 32 or 128 units.
# They learn from the training part, in your mini-batches.
# After each epoch we look at the validation part.

# %% tags=["demonstration"]
candidates = {"no hidden layer": 0, "8 hidden": 8, "32 hidden": 32, "128 hidden": 128}
networks = {name: make_network(hidden) for name, hidden in candidates.items()}
curve = LiveCurve("epoch", "accuracy on validation (%)", *candidates)
for name, network in networks.items():
    optimizer = torch.optim.Adam(network.parameters(), 0.002)
    random = np.random.default_rng(7)
    for epoch in tqdm(range(1, 13), desc=name, unit="epoch"):
        train_one_epoch(network, optimizer, x[train], digits[train], random)
        predictions = scores_of(network, x[validation]).argmax(axis=1)
        table = confusion_matrix(digits[validation], predictions, 10)
        curve.add(epoch, **{name: 100 * accuracy(table)})
curve.close()
plt.show()

# %% [markdown]
# Now we choose, on the validation part, by accuracy.
# Is the order the same by the F1 of the worst digit?

# %% tags=["demonstration"]
table = {}
for name, network in networks.items():
    scores = scores_of(network, x[validation])
    confusion = confusion_matrix(digits[validation], scores.argmax(axis=1), 10)
    f1 = precision_recall_f1(confusion)[2]
    table[name] = accuracy(confusion)
    print(
        f"{name:16} accuracy {100 * table[name]:.2f} %, "
        f"worst F1 {100 * f1.min():.1f} % (digit {f1.argmin()})"
    )
chosen = max(table, key=table.get)
print("chosen:", chosen)

# %% [markdown]
# And only now the test part is opened, once, for the chosen network alone.
# Expect a little less than on validation, since there the chosen one was chosen for being good.
# With $n$ images an accuracy $p$ is uncertain by about $\sqrt{p(1-p)/n}$, one standard deviation; a result without its uncertainty is half a result.

# %% tags=["demonstration"]
scores = scores_of(networks[chosen], x[test])
predictions = scores.argmax(axis=1)
confusion = confusion_matrix(digits[test], predictions, 10)
p, n = accuracy(confusion), len(test)
print(f"test accuracy: {100 * p:.1f} ± {100 * np.sqrt(p * (1 - p) / n):.1f} %, {n} images")
show_confusion(plt.subplots(figsize=(5, 5), layout="constrained")[1], confusion)
plt.show()

# %% [markdown]
# A number says how often it is wrong, not *how*.
# These are the errors it was surest of; look at them before you believe any average.

# %% tags=["demonstration"]
wrong = np.flatnonzero(predictions != digits[test])
sure = scores[wrong, predictions[wrong]] - scores[wrong, digits[test][wrong]]
worst = wrong[np.argsort(-sure)[:10]]
image_grid(
    images[test][worst],
    [f"{digits[test][i]}, read as {predictions[i]}" for i in worst],
    columns=5,
)
plt.show()

# %% [markdown]
# ## 7 Every threshold at once
#
# This part and the next are for later, if you like: chapter 9 is the first that needs them.
#
# A detector gives a *score*; you say yes above a threshold.
# Each threshold gives another precision and another recall.
# Drag it, and watch both curves:

# %% tags=["demonstration"]
PrecisionRecall()


# %% [markdown]
# One number for the whole curve: let the threshold fall through the distinct scores $s_1 > s_2 > \dots > s_J$, say yes to all examples with a score of at least $s_j$, and let $P_j$ and $R_j$ be the precision and recall there, $R_0 = 0$.
# The *average precision* is
#
# $$\text{AP} = \sum_{j=1}^{J} (R_j - R_{j-1})\, P_j .$$
#
# **Task (3 points).**
# Write `average_precision(scores, positive)` for scores `(N,)` and a boolean array `positive`, `(N,)`, with at least one True.
#
# * Examples with equal scores pass the threshold together: the result must not depend on the order of the data.
# * No interpolation: the precision at the end of each step counts.
# * Scores are any real numbers, not only probabilities.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "average_precision", "locked": false, "schema_version": 3, "solution": true, "task": false}
def average_precision(scores, positive):
    """Give the mean of the precision over the recall, without interpolation.

    Args:
        scores: the higher, the surer that an example is positive, (N,).
        positive: whether it is, (N,) bool, at least one True.

    Returns:
        average_precision: a number from 0 to 1.
    """
    ### BEGIN SOLUTION
    total, recall_before = 0.0, 0.0
    for threshold in np.unique(scores)[::-1]:
        said = scores >= threshold
        precision = np.mean(positive[said])
        recall = np.sum(positive[said]) / np.sum(positive)
        total += (recall - recall_before) * precision
        recall_before = recall
    return total
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_average_precision", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check(average_precision)

# %% [markdown]
# **What it gives you.**
# A fair comparison of two detectors of eights, at three hundred thresholds, each judged by your own functions.
# The same scores are drawn twice: as precision against recall, and as recall against false alarms (the ROC curve).
# One curve hides what the other one shows; which, and why?

# %% tags=["demonstration"]
scores = scores_of(networks[chosen], x[validation])
positive = digits[validation] == 8
noisy = scores[:, 8] + np.random.default_rng(6).normal(scale=2, size=len(scores))
panels = plt.subplots(1, 2, figsize=(9.6, 3.8), layout="constrained")[1]
for name, values in (("network", scores[:, 8]), ("network with noise", noisy)):
    points = []
    for threshold in np.quantile(values, np.linspace(0, 1, 300)):
        table = confusion_matrix(positive.astype(int), (values >= threshold).astype(int), 2)
        precision, recall, _ = precision_recall_f1(table)
        points.append((precision[1], recall[1], 1 - recall[0]))  # of the negatives: not recalled
    precision, recall, alarms = np.array(points).T
    label = f"{name}, AP {average_precision(values, positive):.3f}"
    panels[0].plot(recall, precision, label=label)
    panels[1].plot(alarms, recall, label=name)
panels[0].axhline(positive.mean(), color="grey", linestyle=":", label="guessing")
panels[1].plot([0, 1], [0, 1], color="grey", linestyle=":", label="guessing")
panels[0].set(xlabel="recall", ylabel="precision", ylim=(0, 1.02))
panels[1].set(xlabel="false alarms / negatives", ylabel="recall", ylim=(0, 1.02))
for axes in panels:
    axes.legend(frameon=False, fontsize=8)
plt.show()


# %% [markdown]
# ## 8 Mean average precision
#
# With $K$ classes there are $K$ rankings, one for each column of the scores: class $k$ against all others.
#
# **Task (2 points).**
# Write `mean_average_precision(scores, labels)` for scores `(N, K)` and labels `(N,)`: the mean, over the classes, of the average precision of class $k$, with the scores of column $k$.
# Use your `average_precision`.
# A class without examples has no recall; leave it out of the mean.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "mean_average_precision", "locked": false, "schema_version": 3, "solution": true, "task": false}
def mean_average_precision(scores, labels):
    """Give the mean over the classes of their average precision.

    Args:
        scores: the higher, the surer, (N, K).
        labels: true classes, (N,), from 0 to K − 1.

    Returns:
        mean_average_precision: a number from 0 to 1.
    """
    ### BEGIN SOLUTION
    values = [average_precision(scores[:, k], labels == k) for k in np.unique(labels)]
    return np.mean(values)
    ### END SOLUTION


# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "test_mean_average_precision", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check(mean_average_precision)

# %% [markdown]
# **What it gives you.**
# One number for ten rankings.
# Does it put the four networks in the order in which accuracy puts them?

# %% tags=["demonstration"]
for name, network in networks.items():
    scores = scores_of(network, x[validation])
    confusion = confusion_matrix(digits[validation], scores.argmax(axis=1), 10)
    print(
        f"{name:16} mAP {100 * mean_average_precision(scores, digits[validation]):.2f} %, "
        f"accuracy {100 * accuracy(confusion):.2f} %"
    )

# %% [markdown]
# **To try.**
# Make the eights rare: keep 10 of them in the training part.
# Which of your numbers notice?
# Then split by *writer* in your head: what if the same person wrote images of the training and of the test part?
# MNIST's own two parts come from different writers, for this very reason; our 10,000 images do not say who wrote them, so our test may be a little too kind.
#
# How this goes on: [chapter 2](../../book/02_neuron.md) opens the black box and takes out a single neuron.
