"""The forms in which other tools and ordinary moves leave a solved notebook: from one, the bytes of each.

`RECOVERED` are read with all answers; `NAMED` are refused with a reason that names the cause.
"""

import base64
import io
import json
import re
import warnings
import zipfile

import jupytext
import nbformat

from autograder.demo import with_solutions

NAME = "04_backpropagation.ipynb"
FUNCTION = "neuron_gradients"
CHECK = f"test_{FUNCTION}"
WRITTEN = "delta_why"
HELPER = "def halved(value):\n    return 0.5 * value"
RECOVERED = {}
NAMED = {}


def recovered(form):
    """Register a form that is read with all answers: solved notebook as JSON data → bytes or data."""
    RECOVERED[form.__name__] = lambda content: as_bytes(form(content))
    return form


def named(*causes):
    """Register a form that is refused, with words of the reason."""

    def register(form):
        NAMED[form.__name__] = (lambda content: as_bytes(form(content)), causes)
        return form

    return register


def solved_content(run):
    """Give the solved notebook as JSON data, with its untouched cells beside it."""
    source = run.course.source / run.chapter / f"{run.chapter}.ipynb"
    solved = with_solutions(
        nbformat.from_dict(run.assignment.notebook), nbformat.read(source, as_version=4)
    )
    content = json.loads(json.dumps(solved))
    answers = run.assignment.of("answer", "written code", "written")
    content["stubs"] = {item.id: item.source for item in answers}
    content["functions"] = sorted(run.assignment.functions)
    for item in run.assignment.of("written"):
        cell(content, item.id)["source"] = f"My answer about {item.id}.\n\nIt has two paragraphs."
    return content


def as_bytes(content):
    return (
        content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False).encode()
    )


def cell(content, name):
    return next(item for item in content["cells"] if item.get("id") == name)


def place(content, name):
    return content["cells"].index(cell(content, name))


def new(source, kind="code", name="made-later"):
    more = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {"cell_type": kind, "id": name, "metadata": {}, "source": source, **more}


def insert(content, before, *cells):
    at = place(content, before)
    content["cells"][at:at] = cells


def stub(content, name):
    """Make an answer untouched; give what it was."""
    source = cell(content, name)["source"]
    cell(content, name)["source"] = content["stubs"][name]
    return source


def without_names(content):
    for item in content["cells"]:
        item.pop("id")
        item["metadata"] = {}
    return content


def node(content):
    content = {key: content[key] for key in ("cells", "metadata", "nbformat", "nbformat_minor")}
    return nbformat.from_dict(content)


# Where names are lost ---------------------------------------------------------------------------


@recovered
def as_it_is(content):
    return content


@recovered
def without_ids_and_metadata(content):
    return without_names(content) | {"nbformat_minor": 4}


@recovered
def colab_copy(content):
    for number, item in enumerate(without_names(content)["cells"]):
        item["metadata"] = {"id": f"{number * 7919:012x}", "colab": {"base_uri": "https://x.org"}}
    return content | {"nbformat_minor": 0}


@recovered
def former_id_in_metadata(content):
    for item in content["cells"]:
        item["metadata"] = {"id": item.pop("id")}
    return content


@recovered
def kaggle(content):
    for item in without_names(content)["cells"]:
        item["metadata"] = {"trusted": True, "execution": {"iopub.status.busy": "2026-01-01"}}
    return content


@recovered
def deepnote(content):
    for number, item in enumerate(without_names(content)["cells"]):
        item["metadata"] = {"cell_id": f"{number:032x}", "deepnote_cell_type": item["cell_type"]}
    return content


@recovered
def databricks(content):
    for item in without_names(content)["cells"]:
        item["metadata"] = {"application/vnd.databricks.v1+cell": {"title": "", "nuid": "x"}}
    return content


@recovered
def only_grade_ids(content):
    for number, item in enumerate(content["cells"]):
        item["id"] = f"{number:08x}"
    return content


@recovered
def only_ids(content):
    for item in content["cells"]:
        item["metadata"] = {}
    return content


@recovered
def answers_as_raw_cells(content):
    cell(content, FUNCTION)["cell_type"] = "raw"
    cell(content, WRITTEN)["cell_type"] = "raw"
    return content


