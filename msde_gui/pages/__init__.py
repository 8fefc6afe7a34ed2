"""The pages and docks of the window; each folder with a ``panel.py`` adds one."""
