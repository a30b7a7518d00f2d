"""SM2 verification and signing written from GB/T 32918.2 in plain integers: an oracle beside the native library."""

from hashlib import new

P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = P - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)

Point = tuple[int, int] | None


def _add(first: Point, second: Point) -> Point:
    if first is None or second is None:
        return first or second
    (x1, y1), (x2, y2) = first, second
    if x1 == x2 and (y1 + y2) % P == 0:
        return None
    slope = (3 * x1 * x1 + A) * pow(2 * y1, -1, P) if first == second else (y2 - y1) * pow(x2 - x1, -1, P)
    x3 = (slope * slope - x1 - x2) % P
    return x3, (slope * (x1 - x3) - y1) % P


def _multiply(scalar: int, point: Point) -> Point:
    result: Point = None
    while scalar:
        if scalar & 1:
            result = _add(result, point)
        point = _add(point, point)
        scalar >>= 1
    return result


def _sm3(data: bytes) -> bytes:
    return new("sm3", data).digest()


def _word(value: int) -> bytes:
    return value.to_bytes(32, "big")


def _digest(x: int, y: int, message: bytes, signer_id: bytes) -> int:
    z = _sm3(
        (8 * len(signer_id)).to_bytes(2, "big") + signer_id + b"".join(map(_word, (A, B, *G))) + _word(x) + _word(y)
    )
    return int.from_bytes(_sm3(z + message), "big")


def public_key(private_key: int) -> bytes:
    """04 || x || y."""
    point = _multiply(private_key, G)
    assert point is not None
    return b"\x04" + _word(point[0]) + _word(point[1])


def sign(private_key: int, nonce: int, message: bytes, signer_id: bytes) -> bytes:
    """The signature r || s for a chosen nonce (section 6.1)."""
    key = public_key(private_key)
    digest = _digest(int.from_bytes(key[1:33], "big"), int.from_bytes(key[33:], "big"), message, signer_id)
    point = _multiply(nonce, G)
    assert point is not None
    r = (digest + point[0]) % N
    s = pow(1 + private_key, -1, N) * (nonce - r * private_key) % N
    return _word(r) + _word(s)


def is_valid(key: bytes, message: bytes, signature: bytes, signer_id: bytes) -> bool:
    """Whether the signature verifies (section 7.1)."""
    x, y = int.from_bytes(key[1:33], "big"), int.from_bytes(key[33:], "big")
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if not (0 < r < N and 0 < s < N) or (r + s) % N == 0:
        return False
    point = _add(_multiply(s, G), _multiply((r + s) % N, (x, y)))
    return point is not None and (_digest(x, y, message, signer_id) + point[0]) % N == r
