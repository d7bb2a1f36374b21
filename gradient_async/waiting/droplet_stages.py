"""The stages that one Droplet passes until it is ready."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final

import anyio

from gradient_async.errors import UnhealthyDropletError
from gradient_async.waiting import ssh_banner
from gradient_async.waiting.poller import interval
from gradient_async.waiting.probe_calls import answer_of
from gradient_async.waiting.readiness import address_of

if TYPE_CHECKING:
    from gradient_async.models.droplet import Droplet
    from gradient_async.waiting.awaited_droplet import AwaitedDroplet
    from gradient_async.waiting.poller import Pace
    from gradient_async.waiting.readiness import Probe, Stage, WaitTarget

# The share of the longest interval between polls that tries of ssh and probes reach: a try costs no request.
_SHARE_OF_LONGEST: Final = 1 / 3
# Errors of the probe's own code. Another try would raise them again.
_FINAL_ERRORS: Final = (UnhealthyDropletError, ImportError, NameError, TypeError)


class DropletStages:
    """Passes the stages of a wait for one Droplet.

    Args:
        awaited: The Droplet, which others poll.
        target: What the wait is for.
        first_pause: Seconds until the second try of a stage. Later pauses are longer.
        pace: Intervals between polls.
        limiter: Limits how many Droplets are tried at once.

    Attributes:
        current: Name of the first stage that is not reached.
        trouble: What the last try of the stage came to, for an error's text.
        cause: What the last try of a probe raised.
    """

    def __init__(
        self,
        awaited: AwaitedDroplet,
        target: WaitTarget,
        first_pause: float,
        pace: Pace,
        limiter: anyio.CapacityLimiter,
    ) -> None:
        self._awaited = awaited
        self._target = target
        self._first_pause = first_pause
        self._limiter = limiter
        self._longest_pause = _SHARE_OF_LONGEST * pace.longest
        self.current: str = target.stages[0].name
        self.trouble: str = ""
        self.cause: Exception | None = None

    async def passed(self) -> Droplet:
        """Pass all stages, and return the Droplet as last read.

        Raises:
            Exception: A probe raised an error that another try would raise too.
        """
        while self._awaited.last is None:
            await self._news()
        for stage in self._target.stages:
            self.current, self.trouble, self.cause = stage.name, "", None
            await self._pass(stage)
        return self._awaited.last

    async def _pass(self, stage: Stage) -> None:
        tries = 0
        while (droplet := self._awaited.last) is None or not await self._is_reached(stage, droplet):
            tries += 1
            if not stage.is_tried:
                await self._news()
                continue
            pause = interval(tries, self._first_pause, random.random(), self._longest_pause)  # noqa: S311 - jitter
            with anyio.move_on_after(pause):
                await self._news()

    async def _is_reached(self, stage: Stage, droplet: Droplet) -> bool:
        if stage.probe is not None:
            return await self._passes(stage.probe, droplet)
        if not stage.is_tried:
            return stage.is_shown_by(droplet, self._target.address)
        host = address_of(droplet, self._target.address)
        self.trouble = f"; no SSH server answers at port {self._target.ssh_port}"
        if host is None:
            return False
        async with self._limiter:
            return await ssh_banner.answers(host, self._target.ssh_port)

    async def _passes(self, probe: Probe, droplet: Droplet) -> bool:
        """Ask a probe. An error that it raises counts as no, since what it asks may not answer yet."""
        try:
            async with self._limiter:
                answer = await answer_of(probe, droplet)
        except _FINAL_ERRORS:
            raise
        except Exception as error:  # noqa: BLE001 - the user's own code
            self.trouble, self.cause = f"; its last try raised {error!r:.200}", error
            return False
        if not isinstance(answer, bool):
            raise TypeError(f"until: the probe {self.current} must return True or False, got {answer!r:.80}")
        self.trouble, self.cause = "", None
        return answer

    async def _news(self) -> None:
        """Wait for the end of a poll."""
        self._awaited.news.clear()
        await self._awaited.news.wait()
