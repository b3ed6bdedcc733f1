"""Messages between the grader's processes: the length in eight bytes, then JSON. Nothing is ever unpickled."""

import json
import struct

MOST = 256_000_000  # bytes of one message
_LENGTH = struct.Struct(">Q")


def send(stream, message: dict) -> None:
    """Write a message. Raises ``OSError`` when nobody reads."""
    data = json.dumps(message).encode()
    stream.write(_LENGTH.pack(len(data)) + data)
    stream.flush()


def receive(stream) -> dict:
    """Read a message. Raises ``EOFError`` when the other side has ended."""
    (length,) = _LENGTH.unpack(_exactly(stream, _LENGTH.size))
    if length > MOST:
        raise EOFError(f"a message of {length} bytes")
    return json.loads(_exactly(stream, length))


def _exactly(stream, count: int) -> bytes:
    data = stream.read(count)
    if data is None or len(data) < count:
        raise EOFError("the other process has ended")
    return data
