"""Exercises of chapter 01: splitting data, mini-batches, and the measures of a classifier."""

from autograder.exercise import Chapter
from autograder.exercises.background.accuracy import accuracy
from autograder.exercises.background.average_precision import average_precision
from autograder.exercises.background.confusion_matrix import confusion_matrix
from autograder.exercises.background.iterate_minibatches import iterate_minibatches
from autograder.exercises.background.mean_average_precision import mean_average_precision
from autograder.exercises.background.precision_recall_f1 import precision_recall_f1
from autograder.exercises.background.split_indices import split_indices

chapter = Chapter(
    "01_background",
    (
        split_indices,
        iterate_minibatches,
        confusion_matrix,
        accuracy,
        precision_recall_f1,
        average_precision,
        mean_average_precision,
    ),
)
