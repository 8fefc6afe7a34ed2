"""Where the files of a run lie: no module outside the store spells their names."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class RunFiles:
    """By the run's folder, ``STUDY/runs/RUN``; a fold's by its number, from 0."""

    folder: Path

    @property
    def study_folder(self) -> Path:
        return self.folder.parent.parent

    @property
    def experiment_file(self) -> Path:
        return self.folder / "experiment.json"

    @property
    def folds_file(self) -> Path:
        return self.folder / "folds.json"

    @property
    def samples_file(self) -> Path:
        """What its images are."""
        return self.folder / "samples.npz"

    @property
    def scores_file(self) -> Path:
        return self.folder / "scores.json"

    @property
    def failure_file(self) -> Path:
        return self.folder / "failed.json"

    @property
    def events_file(self) -> Path:
        return self.folder / "events.jsonl"

    @property
    def worker_log(self) -> Path:
        """What its worker wrote besides events."""
        return self.folder / "worker.log"

    @property
    def stop_file(self) -> Path:
        return self.folder / "stop"

    def fold(self, number: int) -> Path:
        return self.folder / f"fold-{number + 1:02}"

    def network_file(self, fold: int) -> Path:
        return self.fold(fold) / "network.safetensors"

    def predictions_file(self, fold: int) -> Path:
        return self.fold(fold) / "predictions.npz"

    def checkpoint_file(self, fold: int) -> Path:
        return checkpoint_in(self.fold(fold))

    def features_file(self, fold: int) -> Path:
        return self.fold(fold) / "features.npz"

    def embedding_file(self, fold: int, name: str) -> Path:
        return self.fold(fold) / "embeddings" / f"{name}.npz"

    def weights_report(self, fold: int) -> Path:
        """How the fold's network was filled from pretrained weights."""
        return self.fold(fold) / "weights.json"


def checkpoint_in(fold: Path) -> Path:
    """Where training stands, until the fold is done."""
    return fold / "training.safetensors"
