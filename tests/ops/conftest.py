from collections.abc import Iterator

import pytest

from deploy.local.stack import Addresses
from ops.context import Context
from ops.settings import load_settings
from tests.ops.site import Site


@pytest.fixture(scope="session")
def site(stack: Addresses, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    environment = {
        "LEAP_KAFKA": stack.kafka,
        "LEAP_REGISTRY": stack.registry,
        "LEAP_CLICKHOUSE": f"http://{stack.clickhouse_host}:{stack.clickhouse_port}",
        "LEAP_CLICKHOUSE_USER": stack.clickhouse_user,
        "LEAP_CLICKHOUSE_PASSWORD": stack.clickhouse_password,
        "LEAP_SITE_KEY": "0123456789abcdef0123456789abcdef",
        "LEAP_FOLDER": str(tmp_path_factory.mktemp("site")),
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)  # for the processes that the demonstration starts
        context = Context(load_settings(environment))
        yield Site(environment, context)
        context.close()
