"""Synthetic events of exactly 600 bytes of canonical JSON."""

import json

EVENT_BYTES = 600


def event_bytes(run: str, number: int) -> bytes:
    """Event ``number`` of a run; ``run`` keeps the identities of different loads apart."""
    event = {
        "data": {"activity": "Determine confirmation of receipt", "group": f"Group {number % 40}", "note": ""},
        "datacontenttype": "application/json",
        "id": f"{run}:{number}",
        "source": f"urn:benchmark:{run}",
        "specversion": "1.0",
        "subject": f"case-{number % 10_000}",
        "time": "2026-11-21T09:00:00.000Z",
        "type": "org.example.benchmark.v1",
    }
    bare = len(json.dumps(event, separators=(",", ":")))
    event["data"]["note"] = "x" * (EVENT_BYTES - bare)  # type: ignore[index]
    return json.dumps(event, separators=(",", ":")).encode()
