"""The session's samples as views ask for them by id: picture, caption, partner."""

from engine.domain import Sample
from msde_gui.session.session import Session


class SampleImages:
    """Answers for whichever study is open."""

    def __init__(self, session: Session) -> None:
        self._session = session

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
        dataset = self._session.dataset
        row = dataset.partner_of.get(dataset.row_of.get(number, -1))
        return None if row is None else dataset.samples[row]

    def focus_partner(self) -> None:
        """Go to the other of the pair, if there is one."""
        focused = self._session.focused
        partner = None if focused is None else self.partner(focused)
        if partner:
            self._session.focus(partner.id)
