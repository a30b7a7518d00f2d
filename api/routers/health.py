"""Liveness, readiness and metrics."""

import os
from datetime import timedelta
from typing import Any

import orjson
import structlog
from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from sqlalchemy import Connection
from starlette.responses import Response

from api import metrics
from api.container import Container, KeyringNotReadyError, NotReadyError
from api.dependencies import ContainerOf
from api.history_guard import UNKNOWN, HistoryUnknownError
from api.problems import problem_response
from api.schemas.health import LiveAnswer, ReadyAnswer
from ledger.adapters.sql import anchoring, reading
from ledger.errors import IntegrityError, UnavailableError

router = APIRouter(tags=["health"])

READY = "ready"

_logger = structlog.get_logger("api")


@router.get("/livez", summary="Is the process alive?", responses={200: {"model": LiveAnswer}})
async def get_livez() -> Response:
    """Answers as long as the event loop runs; asks nobody."""
    return _json({"status": "alive"})


@router.get("/readyz", summary="Is every part ready?", responses={200: {"model": ReadyAnswer}})
async def get_readyz(container: ContainerOf) -> Response:
    """Every part by name; 503 unless all are ready.

    Events are refused too while `database`, `log` or `history` is not ready. With `publisher` lagging or `anchoring` halted they
    are taken all the same: what is late is their publication, or their anchor.
    """
    parts, detail = await readiness(container)
    if all(state == READY for state in parts.values()):
        return _json({"status": READY, "parts": parts})
    waiting = ", ".join(f"{part} is {state.replace('_', ' ')}" for part, state in parts.items() if state != READY)
    return problem_response(NotReadyError(f"Not ready: {waiting}.{detail}", parts=parts))


@router.get(
    "/metrics",
    summary="Prometheus metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def get_metrics(container: ContainerOf) -> Response:
    """Counters of this process, or of all workers when there are several."""
    metrics.OUTSTANDING.set(container.committer.outstanding)
    registry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the package has no annotations here
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


async def readiness(container: Container) -> tuple[dict[str, str], str]:
    """Part -> ``ready``, or what it is instead; and what there is to say about it."""
    try:
        parts = await container.read(lambda connection: _parts(container, connection))
        if parts["log"] != READY:
            return parts, ""
        found, detail = await _history(container)
    except UnavailableError:
        return {"database": "unavailable"}, ""
    except Exception:
        _logger.exception("readiness_failed")
        return {"database": "unreadable"}, " It answers, but not as this service needs it; its log names the error."
    return parts | found, detail


async def _history(container: Container) -> tuple[dict[str, str], str]:
    """What the guard says: about the history, or about the keys that it watches too."""
    try:
        refusal = await container.history.check()
    except KeyringNotReadyError as lost:
        return {"log": "keyring_incomplete"}, f" {lost.detail}"
    except HistoryUnknownError as unknown:
        return {"history": UNKNOWN}, f" {unknown.detail}"
    return ({"history": READY}, "") if refusal is None else ({"history": refusal.state}, f" {refusal.detail}")


def _parts(container: Container, connection: Connection) -> dict[str, str]:
    parts = {"database": READY}
    try:
        container.open_log(connection)
    except KeyringNotReadyError:
        return parts | {"log": "keyring_incomplete"}
    except NotReadyError:
        return parts | {"log": "not_opened"}
    except IntegrityError:
        return parts | {"log": "another_log"}
    parts["log"] = READY
    parts["publisher"] = "lagging" if _is_lagging(container, connection) else READY
    parts["anchoring"] = READY if anchoring.halted(connection) is None else "halted"
    return parts


def _is_lagging(container: Container, connection: Connection) -> bool:
    """Whether the oldest event that waits for publication has waited longer than receipts promise."""
    oldest = reading.event_at(connection, reading.watermarks(connection).published)
    limit = timedelta(seconds=container.settings.promise_publish_s)
    return oldest is not None and container.clock.now() - oldest.received_at > limit


def _json(value: dict[str, Any]) -> Response:
    return Response(orjson.dumps(value), media_type="application/json", headers={"Cache-Control": "no-store"})
