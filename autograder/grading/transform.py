"""IPython's own syntax taken out of cells, in a process of its own: a few hundred lines can take minutes.

Run as `python -I transform.py SECONDS`: a JSON list of cells comes in, the same list as Python goes out;
whatever is not Python defines nothing.
"""

import json
import resource
import sys

MEMORY_BYTES = 1 << 30


def main() -> None:
    """Transform what comes."""
    seconds = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    from IPython.core.inputtransformer2 import TransformerManager

    transformed = []
    for source in json.load(sys.stdin):
        try:
            transformed.append(TransformerManager().transform_cell(source))
        except (Exception, RecursionError):
            transformed.append("")
    json.dump(transformed, sys.stdout)


if __name__ == "__main__":
    main()
