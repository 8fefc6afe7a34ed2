"""One fold from its first batch to its predictions."""

import time

import numpy as np
import torch
from numpy.typing import NDArray

from engine.data.packing import open_packed
from engine.domain import Dataset
from engine.evaluation.scores import accuracy
from engine.events import FoldEnded, Report
from engine.experiment.fold_rows import held_out_rows, training_rows
from engine.experiment.predictions import Predictions
from engine.inference.networks import load_network
from engine.methods.base import Method, build_method
from engine.pretrained import initialise as weights
from engine.runs.assignment import Assignment
from engine.store import prediction_files
from engine.store.files import make_folder, remove
from engine.store.networks import remember
from engine.store.runs import Run
from engine.store.study import Study
from engine.store.trained_folds import made_for
from engine.system.device import settle
from engine.training import checkpoint, loop
from engine.training.batches import BatchSource, FoldData, seed_generator


def work(assignment: Assignment, report: Report) -> None:
    """Train, or go on training, and keep network and predictions in the fold's folder."""
    began = time.monotonic()
    run = Run(assignment.run)
    folder = run.fold(assignment.fold)
    make_folder(folder)
    settle()
    with Study(run.study_folder) as study:
        dataset = study.dataset(run.experiment.dataset).up_to(run.experiment.last_sample)
    settings, device = run.experiment.training, assignment.device
    marks = made_for(run, assignment.fold)
    fold_data = _material(run, assignment, dataset)
    context = loop.TrainingContext(settings, folder, device, assignment.precision, marks)
    taught = _ready(run, fold_data, context)
    source, network = BatchSource(fold_data, settings, device), run.network_file(assignment.fold)
    if network.exists() and not context.checkpoint.exists():  # its predictions alone are missing
        checkpoint.load_weights(taught.network, network)
    else:
        loop.train(taught, source, context, report)
        checkpoint.save_weights(taught.network, network, marks)
    remember(run, folder.name)
    said = _predictions(dataset, fold_data, loop.probabilities(taught, source, context))
    done = run.predictions_file(assignment.fold)
    prediction_files.write(said, done)  # last: it says that the fold is done
    remove(context.checkpoint)
    report(FoldEnded(assignment.fold, accuracy(said), time.monotonic() - began))


def _predictions(
    dataset: Dataset, fold_data: FoldData, probabilities: NDArray[np.float32]
) -> Predictions:
    return Predictions(
        samples=dataset.ids[fold_data.test],
        folds=np.full(len(fold_data.test), fold_data.fold),
        conditions=dataset.conditions[fold_data.test],
        expressions=dataset.expressions[fold_data.test],
        probabilities=probabilities,
    )


def _material(run: Run, assignment: Assignment, dataset: Dataset) -> FoldData:
    fold = run.protocol.folds[assignment.fold]
    return FoldData(
        fold=assignment.fold,
        seed=run.experiment.seed,
        pixels=open_packed(assignment.pixels),
        expressions=dataset.expressions,
        conditions=dataset.conditions,
        train=training_rows(dataset, fold, run.experiment.train),
        test=held_out_rows(dataset, fold),
    )


def _ready(run: Run, fold_data: FoldData, context: loop.TrainingContext) -> Method:
    """The method on its device, as it is before its first step."""
    taught = _method(run, fold_data)
    if not context.checkpoint.exists():  # which holds what the weights have become
        weights.begin(taught.network, run, fold_data.fold)
    taught.to(context.device)
    if run.teacher:
        taught.learn_from(load_network(run.teacher, fold_data.fold, context.device))
    return taught


def _method(run: Run, fold_data: FoldData) -> Method:
    torch.manual_seed(seed_generator(fold_data.seed, fold_data.fold).initial_seed())
    return build_method(run.experiment.method, run.experiment.settings).to(
        memory_format=torch.channels_last
    )
