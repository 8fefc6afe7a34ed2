"""Every test runs without a screen and without a network."""

import logging
import os
import socket

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# Of tiny tensors, threads that wait for each other take five times what one takes alone.
os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(autouse=True, scope="session")
def own_data(tmp_path_factory):
    """The tests neither read nor change what the user agreed to."""
    os.environ["XDG_DATA_HOME"] = str(tmp_path_factory.mktemp("data"))


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """Nothing may leave the machine; sockets between this machine's processes are let through."""
    connect = socket.socket.connect

    def refuse(self, address):
        assert self.family == socket.AF_UNIX, f"network access to {address}"
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture(autouse=True)
def surprises():
    """A warning in the log is the program's own fault: a test that wants it empties the list."""
    seen = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = seen.append
    loggers = [logging.getLogger(name) for name in ("engine", "msde_gui")]
    for log in loggers:
        log.addHandler(handler)
    yield seen
    for log in loggers:
        log.removeHandler(handler)
    assert not seen, [record.getMessage() for record in seen]
