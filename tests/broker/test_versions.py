"""Libraries whose inside the block transport replaces."""

import pytest

from broker.consumer import check_aiokafka_version
from broker.faust_transport import check_faust_version
from schemas.errors import LeapError


def test_what_is_installed_was_tested() -> None:
    check_aiokafka_version()
    check_faust_version()


@pytest.mark.parametrize("version", ["0.14.0", "0.14.7", "0.14.1.post2"])
def test_a_correction_of_the_aiokafka_that_was_tested_is_taken(version: str) -> None:
    check_aiokafka_version(version)


@pytest.mark.parametrize("version", ["0.13.9", "0.15.0", "1.14.0"])
def test_another_aiokafka_is_refused_with_both_versions(version: str) -> None:
    with pytest.raises(LeapError, match=rf"aiokafka {version} is installed.*0\.14.*lock"):
        check_aiokafka_version(version)


@pytest.mark.parametrize("version", ["0.14.9", "0.16.0", "1.15.3"])
def test_another_faust_is_refused_with_both_versions(version: str) -> None:
    with pytest.raises(LeapError, match=rf"faust-streaming {version} is installed.*0\.15.*lock"):
        check_faust_version(version)
