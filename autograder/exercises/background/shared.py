"""What exercises of chapter 01 share."""

import numpy as np

PAGE = "01_background.html#background-"
LIBRARIES = ("torch", "scipy", "sklearn", "pandas", "tensorflow", "jax")


def draw_confusion(random, K, right=0.6, sizes=None):
    """Draw a matrix in which every class occurs and is predicted, all of them differently often."""
    sizes = random.permutation(np.arange(K) * 13 + 9) if sizes is None else sizes
    rows = []
    for k, size in enumerate(sizes):
        probability = random.dirichlet(np.full(K, 2.0)) * (1 - right)
        probability[k] += 1 - probability.sum()
        rows.append(1 + random.multinomial(size, probability))
    return np.array(rows)


def precision_and_recall(scores, positive):
    """Give precision and recall at every threshold, from the highest to the lowest score."""
    thresholds = np.unique(scores)[::-1]
    said = np.array([np.sum(scores >= threshold) for threshold in thresholds])
    right = np.array([np.sum(positive[scores >= threshold]) for threshold in thresholds])
    return right / said, right / positive.sum()


def area_under(precision, recall):
    return float(np.sum(precision * np.diff(recall, prepend=0.0)))


def area_under_ranking(scores, positive):
    return area_under(*precision_and_recall(scores, positive))
