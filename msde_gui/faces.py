"""The session's samples as views ask for them by id: picture, caption, partner."""

from engine.domain import Dataset, Sample
from msde_gui.session import Session


class Faces:
    """Answers for whichever study is open."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._indexed: Dataset | None = None
        self._pairs: dict[str, list[Sample]] = {}

    def jpeg(self, number: int) -> bytes | None:
        """The thumbnail of a sample."""
        sample, study = self._session.sample(number), self._session.study
        return study.thumbnails.jpeg(sample.sha256) if sample and study else None

    def caption(self, number: int) -> str:
        sample = self._session.sample(number)
        if not sample:
            return ""
        return f"{sample.subject}\n{sample.expression.title}, {sample.condition.title}"

    def partner(self, number: int) -> Sample | None:
        """The same subject and expression under the other condition."""
        sample = self._session.sample(number)
        if not sample or not sample.pair:
            return None
        others = self._pair(sample.pair)
        return next((other for other in others if other.id != number), None)

    def focus_partner(self) -> None:
        """Go to the other of the pair, if there is one."""
        focused = self._session.focused
        partner = None if focused is None else self.partner(focused)
        if partner:
            self._session.focus(partner.id)

    def _pair(self, name: str) -> list[Sample]:
        dataset = self._session.dataset
        if self._indexed is not dataset:
            self._indexed, self._pairs = dataset, {}
            for sample in dataset.samples:
                if sample.pair:
                    self._pairs.setdefault(sample.pair, []).append(sample)
        return self._pairs.get(name, [])
