"""The processes of a grading run that stay warm between submissions, so that none waits for imports."""

from autograder.grading.answering import Answerer
from autograder.grading.sandbox import Sandbox


class WarmProcesses:
    """The warm parents of this machine's process, and its references, made when first needed."""

    def __init__(self) -> None:
        self._sandboxes: dict[tuple, Sandbox] = {}
        self._answerers: dict[str, Answerer] = {}

    def sandbox(self, preload: tuple[str, ...], torch: bool, isolated: bool) -> Sandbox:
        """Give a warm parent that still lives; those of another chapter end."""
        key = (preload, torch, isolated)
        for other in [other for other in self._sandboxes if other[0] != preload]:
            self._sandboxes.pop(other).close()
        sandbox = self._sandboxes.get(key)
        if sandbox is not None and sandbox.process.poll() is None:
            return sandbox
        self._sandboxes[key] = Sandbox(preload, torch, isolated)
        return self._sandboxes[key]

    def answerer(self, chapter: str) -> Answerer:
        """Give the process in which a chapter's references answer; those of other chapters end."""
        for other in self._answerers.keys() - {chapter}:
            self._answerers.pop(other).close()
        return self._answerers.setdefault(chapter, Answerer(chapter))

    def close(self) -> None:
        """End all warm parents, and what answers."""
        for process in (*self._sandboxes.values(), *self._answerers.values()):
            process.close()
        self._sandboxes.clear()
        self._answerers.clear()
