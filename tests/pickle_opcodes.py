"""Opcodes of pickles, put together by hand."""

import struct


def text(value: str) -> bytes:
    encoded = value.encode()
    return b"X" + struct.pack("<I", len(encoded)) + encoded


def content(value: bytes) -> bytes:
    return b"B" + struct.pack("<I", len(value)) + value


def integer(value: int) -> bytes:
    encoded = value.to_bytes(10, "little", signed=True)
    return b"\x8a\x0a" + encoded


def tupled(*values: bytes) -> bytes:
    return b"(" + b"".join(values) + b"t"


def named(name: str) -> bytes:
    return b"c" + name.replace(" ", "\n").encode() + b"\n"


def called(name: str, *arguments: bytes) -> bytes:
    return named(name) + tupled(*arguments) + b"R"
