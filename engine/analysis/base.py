"""What every kind of question is: plain data comes in, plain data goes out."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from engine.events import Report
from engine.experiment.experiment import make_settings
from engine.plugins import named
from engine.store.study import Study


class Analysis(ABC):
    """One question by its module's name. It lives as long as the process and may keep networks."""

    Request: ClassVar[type[Any]]  # a frozen dataclass

    @abstractmethod
    def answer(self, study: Study, request: Any, report: Report) -> dict[str, Any]:
        """As JSON has it, arrays packed by ``json_arrays``. ``report`` may raise ``Cancelled``."""


class Analyses:
    """The questions that were asked by now, each prepared once."""

    def __init__(self, study: Study) -> None:
        self._study = study
        self._known: dict[str, Analysis] = {}

    def answer(self, name: str, request: Mapping[str, Any], report: Report) -> dict[str, Any]:
        """Raises ``Failure`` for a question that nobody knows or that is asked wrongly."""
        if name not in self._known:
            self._known[name] = named(name, Analysis, "engine.analysis")()
        analysis = self._known[name]
        return analysis.answer(self._study, make_settings(analysis.Request, request), report)
