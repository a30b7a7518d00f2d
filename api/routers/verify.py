"""POST /v1/verify: the numbered steps of the offline verifier, for callers who cannot run it."""

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from api.bodies import announced_bytes, gunzip, read_body
from api.judging import Judge
from api.negotiation import content_encoding, media_type_of
from api.schemas.log import VerifyAnswer
from api.strict_requests import STRICT_QUERY
from ledger.errors import UnsupportedMediaTypeError

router = APIRouter(tags=["verification"], dependencies=[STRICT_QUERY])

READ_TIMEOUT_S = 15.0
"""Anyone may ask here: a proof of the largest size has this long at 1.1 Mbit/s, and whoever stalls is let go soon."""


@router.post(
    "/v1/verify",
    summary="Verify a proof file",
    responses={200: {"model": VerifyAnswer}},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ProofFile"}}},
        }
    },
)
async def post_verify(request: Request) -> Response:
    """Takes every step on the bytes of a proof file, exactly as they are: white space or another order make it invalid.

    The answer says whose trust was used. To trust nobody here, run `cityledger verify` with a trust file of your own.
    """
    if media_type_of(request.headers) != "application/json":
        raise UnsupportedMediaTypeError("Send the proof file as application/json.")
    encoding = content_encoding(request.headers)
    judge: Judge = request.app.state.judge
    bytes_max = judge.proof_bytes_max
    async with judge.budget.reserve(announced_bytes(request, bytes_max)) as reservation:
        raw = await read_body(request, bytes_max, reservation, READ_TIMEOUT_S)
        report, trust = await judge.verify(lambda: gunzip(raw, bytes_max) if encoding == "gzip" else raw)
    known = {
        "source": trust.source,
        "profile": trust.file.profile,
        "logs": [{"origin": log.identity.origin, "verifier_key": log.identity.verifier_key} for log in trust.file.logs],
    }
    return Response(orjson.dumps(report.value() | {"trust": known}), media_type="application/json")
