"""Exercises of chapter 05: update rules, learning rates and the training loop."""

from autograder.exercise import Chapter
from autograder.exercises.optimization.adadelta_step import adadelta_step
from autograder.exercises.optimization.adagrad_step import adagrad_step
from autograder.exercises.optimization.adam_step import adam_step
from autograder.exercises.optimization.adamw_step import adamw_step
from autograder.exercises.optimization.cosine_schedule import cosine_schedule
from autograder.exercises.optimization.count_iterations import count_iterations
from autograder.exercises.optimization.largest_rate import largest_rate
from autograder.exercises.optimization.momentum_step import momentum_step
from autograder.exercises.optimization.nesterov_step import nesterov_step
from autograder.exercises.optimization.predict_descent import predict_descent
from autograder.exercises.optimization.rmsprop_step import rmsprop_step
from autograder.exercises.optimization.robbins_monro import robbins_monro
from autograder.exercises.optimization.sgd_step import sgd_step
from autograder.exercises.optimization.train import train
from autograder.exercises.optimization.which_optimizer import which_optimizer

chapter = Chapter(
    "05_optimization",
    (
        sgd_step,
        predict_descent,
        robbins_monro,
        cosine_schedule,
        momentum_step,
        nesterov_step,
        largest_rate,
        adagrad_step,
        rmsprop_step,
        adadelta_step,
        adam_step,
        adamw_step,
        which_optimizer,
        count_iterations,
        train,
    ),
)
