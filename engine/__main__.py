"""``python -m engine`` is the ``msde`` command."""

from engine.cli import main

if __name__ == "__main__":  # spawned processes import this module again
    main()
