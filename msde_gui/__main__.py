"""``msde-gui`` and ``python -m msde_gui``: the window, whatever lies in the current folder."""

import sys

from engine.system.environment import prepare


def main() -> int:
    """Import and open the window, once nothing of the current folder can be imported."""
    prepare()
    from msde_gui import app

    return app.main()


if __name__ == "__main__":
    sys.exit(main())
