# Generated from gradient_async/client.py. Do not edit; run:
# python gradient_sync/_generate.py
"""The client: settings, connections and the tree of resources."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, overload

from gradient_async import settings
from gradient_async.client import AsyncGradientAI
from gradient_async.secrecy import hidden
from gradient_async.with_statements import explain_wrong_with
from gradient_sync._event_loop import EventLoop, checked_http_session

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping
    from types import TracebackType
    from typing import Any, Literal, NoReturn, Self, Unpack

    import aiohttp

    from gradient_async.http.budget import RateBudget
    from gradient_async.http.request import RequestOptions
    from gradient_async.resources.resource import T
    from gradient_sync.fleet.fleet import Fleet
    from gradient_sync.resources.account import Accounts
    from gradient_sync.resources.actions import Actions
    from gradient_sync.resources.billing import Balance, Billing
    from gradient_sync.resources.generated.any_endpoint import RawAnyEndpoint
    from gradient_sync.resources.gpu_droplets import GPUDroplets
    from gradient_sync.resources.projects import Projects
    from gradient_sync.resources.regions import Regions
    from gradient_sync.resources.reserved_ips import ReservedIPs
    from gradient_sync.resources.tags import Tags
    from gradient_sync.resources.vpcs import VPCs


@explain_wrong_with
class GradientAI:
    """A client of the DigitalOcean API for GPU Droplets and their actions.

    It can be created outside an event loop, and can be used in one event loop after another. It opens no connection
    before the first request.

    Example:
        >>> with GradientAI() as client:
        ...     response = client.gpu_droplets.actions.initiate(droplet_id=3164444, type="reboot")
        ...     action = client.gpu_droplets.actions.wait(response.action, timeout=300)
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
                create_settle_seconds=create_settle_seconds,
                max_response_bytes=max_response_bytes,
                proxy=proxy,
            ),
            EventLoop(),
            owns_loop=True,
        )

    def _wrap(self, source: AsyncGradientAI, loop: EventLoop, *, owns_loop: bool) -> None:
        self._async = source
        self._loop = loop
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
                create_settle_seconds=create_settle_seconds,
                max_response_bytes=max_response_bytes,
                proxy=proxy,
            )
        )

    @cached_property
    def gpu_droplets(self) -> GPUDroplets:
        """GPU Droplets; their actions are in ``gpu_droplets.actions``."""
        from gradient_sync.resources.gpu_droplets import GPUDroplets

        return GPUDroplets(self._async.gpu_droplets, self._loop)

    @cached_property
    def actions(self) -> Actions:
        """All actions of the account."""
        from gradient_sync.resources.actions import Actions

        return Actions(self._async.actions, self._loop)

    @cached_property
    def regions(self) -> Regions:
        """The data centres that Droplets live in."""
        from gradient_sync.resources.regions import Regions

        return Regions(self._async.regions, self._loop)

    @cached_property
    def reserved_ips(self) -> ReservedIPs:
        """Public addresses that one Droplet after another can have; formerly floating IPs."""
        from gradient_sync.resources.reserved_ips import ReservedIPs

        return ReservedIPs(self._async.reserved_ips, self._loop)

    @cached_property
    def tags(self) -> Tags:
        """Tags of Droplets, images, volumes and snapshots."""
        from gradient_sync.resources.tags import Tags

        return Tags(self._async.tags, self._loop)

    @cached_property
    def projects(self) -> Projects:
        """Projects: named groups of resources."""
        from gradient_sync.resources.projects import Projects

        return Projects(self._async.projects, self._loop)

    @cached_property
    def vpcs(self) -> VPCs:
        """VPCs: private networks of a region."""
        from gradient_sync.resources.vpcs import VPCs

        return VPCs(self._async.vpcs, self._loop)

    @cached_property
    def account(self) -> Accounts:
        """The account of the token, and its SSH keys."""
        from gradient_sync.resources.account import Accounts

        return Accounts(self._async.account, self._loop)

    @cached_property
    def balance(self) -> Balance:
        """The account's balance."""
        from gradient_sync.resources.billing import Balance

        return Balance(self._async.balance, self._loop)

    @cached_property
    def billing(self) -> Billing:
        """The account's invoices, payments and credits."""
        from gradient_sync.resources.billing import Billing

        return Billing(self._async.billing, self._loop)

    @cached_property
    def fleet(self) -> Fleet:
        """Actions on many Droplets at once."""
        from gradient_sync.fleet.fleet import Fleet

        return Fleet(self._async.fleet, self._loop)

    @property
    def rate_budget(self) -> RateBudget | None:
        """The rate budget of this client's requests; ``None`` for no pacing."""
        return self._async.rate_budget

    @property
    def is_closed(self) -> bool:
        """Whether the client, or the client that it is a copy of, is closed."""
        return self._async.is_closed or self._loop.is_closed

    def close(self) -> None:
        """Close the client and its connections. A second call does nothing.

        Your own ``http_session`` stays open.
        """
        if self._owns_loop:
            self._loop.close(self._async.aclose)
        elif not self.is_closed:
            self._loop.run(self._async.aclose)

    def __enter__(self) -> Self:
        self._loop.run(self._async.__aenter__)
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc_value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return str(getattr(self, "_async", "<AsyncGradientAI>")).replace("Async", "", 1)

    def __reduce__(self) -> NoReturn:
        self._async.__reduce__()

    @overload
    def get(
        self,
        path: str,
        *,
        query: Mapping[str, str | int | float | bool] | None = None,
        cast_to: type[T],
        **options: Unpack[RequestOptions],
    ) -> T: ...

    @overload
    def get(
        self,
        path: str,
        *,
        query: Mapping[str, str | int | float | bool] | None = None,
        **options: Unpack[RequestOptions],
    ) -> dict[str, Any]: ...

    def get(
        self,
        path: str,
        *,
        query: Mapping[str, str | int | float | bool] | None = None,
        cast_to: type[object] | None = None,
        **options: Unpack[RequestOptions],
    ) -> object:
        """Read any path of the API. A lost answer is asked for again.

        The rate budget, retries, errors and ``with_raw_response`` are those of all other methods.

        Args:
            path: The path, such as ``"/v2/cdn/endpoints"``; ``/v2/`` may be left out. No host, and no query.
            query: Query parameters.
            cast_to: The class of the answer: a model of this SDK, or your own attrs class. By default the answer is a
                dict as the API sent it; without a body, an empty one.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            TypeError: An argument has the wrong type. Nothing was sent.
            ValueError: The path is not allowed. Nothing was sent.
        """
        method: Callable[..., Coroutine[object, object, object]] = self._async.get
        return self._loop.run(method, path, query=query, cast_to=cast_to, **options)

    @overload
    def post(
        self,
        path: str,
        *,
        query: Mapping[str, str | int | float | bool] | None = None,
        body: Mapping[str, object] | None = None,
        cast_to: type[T],
        **options: Unpack[RequestOptions],
    ) -> T: ...

    @overload
    def post(
        self,
        path: str,
        *,
        query: Mapping[str, str | int | float | bool] | None = None,
        body: Mapping[str, object] | None = None,
        **options: Unpack[RequestOptions],
    ) -> dict[str, Any]: ...

    def post(
        self,
        path: str,
        *,
        query: Mapping[str, str | int | float | bool] | None = None,
        body: Mapping[str, object] | None = None,
        cast_to: type[object] | None = None,
        **options: Unpack[RequestOptions],
    ) -> object:
        """Send a POST to any path of the API. It is never sent again after it may have been executed.

        Args:
            path: The path, such as ``"/v2/cdn/endpoints"``; ``/v2/`` may be left out. No host, and no query.
            query: Query parameters.
            body: The JSON body.
            cast_to: The class of the answer: a model of this SDK, or your own attrs class. By default the answer is a
                dict as the API sent it; without a body, an empty one.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            TypeError: An argument has the wrong type. Nothing was sent.
            ValueError: The path is not allowed. Nothing was sent.
            RequestOutcomeUnknownError: The answer was lost, and the request is not sent again.
        """
        method: Callable[..., Coroutine[object, object, object]] = self._async.post
        return self._loop.run(method, path, query=query, body=body, cast_to=cast_to, **options)

    @overload
    def put(
        self,
        path: str,
        *,
        query: Mapping[str, str | int | float | bool] | None = None,
        body: Mapping[str, object] | None = None,
        cast_to: type[T],
        **options: Unpack[RequestOptions],
    ) -> T: ...

    @overload
    def put(
        self,
        path: str,
        *,
        query: Mapping[str, str | int | float | bool] | None = None,
        body: Mapping[str, object] | None = None,
        **options: Unpack[RequestOptions],
    ) -> dict[str, Any]: ...

    def put(
        self,
        path: str,
        *,
        query: Mapping[str, str | int | float | bool] | None = None,
        body: Mapping[str, object] | None = None,
        cast_to: type[object] | None = None,
        **options: Unpack[RequestOptions],
    ) -> object:
        """Send a PUT to any path of the API. It is sent again if the answer is lost.

        Args:
            path: The path, such as ``"/v2/cdn/endpoints"``; ``/v2/`` may be left out. No host, and no query.
            query: Query parameters.
            body: The JSON body.
            cast_to: The class of the answer: a model of this SDK, or your own attrs class. By default the answer is a
                dict as the API sent it; without a body, an empty one.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            TypeError: An argument has the wrong type. Nothing was sent.
            ValueError: The path is not allowed. Nothing was sent.
        """
        method: Callable[..., Coroutine[object, object, object]] = self._async.put
        return self._loop.run(method, path, query=query, body=body, cast_to=cast_to, **options)

    @overload
    def patch(
        self,
        path: str,
        *,
        query: Mapping[str, str | int | float | bool] | None = None,
        body: Mapping[str, object] | None = None,
        cast_to: type[T],
        **options: Unpack[RequestOptions],
    ) -> T: ...

    @overload
    def patch(
        self,
        path: str,
        *,
        query: Mapping[str, str | int | float | bool] | None = None,
        body: Mapping[str, object] | None = None,
        **options: Unpack[RequestOptions],
    ) -> dict[str, Any]: ...

    def patch(
        self,
        path: str,
        *,
        query: Mapping[str, str | int | float | bool] | None = None,
        body: Mapping[str, object] | None = None,
        cast_to: type[object] | None = None,
        **options: Unpack[RequestOptions],
    ) -> object:
        """Send a PATCH to any path of the API. It is never sent again after it may have been executed.

        Args:
            path: The path, such as ``"/v2/cdn/endpoints"``; ``/v2/`` may be left out. No host, and no query.
            query: Query parameters.
            body: The JSON body.
            cast_to: The class of the answer: a model of this SDK, or your own attrs class. By default the answer is a
                dict as the API sent it; without a body, an empty one.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            TypeError: An argument has the wrong type. Nothing was sent.
            ValueError: The path is not allowed. Nothing was sent.
            RequestOutcomeUnknownError: The answer was lost, and the request is not sent again.
        """
        method: Callable[..., Coroutine[object, object, object]] = self._async.patch
        return self._loop.run(method, path, query=query, body=body, cast_to=cast_to, **options)

    @overload
    def delete(
        self,
        path: str,
        *,
        query: Mapping[str, str | int | float | bool] | None = None,
        body: Mapping[str, object] | None = None,
        cast_to: type[T],
        **options: Unpack[RequestOptions],
    ) -> T: ...

    @overload
    def delete(
        self,
        path: str,
        *,
        query: Mapping[str, str | int | float | bool] | None = None,
        body: Mapping[str, object] | None = None,
        **options: Unpack[RequestOptions],
    ) -> dict[str, Any]: ...

    def delete(
        self,
        path: str,
        *,
        query: Mapping[str, str | int | float | bool] | None = None,
        body: Mapping[str, object] | None = None,
        cast_to: type[object] | None = None,
        **options: Unpack[RequestOptions],
    ) -> object:
        """Send a DELETE to any path of the API.

        It is sent again if the answer is lost, and a 404 then means that it is done. One with a query, and one that
        destroys associated resources, is never sent again after it may have been executed.

        Args:
            path: The path, such as ``"/v2/cdn/endpoints"``; ``/v2/`` may be left out. No host, and no query.
            query: Query parameters.
            body: The JSON body.
            cast_to: The class of the answer: a model of this SDK, or your own attrs class. By default the answer is a
                dict as the API sent it; without a body, an empty one.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            TypeError: An argument has the wrong type. Nothing was sent.
            ValueError: The path is not allowed. Nothing was sent.
            RequestOutcomeUnknownError: The answer was lost, and the request is not sent again.
        """
        method: Callable[..., Coroutine[object, object, object]] = self._async.delete
        return self._loop.run(method, path, query=query, body=body, cast_to=cast_to, **options)

    @property
    def with_raw_response(self) -> RawAnyEndpoint:
        """The same methods, with the HTTP answer as their result."""
        from gradient_sync.resources.generated.any_endpoint import RawAnyEndpoint

        return RawAnyEndpoint(self._async.with_raw_response, self._loop)
