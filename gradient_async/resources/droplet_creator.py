"""Creates Droplets once: splits long lists of names, waits for new SSH keys, and destroys twins."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

import anyio
import attrs

from gradient_async.endpoints import account_keys, droplet_creation, droplets, gpu_sizes, sizes
from gradient_async.errors import (
    APIError,
    ClientClosedError,
    CreateOutcomeUnknownError,
    GradientAIError,
    NotFoundError,
    PartlyCreatedError,
    PermissionDeniedError,
    SshKeyUnknownError,
)
from gradient_async.http import retry
from gradient_async.http.create_rule import trace_of
from gradient_async.http.raw_response import RawResponse, parsed_as
from gradient_async.models.droplet import Droplet
from gradient_async.models.droplet_create import (
    CreateLinks,
    GPUDropletCreateResponse,
    MultipleDropletResponse,
    SingleDropletResponse,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from gradient_async.errors import Attempt
    from gradient_async.http.endpoint import Request
    from gradient_async.http.sender import Sender
    from gradient_async.models.size import Size

T = TypeVar("T")

_PAGE_LENGTH: Final = 200


class DropletCreator:
    """Creates the Droplets of one call.

    Args:
        sender: Sends the requests.
        key_seconds: Seconds that a registered SSH key is given until a create knows it; ``None`` means
            ``create_settle_seconds``.
        before: Called just before each attempt of a create is sent, with the attempts so far. If it raises, nothing is
            sent.
    """

    def __init__(
        self,
        sender: Sender,
        key_seconds: float | None = None,
        before: Callable[[Sequence[Attempt]], Awaitable[None]] | None = None,
    ) -> None:
        self._sender = sender
        self._before = before
        self._key_seconds = sender.settings.create_settle_seconds if key_seconds is None else key_seconds

    async def create(self, request: Request[T]) -> T:
        """Create the Droplets that a request asks for.

        Raises:
            ValueError: ``image="auto"``, and no image is known for the size. Nothing was created.
            PartlyCreatedError: Of more than ten names, the first were created, and then a request failed.
        """
        request = await self._with_image(request)
        parts, answers = droplet_creation.parts_of(request), list[GPUDropletCreateResponse]()
        for number, part in enumerate(parts):
            try:
                answers.append(await self._create_part(cast("Request[GPUDropletCreateResponse]", part)))
            except GradientAIError as error:
                if not answers:
                    raise
                raise _partly(answers, parts[number:], error) from error
            except asyncio.CancelledError as error:
                _note_created(answers, error)
                raise
        return cast("T", _joined(answers))

    async def _with_image(self, request: Request[T]) -> Request[T]:
        """Return a create with the image that fits its size, if it leaves that to the SDK."""
        body = request.body or {}
        if body.get("image") != gpu_sizes.AUTO:
            return request
        image = gpu_sizes.image_for(await self._size(str(body.get("size"))))
        return request._replace(body={**body, "image": image})

    async def _size(self, slug: str) -> Size:
        for number in itertools.count(1):
            page = sizes.LIST.request({}, query={"page": number, "per_page": _PAGE_LENGTH})
            listed = (await self._sender.send(page)).parse().sizes
            if found := next((size for size in listed if size.slug == slug), None):
                return found
            if len(listed) < _PAGE_LENGTH:
                break
        raise ValueError(f"image: 'auto' needs a size that the API lists, and {slug!r} is not listed. Pass an image")

    async def create_raw(self, request: Request[T]) -> RawResponse[T]:
        """Create the Droplets that a request asks for. Return the HTTP answer; parsed, it is what ``create`` returns.

        Raises:
            ValueError: There are more than ten names, which need several requests.
        """
        if len(droplet_creation.parts_of(request)) > 1:
            raise ValueError(
                f"names: with_raw_response takes at most {droplet_creation.MAX_NAMES} names, got "
                f"{len(_names_in(request))}: more need several requests. Call create() without with_raw_response"
            )
        raw = await self._send(await self._with_image(request))
        settled = await self._settled(cast("RawResponse[GPUDropletCreateResponse]", raw))
        return parsed_as(raw, cast("T", settled))

    async def _create_part(self, request: Request[GPUDropletCreateResponse]) -> GPUDropletCreateResponse:
        return await self._settled(await self._send(request))

    async def _settled(self, raw: RawResponse[GPUDropletCreateResponse]) -> GPUDropletCreateResponse:
        """Return the parsed answer, with the names that are missing, and without twins."""
        request, answer = raw.request, raw.parse()
        if isinstance(answer, MultipleDropletResponse):
            answer = attrs.evolve(answer, droplets=_droplets_in(answer), droplet=None)
            answer = attrs.evolve(answer, missing=_missing(request, answer))
        was_lost = any(attempt.outcome == "unknown" for attempt in raw.attempts)
        return await _Twins(self._sender, request, raw).settle(answer) if was_lost else answer

    async def _send(self, request: Request[T]) -> RawResponse[T]:
        """Send a create. A key that the API knows and a create does not know yet is given time."""
        pauses = iter(retry.growing_pauses(self._key_seconds))
        while True:
            try:
                return await self._sender.send(request, before=self._before)
            except SshKeyUnknownError as error:
                pause = next(pauses, None)
                if pause is None or any(attempt.outcome == "unknown" for attempt in error.attempts):
                    raise
                if not await self._are_registered(error):
                    raise
            await anyio.sleep(pause)

    async def _are_registered(self, refusal: SshKeyUnknownError) -> bool:
        """Return whether all of the refused keys are registered, so that a create will know them soon.

        A token that cannot read keys gets a note: waiting for a key that may not exist would only delay the error.
        """
        for identifier in refusal.identifiers:
            try:
                key = int(identifier) if identifier.isdecimal() else identifier
                await self._sender.send(account_keys.RETRIEVE.request({}, key))
            except PermissionDeniedError as error:
                refusal.add_note(
                    f"Whether key {identifier} is registered is not known, since the token cannot read SSH keys "
                    f"({error}). One that was registered seconds ago is not waited for then: try again, or give the "
                    "token ssh_key:read"
                )
                return False
            except (APIError, ValueError):
                return False
        return bool(refusal.identifiers)


class _Twins:
    """Looks for a second Droplet of a create that was sent twice, and destroys the younger one.

    Args:
        sender: Sends the requests.
        request: The create.
        raw: Its answer.
    """

    def __init__(
        self,
        sender: Sender,
        request: Request[GPUDropletCreateResponse],
        raw: RawResponse[GPUDropletCreateResponse],
    ) -> None:
        self._sender = sender
        self._request = request
        self._since = next(one.started_at for one in raw.attempts if one.outcome == "unknown")
        self._was_sent_twice = sum(one.outcome in ("unknown", "answered") for one in raw.attempts) > 1
        self._destroyed: set[int] = set()
        # Ids that a DELETE did not know, with their names: a replica that lags answers so too.
        self._not_found: dict[int, str] = {}
        rule = request.endpoint.lookup
        assert rule is not None  # noqa: S101 - a create of Droplets has one
        assert rule.care is not None  # noqa: S101 - likewise
        self._is_named_once = rule.care.is_named_once
        self._may_be_twice = rule.care.may_send_again

    async def settle(self, answer: GPUDropletCreateResponse) -> GPUDropletCreateResponse:
        """Return the answer without the twins that were destroyed."""
        if not self._may_be_twice or not self._was_sent_twice:
            return answer
        share = 0.75 * self._sender.settings.create_settle_seconds
        try:
            for pause in retry.growing_pauses(share):
                answer = await self._checked(answer)
                await anyio.sleep(pause)
            return await self._checked(answer)
        except ClientClosedError:
            return answer  # the Droplets exist, and are billed
        except asyncio.CancelledError as error:
            error.__cause__ = self._ended_early(answer)  # the sync client raises it if it is closed meanwhile
            raise

    def _ended_early(self, answer: GPUDropletCreateResponse) -> CreateOutcomeUnknownError:
        request, droplets = self._request, _droplets_in(answer)
        made = ", ".join(f"{one.id} ({one.name})" for one in droplets)
        trace = trace_of(request)
        return CreateOutcomeUnknownError(
            f"{request.method} {request.path} was sent twice and made Droplet {made}, which is billed. The call was "
            "ended before it had looked for a second one. Check the account for another Droplet with the name",
            method=request.method,
            path=request.path,
            names=() if trace is None else trace.names,
            candidates=droplets,
        )

    async def _checked(self, answer: GPUDropletCreateResponse) -> GPUDropletCreateResponse:
        kept: list[Droplet] = []
        others: dict[int, Droplet] = {}
        for droplet in _droplets_in(answer):
            one, twins = await self._resolved(droplet, await self._twins_of(droplet))
            kept.append(one)
            others |= {twin.id: twin for twin in twins}
        others = {one.id: one for one in answer.others} | others
        gone = self._destroyed | {one.id for one in kept}  # compared by id: a status can differ between two rounds
        left = tuple(one for number, one in others.items() if number not in gone)
        return _with(answer, kept, left)

    async def _resolved(self, droplet: Droplet, twins: Sequence[Droplet]) -> tuple[Droplet, list[Droplet]]:
        """Destroy the younger ones of Droplets with one name. Return the oldest, and those that are left."""
        kept, left = droplet, list[Droplet]()
        for twin in twins:
            older, younger = sorted((kept, twin), key=lambda one: (str(one.created_at), one.id))
            # A name without a nonce can be another program's too.
            if not self._is_named_once or not await self._destroy(younger):
                left.append(twin)
                continue
            kept = older
            if younger.id not in self._destroyed:
                left.append(younger)
        return kept, left

    async def _twins_of(self, droplet: Droplet) -> list[Droplet]:
        """Return other Droplets with this name that the request asked for, created since it was first sent."""
        found: dict[int, Droplet] = {}
        is_whole = True
        for query in ({"type": "gpus"}, {}):
            page = droplets.LIST.request({}, query={**query, "name": droplet.name, "page": 1, "per_page": _PAGE_LENGTH})
            try:
                listed = (await self._sender.send(page)).parse().droplets
            except APIError:
                is_whole = False  # the next round reads again
                continue
            found |= {one.id: one for one in listed}
        self._destroyed -= self._not_found.keys() & found.keys()  # one that a list shows again is not gone
        if is_whole:
            # Unknown to a DELETE, and in no list after that: it is gone.
            self._destroyed |= {number for number, name in self._not_found.items() if name == droplet.name} - set(found)
        return [one for one in found.values() if self._may_be_twin(one, droplet)]

    def _may_be_twin(self, one: Droplet, droplet: Droplet) -> bool:
        if one.id in (droplet.id, *self._destroyed) or one.name != droplet.name:
            return False
        trace = trace_of(self._request)
        if trace is None or not any(trace.is_shown_by(one, wanted) for wanted in trace.wanted):
            return False
        created_at = one.created_at
        return self._is_named_once or (created_at is not None and created_at.timestamp() >= self._since.timestamp() - 1)

    async def _destroy(self, droplet: Droplet) -> bool:
        """Destroy a Droplet. Return whether the API did not refuse.

        If the API does not know the Droplet, the next lists decide whether it is gone.
        """
        try:
            await self._sender.send(droplets.DELETE.request({}, droplet.id))
        except NotFoundError:
            self._not_found[droplet.id] = droplet.name
        except APIError:
            return False
        else:
            self._not_found.pop(droplet.id, None)
            self._destroyed.add(droplet.id)
        return True


def _droplets_in(answer: GPUDropletCreateResponse) -> tuple[Droplet, ...]:
    if isinstance(answer, SingleDropletResponse):
        return (answer.droplet,)
    if not isinstance(answer, MultipleDropletResponse):
        return ()
    return answer.droplets or ((answer.droplet,) if answer.droplet is not None else ())


def _with(
    answer: GPUDropletCreateResponse, kept: Sequence[Droplet], others: tuple[Droplet, ...]
) -> GPUDropletCreateResponse:
    if isinstance(answer, SingleDropletResponse):
        return attrs.evolve(answer, droplet=kept[0], others=others)
    if isinstance(answer, MultipleDropletResponse):
        return attrs.evolve(answer, droplets=tuple(kept), others=others)
    return answer


def _missing(request: Request[Any], answer: MultipleDropletResponse) -> tuple[str, ...]:
    """Return the names for which the API accepted no Droplet."""
    created = {droplet.name for droplet in answer.droplets}
    return tuple(name for name in _names_in(request) if name not in created)


def _names_in(request: Request[Any]) -> list[str]:
    names = (request.body or {}).get("names")
    return [str(name) for name in names] if isinstance(names, list) else []


def _joined(answers: Sequence[GPUDropletCreateResponse]) -> GPUDropletCreateResponse:
    several = [one for one in answers if isinstance(one, MultipleDropletResponse)]
    if len(several) < 2:
        return answers[0]
    return MultipleDropletResponse(
        droplets=tuple(droplet for one in several for droplet in one.droplets),
        links=CreateLinks(actions=tuple(link for one in several for link in one.links.actions)),
        missing=tuple(name for one in several for name in one.missing),
        others=tuple(droplet for one in several for droplet in one.others),
        is_adopted=any(one.is_adopted for one in several),
        is_replayed=all(one.is_replayed for one in several),
    )


def _note_created(answers: Sequence[GPUDropletCreateResponse], error: asyncio.CancelledError) -> None:
    """Note the Droplets of earlier requests on a cancellation, and on the error that the sync client raises for it."""
    created = [f"{droplet.id} ({droplet.name})" for one in answers for droplet in _droplets_in(one)]
    if created:
        for one in filter(None, (error, error.__cause__)):
            one.add_note(f"Earlier requests of this call created Droplets, which are billed: {', '.join(created)}")


def _partly(
    answers: Sequence[GPUDropletCreateResponse], left: Sequence[Request[Any]], error: GradientAIError
) -> PartlyCreatedError:
    created = tuple(droplet for one in answers for droplet in _droplets_in(one))
    # The API can accept a part of a request too.
    refused = [name for one in answers if isinstance(one, MultipleDropletResponse) for name in one.missing]
    missing = (*refused, *(name for request in left for name in _names_in(request)))
    warning = " Some of the missing ones may exist too." if isinstance(error, CreateOutcomeUnknownError) else ""
    return PartlyCreatedError(
        f"{len(created)} of {len(created) + len(missing)} Droplets were created, and then a request failed: "
        f"{error.message}. The created ones are billed.{warning}",
        droplets=created,
        missing=missing,
    )
