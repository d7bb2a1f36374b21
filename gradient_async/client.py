"""The client: settings, connections and the tree of resources."""

from __future__ import annotations

from functools import cache, cached_property
from typing import TYPE_CHECKING, Literal, NoReturn

from gradient_async import converter, log, settings
from gradient_async.errors import ClientClosedError
from gradient_async.event_loops import running_loop
from gradient_async.fleet.open_streams import OpenStreams
from gradient_async.http.budget import RateBudget
from gradient_async.http.sender import Sender
from gradient_async.http.token_budgets import account_of, budget_of
from gradient_async.resources.any_endpoint import AnyEndpoint
from gradient_async.secrecy import hidden
from gradient_async.waiting.settlements import Settlements
from gradient_async.waiting.watcher import Watcher
from gradient_async.with_statements import explain_wrong_with

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType
    from typing import Self

    import aiohttp

    from gradient_async.fleet.fleet import Fleet
    from gradient_async.resources.account import Accounts
    from gradient_async.resources.actions import Actions
    from gradient_async.resources.billing import Balance, Billing
    from gradient_async.resources.gpu_droplets import GPUDroplets
    from gradient_async.resources.projects import Projects
    from gradient_async.resources.regions import Regions
    from gradient_async.resources.reserved_ips import ReservedIPs
    from gradient_async.resources.tags import Tags
    from gradient_async.resources.vpcs import VPCs
    from gradient_async.settings import Settings


