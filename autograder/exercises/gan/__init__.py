"""Exercises of chapter 15: generative adversarial networks."""

from autograder.exercise import Chapter
from autograder.exercises.gan.discriminator import discriminator
from autograder.exercises.gan.discriminator_loss import discriminator_loss
from autograder.exercises.gan.discriminator_step import discriminator_step
from autograder.exercises.gan.generator import generator
from autograder.exercises.gan.generator_loss import generator_loss
from autograder.exercises.gan.generator_step import generator_step
from autograder.exercises.gan.infogan_loss import infogan_loss
from autograder.exercises.gan.jensen_shannon import jensen_shannon
from autograder.exercises.gan.mode_coverage import mode_coverage
from autograder.exercises.gan.mutual_information import mutual_information
from autograder.exercises.gan.optimal_discriminator import optimal_discriminator
from autograder.exercises.gan.train_gan import train_gan
from autograder.exercises.gan.which_generator_loss import which_generator_loss

chapter = Chapter(
    "15_gan",
    (
        discriminator_loss,
        generator_loss,
        which_generator_loss,
        optimal_discriminator,
        jensen_shannon,
        generator,
        discriminator,
        discriminator_step,
        generator_step,
        train_gan,
        mode_coverage,
        mutual_information,
        infogan_loss,
    ),
)
