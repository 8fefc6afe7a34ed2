"""``msde`` and ``python -m engine``: the command, whatever lies in the current folder."""

from engine.system.environment import prepare


def main() -> None:
    """Import and run the command, once nothing of the current folder can be imported."""
    prepare()
    from engine import cli

    cli.main()


if __name__ == "__main__":  # spawned processes import this module again
    main()
