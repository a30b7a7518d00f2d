"""The six interfaces of TC609-6-2025-14 annex B; a message is the JSON object of its table, and a repeat of it is the same."""

from collections.abc import Mapping
from typing import Any

from ledger.client.calls import Call, RemoteObject, post_object


def contract_template(message: Mapping[str, Any]) -> Call[RemoteObject]:
    """Table B.2: the preset templates."""
    return post_object("/contractTemplate", message)


def contract_create(message: Mapping[str, Any]) -> Call[RemoteObject]:
    """Table B.3: begins a contract and gives its id."""
    return post_object("/contractCreate", message)


def contract_negotiate(message: Mapping[str, Any]) -> Call[RemoteObject]:
    """Table B.4: one round, and signatures at the end."""
    return post_object("/contractNegotiate", message)


def contract_registrate(message: Mapping[str, Any]) -> Call[RemoteObject]:
    """Table B.5: files a signed contract."""
    return post_object("/contractRegistrate", message)


def contract_execution(message: Mapping[str, Any]) -> Call[RemoteObject]:
    """Table B.6: reports performance."""
    return post_object("/contractExecution", message)


def contract_terminate(message: Mapping[str, Any]) -> Call[RemoteObject]:
    """Table B.7: ends a contract."""
    return post_object("/contractTerminate", message)
