"""What the API counts; labels are closed sets (codes, outcomes, routes), never anything from a request."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

ROUTE_LABEL: Final = "cityledger.route"
"""Key in an ASGI scope: the route's template, where the framework's routing was not asked."""

REQUESTS: Final = Counter("cityledger_api_requests_total", "HTTP answers by route and status.", ["route", "status"])
EVENTS: Final = Counter("cityledger_api_events_total", "Events received by what became of them.", ["outcome"])
ACKNOWLEDGEMENT: Final = Histogram(
    "cityledger_api_acknowledgement_seconds",
    "From the complete request to the answer of POST /v1/events.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
GROUP_EVENTS: Final = Histogram(
    "cityledger_api_group_events", "Events in one SQL transaction.", buckets=(1, 4, 16, 64, 256, 1024, 4096, 16384)
)
GROUP_SECONDS: Final = Histogram(
    "cityledger_api_group_seconds",
    "Duration of one append transaction.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5),
)
OUTSTANDING: Final = Gauge(
    "cityledger_api_outstanding_events", "Events admitted and not yet sequenced.", multiprocess_mode="livesum"
)