@explain_wrong_with
class AsyncGradientAI(AnyEndpoint):
    """A client of the DigitalOcean API for GPU Droplets and their actions.

    It can be created outside an event loop, and can be used in one event loop after another. It opens no connection
    before the first request.

    Example:
        >>> async with AsyncGradientAI() as client:
        ...     response = await client.gpu_droplets.actions.initiate(droplet_id=3164444, type="reboot")
        ...     action = await client.gpu_droplets.actions.wait(response.action, timeout=300)
        >>> action.status
        'completed'

    Args:
        access_token: The API token. By default, ``DIGITALOCEAN_ACCESS_TOKEN`` or else ``DIGITALOCEAN_TOKEN`` from the
            environment. Spaces and quotes around it are removed.
        base_url: The API's URL. By default, ``GRADIENT_BASE_URL`` from the environment, else
            ``https://api.digitalocean.com``.
        timeout: Seconds for one attempt of a request, from opening the connection to the last byte of the answer. The
            wait for the rate budget and the pauses between attempts do not count.
        max_retries: Maximum number of retries of a request. Reads are retried after 408, 429, 5xx and lost connections.
            An action is retried only if it certainly was not executed.
        default_headers: Headers for every request.
        default_query: Query parameters for every request.
        http_session: Your own ``aiohttp.ClientSession`` (for a proxy, TLS, trace configs, middlewares), which the
            client does not close. Or a function that creates a session: the client calls it once in each event loop,
            and closes its sessions. The sync client takes only a function, since it has its own event loop. With your
            own session, aiohttp may repeat a read by itself once after a broken connection.
        rate_budget: Paces all requests. ``"shared"`` is one budget of 250 requests a minute and 5,000 an hour for all
            clients of this token in the process; with the variable ``GRADIENT_RATE_BUDGET``, for all processes that
            share the store at this URL (see ``RateBudget.shared``). A ``RateBudget`` is your own budget. ``None`` is
            no pacing.
        max_retry_after: The longest pause in seconds that the server can ask for. If it asks for a longer one, the
            error is raised at once, with ``retry_after``.
        settle_seconds: Maximum seconds until an action whose answer was lost shows in its Droplet's list of actions.
            After that, the action counts as not executed.
        create_settle_seconds: Maximum seconds until a Droplet whose create was lost shows in the lists of Droplets.
            After that, ``CreateOutcomeUnknownError`` is raised, since a second Droplet would be billed.
        max_response_bytes: Maximum number of bytes of an answer's body, after decompression; 64 MiB by default. A
            larger body is not read to its end, and raises ``ResponseTooLargeError``.
        proxy: The HTTP proxy, ``http://[user:password@]host:port``; ``None`` for no proxy. By default the
            environment's: ``HTTPS_PROXY``, ``HTTP_PROXY``, ``ALL_PROXY`` and ``NO_PROXY``, in upper or lower case.
            These do not apply to an API on this machine, or to your own ``http_session``.

    Raises:
        MissingAccessTokenError: No token is given, and the environment has none.
        TypeError: An argument has the wrong type.
        ValueError: An argument is out of range.
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
        create_settle_seconds: float = settings.DEFAULT_CREATE_SETTLE_SECONDS,
        max_response_bytes: int = settings.DEFAULT_MAX_RESPONSE_BYTES,
        proxy: str | None = "environment",
    ) -> None:
        # Else a traceback would show them among the variables.
        access_token, proxy = hidden(access_token), hidden(proxy)
        resolved = settings.resolve(
            access_token=access_token,
            base_url=base_url,
            timeout=timeout,
            max_retries=max_retries,
            max_retry_after=max_retry_after,
            settle_seconds=settle_seconds,
            create_settle_seconds=create_settle_seconds,
            max_response_bytes=max_response_bytes,
            # The user sets the proxy of their own session.
            proxy=None if http_session is not None and proxy == "environment" else proxy,
            default_headers=default_headers,
            default_query=default_query,
        )
        # Importing aiohttp and cattrs takes long. They are loaded with the first client: the package's import stays
        # fast, and the first request does not block the event loop.
        from gradient_async.http.transport import Transport

        converter.prepare()

        _start_log(resolved)
        budget = _budget(rate_budget, resolved)
        self._assemble(_sender_class()(Transport(http_session), resolved, budget, Settlements), owns_connections=True)

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
        create_settle_seconds: float | None = None,
        max_response_bytes: int | None = None,
        proxy: str | None = "unchanged",
    ) -> Self:
        """Return a copy with other options, which shares this client's connections.

        If the copy is closed, the connections stay open. If this client is closed, the copy is closed too.

        Args:
            access_token: As for the client. Another token has another budget.
            base_url: As for the client.
            timeout: As for the client.
            max_retries: As for the client.
            default_headers: Headers. They are added to this client's, or replace them.
            default_query: Query parameters. They are added to this client's, or replace them.
            rate_budget: As for the client.
            max_retry_after: As for the client.
            settle_seconds: As for the client.
            create_settle_seconds: As for the client.
            max_response_bytes: As for the client.
            proxy: As for the client; ``"unchanged"`` keeps this client's.

        Raises:
            TypeError: An argument has the wrong type.
            ValueError: An argument is out of range.
        """
        access_token, proxy = hidden(access_token), hidden(proxy)
        changed = self._sender.settings.changed(
            access_token=access_token,
            base_url=base_url,
            timeout=timeout,
            max_retries=max_retries,
            max_retry_after=max_retry_after,
            settle_seconds=settle_seconds,
            create_settle_seconds=create_settle_seconds,
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
            # Another token or API has another shared budget. The user's own budget stays.
            budget = budget_of(changed)
        copy = object.__new__(type(self))
        copy._assemble(self._sender.copy(changed, budget), owns_connections=False)
        return copy

    @cached_property
    def gpu_droplets(self) -> GPUDroplets:
        """GPU Droplets; their actions are in ``gpu_droplets.actions``."""
        from gradient_async.resources.gpu_droplets import GPUDroplets

        return GPUDroplets(self._sender, self._watcher)

    @cached_property
    def actions(self) -> Actions:
        """All actions of the account."""
        from gradient_async.resources.actions import Actions

        return Actions(self._sender, self._watcher)

    @cached_property
    def regions(self) -> Regions:
        """The data centres that Droplets live in."""
        from gradient_async.resources.regions import Regions

        return Regions(self._sender)

    @cached_property
    def reserved_ips(self) -> ReservedIPs:
        """Public addresses that one Droplet after another can have; formerly floating IPs."""
        from gradient_async.resources.reserved_ips import ReservedIPs

        return ReservedIPs(self._sender, self._watcher)

    @cached_property
    def tags(self) -> Tags:
        """Tags of Droplets, images, volumes and snapshots."""
        from gradient_async.resources.tags import Tags

        return Tags(self._sender)

    @cached_property
    def projects(self) -> Projects:
        """Projects: named groups of resources."""
        from gradient_async.resources.projects import Projects

        return Projects(self._sender)

    @cached_property
    def vpcs(self) -> VPCs:
        """VPCs: private networks of a region."""
        from gradient_async.resources.vpcs import VPCs

        return VPCs(self._sender)

    @cached_property
    def account(self) -> Accounts:
        """The account of the token, and its SSH keys."""
        from gradient_async.resources.account import Accounts

        return Accounts(self._sender)

    @cached_property
    def balance(self) -> Balance:
        """The account's balance."""
        from gradient_async.resources.billing import Balance

        return Balance(self._sender)

    @cached_property
    def billing(self) -> Billing:
        """The account's invoices, payments and credits."""
        from gradient_async.resources.billing import Billing

        return Billing(self._sender)

    @cached_property
    def fleet(self) -> Fleet:
        """Actions on many Droplets at once."""
        from gradient_async.fleet.fleet import Fleet

        return Fleet(self._sender, self._watcher, self._streams)

    @property
    def rate_budget(self) -> RateBudget | None:
        """The rate budget of this client's requests; ``None`` for no pacing."""
        return self._sender.budget

    @property
    def is_closed(self) -> bool:
        """Whether the client, or the client that it is a copy of, is closed."""
        return self._sender.is_closed

    async def aclose(self) -> None:
        """Close the client and its connections. A second call does nothing.

        Your own ``http_session`` stays open.
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
        if not hasattr(self, "_sender"):  # a debugger can show a client whose arguments were refused
            return f"<{type(self).__name__}>"
        state = " closed" if self.is_closed else ""
        return f"<{type(self).__name__} {self._sender.settings.base_url}{state}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a client cannot be pickled, since it holds the token. Create a client where you need it")

    def _assemble(self, sender: Sender, *, owns_connections: bool) -> None:
        # All waits share their polls. Polls are counted apart from other requests.
        watcher = Watcher(sender.copy(sender.settings, sender.budget))
        self._sender = sender
        self._watcher = watcher
        self._owns_connections = owns_connections
        self._streams = OpenStreams()


@cache
def _sender_class() -> type[Sender]:
    """Return the sender that records spans and metrics, if OpenTelemetry is installed."""
    try:
        from gradient_async.telemetry import ObservedSender
    except ImportError as error:
        if (error.name or "").partition(".")[0] != "opentelemetry":
            raise
        return Sender
    return ObservedSender


def _start_log(resolved: Settings) -> None:
    """Switch the log on if the environment says so, and warn of a token that is sent in clear."""
    level = settings.log_level()
    if level is not None:
        log.switch_on(level)
    if resolved.host_in_clear is not None:
        log.token_in_clear(resolved.host_in_clear)


def _budget(wanted: RateBudget | str | None, of: Settings) -> RateBudget | None:
    if wanted is None:
        return None
    if isinstance(wanted, RateBudget):
        return wanted.bound_to(account_of(of))
    if wanted != "shared":
        hint = ". A URL goes into RateBudget.shared(url)" if ":" in str(wanted) else ""
        raise ValueError(f"rate_budget: expected 'shared', a RateBudget or None, got {wanted!r:.80}{hint}")
    return budget_of(of)
