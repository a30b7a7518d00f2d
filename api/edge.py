"""The outermost layer of an application: every request is counted, answered, and ended in bounds."""

from collections.abc import MutableMapping
from typing import Any

from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import metrics
from api.draining import DrainedExchange
from api.problems import unexpected_response


class Edge:
    """The outermost layer: counts answers by route and status, answers what nobody expected, and ends unread requests in bounds.

    The framework would answer that too, but raises it again afterwards, and the server then cuts the connection that the client
    was told to keep.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False
        exchange = DrainedExchange(scope, receive, send)

        async def counting_send(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                metrics.REQUESTS.labels(_route_of(scope), message["status"]).inc()
            await exchange.send(message)

        try:
            await self._app(scope, exchange.receive, counting_send)
        except Exception as error:
            if started:
                raise  # half an answer cannot be taken back; the server cuts the connection
            await unexpected_response(scope, error)(scope, exchange.receive, counting_send)


def _route_of(scope: MutableMapping[str, Any]) -> str:
    """The route's template, so that the label has no value of a request in it."""
    route = scope.get("route")
    return route.path if isinstance(route, APIRoute) else scope.get(metrics.ROUTE_LABEL, "none")
