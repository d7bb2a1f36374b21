"""The client: settings, connections and the tree of resources."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Literal, NoReturn

from gradient_async import converter, log, settings
from gradient_async.errors import ClientClosedError
from gradient_async.event_loops import running_loop
from gradient_async.fleet.fleet import Fleet
from gradient_async.fleet.stream import OpenStreams
from gradient_async.http.budget import RateBudget, budget_of
from gradient_async.http.sender import Sender
from gradient_async.resources.actions import Actions
from gradient_async.resources.gpu_droplets import GPUDroplets
from gradient_async.resources.regions import Regions
from gradient_async.secrecy import hidden
from gradient_async.waiting.settlement import ActionSettlement
from gradient_async.waiting.watcher import Watcher
from gradient_async.with_statements import explain_wrong_with

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType
    from typing import Self

    import aiohttp

    from gradient_async.settings import Settings


@explain_wrong_with
class AsyncGradientAI:
    """A client of the DigitalOcean API for GPU Droplets and their actions.

    It can be made anywhere, outside an event loop too, and outlives the one that it is used in. Nothing is sent and
    nothing is opened before the first request.

    Example:
        >>> async with AsyncGradientAI() as client:
        ...     response = await client.gpu_droplets.actions.initiate(droplet_id=3164444, type="reboot")
        ...     action = await client.gpu_droplets.actions.wait(response.action, timeout=300)
        >>> action.status
        'completed'

    Args:
        access_token: The API token. Without one, ``DIGITALOCEAN_ACCESS_TOKEN`` and then ``DIGITALOCEAN_TOKEN`` are
            read from the environment. Spaces and quotes around it are trimmed.
        base_url: Where the API is. Without it, ``GRADIENT_BASE_URL`` from the environment, else
            ``https://api.digitalocean.com``.
        timeout: Seconds that one attempt of a request may take, from opening the connection to the last byte of the
            answer. Waiting for the rate budget and the pauses between attempts do not count.
        max_retries: How many more attempts a request gets. Reads are repeated after 408, 429, 5xx and lost
            connections; an action only if it surely was not executed.
        default_headers: Headers for every request.
        default_query: Query parameters for every request.
        http_session: Your own ``aiohttp.ClientSession`` (for a proxy, TLS, trace configs, middlewares), which is
            never closed here; or a function that makes one, which is called once in each event loop and whose
            sessions are closed here. The sync client takes only the latter, since its event loop is its own. With a
            session of your own aiohttp may repeat a read whose connection broke once more by itself.
        rate_budget: Paces all requests. ``"shared"`` is one budget of 250 requests a minute and 5,000 an hour for
            all clients of this token in the process; or a ``RateBudget`` of your own; or ``None`` for no pacing.
        max_retry_after: The longest pause in seconds that is made because the server asks for it; where it asks for a
            longer one, the error is raised at once, with ``retry_after``.
        settle_seconds: How long an action whose answer was lost may take to show in its Droplet's list of actions
            before it counts as not executed.
        max_response_bytes: The most bytes that the body of an answer may have, after decompression; 64 MiB by default.
            A larger one is a ``ResponseTooLargeError``, and is read no further.
        proxy: The HTTP proxy to go through, ``http://[user:password@]host:port``; ``None`` for none. By default the
            environment's: ``HTTPS_PROXY``, ``HTTP_PROXY``, ``ALL_PROXY`` and ``NO_PROXY``, in either case, which do not
            concern an API on this machine, nor an ``http_session`` of your own.

    Attributes:
        gpu_droplets: GPU Droplets, and in ``gpu_droplets.actions`` what can be done with them.
        actions: All actions of the account.
        regions: The data centres that Droplets live in.
        fleet: Actions on many Droplets at once.

    Raises:
        MissingAccessTokenError: There is no token anywhere.
        TypeError: An argument of the wrong kind.
        ValueError: An argument that is out of range.
    """

    def __init__(
        self,
        access_token: str | None = None,
        *,
        base_url: str | None = None,
        timeout: float = settings.DEFAULT_TIMEOUT,
        max_retries: int = settings.DEFAULT_MAX_RETRIES,
        default_headers: Mapping[str, str] | None = None,
        default_query: Mapping[str, str | int | bool] | None = None,
        http_session: aiohttp.ClientSession | Callable[[], aiohttp.ClientSession] | None = None,
        rate_budget: RateBudget | Literal["shared"] | None = "shared",
        max_retry_after: float = settings.DEFAULT_MAX_RETRY_AFTER,
        settle_seconds: float = settings.DEFAULT_SETTLE_SECONDS,
        max_response_bytes: int = settings.DEFAULT_MAX_RESPONSE_BYTES,
        proxy: str | None = "environment",
    ) -> None:
        # Or a traceback from here on would show them among the variables.
        access_token, proxy = hidden(access_token), hidden(proxy)
        resolved = settings.resolve(
            access_token=access_token,
            base_url=base_url,
            timeout=timeout,
            max_retries=max_retries,
            max_retry_after=max_retry_after,
            settle_seconds=settle_seconds,
            max_response_bytes=max_response_bytes,
            # A session of the user's own has a proxy, or none, as its user wants it.
            proxy=None if http_session is not None and proxy == "environment" else proxy,
            default_headers=default_headers,
            default_query=default_query,
        )
        # aiohttp and cattrs are most of what the package's import would cost. They are loaded with the first client: in
        # the first request, the event loop would stand still for them.
        from gradient_async.http.transport import Transport

        converter.prepare()

        level = settings.log_level()
        if level is not None:
            log.switch_on(level)
        if resolved.host_in_clear is not None:
            log.token_in_clear(resolved.host_in_clear)
        budget = _budget(rate_budget, resolved)
        self._assemble(
            _sender_class()(Transport(http_session), resolved, budget, ActionSettlement),
            owns_connections=True,
        )

    def with_options(
        self,
        *,
        access_token: str | None = None,
        base_url: str | None = None,
        timeout: float | None = None,
        max_retries: int | None = None,
        default_headers: Mapping[str, str] | None = None,
        default_query: Mapping[str, str | int | bool] | None = None,
        rate_budget: RateBudget | Literal["shared", "unchanged"] | None = "unchanged",
        max_retry_after: float | None = None,
        settle_seconds: float | None = None,
        max_response_bytes: int | None = None,
        proxy: str | None = "unchanged",
    ) -> Self:
        """A copy with other options, which shares this client's connections.

        Closing the copy closes no connection; closing this client ends the copy too.

        Args:
            access_token: As for the client; another token has another budget.
            base_url: As for the client.
            timeout: As for the client.
            max_retries: As for the client.
            default_headers: Added to, or put in place of, this client's.
            default_query: Added likewise.
            rate_budget: As for the client.
            max_retry_after: As for the client.
            settle_seconds: As for the client.
            max_response_bytes: As for the client.
            proxy: As for the client; ``"unchanged"`` keeps this client's.

        Raises:
            TypeError: An argument of the wrong kind.
            ValueError: An argument that is out of range.
        """
        access_token, proxy = hidden(access_token), hidden(proxy)
        changed = self._sender.settings.changed(
            access_token=access_token,
            base_url=base_url,
            timeout=timeout,
            max_retries=max_retries,
            max_retry_after=max_retry_after,
            settle_seconds=settle_seconds,
            max_response_bytes=max_response_bytes,
            proxy=proxy,
            default_headers=default_headers,
            default_query=default_query,
        )
        if changed.host_in_clear not in {None, self._sender.settings.host_in_clear}:
            log.token_in_clear(str(changed.host_in_clear))
        budget = self._sender.budget
        if rate_budget != "unchanged":
            budget = _budget(rate_budget, changed)
        elif budget is budget_of(self._sender.settings):
            # Another token, or another API, has another shared budget; one of the user's own stays.
            budget = budget_of(changed)
        copy = object.__new__(type(self))
        copy._assemble(self._sender.copy(changed, budget), owns_connections=False)
        return copy

    @property
    def rate_budget(self) -> RateBudget | None:
        """What paces this client's requests; ``None`` if nothing does."""
        return self._sender.budget

    @property
    def is_closed(self) -> bool:
        """Whether the client, or the one that it is a copy of, was closed."""
        return self._sender.is_closed

    async def aclose(self) -> None:
        """Close the client and its connections; a second time does nothing.

        A session of your own stays open.
        """
        self._sender.close()
        await self._streams.aclose()
        if self._owns_connections:
            await self._sender.transport.aclose()

    # The retired SDK's name.
    close = aclose

    async def __aenter__(self) -> Self:
        if self.is_closed:
            raise ClientClosedError("this client is closed. Create a new one")
        running_loop()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        if not hasattr(self, "_sender"):  # a debugger looks at a client whose arguments are refused
            return f"<{type(self).__name__}>"
        state = " closed" if self.is_closed else ""
        return f"<{type(self).__name__} {self._sender.settings.base_url}{state}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a client is never pickled, for its token's sake; make it anew where you need it")

    def _assemble(self, sender: Sender, *, owns_connections: bool) -> None:
        # Looks are shared by all waits, and counted apart from what the waits are for.
        watcher = Watcher(sender.copy(sender.settings, sender.budget))
        self._sender = sender
        self._owns_connections = owns_connections
        self.gpu_droplets: GPUDroplets = GPUDroplets(sender, watcher)
        self.actions: Actions = Actions(sender)
        self.regions: Regions = Regions(sender)
        self._streams = OpenStreams()
        self.fleet: Fleet = Fleet(sender, watcher, self._streams)


@cache
def _sender_class() -> type[Sender]:
    """The sender that tells OpenTelemetry what it does, where that is installed."""
    try:
        from gradient_async.telemetry import ObservedSender
    except ImportError as error:
        if (error.name or "").partition(".")[0] != "opentelemetry":
            raise
        return Sender
    return ObservedSender


def _budget(wanted: RateBudget | str | None, of: Settings) -> RateBudget | None:
    if wanted is None or isinstance(wanted, RateBudget):
        return wanted
    if wanted != "shared":
        raise ValueError(f"rate_budget: expected 'shared', a RateBudget or None, got {wanted!r}")
    return budget_of(of)
