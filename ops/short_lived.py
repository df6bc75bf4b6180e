"""Generations that are made for one run: a name of their own, and their removal."""

from collections.abc import Collection
from typing import Final

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from broker.clients import ClientConfig

_TIMEOUT_S: Final = 60.0
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"


def new_name(prefix: str, number: int) -> str:
    """A generation's name: `number`, a time for example, told in few letters."""
    digits = ""
    while number:
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return prefix + digits


def remove(client: ClientConfig, *, topics: Collection[str], groups: Collection[str]) -> None:
    """Delete topics and consumer groups by their full names; what is gone already is no error."""
    admin = AdminClient(client.settings())
    futures = [
        *(admin.delete_topics([*topics], operation_timeout=_TIMEOUT_S).values() if topics else ()),
        *(admin.delete_consumer_groups([*groups]).values() if groups else ()),
    ]
    for future in futures:
        try:
            future.result(timeout=_TIMEOUT_S)
        except KafkaException:
            continue
