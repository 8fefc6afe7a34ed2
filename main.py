"""``python main.py [STUDY]`` opens the window."""

import sys

from msde_gui.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
