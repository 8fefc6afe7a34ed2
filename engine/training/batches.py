"""One fold's faces on the training device: batches of them, in an order that nobody remembers.

The order of an epoch and the changes of a step depend on (seed, fold, epoch or step) alone.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.data.packing import Pixels
from engine.experiment.experiment import Training
from engine.methods.base import Batch
from engine.training.augmentation import augment

ROOM = 0.25  # of a GPU's free memory: packed pixels below it are kept there
PART = 1024  # images that move to it at once


@dataclass(frozen=True)
class FoldData:
    """One fold's data. Rows index ``pixels``, ``expressions`` and ``conditions``."""

    fold: int
    seed: int
    pixels: Pixels
    expressions: NDArray[np.int64]
    conditions: NDArray[np.int64]
    train: NDArray[np.int64]  # (n, views)
    test: NDArray[np.int64]  # (n,)


class BatchSource:
    """What the loop and the evaluation draw from."""

    def __init__(self, fold_data: FoldData, training: Training, device: str) -> None:
        self.fold_data = fold_data
        self._training = training
        self._device = device
        self._resident = _resident(fold_data.pixels, device)
        self._order: tuple[int, NDArray[np.int64]] = (-1, fold_data.train[:, 0])

    @property
    def steps_an_epoch(self) -> int:
        return steps_an_epoch(len(self.fold_data.train), self._training.batch)

    def batch(self, step: int, random: torch.Generator) -> Batch:
        """The step's faces, changed as ``random`` draws, and their truth."""
        epoch, place = divmod(step, self.steps_an_epoch)
        chosen = self._ordered(epoch)[place * self._training.batch :][: self._training.batch]
        rows = self.fold_data.train[chosen]
        images = augment(self.pixels(rows.T), self._training, random)
        expressions = torch.from_numpy(self.fold_data.expressions[rows[:, 0]])
        return Batch(images, self._moved(expressions))

    def pixels(self, rows: NDArray[np.int64]) -> Tensor:
        """uint8 (…, height, width, 3) on the device, for rows of any shape."""
        if self._resident is None:
            return self._moved(torch.from_numpy(self.fold_data.pixels[rows]))
        return self._resident[self._moved(torch.from_numpy(rows.copy()))]

    def _ordered(self, epoch: int) -> NDArray[np.int64]:
        """The epoch's order of training rows; it is drawn once, however many its steps."""
        if self._order[0] != epoch:
            random = seed_generator(self.fold_data.seed, self.fold_data.fold, epoch, 0)
            self._order = (epoch, self._drawn(random).numpy())
        return self._order[1]

    def _drawn(self, random: torch.Generator) -> Tensor:
        """All training rows, or as many of them with each expression as likely as any other."""
        rows = len(self.fold_data.train)
        if not self._training.balanced:
            return torch.randperm(rows, generator=random)
        shown = torch.from_numpy(self.fold_data.expressions[self.fold_data.train[:, 0]])
        rarity = 1 / shown.bincount().double()
        return torch.multinomial(rarity[shown], rows, replacement=True, generator=random)

    def _moved(self, values: Tensor) -> Tensor:
        if self._device == "cpu":
            return values
        return values.pin_memory().to(self._device, non_blocking=True)


def steps_an_epoch(images: int, batch: int) -> int:
    """A last batch of one is dropped: batch normalisation cannot use it."""
    return max(1, images // batch + (images % batch > 1))


def seed_generator(*numbers: int) -> torch.Generator:
    """A CPU generator that depends on nothing but these numbers."""
    word = np.random.SeedSequence(numbers).generate_state(1, np.uint64)[0]
    return torch.Generator().manual_seed(int(word) >> 1)


def _resident(pixels: Pixels, device: str) -> Tensor | None:
    """All of them on a GPU with room, so that no image goes there twice."""
    if device == "cpu" or pixels.nbytes > ROOM * torch.cuda.mem_get_info(device)[0]:
        return None
    held = torch.empty(pixels.shape, dtype=torch.uint8, device=device)
    for start in range(0, len(pixels), PART):
        held[start : start + PART] = torch.from_numpy(np.array(pixels[start : start + PART]))
    return held