# Other formats ----------------------------------------------------------------------------------


@recovered
def jupyterlite(content):
    return {"type": "notebook", "format": "json", "name": NAME, "content": content}


@recovered
def encoded_twice(content):
    return json.dumps(json.dumps(content)).encode()


@recovered
def encoded_three_times(content):
    return json.dumps(json.dumps(json.dumps(content))).encode()


@recovered
def base64_in_a_model(content):
    text = base64.b64encode(as_bytes(content)).decode()
    return {"name": NAME, "encoding": "base64", "content": text}


@recovered
def list_of_one(content):
    return json.dumps([content]).encode()


@recovered
def percent_script(content):
    return jupytext.writes(node(content), "py:percent").encode()


@recovered
def percent_script_without_metadata(content):
    return jupytext.writes(node(without_names(content)), "py:percent").encode()


@recovered
def light_script(content):
    return jupytext.writes(node(without_names(content)), "py:light").encode()


@recovered
def markdown(content):
    return jupytext.writes(node(without_names(content)), "md").encode()


@recovered
def myst_markdown(content):
    return jupytext.writes(node(without_names(content)), "md:myst").encode()


@recovered
def r_markdown(content):
    return jupytext.writes(node(without_names(content)), "Rmd").encode()


@recovered
def databricks_source(content):
    cells = []
    for item in content["cells"]:
        lines = item["source"].split("\n")
        if item["cell_type"] == "markdown":
            lines = [f"# MAGIC {line}" for line in ["%md", *lines]]
        cells.append("\n".join(lines))
    return ("# Databricks notebook source\n" + "\n\n# COMMAND ----------\n\n".join(cells)).encode()


@recovered
def format_3(content):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return json.dumps(nbformat.v4.downgrade(node(content))).encode()


@recovered
def claims_format_3(content):
    return content | {"nbformat": 3}


@recovered
def claims_format_5(content):
    return content | {"nbformat": 5, "nbformat_minor": 10}


@recovered
def format_as_text(content):
    return content | {"nbformat": "4", "nbformat_minor": "5"}


@recovered
def format_missing(content):
    return {"cells": content["cells"]}


@recovered
def lines_without_ends(content):
    for item in content["cells"]:
        item["source"] = item["source"].split("\n")
    return content


@recovered
def lines_of_windows(content):
    for item in content["cells"]:
        item["source"] = item["source"].replace("\n", "\r\n")
    return content


@recovered
def zipped(content):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("mine/" + NAME, as_bytes(content))
        file.writestr("__MACOSX/mine/._" + NAME, b"\0\5\x16\7")
    return archive.getvalue()


# Encodings, and what is left around -------------------------------------------------------------


@recovered
def byte_order_mark(content):
    return as_bytes(content).decode().encode("utf-8-sig")


@recovered
def utf_16(content):
    return as_bytes(content).decode().encode("utf-16")


@recovered
def utf_16_without_mark(content):
    return as_bytes(content).decode().encode("utf-16-le")


@recovered
def utf_32(content):
    return as_bytes(content).decode().encode("utf-32")


@recovered
def byte_of_windows(content):
    cell(content, "cell-00")["source"] += " café"
    return as_bytes(content).replace("é".encode(), "é".encode("cp1252"))


@recovered
def garbage_after_the_end(content):
    return as_bytes(content) + b'"}\n ]\n}\n{"cells": []}'


@recovered
def nul_bytes_after_the_end(content):
    return as_bytes(content) + bytes(4096)


@recovered
def much_output(content):
    lines = ["                    0123456789\n"] * 1_150_000
    cell(content, CHECK)["outputs"] = [{"output_type": "stream", "name": "stdout", "text": lines}]
    return content


@recovered
def state_of_widgets(content):
    content["metadata"]["widgets"] = {"state": {str(n): {"deep": [[[{}]]]} for n in range(20_000)}}
    return content


