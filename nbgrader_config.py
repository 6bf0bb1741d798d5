"""Nbgrader reads its settings here; they are made in autograder/course.py."""

from autograder.course import Course

get_config().merge(Course.here().nbgrader_config())
