"""One running service for all HTTP tests of a process; tests that need other settings start their own."""

from collections.abc import Callable, Iterator

import pytest
import structlog
from support.a_service import Service, running_service
from support.desk import Desk, running_desk
from support.embedded import DatabaseFactory
from support.life_http import put_keys_on_file
from support.product_http import Bodies
from support.signed_acts import SignedActs
from support.trade_http import HttpTrade, trade_of, trading_service
from support.two_tenants import TwoTenants, running_tenants

from ledger.adapters.embedded.postgres import EmbeddedPostgres


@pytest.fixture(scope="session", autouse=True)
def plain_tracebacks() -> None:
    """As the service logs them: those for a console draw every local variable, which takes longer than a client waits for its 500."""
    structlog.configure(processors=[structlog.processors.format_exc_info, structlog.processors.JSONRenderer()])


@pytest.fixture(scope="session")
def new_database(postgres_server: EmbeddedPostgres, migrated_template: str) -> Iterator[Callable[[], str]]:
    """Gives the URL of a migrated database that is there as long as the process."""
    factory = DatabaseFactory(postgres_server)
    yield lambda: factory(template=migrated_template)
    factory.close()


@pytest.fixture(scope="session")
def service(new_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running_service(new_database(), tmp_path_factory.mktemp("service")) as running:
        yield running


@pytest.fixture(scope="session")
def desk(new_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One running service that trusts a running issuer, for the tests of access in a process."""
    with running_desk(new_database(), tmp_path_factory.mktemp("desk")) as running:
        yield running


@pytest.fixture(scope="session")
def tenants(new_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoTenants]:
    """Tenants with objects; the tests that share them change nothing of theirs."""
    with running_tenants(new_database(), tmp_path_factory.mktemp("tenants")) as running:
        yield running


@pytest.fixture(scope="session")
def acts(service: Service) -> SignedActs:
    return SignedActs(service.log, service.container, service.client)


@pytest.fixture(scope="module")
def trading(new_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A running service of a test file's own, for orders and agreements."""
    with trading_service(new_database(), tmp_path_factory.mktemp("trading")) as running:
        yield running


@pytest.fixture(scope="module")
def bodies(trading: Service) -> Bodies:
    """The bodies of a trade, admitted there."""
    admitted = Bodies(trading.log)
    admitted.admit()
    return admitted


@pytest.fixture(scope="module")
def selected(trading: Service, bodies: Bodies) -> HttpTrade:
    """A product on offer there, and a demand that its provider was selected for."""
    return trade_of(trading, bodies)


@pytest.fixture(scope="module")
def selected_with_sm2(trading: Service, bodies: Bodies) -> HttpTrade:
    """The same, where the bodies that sign papers have SM2 keys on file."""
    put_keys_on_file(bodies)
    return trade_of(trading, bodies)


@pytest.fixture
def new_service(
    fresh_database: Callable[..., str], migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Service]]:
    """Starts a service of its own with other settings."""
    open_services = []

    def start(**overrides: object) -> Service:
        context = running_service(
            fresh_database(template=migrated_template), tmp_path_factory.mktemp("service"), **overrides
        )
        running = context.__enter__()
        open_services.append(context)
        return running

    yield start
    for context in reversed(open_services):
        context.__exit__(None, None, None)


@pytest.fixture(scope="module")
def market(
    new_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Service, Bodies]]:
    """A running service of a test file's own, with bodies that offer products."""
    with running_service(new_database(), tmp_path_factory.mktemp("market")) as service:
        bodies = Bodies(service.log)
        bodies.admit()
        yield service, bodies
