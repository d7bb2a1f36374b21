"""The types of the async client: read by mypy and basedpyright, never run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from datetime import datetime
from typing import Any, Literal, assert_never, assert_type

import aiohttp

from gradient_async import (
    ACTION_TYPES,
    BULK_ACTION_TYPES,
    Action,
    ActionBulkInitiateResponse,
    ActionFailedError,
    ActionInitiateResponse,
    ActionListResponse,
    ActionOutcomeUnknownError,
    ActionRequest,
    ActionRetrieveResponse,
    ActionTimeoutError,
    APIResponseValidationError,
    APIStatusError,
    APITimeoutError,
    AsyncGradientAI,
    AsyncStream,
    Attempt,
    AttemptOutcome,
    BackupPolicy,
    BulkActionRequest,
    ChangeBackupPolicy,
    DisableBackups,
    Droplet,
    EnableBackups,
    EnableIPv6,
    FleetCancelled,
    FleetOptions,
    FleetProgress,
    FleetReport,
    GPUDropletListResponse,
    GPUDropletRetrieveResponse,
    GracefulPowerOff,
    MultipleDropletResponse,
    Outcome,
    OutcomeStatus,
    PendingEventError,
    PowerCycle,
    PowerOff,
    PowerOn,
    RateBudget,
    RawResponse,
    Reboot,
    Resize,
    Shutdown,
    SingleDropletResponse,
    Snapshot,
    UnprocessableEntityError,
)


def make_clients(session: aiohttp.ClientSession, budget: RateBudget) -> None:
    assert_type(AsyncGradientAI(), AsyncGradientAI)
    AsyncGradientAI("token", base_url="https://api.digitalocean.com", timeout=5, max_retries=0)
    AsyncGradientAI(default_headers={"x-team": "training"}, default_query={"flag": True, "count": 3, "name": "x"})
    AsyncGradientAI(access_token=None, http_session=session, rate_budget=None)
    AsyncGradientAI(http_session=lambda: aiohttp.ClientSession(trust_env=True), rate_budget=budget)
    AsyncGradientAI(rate_budget="shared", max_retry_after=0, settle_seconds=2.5, max_response_bytes=1 << 20, proxy=None)
    AsyncGradientAI(rate_budget=RateBudget([(100, 60.0), (2000, 3600)]))


class TeamClient(AsyncGradientAI):
    """A user's own client."""


async def use_client(client: AsyncGradientAI, team: TeamClient, budget: RateBudget) -> None:
    assert_type(client.with_options(timeout=3), AsyncGradientAI)
    assert_type(team.with_options(timeout=3), TeamClient)
    client.with_options(access_token="other", base_url="http://localhost", max_retries=5, rate_budget=budget)
    client.with_options(rate_budget=None, max_retry_after=5, settle_seconds=1, default_headers={}, default_query={})
    client.with_options(rate_budget="unchanged").with_options(rate_budget="shared")
    assert_type(client.rate_budget, RateBudget | None)
    assert_type(client.is_closed, bool)
    await client.aclose()
    async with team as entered:
        assert_type(entered, TeamClient)


