"""The SM2 keys of the story: a body's public key comes onto its file, and what the body signs from then on it signs by both algorithms."""

from ledger.adapters.signing_keys import SM2, new_secret, public_part
from ledger.client import participant_acts, participants
from ledger.demo.city import City, Desk
from ledger.demo.offices import Office


def sm2_secret(city: City, office: Office) -> bytes:
    """The office's own SM2 key, made at the first call."""
    return city.memory.private_key(office.name, SM2, new_secret(SM2))


def sign_by_both(city: City, *offices: Office) -> None:
    """From now on these offices sign by SM2 too."""
    for office in offices:
        secret = sm2_secret(city, office)
        put_on_file(city.desk(office.name), public_part(SM2, secret).hex())
        city.sm2_secrets[office.code] = secret


def put_on_file(desk: Desk, public_key: str) -> None:
    """A body's SM2 key comes onto its file, unless it is there: ``04``, x, y in hex."""
    body = desk.client.run(participants.get_participant(desk.code))
    if public_key not in {key["public_key"] for key in body.value["sm2_keys"]}:
        assert body.revision is not None, "a participant has an ETag"
        desk.client.run(participant_acts.add_sm2_key(desk.code, public_key=public_key, revision=body.revision))
