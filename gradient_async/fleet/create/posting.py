"""Sends the creates of a creation run. Each is recorded before it is sent."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Literal

from gradient_async.errors import ClientClosedError, CreateOutcomeUnknownError, GradientAIError, JournalError
from gradient_async.fleet.create.offers import image_of
from gradient_async.fleet.create.outcomes import CreationTry
from gradient_async.fleet.create.spec import create_request
from gradient_async.http.request import Timestamp
from gradient_async.models.droplet import Droplet
from gradient_async.models.droplet_create import MultipleDropletResponse
from gradient_async.resources.droplet_creator import DropletCreator

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradient_async.errors import Attempt
    from gradient_async.fleet.create.context import CreationContext
    from gradient_async.fleet.create.hunt import Post
    from gradient_async.fleet.create.keeping import Keeper
    from gradient_async.fleet.create.settling import Settler
    from gradient_async.task_group import TaskGroup

# Seconds of the first look-up of a lost create. After that, the hunt continues beside the look-up.
_SHORT_LOOK_UP_SECONDS: Final = 2.0


class Poster:
    """Sends creates, one after the other.

    Args:
        context: What all parts of the run share.
        keeper: Takes the Droplets that are created.
        settler: Takes the names whose create has an unknown outcome.
        group: Runs the look-ups.
    """

    def __init__(self, context: CreationContext, keeper: Keeper, settler: Settler, group: TaskGroup) -> None:
        self._context = context
        self._keeper = keeper
        self._settler = settler
        self._group = group
        settle_seconds = context.settle_seconds
        short = context.sender.settings.changed(create_settle_seconds=min(_SHORT_LOOK_UP_SECONDS, settle_seconds))
        self._sender = context.sender.copy(short, context.sender.budget)
        # Its requests are the run's.
        self._sender.counter = context.sender.counter
        self._key_seconds = settle_seconds

    async def post(self, post: Post) -> None:
        """Send one create, and record its answer."""
        context, offer = self._context, post.offer
        names = context.records.next_names(post.count)
        image = image_of(context.spec.terms, offer)
        request = create_request(context.spec.terms, names, offer.size, offer.region, image)

        async def write_down(_: Sequence[Attempt]) -> None:
            # The timestamp is taken now: a create can wait long for the rate budget, and it was not executed before.
            await context.log.sending(
                names, size=offer.size, region=offer.region, price_hourly=offer.price_hourly, now=Timestamp.now()
            )

        creator = DropletCreator(self._sender, key_seconds=self._key_seconds, before=write_down)
        context.hunt.sent(post)
        try:
            answer = await creator.create(request)
        except JournalError as error:
            context.hunt.stop(f"the journal cannot be written: {error.message}", error)
        except CreateOutcomeUnknownError as error:
            await self._lost(post, names, error)
        except GradientAIError as error:
            await self._refused(post, names, error)
        else:
            assert isinstance(answer, MultipleDropletResponse)  # noqa: S101 - the request has names
            await self._accepted(post, names, answer)

    async def _accepted(self, post: Post, names: Sequence[str], answer: MultipleDropletResponse) -> None:
        context = self._context
        created = {one.name: one for one in answer.droplets if one.name in names}
        for name, droplet in created.items():
            context.log.created(name, droplet.id)
        for other in answer.others:
            if other.name in names and other.id not in context.records.surplus:
                context.log.surplus(other.name, other.id)
        missing = [name for name in names if name not in created]
        if missing:
            context.log.absent(missing, "the API accepted the create without it", is_answered=True)
        context.hunt.accepted(post, len(created))
        self._note_try(post, "accepted", "" if len(created) == post.count else f"only {len(created):,}")
        for name, droplet in created.items():
            self._keeper.watch(name, droplet)
        await context.note(f"{len(created)} of {post.count} created: {post.offer.label}")

    async def _refused(self, post: Post, names: Sequence[str], error: GradientAIError) -> None:
        context = self._context
        if sent := [name for name in names if name in context.records.names]:
            context.log.refused(sent, f"{type(error).__name__}: {error.message}")
        if isinstance(error, ClientClosedError):
            context.hunt.stop("the client was closed", error)
        context.hunt.refused(post, error)
        self._note_try(post, "refused", f"{type(error).__name__}: {error.message}")
        await context.note(f"{post.count} refused: {post.offer.label}: {type(error).__name__}")

    async def _lost(self, post: Post, names: Sequence[str], error: CreateOutcomeUnknownError) -> None:
        """Adopt the Droplets that a list shows already, and look for the others in the background."""
        context = self._context
        shown = {one.name: one for one in error.candidates if isinstance(one, Droplet) and one.name in names}
        for name, droplet in shown.items():
            context.log.created(name, droplet.id)
        left = [name for name in names if name not in shown]
        if left:
            context.log.unknown(left, error.message)
            self._group.start_soon(self._settler.settle, left)
        context.hunt.unresolved(post)
        self._note_try(post, "unknown", error.message)
        for name, droplet in shown.items():
            self._keeper.watch(name, droplet)
        await context.note(f"the answer to a create was lost: {post.offer.label}, {', '.join(left) or 'all found'}")

    def _note_try(self, post: Post, status: Literal["accepted", "refused", "unknown"], message: str) -> None:
        offer = post.offer
        one = CreationTry(
            at=datetime.now(UTC),
            size=offer.size,
            region=offer.region,
            count=post.count,
            status=status,
            message=message,
        )
        self._context.tries.append(one)
