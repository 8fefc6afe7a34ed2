"""The usual way to train on faces, to be measured beside: the recipe of most public programs.

Pillow decodes each image from disk whenever it is needed, torchvision changes it alone, a
DataLoader with two processes collects batches; fp32 on all cores, Adam, one fold after another,
the held-out faces of both conditions tested after every epoch. Nothing here is the program's.

It reads a ``Recipe`` as JSON from standard input and writes as JSON what it took in seconds:
``span`` from the first batch to the end of the last epoch, ``evaluating`` of it, and ``trained``,
how many images that were.
"""

import json
import sys
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import torch
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms
from torchvision.models import get_model

from engine.system.processes import cores

MEAN, SD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
CLASSES = 7
Face = tuple[str, int]  # a file and its expression


@dataclass(frozen=True)
class Recipe:
    network: str
    size: int
    batch: int
    epochs: int
    workers: int
    folds: list[dict[str, list[Face]]]  # "train" and "test" of each


class Faces(Dataset[tuple[Tensor, int]]):
    def __init__(self, faces: list[Face], change: transforms.Compose) -> None:
        self._faces, self._change = faces, change

    def __len__(self) -> int:
        return len(self._faces)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        file, expression = self._faces[index]
        return self._change(Image.open(file).convert("RGB")), expression


def changes(size: int) -> transforms.Compose:
    """The kinds and ranges of ``engine.training.augmentation``, each for half of the images."""
    moved = transforms.RandomAffine(3, translate=(1 / 16, 1 / 16), scale=(0.9, 1.25))
    coloured = transforms.ColorJitter(0.2, 0.2, 0.2, 20 / 360)
    return transforms.Compose(
        [
            transforms.Resize((size, size)),
            transforms.RandomHorizontalFlip(),
            transforms.RandomApply([moved], 0.5),
            transforms.RandomApply([coloured], 0.5),
            *_to_tensor(),
        ]
    )


def unchanged(size: int) -> transforms.Compose:
    return transforms.Compose([transforms.Resize((size, size)), *_to_tensor()])


def _to_tensor() -> list[Any]:
    return [transforms.ToTensor(), transforms.Normalize(MEAN, SD)]


def train(recipe: Recipe) -> dict[str, float]:
    """Every fold in turn."""
    begun, evaluating, trained = perf_counter(), 0.0, 0
    for fold in recipe.folds:
        network = get_model(recipe.network, weights=None, num_classes=CLASSES)
        optimizer = torch.optim.Adam(network.parameters(), lr=1e-4, weight_decay=1e-4)
        learning, testing = _loader(recipe, fold["train"], True), _loader(recipe, fold["test"])
        for _ in range(recipe.epochs):
            trained += _epoch(network, optimizer, learning)
            paused = perf_counter()
            _accuracy(network, testing)
            evaluating += perf_counter() - paused
    return {"span": perf_counter() - begun, "evaluating": evaluating, "trained": trained}


def _loader(
    recipe: Recipe, faces: list[Face], learning: bool = False
) -> DataLoader[tuple[Tensor, int]]:
    change = changes(recipe.size) if learning else unchanged(recipe.size)
    return DataLoader(
        Faces(faces, change),
        batch_size=recipe.batch,
        shuffle=learning,
        num_workers=recipe.workers,
        drop_last=learning and len(faces) % recipe.batch == 1,  # as the program does
    )


def _epoch(
    network: nn.Module,
    optimizer: torch.optim.Optimizer,
    loader: DataLoader[tuple[Tensor, int]],
) -> int:
    """How many images were trained on."""
    criterion = nn.CrossEntropyLoss()
    network.train()
    trained, running = 0, 0.0
    for images, expressions in loader:
        optimizer.zero_grad()
        loss = criterion(network(images), expressions)
        loss.backward()
        optimizer.step()
        running += loss.item()
        trained += len(images)
    return trained


def _accuracy(network: nn.Module, loader: DataLoader[tuple[Tensor, int]]) -> float:
    network.eval()
    right = seen = 0
    with torch.no_grad():
        for images, expressions in loader:
            right += int((network(images).argmax(1) == expressions).sum())
            seen += len(images)
    return right / seen


def main() -> None:
    recipe = Recipe(**json.load(sys.stdin))
    torch.set_num_threads(cores())  # torch's default, whatever the environment says
    json.dump(train(recipe), sys.stdout)


if __name__ == "__main__":
    main()
