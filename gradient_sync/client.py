# Generated from gradient_async/client.py. Do not edit; run:
# python gradient_sync/_generate.py
"""The client: settings, connections and the tree of resources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async import settings
from gradient_async.client import AsyncGradientAI
from gradient_async.secrecy import hidden
from gradient_async.with_statements import explain_wrong_with
from gradient_sync._event_loop import EventLoop, checked_http_session
from gradient_sync.fleet.fleet import Fleet
from gradient_sync.resources.actions import Actions
from gradient_sync.resources.gpu_droplets import GPUDroplets
from gradient_sync.resources.regions import Regions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType
    from typing import Literal, NoReturn, Self

    import aiohttp

    from gradient_async.http.budget import RateBudget


@explain_wrong_with
class GradientAI:
    """A client of the DigitalOcean API for GPU Droplets and their actions.

    It can be made anywhere, outside an event loop too, and outlives the one that it is used in. Nothing is sent and
    nothing is opened before the first request.

    Example:
        >>> with GradientAI() as client:
        ...     response = client.gpu_droplets.actions.initiate(droplet_id=3164444, type="reboot")
        ...     action = client.gpu_droplets.actions.wait(response.action, timeout=300)
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
        access_token, proxy = hidden(access_token), hidden(proxy)
        self._wrap(
            AsyncGradientAI(
                access_token,
                base_url=base_url,
                timeout=timeout,
                max_retries=max_retries,
                default_headers=default_headers,
                default_query=default_query,
                http_session=checked_http_session(http_session),
                rate_budget=rate_budget,
                max_retry_after=max_retry_after,
                settle_seconds=settle_seconds,
                max_response_bytes=max_response_bytes,
                proxy=proxy,
            ),
            EventLoop(),
            owns_loop=True,
        )

    def _wrap(self, source: AsyncGradientAI, loop: EventLoop, *, owns_loop: bool) -> None:
        self._async = source
        self._loop = loop
        self.gpu_droplets: GPUDroplets = GPUDroplets(source.gpu_droplets, loop)
        self.actions: Actions = Actions(source.actions, loop)
        self.regions: Regions = Regions(source.regions, loop)
        self.fleet: Fleet = Fleet(source.fleet, loop)
        self._owns_loop = owns_loop

    def _copy(self, source: AsyncGradientAI) -> Self:
        copy = object.__new__(type(self))
        copy._wrap(source, self._loop, owns_loop=False)
        return copy

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
        return self._copy(
            self._async.with_options(
                access_token=access_token,
                base_url=base_url,
                timeout=timeout,
                max_retries=max_retries,
                default_headers=default_headers,
                default_query=default_query,
                rate_budget=rate_budget,
                max_retry_after=max_retry_after,
                settle_seconds=settle_seconds,
                max_response_bytes=max_response_bytes,
                proxy=proxy,
            )
        )

    @property
    def rate_budget(self) -> RateBudget | None:
        """What paces this client's requests; ``None`` if nothing does."""
        return self._async.rate_budget

    @property
    def is_closed(self) -> bool:
        """Whether the client, or the one that it is a copy of, was closed."""
        return self._async.is_closed or self._loop.is_closed

    def close(self) -> None:
        """Close the client and its connections; a second time does nothing.

        A session of your own stays open.
        """
        if self._owns_loop:
            self._loop.close(self._async.aclose)
        elif not self.is_closed:
            self._loop.run(self._async.aclose())

    def __enter__(self) -> Self:
        self._loop.run(self._async.__aenter__())
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc_value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return str(getattr(self, "_async", "<AsyncGradientAI>")).replace("Async", "", 1)

    def __reduce__(self) -> NoReturn:
        self._async.__reduce__()
