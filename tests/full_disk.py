"""A disk without room, for tests of what is written."""

import errno
from pathlib import Path


class Limited:
    """An open file on a disk with few bytes left."""

    def __init__(self, stream, left):
        self.stream, self.left = stream, left

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stream.close()

    def write(self, content):
        fits = content[: self.left[0]]
        self.stream.write(fits)
        self.left[0] -= len(fits)
        if len(fits) < len(content):
            raise OSError(errno.ENOSPC, "No space left on device")


def on_opening(patch, make):
    """Files that are opened to be written are what ``make`` makes of them."""
    opened = Path.open

    def other(file, mode="r", *args, **kwargs):
        return (make if "w" in mode else lambda stream: stream)(opened(file, mode, *args, **kwargs))

    patch.setattr(Path, "open", other)


def fill(patch, room):
    """From now on only ``room`` bytes can be written."""
    left = [room]
    on_opening(patch, lambda stream: Limited(stream, left))
