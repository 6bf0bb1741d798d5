"""Exercises of chapter 09: from a frozen backbone to one-shot learning."""

from autograder.exercise import Chapter
from autograder.exercises.vision_tasks.contrastive_loss import contrastive_loss
from autograder.exercises.vision_tasks.detection_average_precision import (
    detection_average_precision,
)
from autograder.exercises.vision_tasks.dice import dice
from autograder.exercises.vision_tasks.freeze_backbone import freeze_backbone
from autograder.exercises.vision_tasks.iou import iou
from autograder.exercises.vision_tasks.match_detections import match_detections
from autograder.exercises.vision_tasks.non_max_suppression import non_max_suppression
from autograder.exercises.vision_tasks.one_shot_accuracy import one_shot_accuracy
from autograder.exercises.vision_tasks.transfer_step import transfer_step
from autograder.exercises.vision_tasks.transposed_conv2d import transposed_conv2d
from autograder.exercises.vision_tasks.triplet_loss import triplet_loss
from autograder.exercises.vision_tasks.unet_forward import unet_forward
from autograder.exercises.vision_tasks.which_average_precision import which_average_precision

chapter = Chapter(
    "09_vision_tasks",
    (
        freeze_backbone,
        transfer_step,
        iou,
        non_max_suppression,
        match_detections,
        detection_average_precision,
        which_average_precision,
        dice,
        transposed_conv2d,
        unet_forward,
        contrastive_loss,
        triplet_loss,
        one_shot_accuracy,
    ),
)