async def initiate_by_type(client: AsyncGradientAI, policy: BackupPolicy) -> None:
    actions = client.gpu_droplets.actions
    assert_type(await actions.initiate(1, type="reboot"), ActionInitiateResponse)
    assert_type(await actions.initiate(droplet_id=1, type="power_cycle"), ActionInitiateResponse)
    assert_type(await actions.initiate(1, "reboot"), ActionInitiateResponse)
    assert_type(await actions.initiate(1, "resize", size="gpu-h100x8-640gb"), ActionInitiateResponse)
    assert_type(await actions.initiate(1, Resize(size="gpu-h100x8-640gb"), timeout=3.0), ActionInitiateResponse)
    assert_type(await actions.initiate(1, action=Reboot()), ActionInitiateResponse)
    assert_type(await actions.initiate(1, "reboot", key="nightly", key_ttl=3600.0), ActionInitiateResponse)
    assert_type((await actions.initiate(1, Reboot(), key=None)).is_replayed, bool)
    assert_type(await actions.bulk_initiate("training", "power_cycle", key="nightly"), ActionBulkInitiateResponse)
    assert_type(await actions.bulk_initiate("training", "power_cycle"), ActionBulkInitiateResponse)
    assert_type(await actions.bulk_initiate("training", "snapshot", name="nightly"), ActionBulkInitiateResponse)
    assert_type(await actions.bulk_initiate("training", PowerCycle()), ActionBulkInitiateResponse)
    assert_type(await actions.with_raw_response.initiate(1, "reboot"), RawResponse[ActionInitiateResponse])
    assert_type(await actions.initiate(1, type="shutdown"), ActionInitiateResponse)
    assert_type(await actions.initiate(1, type="power_off"), ActionInitiateResponse)
    assert_type(await actions.initiate(1, type="power_on"), ActionInitiateResponse)
    assert_type(await actions.initiate(1, type="password_reset"), ActionInitiateResponse)
    assert_type(await actions.initiate(1, type="enable_ipv6"), ActionInitiateResponse)
    assert_type(await actions.initiate(1, type="disable_backups"), ActionInitiateResponse)
    assert_type(await actions.initiate(1, type="enable_backups"), ActionInitiateResponse)
    assert_type(await actions.initiate(1, type="enable_backups", backup_policy=policy), ActionInitiateResponse)
    assert_type(
        await actions.initiate(1, type="change_backup_policy", backup_policy={"plan": "weekly", "weekday": "SUN"}),
        ActionInitiateResponse,
    )
    assert_type(await actions.initiate(1, type="restore", image=12389723), ActionInitiateResponse)
    assert_type(await actions.initiate(1, type="rebuild", image=12389723), ActionInitiateResponse)
    assert_type(await actions.initiate(1, type="rebuild", image="gpu-h100x1-base"), ActionInitiateResponse)
    assert_type(await actions.initiate(1, type="resize", size="gpu-h100x8-640gb"), ActionInitiateResponse)
    assert_type(await actions.initiate(1, type="resize", size="gpu-h100x8-640gb", disk=True), ActionInitiateResponse)
    assert_type(await actions.initiate(1, type="rename", name="trainer-01"), ActionInitiateResponse)
    assert_type(await actions.initiate(1, type="change_kernel", kernel=991), ActionInitiateResponse)
    assert_type(await actions.initiate(1, type="snapshot", name="before"), ActionInitiateResponse)


async def initiate_either(client: AsyncGradientAI, which: Literal["reboot", "power_cycle"]) -> None:
    assert_type(await client.gpu_droplets.actions.initiate(1, type=which), ActionInitiateResponse)


async def initiate_by_request(client: AsyncGradientAI, request: ActionRequest, bulk: BulkActionRequest) -> None:
    actions = client.gpu_droplets.actions
    assert_type(await actions.initiate(1, Reboot()), ActionInitiateResponse)
    assert_type(await actions.initiate(1, action=Resize(size="gpu-h100x8-640gb")), ActionInitiateResponse)
    assert_type(await actions.initiate(1, request), ActionInitiateResponse)
    assert_type(await actions.initiate(1, bulk), ActionInitiateResponse)
    assert_type(request.type == "reboot", bool)
    if isinstance(request, ChangeBackupPolicy):
        assert_type(request.backup_policy, BackupPolicy)
    if isinstance(request, Resize):
        assert_type(request.type, Literal["resize"])
        assert_type((request.size, request.disk), tuple[str, bool])


async def initiate_by_name(client: AsyncGradientAI, kind: str, parameters: dict[str, Any]) -> None:
    request = ACTION_TYPES[kind](**parameters)
    assert_type(await client.gpu_droplets.actions.initiate(1, request), ActionInitiateResponse)
    bulk = BULK_ACTION_TYPES[kind](**parameters)
    assert_type(
        await client.gpu_droplets.actions.bulk_initiate(tag_name="training", action=bulk), ActionBulkInitiateResponse
    )


def describe(request: BulkActionRequest) -> str:
    match request:
        case Snapshot(name=name):
            return name
        case EnableBackups(backup_policy=policy):
            return policy.plan if policy else "daily"
        case PowerCycle() | PowerOn() | PowerOff() | Shutdown() | EnableIPv6() | DisableBackups():
            return request.type
        case _:
            assert_never(request)


