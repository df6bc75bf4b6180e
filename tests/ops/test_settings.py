"""Settings that do not fit together are refused by name, with what would fit."""

import pytest

from ops.settings import load_settings
from schemas.errors import SettingsError

# Look-back, amendment and margin; items handed in early; items put off.
NEEDED = 70 + 14 + 7 + 28 + 60


def test_activity_has_to_stay_in_the_log_for_as_long_as_it_may_count() -> None:
    assert load_settings({"LEAP_RETENTION_DAYS": str(NEEDED)}).retention_days == NEEDED
    assert load_settings({}).retention_days >= NEEDED
    with pytest.raises(SettingsError, match=rf"is {NEEDED - 1}, shorter than the {NEEDED} days"):
        load_settings({"LEAP_RETENTION_DAYS": str(NEEDED - 1)})
    longer = {"LEAP_RETENTION_DAYS": str(NEEDED), "LEAP_AMENDMENT_DAYS": "15"}
    with pytest.raises(SettingsError, match=rf"shorter than the {NEEDED + 1} days"):
        load_settings(longer)
