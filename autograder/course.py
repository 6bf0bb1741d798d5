"""Where the course's files are, and nbgrader's settings for it."""

import copy
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from traitlets.config import Application, Config

AUTOGRADE = (
    "autograder.grading.gradebook.GradeSubmission",
    "autograder.grading.gradebook.SaveVerdicts",
    "autograder.grading.lateness.Penalties",
)
"""What nbgrader's Autograde does with a notebook: ours in place of execution and of saving scores.

Nothing has to be sanitised before: the notebook is the released one, with the learner's answers in it.
"""

FILTERS = {
    "markdown2html": "clean_markdown",
    "highlight_code": "highlight",
    "clean_html": "clean_html",
}
"""What turns cells into HTML, in formgrader and on feedback pages: nbconvert's filters and ours."""

FEEDBACK = (
    "autograder.grading.gradebook.CurrentGrades",
    "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
)
"""What nbgrader's GenerateFeedback does with a notebook."""

RELEASE = (
    "nbgrader.preprocessors.IncludeHeaderFooter",
    "nbgrader.preprocessors.InstantiateTests",
    "nbgrader.preprocessors.LockCells",
    "autograder.stubs.GiveStubs",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.CheckCellMetadata",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.SaveCells",
    "nbgrader.preprocessors.ClearHiddenTests",
    "nbgrader.preprocessors.ClearMarkScheme",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.CheckCellMetadata",
)
"""What nbgrader's GenerateAssignment does with a notebook: its own steps, and our stubs."""

KERNEL_OPTIONS = ["--HistoryManager.hist_file=:memory:", "--log-level=ERROR"]
"""No trace of one run in the next, and no warnings between the results."""

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Course:
    """The folders of one checkout and one classroom."""

    root: Path = ROOT
    classroom: Path = ROOT / "classroom"
    """What instructors must never lose: submitted, autograded, feedback, gradebook, verdicts."""
    id: str = "deep_learning_architectures"
    """The course's name in nbgrader."""

    @staticmethod
    def here() -> "Course":
        """Give this checkout, with the classroom that AUTOGRADER_CLASSROOM names, if it does."""
        return Course(classroom=Path(os.environ.get("AUTOGRADER_CLASSROOM", ROOT / "classroom")))

    @property
    def solutions(self) -> Path:
        """The masters."""
        return self.root / "solutions"

    @property
    def notebooks(self) -> Path:
        """What learners get, generated and committed."""
        return self.root / "notebooks"

    @property
    def build(self) -> Path:
        """Nbgrader's working files; may be deleted."""
        return self.root / "build" / "nbgrader"

    @property
    def source(self) -> Path:
        """Nbgrader's source folder, built from the masters."""
        return self.build / "source"

    @property
    def release(self) -> Path:
        """Nbgrader's release folder; notebooks/ is copied from it after the checks."""
        return self.build / "release"

    @property
    def submitted(self) -> Path:
        """Submissions, `<student>/<chapter>/`; no command writes here but the collector."""
        return self.classroom / "submitted"

    @property
    def feedback(self) -> Path:
        """Feedback pages, `<student>/<chapter>/`."""
        return self.classroom / "feedback"

    @property
    def gradebook_url(self) -> str:
        """The gradebook's database: what the classroom's settings name, else a file."""
        from autograder.grading.settings import read_settings

        file = f"sqlite:///{self.classroom / 'gradebook.db'}"
        return read_settings(self.classroom).gradebook or file

    def nbgrader_config(self, isolated: bool = True, run_all: bool = False) -> Config:
        """Give nbgrader's settings for this course.

        Args:
            isolated: False grades without a sandbox.
            run_all: run in grading the cells too that only show something.
        """
        from autograder.grading.settings import read_settings

        settings = read_settings(self.classroom)
        config = Config()
        config.CourseDirectory.course_id = self.id
        config.CourseDirectory.root = str(self.root)
        config.CourseDirectory.source_directory = str(self.source.relative_to(self.root))
        config.CourseDirectory.release_directory = str(self.release.relative_to(self.root))
        for step in ("submitted", "autograded", "feedback"):
            folder = os.path.relpath(self.classroom / step, self.root)
            config.CourseDirectory[f"{step}_directory"] = folder
        config.CourseDirectory.db_url = self.gradebook_url
        config.ClearSolutions.code_stub = {"python": "raise NotImplementedError"}
        config.ClearSolutions.text_stub = "Write your answer here."
        config.GenerateAssignment.preprocessors = list(RELEASE)
        config.Autograde.exporter_class = "autograder.grading.rebuilding.ImportingExporter"
        config.Autograde.sanitize_preprocessors = []
        config.Autograde.autograde_preprocessors = list(AUTOGRADE)
        config.Penalties.classroom = str(self.classroom)
        config.Penalties.extensions = settings.extensions
        if settings.late is not None:
            config.AssignLatePenalties.plugin_class = "autograder.grading.lateness.DailyPenalty"
            config.DailyPenalty.update(vars(settings.late))
        config.GenerateFeedback.preprocessors = list(FEEDBACK)
        config.GenerateFeedback.exporter_class = "autograder.grading.pages.FeedbackExporter"
        for name in ("ImportingExporter", "GradeSubmission"):
            config[name].root, config[name].classroom = str(self.root), str(self.classroom)
        config.GradeSubmission.isolated, config.GradeSubmission.run_all = isolated, run_all
        config.ZipCollectApp.downloaded_directory = os.path.relpath(
            self.classroom / "downloaded", self.root
        )
        collector = "autograder.grading.collect.DownloadCollectorPlugin"
        config.ZipCollectApp.collector_plugin = collector
        config.DownloadCollectorPlugin.classroom = str(self.classroom)
        config.HTMLExporter.sanitize_html = True
        config.HTMLExporter.filters = {
            name: f"autograder.grading.pages.{function}" for name, function in FILTERS.items()
        }
        return config

    def grading_config(self, isolated: bool = True, run_all: bool = False) -> Config:
        """Give all that nbgrader's own commands are told here: what instructors added is in it.

        Args:
            isolated: False grades without a sandbox.
            run_all: run in grading the cells too that only show something.

        Raises:
            SettingsError: an nbgrader_config.py cannot be read.
        """
        from nbgrader.apps.baseapp import NbGrader

        from autograder.grading.settings import SettingsError

        own = self.nbgrader_config(isolated, run_all)
        application = NbGrader(raise_config_file_errors=True)
        folders = [str(self.root), *application.config_file_paths]
        try:
            Application.load_config_file(application, application.config_file_name, path=folders)
        except Exception as error:
            raise SettingsError(f"nbgrader_config.py: {type(error).__name__}: {error}") from error
        config = copy.deepcopy(own)
        config.merge(application.config)
        if self != Course.here():
            config.merge(own)
        config.GradeSubmission.isolated, config.GradeSubmission.run_all = isolated, run_all
        return config

    def prepare_nbgrader(self) -> None:
        """Make what nbgrader expects: the classroom folder, and its own programs on PATH."""
        self.classroom.mkdir(parents=True, exist_ok=True)
        os.environ.setdefault("OMP_NUM_THREADS", "1")  # on a busy machine, threads wait for threads
        programs = str(Path(sys.executable).parent)
        if programs not in os.environ["PATH"].split(os.pathsep):
            os.environ["PATH"] = programs + os.pathsep + os.environ["PATH"]
