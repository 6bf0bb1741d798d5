"""Exercises of chapter 08: from arrays that differentiate to residual networks."""

from autograder.exercise import Chapter
from autograder.exercises.cnn_architectures.conv_parameters import conv_parameters
from autograder.exercises.cnn_architectures.evaluate import evaluate
from autograder.exercises.cnn_architectures.fold_batch_norm import fold_batch_norm
from autograder.exercises.cnn_architectures.global_average_pool import global_average_pool
from autograder.exercises.cnn_architectures.inception_block import inception_block
from autograder.exercises.cnn_architectures.lenet5 import lenet5
from autograder.exercises.cnn_architectures.most_filters import most_filters
from autograder.exercises.cnn_architectures.network_table import network_table
from autograder.exercises.cnn_architectures.path_gradients import path_gradients
from autograder.exercises.cnn_architectures.residual_block import residual_block
from autograder.exercises.cnn_architectures.train_step import train_step
from autograder.exercises.cnn_architectures.unbroadcast import unbroadcast
from autograder.exercises.cnn_architectures.vgg_block import vgg_block
from autograder.exercises.cnn_architectures.which_block import which_block

chapter = Chapter(
    "08_cnn_architectures",
    (
        unbroadcast,
        train_step,
        evaluate,
        conv_parameters,
        network_table,
        lenet5,
        vgg_block,
        inception_block,
        global_average_pool,
        most_filters,
        residual_block,
        which_block,
        path_gradients,
        fold_batch_norm,
    ),
)