@recovered
def conflict_of_outputs(content):
    item = cell(content, FUNCTION)
    item["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "OURS"}]
    return conflict(json.dumps(content, indent=1), "OURS", '     "text": "THEIRS"')


@recovered
def conflict_of_counters(content):
    cell(content, FUNCTION)["execution_count"] = 41_414
    return conflict(json.dumps(content, indent=1), "41414", '   "execution_count": 7,')


@recovered
def conflict_with_an_untouched_answer(content):
    source = cell(content, FUNCTION)["source"]
    cell(content, FUNCTION)["source"] = "OURS"
    whole = json.dumps(content, indent=1)
    ours = f'   "source": {json.dumps(source)}'
    theirs = f'   "source": {json.dumps(content["stubs"][FUNCTION])}'
    return conflict(whole.replace('   "source": "OURS"', ours), ours, theirs, comma=True)


def conflict(text, ours, theirs, comma=False):
    """Put Git's markers around the one line that holds something."""
    lines = []
    for line in text.split("\n"):
        if ours in line:
            end = "," if line.endswith(",") and not theirs.endswith(",") else ""
            lines += ["<<<<<<< HEAD", line, "=======", theirs + end, ">>>>>>> a1b2c3d"]
        else:
            lines.append(line)
    return "\n".join(lines).encode()


# Moves in the notebook --------------------------------------------------------------------------


@recovered
def retyped(content):
    at = place(content, FUNCTION)
    content["cells"][at] = new(cell(content, FUNCTION)["source"])
    return content


@recovered
def added_below_the_stub(content):
    insert(content, CHECK, new(stub(content, FUNCTION)))
    return content


@recovered
def added_above_the_stub(content):
    insert(content, FUNCTION, new(stub(content, FUNCTION)))
    return content


@recovered
def added_at_the_end(content):
    content["cells"].append(new(stub(content, FUNCTION)))
    return content


@recovered
def all_in_one_added_cell(content):
    sources = [stub(content, name) for name in content["stubs"] if name in content["functions"]]
    content["cells"].append(new("\n\n".join(sources)))
    return content


@recovered
def in_the_check_cell(content):
    cell(content, CHECK)["source"] = f"{stub(content, FUNCTION)}\n\ncheck({FUNCTION})"
    return content


@recovered
def merged_with_its_check(content):
    source = f"{cell(content, FUNCTION)['source']}\n\n{cell(content, CHECK)['source']}"
    content["cells"][place(content, FUNCTION)] = new(source)
    content["cells"].remove(cell(content, CHECK))
    return content


@recovered
def merged_with_a_helper(content):
    source = f"{HELPER}\n\n{cell(content, FUNCTION)['source']}"
    content["cells"][place(content, FUNCTION)] = new(source)
    return content


@recovered
def split_below(content):
    item = cell(content, FUNCTION)
    insert(content, FUNCTION, {**item, "id": "first-half"})
    item["source"] = f"{FUNCTION}(np.ones(2), np.ones(2), 0.0, 1.0)"
    return content


@recovered
def split_above(content):
    item = cell(content, FUNCTION)
    insert(content, FUNCTION, {**item, "id": "first-half", "source": HELPER})
    return content


@recovered
def split_in_the_function(content):
    item = cell(content, FUNCTION)
    lines = item["source"].split("\n")
    middle = len(lines) - 2
    insert(content, FUNCTION, {**item, "id": "first-half", "source": "\n".join(lines[:middle])})
    item["source"] = "\n".join(lines[middle:])
    return content


@recovered
def split_in_the_docstring(content):
    item = cell(content, FUNCTION)
    lines = item["source"].split("\n")
    insert(content, FUNCTION, {**item, "id": "first-half", "source": "\n".join(lines[:4])})
    item["source"] = "\n".join(lines[4:])
    return content


@recovered
def copied_and_renamed(content):
    """Another answer's cell was copied and overwritten, with that one's metadata."""
    source = cell(content, FUNCTION)["source"]
    copy = json.loads(json.dumps(cell(content, "output_delta")))
    copy.update(id="copied", source=source)
    content["cells"][place(content, FUNCTION)] = copy
    return content


@recovered
def earlier_attempt_above(content):
    wrong = f"def {FUNCTION}(x, w, b, t):\n    return None"
    insert(content, FUNCTION, new(wrong))
    return content


@recovered
def earlier_attempt_run_before(content):
    cell(content, FUNCTION)["execution_count"] = 12
    cell(content, CHECK)["execution_count"] = 13
    attempt = new(f"def {FUNCTION}(x, w, b, t):\n    return None")
    attempt["execution_count"] = 9
    insert(content, CHECK, attempt)
    return content


@recovered
def later_experiment(content):
    content["cells"].append(new(f"def {FUNCTION}(x, w, b, t):\n    return None"))
    return content


@recovered
def untouched_copy_below(content):
    item = cell(content, FUNCTION)
    insert(content, CHECK, {**item, "id": "copied", "source": content["stubs"][FUNCTION]})
    return content


@recovered
def cells_in_another_order(content):
    content["cells"].insert(3, content["cells"].pop(place(content, "mlp_gradients")))
    return content


@recovered
def written_in_an_added_cell(content):
    text = stub(content, WRITTEN)
    content["cells"].insert(place(content, WRITTEN) + 1, new(text, "markdown"))
    return content


@recovered
def written_in_the_task(content):
    at = place(content, WRITTEN)
    content["cells"][at - 1]["source"] += f"\n\n{content['cells'].pop(at)['source']}"
    return content


@recovered
def written_in_a_merged_cell(content):
    at = place(content, WRITTEN)
    text = content["cells"][at - 1]["source"] + "\n\n" + content["cells"][at]["source"]
    content["cells"][at - 1 : at + 1] = [new(text, "markdown")]
    return content


# Refused, with the cause ------------------------------------------------------------------------


@named("empty")
def nothing(content):
    return b""


@named("empty")
def white_space(content):
    return b" \n\t\n"


@named("empty", "NUL")
def nul_bytes(content):
    return bytes(10_000)


@named("HTML")
def web_page(content):
    return b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head></html>"


@named("HTML")
def web_page_of_the_notebook(content):
    return b"\n<html lang=en><body>04_backpropagation</body></html>"


@named("Git LFS")
def pointer(content):
    return b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"


@named("cut off", "after cell")
def cut_off(content):
    return as_bytes(content)[: len(as_bytes(content)) // 2]


@named("cut off", "before its first cell")
def cut_off_at_once(content):
    return as_bytes(content)[:12]


@named("zip", "no notebook")
def archive_without(content):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("notes.txt", "mine")
    return archive.getvalue()


@named("zip", "2 notebooks")
def archive_of_two(content):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("a.ipynb", as_bytes(content))
        file.writestr("b.ipynb", as_bytes(content))
    return archive.getvalue()


@named("zip", "damaged")
def archive_cut_off(content):
    return zipped(content)[:2000]


@named("office")
def office_document(content):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("word/document.xml", "<w/>")
    return archive.getvalue()


@named("PDF")
def portable_document(content):
    return b"%PDF-1.7\n%\xe2\xe3\xcf\xd3"


@named("picture")
def screenshot(content):
    return b"\x89PNG\r\n\x1a\n" + bytes(range(256))


@named("gzip")
def compressed(content):
    import gzip

    return gzip.compress(as_bytes(content))


@named("conflict markers")
def conflict_unfinished(content):
    text = json.dumps(content, indent=1)
    return text.replace('   "cell_type"', '<<<<<<< HEAD\n   "cell_type"', 1).encode()


@named("neither a notebook")
def prose(content):
    return "Sehr geehrte Damen und Herren, im Anhang finden Sie meine Lösung.".encode()


@named("no cell of this chapter")
def script_of_another_kind(content):
    return b"import sys\n\n\ndef main():\n    print(sys.argv)\n"


@named("without cells")
def settings(content):
    return b'{"python.defaultInterpreterPath": "/usr/bin/python3"}'


@named("without cells")
def model_of_a_folder(content):
    return b'{"type": "directory", "content": []}'


@named("nested too deeply")
def deep(content):
    return as_bytes(content).replace(
        b'"metadata"', b'"x": ' + b"[" * 90_000 + b"]" * 90_000 + b', "metadata"', 1
    )


@named("no cells")
def without_cells(content):
    return content | {"cells": []}


@named("no cell of this chapter")
def other_notebook(content):
    return content | {"cells": [new("print('hello')")]}


@named("no JSON", "line")
def comma_lost(content):
    return re.sub(rb'("cell_type": "code"),', rb"\1", as_bytes(content), count=1)
