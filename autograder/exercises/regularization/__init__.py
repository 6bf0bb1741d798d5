"""Exercises of chapter 06: penalties, dropout, batch normalisation, early stopping, augmentation, bagging."""

from autograder.exercise import Chapter
from autograder.exercises.regularization.bagged_prediction import bagged_prediction
from autograder.exercises.regularization.batch_norm_backward import batch_norm_backward
from autograder.exercises.regularization.batch_norm_forward import batch_norm_forward
from autograder.exercises.regularization.dropout_backward import dropout_backward
from autograder.exercises.regularization.dropout_forward import dropout_forward
from autograder.exercises.regularization.early_stopping import early_stopping
from autograder.exercises.regularization.horizontal_flip import horizontal_flip
from autograder.exercises.regularization.l1_proximal import l1_proximal
from autograder.exercises.regularization.l2_gradient import l2_gradient
from autograder.exercises.regularization.random_shift import random_shift
from autograder.exercises.regularization.which_dropout import which_dropout

chapter = Chapter(
    "06_regularization",
    (
        l2_gradient,
        l1_proximal,
        dropout_forward,
        dropout_backward,
        which_dropout,
        batch_norm_forward,
        batch_norm_backward,
        early_stopping,
        random_shift,
        horizontal_flip,
        bagged_prediction,
    ),
)
