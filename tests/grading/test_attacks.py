"""The corpus of hostile submissions: none gets points, reaches out of the sandbox, or stops the next."""

from dataclasses import replace

import pytest

from autograder.demo import write_class
from autograder.release import release
from tests.grading.hostile import CHAPTER, Ground, Lure, load_attacks

CORPUS = load_attacks()
outcomes: dict[str, list[str]] = {}


@pytest.fixture(scope="module")
def place(course, tmp_path_factory):
    """A course with a classroom of its own, in which a small class submitted, and a lure beside it."""
    course = replace(course, classroom=tmp_path_factory.mktemp("attacked"))
    release(CHAPTER, course)
    write_class(CHAPTER, course)
    lure = Lure(tmp_path_factory.mktemp("elsewhere") / "lure")
    yield course, lure
    lure.close()


@pytest.fixture(scope="module")
def ground(place):
    ground = Ground(*place)
    yield ground
    ground.close()


@pytest.mark.parametrize("name", CORPUS)
def test_an_attack_gets_what_honest_grading_gives(ground, name):
    outcomes[name] = ground.attack(CORPUS[name])

    assert not outcomes[name]