async def pass_options(client: AsyncGradientAI, headers: Mapping[str, str], body: Mapping[str, object]) -> None:
    await client.gpu_droplets.actions.initiate(
        1, type="reboot", timeout=3, extra_headers=headers, extra_query={"a": 1, "b": True}, extra_body=body
    )
    await client.gpu_droplets.list(timeout=2.5, extra_headers={"x": "y"})
    await client.gpu_droplets.actions.wait(1, timeout=3, extra_headers=headers)


async def act_by_tag(client: AsyncGradientAI, request: BulkActionRequest) -> None:
    actions = client.gpu_droplets.actions
    response = await actions.bulk_initiate(tag_name="training", type="power_cycle")
    assert_type(response, ActionBulkInitiateResponse)
    assert_type(response.actions, tuple[Action, ...])
    await actions.bulk_initiate(tag_name="training", type="power_on")
    await actions.bulk_initiate(tag_name="training", type="power_off")
    await actions.bulk_initiate(tag_name="training", type="shutdown")
    await actions.bulk_initiate(tag_name="training", type="enable_ipv6")
    await actions.bulk_initiate(tag_name="training", type="enable_backups")
    await actions.bulk_initiate(tag_name="training", type="disable_backups")
    await actions.bulk_initiate(tag_name="training", type="snapshot", name="before")
    await actions.bulk_initiate(tag_name="training", action=Snapshot(name="before"))
    await actions.bulk_initiate(tag_name="training", action=PowerCycle())
    await actions.bulk_initiate(tag_name="training", action=request)


async def read_actions(client: AsyncGradientAI) -> None:
    of_droplets = client.gpu_droplets.actions
    one = await of_droplets.retrieve(2, droplet_id=1)
    assert_type(one, ActionRetrieveResponse)
    page = await of_droplets.list(1, page=2, per_page=200)
    assert_type(page, ActionListResponse)
    assert_type(page.links.pages.next, str | None)
    assert_type(page.meta.total, int | None)
    assert_type(of_droplets.list_all(1), AsyncIterator[Action])
    assert_type(await client.actions.retrieve(2), ActionRetrieveResponse)
    assert_type(await client.actions.list(page=1, per_page=20), ActionListResponse)
    assert_type(client.actions.list_all(), AsyncIterator[Action])
    async for action in client.actions.list_all(timeout=3):
        assert_type(action, Action)
    assert_type([action.id async for action in of_droplets.list_all(1)], list[int])


async def read_droplets(client: AsyncGradientAI) -> None:
    response = await client.gpu_droplets.retrieve(1)
    assert_type(response, GPUDropletRetrieveResponse)
    droplet = response.droplet
    assert_type(droplet, Droplet)
    assert_type((droplet.id, droplet.name, droplet.status), tuple[int, str, str])
    assert_type((droplet.is_active, droplet.is_off), tuple[bool, bool])
    assert_type(droplet.created_at, datetime | None)
    assert_type(droplet.tags, tuple[str, ...])
    if droplet.gpu_info is not None:
        assert_type(droplet.gpu_info.count, int | None)
    page = await client.gpu_droplets.list(name="trainer-01", type="gpus", page=1, per_page=20)
    assert_type(page, GPUDropletListResponse)
    await client.gpu_droplets.list(tag_name="training")
    assert_type(client.gpu_droplets.list_all(type="droplets"), AsyncIterator[Droplet])
    async for each in client.gpu_droplets.list_all(tag_name="training"):
        assert_type(each, Droplet)


async def create_droplets(client: AsyncGradientAI) -> None:
    create, size = client.gpu_droplets.create, "gpu-h100x1-80gb"
    one = await create(image=1, name="a", size=size, ssh_keys=[1, "3b:16"], backup_policy={"plan": "daily"})
    assert_type(one, SingleDropletResponse)
    assert_type((one.droplet, one.others, one.is_adopted), tuple[Droplet, tuple[Droplet, ...], bool])
    several = await create(image="gpu-h100x1-base", names=["a"], size=size, on_unknown="resend")
    assert_type(several, MultipleDropletResponse)
    assert_type(several.missing, tuple[str, ...])
    raw = await client.gpu_droplets.with_raw_response.create(image=1, name="a", size=size)
    assert_type(raw, RawResponse[SingleDropletResponse])


