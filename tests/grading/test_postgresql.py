"""The gradebook on a PostgreSQL server, by one setting."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.grading.classroom import grade
from autograder.release import release
from autograder.system import find_postgresql

CHAPTER = "04_backpropagation"


@pytest.fixture(scope="module")
def server():
    """A server of our own; yields the address of an empty database."""
    programs = find_postgresql()
    assert programs, "this test needs PostgreSQL: sudo apt-get install postgresql"
    folder = Path(tempfile.mkdtemp(prefix="postgresql-"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    run = {}
    if os.getuid() == 0:  # the server refuses to run as root
        user = pwd.getpwnam("postgres")
        os.chown(folder, user.pw_uid, user.pw_gid)
        run = {"user": user.pw_uid, "group": user.pw_gid}
    data = folder / "data"
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    commands = [
        [programs / "initdb", "-D", data, "-U", "teacher", "-A", "trust"],
        [programs / "pg_ctl", "-D", data, "-o", options, "-l", folder / "log", "-w", "start"],
        [programs / "createdb", "-h", "127.0.0.1", "-p", str(port), "-U", "teacher", "course"],
    ]
    for command in commands:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=folder, **run)
    yield f"postgresql+psycopg://teacher@127.0.0.1:{port}/course"
    subprocess.run(
        [programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=folder,
        **run,
    )
    shutil.rmtree(folder)


def test_a_class_is_graded_into_postgresql(server, course, solved, tmp_path):
    own = replace(course, classroom=tmp_path / "classroom")
    own.classroom.mkdir()
    (own.classroom / "settings.toml").write_text(f'gradebook = "{server}"\n')
    release(CHAPTER, own)
    for student, text in (("ada", nbformat.writes(solved)), ("emil", "{")):
        place = own.submitted / student / CHAPTER / f"{CHAPTER}.ipynb"
        place.parent.mkdir(parents=True)
        place.write_text(text)
    ada, emil = grade(CHAPTER, own, [])
    with Gradebook(server, own.id) as book:
        stored = {item.student.id: item.score for item in book.assignment_submissions(CHAPTER)}

    assert stored == {"ada": ada.score, "emil": emil.score}
    assert (ada.score > 0, emil.score) == (True, 0)
    assert not (own.classroom / "gradebook.db").exists()
    assert all(item.reused for item in grade(CHAPTER, own, ["ada"]))
