"""The desktop application: shows what the engine says, computes nothing."""

import logging

logging.getLogger(__name__).addHandler(logging.NullHandler())  # who wants the lines adds another
