"""Of what learners' code shows, pictures that are none, or that unfold to gigabytes, are left out."""

import base64
import io

import pytest
from PIL import Image

from autograder.grading.learner_process import displayed
from dlarch.importer.pictures import STARTS


def png(width, height):
    file = io.BytesIO()
    Image.new("1", (width, height)).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def kept(data):
    displays = displayed({"outputs": [{"text/plain": "a figure", "image/png": data}]})
    return "image/png" in displays[0]["data"]


def test_an_ordinary_figure_is_kept():
    assert kept(png(640, 480))


@pytest.mark.parametrize(
    "data",
    [
        png(10_000, 10_000),
        base64.b64encode(STARTS["image/png"]).decode(),
        base64.b64encode(b"<svg onload=alert(1)>").decode(),
        '"><script>',
        7,
    ],
    ids=["too many pixels", "no header", "another type", "no base64", "no text"],
)
def test_what_is_no_picture_is_left_out(data):
    assert not kept(data)
