"""``make demo``: the main job without a display, on drawn faces: import, train, score."""

import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import drawings

SUBJECTS = 36


def main() -> int:
    """Leave the study where it can be opened; the exit code is that of the run."""
    folder = Path(tempfile.mkdtemp(prefix="msde-demo-"))
    study = folder / "study"
    sys.stdout.write(f"Drawing {SUBJECTS} invented people in {folder} …\n")
    sys.stdout.flush()
    drawings.study(folder / "faces", SUBJECTS, size=96)
    msde("import", folder / "faces", "--study", study)
    code = msde("run", "--study", study, "--method", "baseline", "--train", "mix",
                "--preset", "quick", "--set", "epochs=8")  # fmt: skip
    msde("scores", "1", "--study", study)
    sys.stdout.write(f"The study is {study}: open it with `python main.py {study}`.\n")
    return code


def msde(*words: object) -> int:
    """Show the command, then do it."""
    texts = [str(word) for word in words]
    sys.stdout.write(f"\n$ msde {' '.join(texts)}\n")
    sys.stdout.flush()
    return subprocess.run([sys.executable, "-m", "engine", *texts]).returncode


if __name__ == "__main__":
    sys.exit(main())
