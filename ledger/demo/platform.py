"""The authorisation platform of the story: a program of its own beside the service, asked by HTTP, which follows what happens there."""

from typing import Any

from ledger.client.calls import Call, RemoteObject
from ledger.client.platform import PlatformConnection, get_copy, get_differences, get_platform_act, get_platform_status
from ledger.demo.city import City
from ledger.errors import ConflictError, RefusedByServiceError


class Platform:
    """Its desk: what is done there is in its own books first, and then at the service.

    Args:
        city: the bodies at the service.
        connection: where the platform is.
    """

    def __init__(self, city: City, connection: PlatformConnection) -> None:
        self._city = city
        self.url = connection.platform_url
        self.reader = city.client_of(self.url, connection.api_keys["reader"])
        self._handler = city.client_of(self.url, connection.api_keys["handler"])

    def close(self) -> None:
        """Closes the connections."""
        self.reader.close()
        self._handler.close()

    def wait_for(self, kind: str, object_id: str, *states: str) -> None:
        """Waits until its copy of an object is in one of these states."""
        self._city.wait_for(
            lambda: self._state_of_copy(kind, object_id),
            lambda found: found in states,
            f"the authorisation platform's copy of {kind} {object_id}",
        )

    def act(self, call: Call[RemoteObject]) -> str:
        """Does something in its own name; gives the name of the object that it is about, once the service has answered.

        Raises:
            ConflictError: the service refused it.
        """
        act_id = str(self._handler.run(call).value["act_id"])
        answered = self._city.wait_for(
            lambda: self.reader.run(get_platform_act(act_id)).value,
            lambda found: found["state"] != "intended",
            "the service's answer to the authorisation platform",
        )
        if answered["state"] != "acknowledged":
            raise ConflictError(
                f"the service refused the authorisation platform's {answered['act']}: {answered['problem']}"
            )
        return str(answered["object_id"])

    def compare(self) -> list[dict[str, Any]]:
        """What differs between both books once everything was looked at again; waits for what is only under way."""
        self._sweep()
        return self._city.wait_for(
            self._open, lambda found: not any(one["is_under_way"] for one in found), "the comparison of both books"
        )

    def copies(self) -> dict[str, int]:
        """How many copies of each kind it keeps."""
        kinds = self.reader.run(get_platform_status()).value["kinds"]
        return {kind["kind"]: kind["copies"] for kind in kinds if kind["copies"]}

    def _open(self) -> list[dict[str, Any]]:
        return [dict(one) for one in self.reader.each(_open_differences)]

    def _sweep(self) -> None:
        """The end of a look is noted: the one under way may have begun before the last write, the one after it has not."""
        self._see_looks_end()
        self._see_looks_end()

    def _see_looks_end(self) -> None:
        before = self._swept_at()
        self._city.wait_for(
            self._swept_at,
            lambda times: all(times[kind] != ended for kind, ended in before.items()),
            "a look of the authorisation platform at everything",
        )

    def _swept_at(self) -> dict[str, str | None]:
        """When the last look at everything of a kind ended, by kind."""
        return {kind["kind"]: kind["swept_at"] for kind in self.reader.run(get_platform_status()).value["kinds"]}

    def _state_of_copy(self, kind: str, object_id: str) -> str | None:
        try:
            return self.reader.run(get_copy(kind, object_id)).state
        except RefusedByServiceError as error:
            if error.facts.get("status") == 404:
                return None
            raise


def _open_differences(cursor: str | None) -> Call[Any]:
    return get_differences(phase="open", cursor=cursor)
