"""Membership in a consumer group: aiokafka's, and what it leaves out.

- It says when the group last confirmed the membership; publishing depends on that.
- A static member (one with an instance id) leaves the group when it stops. aiokafka stays silent
  then, and its partitions would rest until the session timeout.
- A static member whose instance id was taken by another process learns it. aiokafka sends
  heartbeats and commits without the instance id, so the broker answers "unknown member"; aiokafka
  forgets its member id, joins as a new process, and thereby throws the other one out, which does
  the same. Here a static member joins again under the member id it had: the broker then either says
  that the instance id is fenced, or that it knows no such member, and only then is it a new one.
- A coordinator that has just been restarted and still loads the group is asked again; aiokafka
  takes that answer to a heartbeat for the end.
- Whatever ends the membership stands in `failure`, to be looked at from any thread: aiokafka tells
  it only to callers of `getmany`, and Faust is none.
"""

import time
from typing import Any, Final, cast

from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.errors import GroupLoadInProgressError, KafkaError
from aiokafka.protocol.group import HeartbeatRequest, SyncGroupRequest

from schemas.errors import Fenced

_FENCED_INSTANCE_ID: Final = 82  # of Kafka's protocol; aiokafka has no name for it
_NO_GENERATION: Final = -1


class Membership(GroupCoordinator):
    """One member of one group."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.confirmed_s = float("-inf")  # monotonic; when a request was sent that was answered
        self.failure: Exception | None = None
        self._is_joining = False
        super().__init__(*args, **kwargs)

    def reset_generation(self) -> None:
        """The broker does not know this member, or not in this generation: join again.

        A static member keeps its member id until the broker has refused it in a join.
        """
        if self._group_instance_id is None or self._is_joining:
            super().reset_generation()
        else:
            self.generation = _NO_GENERATION
            self.request_rejoin()

    async def _send_req(self, request: object) -> object:
        sent_s = time.monotonic()
        response = await super()._send_req(request)
        code = cast(int | None, getattr(response, "error_code", None))
        is_confirming = isinstance(request, HeartbeatRequest | SyncGroupRequest)
        if is_confirming and code == 0:
            self.confirmed_s = sent_s
        elif is_confirming and code == GroupLoadInProgressError.errno:
            raise GroupLoadInProgressError
        elif code == _FENCED_INSTANCE_ID:
            self.failure = Fenced(
                f"another process has joined the group {self.group_id} as"
                f" {self._group_instance_id}, so this one ends: give each worker a name of its own"
                " (LEAP_WORKER_NAME)"
            )
        return response

    async def _do_rejoin_group(self, subscription: object) -> bool:
        self._is_joining = True
        try:
            return await super()._do_rejoin_group(subscription)
        finally:
            self._is_joining = False

    def _push_error_to_user(self, error: KafkaError) -> object:
        self.failure = self.failure or error
        return super()._push_error_to_user(error)

    async def _coordination_routine(self) -> None:
        try:
            await super()._coordination_routine()
        except KafkaError as error:
            self.failure = self.failure or error
            raise

    async def _maybe_leave_group(self) -> None:
        instance, self._group_instance_id = self._group_instance_id, None
        try:
            await super()._maybe_leave_group()
        finally:
            self._group_instance_id = instance
