"""Reading an HTTP answer whole: one that a dying server cut off is no answer."""

from http.client import HTTPResponse, IncompleteRead


def read_whole(answer: HTTPResponse, bytes_max: int) -> bytes:
    """The body, or its first ``bytes_max`` bytes where it has more.

    ``HTTPResponse.read`` with a size returns what came and says nothing when the connection ends before ``Content-Length`` is
    reached; whoever believed it would blame the server for what it never said.

    Raises:
        IncompleteRead: the connection ended in the middle of the body.
        OSError: it broke.
    """
    body = answer.read(bytes_max)
    if answer.length and len(body) < bytes_max:
        raise IncompleteRead(body, answer.length)
    return body
