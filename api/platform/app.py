"""The authorisation platform's FastAPI application over one container."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.types import Lifespan

from api.edge import Edge
from api.platform import acts, reads
from api.platform.container import PlatformContainer
from api.problems import MEDIA_TYPE, install_problem_handlers
from api.schemas.problems import Problem

DESCRIPTION: Final = """\
The authorisation platform's own books: what the trading platform showed, what this platform did itself, and where both differ.

Reading needs one of its API keys, acting the handler's. A write answers 202: the act is in the books, and is sent to the trading
platform until it is answered. Errors are RFC 9457 problems with a stable `code`.
"""
PUBLIC: Final = frozenset({"/livez", "/readyz"})


def create_platform_app(container: PlatformContainer) -> FastAPI:
    """The application; its parts start and stop with its lifespan."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        container.start()
        try:
            yield
        finally:
            container.close()

    app = build_platform_app(lifespan)
    app.state.container = container
    return app


def build_platform_app(lifespan: Lifespan[FastAPI] | None = None) -> FastAPI:
    """Routes, problems and documents, with nothing behind them."""
    app = FastAPI(
        title="CityLedger authorisation platform",
        version="1",
        description=DESCRIPTION,
        lifespan=lifespan,
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
    )
    app.include_router(reads.router)
    app.include_router(acts.router)
    install_problem_handlers(app, note=None)
    app.add_middleware(Edge)

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _build_openapi(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # the documented way to replace it
    return app


def _build_openapi(app: FastAPI) -> dict[str, Any]:
    """The framework's document, with our problems in place of its own errors."""
    document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Problem"] = Problem.model_json_schema()
    for name, model in acts.REQUEST_MODELS.items():
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= schema.pop("$defs", {}) | {name: schema}
    components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
    problem = {
        "description": "A problem.",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for path, methods in document["paths"].items():
        for operation in methods.values():
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = problem
            if path not in PUBLIC:
                operation["security"] = [{"bearer": []}]
    return document
