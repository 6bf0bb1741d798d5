"""Nbgrader reads its settings here; they are made in autograder/course.py. Add your own lines below."""

from autograder.course import Course
from autograder.grading.settings import SettingsError

c = get_config()
try:
    c.merge(Course.here().nbgrader_config())
except SettingsError as error:
    raise SystemExit(
        f"nbgrader: {error}"
    ) from error  # or nbgrader would go on with another gradebook
