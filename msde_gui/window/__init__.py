"""The main window around the pages: rail, top bar, docks, command palette, strip of jobs."""