async def start_together(client: AsyncGradientAI) -> None:
    async with asyncio.TaskGroup() as group:
        started = group.create_task(client.gpu_droplets.actions.initiate(1, type="reboot"))
    assert_type(started.result(), ActionInitiateResponse)
    droplets = await asyncio.gather(*(client.gpu_droplets.retrieve(one) for one in range(1, 4)))
    assert_type(droplets, list[GPUDropletRetrieveResponse])


async def wait(
    client: AsyncGradientAI,
    action: Action,
    several: set[Action],
    either: list[Action | int],
    one_or_more: Action | list[int],
) -> None:
    actions = client.gpu_droplets.actions
    assert_type(await actions.wait(action, timeout=300), Action)
    assert_type(await actions.wait(1, droplet_id=2, poll_interval=0.5), Action)
    assert_type(await actions.wait([1, 2]), tuple[Action, ...])
    assert_type(await actions.wait((action, 2)), tuple[Action, ...])
    assert_type(await actions.wait(several), tuple[Action, ...])
    assert_type(await actions.wait(either, timeout=3), tuple[Action, ...])
    assert_type(await actions.wait(one_or_more), Action | tuple[Action, ...])
    assert_type(await actions.wait(one for one in several), tuple[Action, ...])
    assert_type((action.id, action.status, action.type, action.started_at), tuple[int, str, str, datetime | None])
    assert_type((action.is_completed, action.is_errored, action.is_finished), tuple[bool, bool, bool])


async def power_off(client: AsyncGradientAI) -> None:
    result = await client.gpu_droplets.actions.power_off_gracefully(1, timeout=60, force_timeout=30, poll_interval=1)
    assert_type(result, GracefulPowerOff)
    assert_type(result.powered_off_by, Literal["shutdown", "power_off", "nobody"])
    assert_type(result.shutdown, Action | None)
    assert_type(result.droplet, Droplet)


async def raw_responses(client: AsyncGradientAI, request: ActionRequest, policy: BackupPolicy) -> None:
    actions = client.gpu_droplets.actions.with_raw_response
    raw = await actions.initiate(1, type="reboot")
    assert_type(raw, RawResponse[ActionInitiateResponse])
    assert_type(raw.parse(), ActionInitiateResponse)
    assert_type(raw.parse().action, Action)
    assert_type((raw.status, raw.request_id, raw.body), tuple[int, str | None, bytes])
    assert_type(raw.headers, Mapping[str, str])
    assert_type((raw.status_code, raw.text(), raw.json()), tuple[int, str, object])
    assert_type(raw.attempts, tuple[Attempt, ...])
    assert_type(raw.is_adopted, bool)
    assert_type(await actions.initiate(1, request), RawResponse[ActionInitiateResponse])
    await actions.initiate(1, type="change_backup_policy", backup_policy=policy)
    await actions.initiate(1, type="resize", size="gpu-h100x8-640gb", disk=True, timeout=3)
    assert_type(
        await actions.bulk_initiate(tag_name="training", type="shutdown"), RawResponse[ActionBulkInitiateResponse]
    )
    assert_type(await actions.retrieve(2, droplet_id=1), RawResponse[ActionRetrieveResponse])
    assert_type(await actions.list(1, per_page=200), RawResponse[ActionListResponse])
    droplets = client.gpu_droplets.with_raw_response
    assert_type(await droplets.retrieve(1), RawResponse[GPUDropletRetrieveResponse])
    assert_type(await droplets.list(type="gpus"), RawResponse[GPUDropletListResponse])
    all_actions = client.actions.with_raw_response
    assert_type(await all_actions.retrieve(1), RawResponse[ActionRetrieveResponse])
    assert_type(await all_actions.list(page=2), RawResponse[ActionListResponse])


async def errors(client: AsyncGradientAI) -> None:
    try:
        await client.gpu_droplets.retrieve(1)
    except PendingEventError as error:
        widened: UnprocessableEntityError = error
        assert_type(widened.id, str | None)
    except APIStatusError as error:
        assert_type((error.status, error.status_code), tuple[int, int])
        assert_type((error.response, error.text), tuple[APIStatusError, str])
        assert_type(error.json(), Mapping[str, object])
        assert_type(error.headers, dict[str, str])
        assert_type(error.retry_after, float | None)
    except APIResponseValidationError as error:
        assert_type((error.fault_path, error.excerpt), tuple[str, str])
    except APITimeoutError as error:
        built_in: TimeoutError = error
        assert_type(built_in.args[0] is None, bool)
        for attempt in error.attempts:
            assert_type(attempt.outcome, AttemptOutcome)
    except ActionFailedError as error:
        assert_type(error.action, Action)
        assert_type(error.actions, tuple[Action, ...])
    except ActionTimeoutError as error:
        assert_type(error.action, Action | None)
    except ActionOutcomeUnknownError as error:
        assert_type(error.candidates, tuple[Action, ...])
        assert_type((error.droplet_id, error.type), tuple[int | None, str])


