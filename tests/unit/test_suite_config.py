"""The deployment's configuration: read strictly, and refused by the profile where only a test may want it."""

import pytest

from ledger.adapters.chain.suite_config import SETTLEMENT_NAMES, Profile, SuiteConfigError, parse_suite_config
from ledger.log.typed_data import keccak256, to_checksum_address


def address(name: str) -> str:
    return to_checksum_address(keccak256(name.encode())[12:])


def body(name: str, key: str) -> str:
    return f"""
[[bodies]]
code = "{name}"
id = "0x{keccak256(name.encode()).hex()}"
role = "BANK"
profile_digest = "0x{bytes(32).hex()}"
qualification_digest = "0x{bytes(32).hex()}"
qualified_until = 2100000000
possession_deadline = 2000000000
keys = [{{ address = "{address(key)}", purposes = ["BUSINESS", "FINANCE"], possession = "0x{bytes(65).hex()}" }}]
"""


TEXT = f"""version = 1
profile = "consortium"
chain_id = 2026
currencies = ["CNY", "EUR"]
[adopt]
council = "{address("council")}"
evidence_log = "{address("evidence log")}"
[council]
bodies = ["{address("a")}", "{address("b")}"]
threshold = 2
[guardian]
bodies = ["{address("c")}"]
threshold = 1
[delays]
admin_delay_s = 172800
governor_delay_s = 86400
[settlement]
window_floor_s = 259200
objection_answer_s = 1
review_request_s = 2
account_cooling_s = 3
dispute_freeze_max_s = 4
usage_answer_min_s = 5
{body("bank", "bank's key")}"""


def test_config_whole_is_read() -> None:
    config = parse_suite_config(TEXT.encode())
    assert config.profile is Profile.CONSORTIUM
    assert config.currencies == (b"CNY", b"EUR")
    assert config.council.bodies == tuple(sorted(config.council.bodies))
    assert config.settlement["usage_answer_min_s"] == 5
    assert config.bodies[0].role == 1 << 24
    assert config.bodies[0].keys[0].purposes == 5


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("version = 1", "version = 2", "version is not between"),
        ("chain_id = 2026", "chain_id = true", "chain_id is no int"),
        ("chain_id = 2026", "chain_id = 0", "chain_id is not between"),
        ("chain_id = 2026", "", "chain_id is missing"),
        ("chain_id = 2026", "chain_id = 2026\nchainid = 1", "unknown: chainid"),
        ("[delays]", "[delays]\nother = 1", "unknown: delays.other"),
        ("[guardian]", "[guardian]\nother = 1", "unknown: guardian.other"),
        ('code = "bank"', 'code = "bank"\nother = 1', r"unknown: bodies\[0\].other"),
        ('profile = "consortium"', 'profile = "test"', "profile is none of"),
        ('["CNY", "EUR"]', '["CNY", "CNY"]', "names one twice"),
        ('["CNY", "EUR"]', '["cny"]', "ISO 4217"),
        ('["CNY", "EUR"]', "[]", "empty"),
        (address("council"), address("council").lower(), "adopt.council is no EIP-55 address"),
        ("threshold = 2", "threshold = 3", "council.threshold is not between"),
        (f'"{address("b")}"]', f'"{address("a")}"]', "names a body twice"),
        ('role = "BANK"', 'role = "PROVIDER"', "role is none of"),
        ('"FINANCE"]', '"finance"]', "purposes has something else"),
        ('"FINANCE"]', '["FINANCE"]]', "purposes has something else"),
        ('"FINANCE"]', '"FINANCE", "FINANCE"]', "purposes names FINANCE twice"),
        ('"BUSINESS", "FINANCE"]', "]", "purposes is empty"),
        (address("council"), to_checksum_address(bytes(20)), "adopt.council is the zero address"),
        ("keys = [{", "keys = []\nnone = [{", "keys is empty"),
        ("window_floor_s = 259200", "window_floor_s = -1", "window_floor_s is not between"),
        (f'profile_digest = "0x{bytes(32).hex()}"', 'profile_digest = "0x00"', "profile_digest is no 0x and 32 bytes"),
        ("[delays]", "[delays", "not TOML"),
    ],
)
def test_config_malformed_says_where(old: str, new: str, message: str) -> None:
    assert old in TEXT
    with pytest.raises(SuiteConfigError, match=message):
        parse_suite_config(TEXT.replace(old, new, 1).encode())


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("admin_delay_s = 172800", "admin_delay_s = 0", "delays above zero"),
        ("governor_delay_s = 86400", "governor_delay_s = 0", "delays above zero"),
        ("window_floor_s = 259200", "window_floor_s = 259199", "window_floor_s is 259200 or more"),
        *(
            (f"\n{name} = ", f"\n{name} = 0 # ", f"{name} is above zero")
            for name in SETTLEMENT_NAMES
            if name != "window_floor_s"
        ),
        (f'bodies = ["{address("c")}"]', f'bodies = ["{address("a")}"]', "does not sit in the council"),
    ],
)
def test_config_consortium_refuses_what_development_takes(old: str, new: str, message: str) -> None:
    assert old in TEXT
    changed = TEXT.replace(old, new, 1)
    with pytest.raises(SuiteConfigError, match=message):
        parse_suite_config(changed.encode())
    assert parse_suite_config(changed.replace('"consortium"', '"development"').encode()).profile is Profile.DEVELOPMENT


def test_config_same_key_or_id_in_two_bodies_is_refused() -> None:
    with pytest.raises(SuiteConfigError, match=address("bank's key") + " stands in two bodies"):
        parse_suite_config((TEXT + body("auditor", "bank's key")).encode())
    with pytest.raises(SuiteConfigError, match="stands in two bodies"):
        parse_suite_config((TEXT + body("bank", "another key")).encode())


def test_config_digest_follows_every_byte() -> None:
    assert parse_suite_config(TEXT.encode()).sha256 != parse_suite_config((TEXT + "# note\n").encode()).sha256
