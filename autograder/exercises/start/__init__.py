"""Exercises of chapter 00: arrays without loops, and gradients by differences."""

from autograder.exercise import Chapter
from autograder.exercises.start.numerical_gradient import numerical_gradient
from autograder.exercises.start.one_hot import one_hot
from autograder.exercises.start.pairwise_distances import pairwise_distances
from autograder.exercises.start.predict_shape import predict_shape
from autograder.exercises.start.relative_error import relative_error
from autograder.exercises.start.standardize import standardize

chapter = Chapter(
    "00_start",
    (
        predict_shape,
        standardize,
        one_hot,
        pairwise_distances,
        numerical_gradient,
        relative_error,
    ),
)
