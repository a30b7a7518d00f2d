"""The FastAPI application over one container; nothing is built at import time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.types import Lifespan

from api.container import Container
from api.dsp_errors import ProtocolErrors
from api.edge import Edge
from api.ingest import Ingest
from api.judging import Judge
from api.late_records import LateRecords
from api.openapi import DESCRIPTION, install_openapi
from api.printing import Printer
from api.problems import install_problem_handlers
from api.roles import MATRIX
from api.routers import (
    accounts,
    acts,
    agreement_life,
    agreement_steps,
    agreements,
    applications,
    authorisations,
    catalog,
    catalog_checks,
    connector_credentials,
    contract_interfaces,
    control_instructions,
    demands,
    disputes,
    dsp,
    dsp_negotiations,
    events,
    health,
    ingest,
    log,
    negotiation_records,
    negotiations,
    order_steps,
    orders,
    participant_acts,
    participants,
    policies,
    printed_vouchers,
    product_differences,
    product_steps,
    products,
    usage_tokens,
    verify,
)
from ledger.errors import MisuseError

ROUTERS: Final = (
    *(ingest.router, events.router, log.router, verify.router, health.router),
    *(accounts.router, acts.router),
    *(participants.router, participant_acts.router),
    *(catalog.router, catalog_checks.router, dsp.router),
    *(dsp_negotiations.router, negotiations.router, negotiation_records.router, connector_credentials.router),
    policies.router,
    *(applications.router, authorisations.router, usage_tokens.router),
    *(orders.router, order_steps.router, agreements.router, agreement_steps.router, printed_vouchers.router),
    *(agreement_life.router, control_instructions.router, disputes.router, contract_interfaces.router),
    # "differences" is no product's code: its route comes before those of a product
    *(product_differences.router, products.router, product_steps.router, demands.router),
)


def create_app(container: Container) -> FastAPI:
    """The application; its parts start and stop with its lifespan."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        container.start()
        app.state.records.start()
        app.state.ingest = Ingest(container)
        try:
            yield
        finally:
            app.state.ingest.close()
            await app.state.records.close()
            app.state.judge.close()
            app.state.printer.close()
            container.close()

    app = build_app_without_parts(lifespan)
    app.state.container = container
    app.state.judge = Judge(container)
    app.state.printer = Printer()
    app.state.records = LateRecords(container)
    return app


def build_app_without_parts(lifespan: Lifespan[FastAPI] | None = None) -> FastAPI:
    """Routes, problems and documents, with nothing behind them: what the OpenAPI document is made from."""
    _check_matrix()
    app = FastAPI(
        title="CityLedger",
        version="1",
        description=DESCRIPTION,
        lifespan=lifespan,
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
    )
    for router in ROUTERS:
        app.include_router(router)
    install_openapi(app)
    install_problem_handlers(app)
    app.add_middleware(ingest.DirectIngest)
    app.add_middleware(Edge)
    app.add_middleware(ProtocolErrors)  # outermost: what the edge answers too is in the form of its path
    return app


def served_routes() -> list[tuple[str, str]]:
    """(method, path) of everything that the routers serve; HEAD goes with its GET."""
    return [
        (method, route.path)
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in sorted((route.methods or set()) - {"HEAD"})
    ]


def _check_matrix() -> None:
    missing = [route for route in served_routes() if route not in MATRIX]
    if missing:
        raise MisuseError(f"routes without a row in the role matrix: {missing}")
