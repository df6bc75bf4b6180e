from typing import NamedTuple

class ConsumerProtocolMemberMetadata(NamedTuple):
    version: int
    subscription: list[str]
    user_data: bytes

class ConsumerProtocolMemberAssignment(NamedTuple):
    version: int
    assignment: list[tuple[str, list[int]]]
    user_data: bytes
