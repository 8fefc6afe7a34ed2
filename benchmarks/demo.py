"""``make demo``: the main job without a display, on the sample study: copy, train, score."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

TRAINING = ("--method", "baseline", "--train", "mix", "--preset", "quick")
WHAT = """The main job in the terminal: copy the sample study (rendered faces, 1,007 pairs), train
the baseline on both conditions, test every face by a network that never saw its subject.
The preset quick: ResNet-18 from scratch, 64 px, 10 epochs, 3 folds by subject; a few minutes on two
cores. Scores on rendered faces say nothing about the paper's images.
"""


def main() -> int:
    """Leave the study where it can be opened; the exit code is that of the first that failed."""
    began = time.monotonic()
    study = Path(tempfile.mkdtemp(prefix="msde-demo-")) / "sample-study"
    sys.stdout.write(WHAT)
    code = (
        msde("sample", study)
        or msde("run", "--study", study, *TRAINING)
        or msde("scores", "1", "--study", study)
    )
    if not code:
        sys.stdout.write(
            f"Done in {time.monotonic() - began:.0f} s. "
            f"The study is {study}: open it with `python main.py {study}`.\n"
        )
    return code


def msde(*words: object) -> int:
    """Show the command, then do it."""
    texts = [str(word) for word in words]
    sys.stdout.write(f"\n$ msde {' '.join(texts)}\n")
    sys.stdout.flush()
    return subprocess.run([sys.executable, "-m", "engine", *texts]).returncode


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