async def run_fleets(client: AsyncGradientAI, droplets: list[Droplet]) -> None:
    def report_progress(progress: FleetProgress) -> None:
        assert_type(progress.latest, Outcome)

    def is_well(droplet: Droplet) -> bool:
        return droplet.is_active

    async def is_well_indeed(droplet: Droplet) -> bool:
        return droplet.is_active

    report = await client.fleet.run("reboot", droplets=[1, 2], max_concurrency=50, max_errors="5%")
    assert_type(report, FleetReport)
    assert_type(report.failed, tuple[Outcome, ...])
    assert_type(report.counts, Mapping[OutcomeStatus, int])
    assert_type(report.outcomes[0].status, OutcomeStatus)
    assert_type(report.to_json(indent=2), str)
    assert_type(report.timeline(), str)
    report.raise_for_failures()
    await client.fleet.run(Resize(size="gpu-h100x8-640gb"), tag="training", batch_size="10%", health_check=is_well)
    await client.fleet.run(Reboot, droplets=droplets, on_progress=report_progress, health_check=is_well_indeed)
    await client.fleet.run("power_cycle", droplets=client.gpu_droplets.list_all(), journal="fleet.journal", wait=True)
    async for outcome in client.fleet.stream("power_cycle", droplets=range(1, 5), on_busy="skip", until="status"):
        assert_type(outcome, Outcome)
    assert_type(client.fleet.stream("reboot", droplets=iter([1])), AsyncStream[Outcome])
    assert_type(report.outcomes[0].to_row(), dict[str, str | int | float | bool | None])
    any_iterator: AsyncIterator[Outcome] = client.fleet.stream("reboot", droplets=[1])
    async for outcome in any_iterator:
        assert_type(outcome, Outcome)
    async with client.fleet.stream("reboot", droplets=[1]) as stream, aclosing(stream) as same:
        assert_type(same, AsyncStream[Outcome])
    options: FleetOptions = {"timeout": 60, "poll_interval": None}
    assert_type(await client.fleet.resume("fleet.journal", health_check=is_well_indeed, max_errors=None), FleetReport)
    assert_type(await client.fleet.reboot(droplets=[1], **options), FleetReport)
    assert_type(await client.fleet.power_cycle(droplets=[1], **options), FleetReport)
    assert_type(await client.fleet.power_on(droplets=[1], **options), FleetReport)
    assert_type(await client.fleet.power_off(droplets=[1], graceful=True, grace=60, **options), FleetReport)
    assert_type(await client.fleet.snapshot("{name}-{date}", tag="training", **options), FleetReport)
    assert_type(await client.fleet.resize("gpu-h100x8-640gb", droplets=[1], disk=False, **options), FleetReport)
    # One Droplet or several, without a name.
    assert_type(await client.fleet.reboot(3164444), FleetReport)
    await client.close()
    assert_type(await client.fleet.power_cycle(droplets[0]), FleetReport)
    assert_type(await client.fleet.power_on([1, 2], max_concurrency="10%"), FleetReport)
    assert_type(await client.fleet.run("reboot", [1, 2], timeout=60.0), FleetReport)
    assert_type(await client.fleet.run("reboot", [1, 2], key_prefix="nightly", key_ttl=3600.0), FleetReport)
    assert_type(await client.fleet.resize("gpu-h100x8-640gb", [1]), FleetReport)
    assert_type(await client.fleet.snapshot("{name}-{date}", droplets), FleetReport)
    assert_type(await client.fleet.resume("fleet.journal", health_check=None, timeout="unchanged"), FleetReport)


def read_cancelled(cancelled: FleetCancelled) -> None:
    assert_type(cancelled.report, FleetReport)
