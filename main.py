"""``python main.py [STUDY]`` opens the window."""

import sys

from msde_gui.app import main

if __name__ == "__main__":
    sys.exit(main())
