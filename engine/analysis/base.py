"""What every kind of question is: a frozen request comes in, a frozen answer goes out."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, ClassVar

from engine.experiment.experiment import make_settings
from engine.plugins import find_one
from engine.store.study import Study

Tell = Callable[[Any], None]  # an event, or what the kind of question tells before its answer


class Analysis(ABC):
    """One question by its module's name. It lives as long as the process and may keep networks."""

    Request: ClassVar[type[Any]]  # a frozen dataclass

    @abstractmethod
    def answer(self, study: Study, request: Any, report: Tell) -> Any:
        """A frozen dataclass of a light module. ``report`` may raise ``Cancelled``."""


class Analyses:
    """The questions that were asked by now, each prepared once."""

    def __init__(self, study: Study) -> None:
        self._study = study
        self._known: dict[str, Analysis] = {}

    def answer(self, name: str, request: Any, report: Tell) -> Any:
        """Raises ``Failure`` for a question that nobody knows or that is asked wrongly."""
        if name not in self._known:
            self._known[name] = find_one(name, Analysis, "engine.analysis")()
        analysis = self._known[name]
        checked = make_settings(analysis.Request, asdict(request))
        return analysis.answer(self._study, checked, report)
