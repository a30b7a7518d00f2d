"""Contract negotiation of the Dataspace Protocol 2025-1 (``contract.negotiation.protocol``), for both sides. Pure.

Read in this order: ``life`` (who may send what when), ``messages`` (the messages as JSON), ``offers`` (offers and agreements in them),
``delivery`` (how our own messages fare),
``addresses`` (where the other side is), ``negotiation`` (the value that messages are received into and sent from). Bytes and digests are in
``ledger.bundle.negotiation_record``. ``NEGOTIATION.md`` has the tables and what the protocol's conformance tests ask for.
"""
