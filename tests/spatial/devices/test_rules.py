"""Device codes, broker passwords, and silence."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.devices.rules import (
    DeviceRefused,
    broker_hash,
    check_code,
    is_password,
    is_stale,
    new_password,
    silence_limit,
)

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_the_hash_is_the_one_that_mosquitto_passwd_writes():
    # mosquitto_passwd -H sha512-pbkdf2 -b FILE h correct-horse, mosquitto 2.0.11
    written = (
        "$7$101$AMnufiwdDYoa+FAk$"
        "xjp4sTSNUp5V5G3QNoDDNfy8PQ5mWXrSAkDFXTo4LH1ls0t2VONnY/m5bpMB/hbmIkNXbEKNSfzyH8Al3JB2uQ=="
    )
    assert is_password("correct-horse", written)
    assert not is_password("correct-house", written)


# HMAC pads its key with zero bytes
PASSWORDS = st.text(st.characters(exclude_characters="\0"), max_size=30)  # HMAC pads its key with zero bytes


@given(PASSWORDS, PASSWORDS)
def test_only_the_same_password_has_the_hash(password, other):
    stored = broker_hash(password, salt=b"123456789012")
    assert is_password(password, stored)
    assert is_password(other, stored) == (password == other)


def test_passwords_are_192_random_bits():
    assert len({new_password() for _ in range(100)}) == 100
    assert len(new_password()) == 32


@pytest.mark.parametrize(
    "code", ["", "x", "a+b", "a#", "a/b", "$SYS", "twinwall.ingest", "头盔", "-a", "a" * 41, "a b"]
)
def test_a_code_that_the_broker_could_misread_is_refused(code):
    with pytest.raises(DeviceRefused):
        check_code(code)


def test_silence_is_three_intervals_and_at_least_120_seconds():
    assert silence_limit(5) == timedelta(seconds=120)
    assert silence_limit(60) == timedelta(seconds=180)
    assert not is_stale(NOW - timedelta(seconds=120), 5, NOW)
    assert is_stale(NOW - timedelta(seconds=120, microseconds=1), 5, NOW)
    assert is_stale(None, 5, NOW)
