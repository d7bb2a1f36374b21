"""The keys of a run's requests: one for each step of each Droplet."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from attrs import frozen

from gradient_async.budget.keyed_call import KeyedCall
from gradient_async.endpoints import droplet_actions
from gradient_async.fleet.journal_format import DropletRecord
from gradient_async.fleet.plan import Plan
from gradient_async.http.request import Timestamp
from gradient_async.http.request_key import RequestKey
from gradient_async.http.sender import Sender

if TYPE_CHECKING:
    from gradient_async.http.endpoint import Request
    from gradient_async.models.responses import ActionInitiateResponse


@frozen(kw_only=True)
class StepKeys:
    """The keys of a run's requests.

    Attributes:
        sender: Sends the run's requests.
        plan: The run's plan.
        prefix: The beginning of all keys.
        ttl: Seconds for which each is kept.
    """

    sender: Sender
    plan: Plan
    prefix: str
    ttl: float

    def of(self, droplet_id: int, step: int) -> RequestKey:
        """Return the key of a step. It belongs to the step as planned, and not to the name that a template makes."""
        planned = [droplet_id, step, self.plan.steps[step].as_json()]
        asked = hashlib.sha256(json.dumps(planned, sort_keys=True).encode()).digest()
        number = f":{step + 1}" if len(self.plan.steps) > 1 else ""
        return RequestKey(f"{self.prefix}:{droplet_id}{number}", self.ttl, asked)

    def call(self, request: Request[ActionInitiateResponse], step: int) -> KeyedCall[ActionInitiateResponse]:
        """Return the call of a step's request."""
        assert request.action is not None  # noqa: S101 - of an action
        assert request.action.droplet_id is not None  # noqa: S101 - likewise
        return KeyedCall(self.sender, request, self.of(request.action.droplet_id, step))

    async def recall(self, droplet_id: int, record: DropletRecord) -> DropletRecord:
        """Return a Droplet's record with what the keys say of earlier runs.

        A step that a later one followed has ended. Without an action it had nothing to do.

        Args:
            droplet_id: The Droplet.
            record: What the journal says.

        Raises:
            RequestKeyError: A key is another request's, or the store cannot be used.
        """
        found = DropletRecord(steps=dict(record.steps), outcome=record.outcome)
        is_followed = False
        for number in reversed(range(len(self.plan.steps))):
            request = droplet_actions.initiate(droplet_id, self.plan.steps[number].request, {})
            state, reply = await self.call(request, number).kept()
            if number not in record.steps:
                if reply is not None:
                    action = reply.parse().action
                    found.step(number).action, found.step(number).action_id = action, action.id
                    found.step(number).end = "acted" if is_followed else None
                elif state == "sending":
                    found.step(number).first_sent = Timestamp.now()
                elif is_followed:
                    found.step(number).end = "nothing"
            is_followed = is_followed or state in ("sending", "done")
        return found
