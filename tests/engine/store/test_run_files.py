import ast
from pathlib import Path

from engine.store.cache_files import ATTENTION, LANDMARKS
from engine.store.run_files import RunFiles

ROOT = Path(__file__).parents[3]
RUN = RunFiles(Path("study/runs/007"))
OF_RUN = {
    RUN.experiment_file: "experiment.json",
    RUN.folds_file: "folds.json",
    RUN.samples_file: "samples.npz",
    RUN.scores_file: "scores.json",
    RUN.failure_file: "failed.json",
    RUN.events_file: "events.jsonl",
    RUN.worker_log: "worker.log",
}
OF_FOLD = {
    RUN.network_file(9): "network.safetensors",
    RUN.predictions_file(9): "predictions.npz",
    RUN.checkpoint_file(9): "training.safetensors",
    RUN.features_file(9): "features.npz",
    RUN.embedding_file(9, "pca-0"): "embeddings/pca-0.npz",
    RUN.weights_report(9): "weights.json",
}


def test_that_every_file_of_a_run_lies_where_former_versions_put_it():
    assert RUN.study_folder == Path("study")
    for file, name in OF_RUN.items():
        assert file == Path("study/runs/007", name)
    for file, name in OF_FOLD.items():
        assert file == Path("study/runs/007/fold-10", name)


def test_that_no_module_outside_the_store_spells_the_name_of_such_a_file():
    names = {*OF_RUN.values(), *OF_FOLD.values(), ATTENTION, LANDMARKS}
    modules = [path for name in ("engine", "msde_gui") for path in (ROOT / name).rglob("*.py")]
    spelt = {
        path.relative_to(ROOT).as_posix(): texts & names
        for path in modules
        if (texts := constants(path)) & names
    }
    assert set(spelt) == {"engine/store/run_files.py", "engine/store/cache_files.py"}


def constants(module):
    """Every text and number in a module, docstrings too."""
    tree = ast.parse(module.read_text("utf-8"))
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
