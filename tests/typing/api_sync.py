"""The types of the sync client: read by mypy and basedpyright, never run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import datetime
from typing import Any, Literal, assert_never, assert_type

import aiohttp

from gradient_sync import (
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
    GradientAI,
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
    Stream,
    UnprocessableEntityError,
)


def make_clients(budget: RateBudget) -> None:
    assert_type(GradientAI(), GradientAI)
    GradientAI("token", base_url="https://api.digitalocean.com", timeout=5, max_retries=0)
    GradientAI(default_headers={"x-team": "training"}, default_query={"flag": True, "count": 3, "name": "x"})
    GradientAI(access_token=None, rate_budget=None)
    GradientAI(http_session=lambda: aiohttp.ClientSession(trust_env=True), rate_budget=budget)
    GradientAI(rate_budget="shared", max_retry_after=0, settle_seconds=2.5, max_response_bytes=1 << 20, proxy=None)
    GradientAI(rate_budget=RateBudget([(100, 60.0), (2000, 3600)]))


class TeamClient(GradientAI):
    """A user's own client."""


def use_client(client: GradientAI, team: TeamClient, budget: RateBudget) -> None:
    assert_type(client.with_options(timeout=3), GradientAI)
    assert_type(team.with_options(timeout=3), TeamClient)
    client.with_options(access_token="other", base_url="http://localhost", max_retries=5, rate_budget=budget)
    client.with_options(rate_budget=None, max_retry_after=5, settle_seconds=1, default_headers={}, default_query={})
    client.with_options(rate_budget="unchanged").with_options(rate_budget="shared")
    assert_type(client.rate_budget, RateBudget | None)
    assert_type(client.is_closed, bool)
    client.close()
    with team as entered:
        assert_type(entered, TeamClient)


def initiate_by_type(client: GradientAI, policy: BackupPolicy) -> None:
    actions = client.gpu_droplets.actions
    assert_type(actions.initiate(1, type="reboot"), ActionInitiateResponse)
    assert_type(actions.initiate(droplet_id=1, type="power_cycle"), ActionInitiateResponse)
    assert_type(actions.initiate(1, "reboot"), ActionInitiateResponse)
    assert_type(actions.initiate(1, "resize", size="gpu-h100x8-640gb"), ActionInitiateResponse)
    assert_type(actions.initiate(1, Resize(size="gpu-h100x8-640gb"), timeout=3.0), ActionInitiateResponse)
    assert_type(actions.initiate(1, action=Reboot()), ActionInitiateResponse)
    assert_type(actions.initiate(1, "reboot", key="nightly", key_ttl=3600.0), ActionInitiateResponse)
    assert_type((actions.initiate(1, Reboot(), key=None)).is_replayed, bool)
    assert_type(actions.bulk_initiate("training", "power_cycle", key="nightly"), ActionBulkInitiateResponse)
    assert_type(actions.bulk_initiate("training", "power_cycle"), ActionBulkInitiateResponse)
    assert_type(actions.bulk_initiate("training", "snapshot", name="nightly"), ActionBulkInitiateResponse)
    assert_type(actions.bulk_initiate("training", PowerCycle()), ActionBulkInitiateResponse)
    assert_type(actions.with_raw_response.initiate(1, "reboot"), RawResponse[ActionInitiateResponse])
    assert_type(actions.initiate(1, type="shutdown"), ActionInitiateResponse)
    assert_type(actions.initiate(1, type="power_off"), ActionInitiateResponse)
    assert_type(actions.initiate(1, type="power_on"), ActionInitiateResponse)
    assert_type(actions.initiate(1, type="password_reset"), ActionInitiateResponse)
    assert_type(actions.initiate(1, type="enable_ipv6"), ActionInitiateResponse)
    assert_type(actions.initiate(1, type="disable_backups"), ActionInitiateResponse)
    assert_type(actions.initiate(1, type="enable_backups"), ActionInitiateResponse)
    assert_type(actions.initiate(1, type="enable_backups", backup_policy=policy), ActionInitiateResponse)
    assert_type(
        actions.initiate(1, type="change_backup_policy", backup_policy={"plan": "weekly", "weekday": "SUN"}),
        ActionInitiateResponse,
    )
    assert_type(actions.initiate(1, type="restore", image=12389723), ActionInitiateResponse)
    assert_type(actions.initiate(1, type="rebuild", image=12389723), ActionInitiateResponse)
    assert_type(actions.initiate(1, type="rebuild", image="gpu-h100x1-base"), ActionInitiateResponse)
    assert_type(actions.initiate(1, type="resize", size="gpu-h100x8-640gb"), ActionInitiateResponse)
    assert_type(actions.initiate(1, type="resize", size="gpu-h100x8-640gb", disk=True), ActionInitiateResponse)
    assert_type(actions.initiate(1, type="rename", name="trainer-01"), ActionInitiateResponse)
    assert_type(actions.initiate(1, type="change_kernel", kernel=991), ActionInitiateResponse)
    assert_type(actions.initiate(1, type="snapshot", name="before"), ActionInitiateResponse)


def initiate_either(client: GradientAI, which: Literal["reboot", "power_cycle"]) -> None:
    assert_type(client.gpu_droplets.actions.initiate(1, type=which), ActionInitiateResponse)


def initiate_by_request(client: GradientAI, request: ActionRequest, bulk: BulkActionRequest) -> None:
    actions = client.gpu_droplets.actions
    assert_type(actions.initiate(1, Reboot()), ActionInitiateResponse)
    assert_type(actions.initiate(1, action=Resize(size="gpu-h100x8-640gb")), ActionInitiateResponse)
    assert_type(actions.initiate(1, request), ActionInitiateResponse)
    assert_type(actions.initiate(1, bulk), ActionInitiateResponse)
    assert_type(request.type == "reboot", bool)
    if isinstance(request, ChangeBackupPolicy):
        assert_type(request.backup_policy, BackupPolicy)
    if isinstance(request, Resize):
        assert_type(request.type, Literal["resize"])
        assert_type((request.size, request.disk), tuple[str, bool])


def initiate_by_name(client: GradientAI, kind: str, parameters: dict[str, Any]) -> None:
    request = ACTION_TYPES[kind](**parameters)
    assert_type(client.gpu_droplets.actions.initiate(1, request), ActionInitiateResponse)
    bulk = BULK_ACTION_TYPES[kind](**parameters)
    assert_type(client.gpu_droplets.actions.bulk_initiate(tag_name="training", action=bulk), ActionBulkInitiateResponse)


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


def pass_options(client: GradientAI, headers: Mapping[str, str], body: Mapping[str, object]) -> None:
    client.gpu_droplets.actions.initiate(
        1, type="reboot", timeout=3, extra_headers=headers, extra_query={"a": 1, "b": True}, extra_body=body
    )
    client.gpu_droplets.list(timeout=2.5, extra_headers={"x": "y"})
    client.gpu_droplets.actions.wait(1, timeout=3, extra_headers=headers)


def act_by_tag(client: GradientAI, request: BulkActionRequest) -> None:
    actions = client.gpu_droplets.actions
    response = actions.bulk_initiate(tag_name="training", type="power_cycle")
    assert_type(response, ActionBulkInitiateResponse)
    assert_type(response.actions, tuple[Action, ...])
    actions.bulk_initiate(tag_name="training", type="power_on")
    actions.bulk_initiate(tag_name="training", type="power_off")
    actions.bulk_initiate(tag_name="training", type="shutdown")
    actions.bulk_initiate(tag_name="training", type="enable_ipv6")
    actions.bulk_initiate(tag_name="training", type="enable_backups")
    actions.bulk_initiate(tag_name="training", type="disable_backups")
    actions.bulk_initiate(tag_name="training", type="snapshot", name="before")
    actions.bulk_initiate(tag_name="training", action=Snapshot(name="before"))
    actions.bulk_initiate(tag_name="training", action=PowerCycle())
    actions.bulk_initiate(tag_name="training", action=request)


def read_actions(client: GradientAI) -> None:
    of_droplets = client.gpu_droplets.actions
    one = of_droplets.retrieve(2, droplet_id=1)
    assert_type(one, ActionRetrieveResponse)
    page = of_droplets.list(1, page=2, per_page=200)
    assert_type(page, ActionListResponse)
    assert_type(page.links.pages.next, str | None)
    assert_type(page.meta.total, int | None)
    assert_type(of_droplets.list_all(1), Iterator[Action])
    assert_type(client.actions.retrieve(2), ActionRetrieveResponse)
    assert_type(client.actions.list(page=1, per_page=20), ActionListResponse)
    assert_type(client.actions.list_all(), Iterator[Action])
    for action in client.actions.list_all(timeout=3):
        assert_type(action, Action)
    assert_type([action.id for action in of_droplets.list_all(1)], list[int])


def read_droplets(client: GradientAI) -> None:
    response = client.gpu_droplets.retrieve(1)
    assert_type(response, GPUDropletRetrieveResponse)
    droplet = response.droplet
    assert_type(droplet, Droplet)
    assert_type((droplet.id, droplet.name, droplet.status), tuple[int, str, str])
    assert_type((droplet.is_active, droplet.is_off), tuple[bool, bool])
    assert_type(droplet.created_at, datetime | None)
    assert_type(droplet.tags, tuple[str, ...])
    if droplet.gpu_info is not None:
        assert_type(droplet.gpu_info.count, int | None)
    page = client.gpu_droplets.list(name="trainer-01", type="gpus", page=1, per_page=20)
    assert_type(page, GPUDropletListResponse)
    client.gpu_droplets.list(tag_name="training")
    assert_type(client.gpu_droplets.list_all(type="droplets"), Iterator[Droplet])
    for each in client.gpu_droplets.list_all(tag_name="training"):
        assert_type(each, Droplet)


def create_droplets(client: GradientAI) -> None:
    create, size = client.gpu_droplets.create, "gpu-h100x1-80gb"
    one = create(image=1, name="a", size=size, ssh_keys=[1, "3b:16"], backup_policy={"plan": "daily"})
    assert_type(one, SingleDropletResponse)
    assert_type((one.droplet, one.others, one.is_adopted), tuple[Droplet, tuple[Droplet, ...], bool])
    several = create(image="gpu-h100x1-base", names=["a"], size=size, on_unknown="resend")
    assert_type(several, MultipleDropletResponse)
    assert_type(several.missing, tuple[str, ...])
    raw = client.gpu_droplets.with_raw_response.create(image=1, name="a", size=size)
    assert_type(raw, RawResponse[SingleDropletResponse])


def wait(
    client: GradientAI,
    action: Action,
    several: set[Action],
    either: list[Action | int],
    one_or_more: Action | list[int],
) -> None:
    actions = client.gpu_droplets.actions
    assert_type(actions.wait(action, timeout=300), Action)
    assert_type(actions.wait(1, droplet_id=2, poll_interval=0.5), Action)
    assert_type(actions.wait([1, 2]), tuple[Action, ...])
    assert_type(actions.wait((action, 2)), tuple[Action, ...])
    assert_type(actions.wait(several), tuple[Action, ...])
    assert_type(actions.wait(either, timeout=3), tuple[Action, ...])
    assert_type(actions.wait(one_or_more), Action | tuple[Action, ...])
    assert_type(actions.wait(one for one in several), tuple[Action, ...])
    assert_type((action.id, action.status, action.type, action.started_at), tuple[int, str, str, datetime | None])
    assert_type((action.is_completed, action.is_errored, action.is_finished), tuple[bool, bool, bool])


def power_off(client: GradientAI) -> None:
    result = client.gpu_droplets.actions.power_off_gracefully(1, timeout=60, force_timeout=30, poll_interval=1)
    assert_type(result, GracefulPowerOff)
    assert_type(result.powered_off_by, Literal["shutdown", "power_off", "nobody"])
    assert_type(result.shutdown, Action | None)
    assert_type(result.droplet, Droplet)


def raw_responses(client: GradientAI, request: ActionRequest, policy: BackupPolicy) -> None:
    actions = client.gpu_droplets.actions.with_raw_response
    raw = actions.initiate(1, type="reboot")
    assert_type(raw, RawResponse[ActionInitiateResponse])
    assert_type(raw.parse(), ActionInitiateResponse)
    assert_type(raw.parse().action, Action)
    assert_type((raw.status, raw.request_id, raw.body), tuple[int, str | None, bytes])
    assert_type(raw.headers, Mapping[str, str])
    assert_type((raw.status_code, raw.text(), raw.json()), tuple[int, str, object])
    assert_type(raw.attempts, tuple[Attempt, ...])
    assert_type(raw.is_adopted, bool)
    assert_type(actions.initiate(1, request), RawResponse[ActionInitiateResponse])
    actions.initiate(1, type="change_backup_policy", backup_policy=policy)
    actions.initiate(1, type="resize", size="gpu-h100x8-640gb", disk=True, timeout=3)
    assert_type(actions.bulk_initiate(tag_name="training", type="shutdown"), RawResponse[ActionBulkInitiateResponse])
    assert_type(actions.retrieve(2, droplet_id=1), RawResponse[ActionRetrieveResponse])
    assert_type(actions.list(1, per_page=200), RawResponse[ActionListResponse])
    droplets = client.gpu_droplets.with_raw_response
    assert_type(droplets.retrieve(1), RawResponse[GPUDropletRetrieveResponse])
    assert_type(droplets.list(type="gpus"), RawResponse[GPUDropletListResponse])
    all_actions = client.actions.with_raw_response
    assert_type(all_actions.retrieve(1), RawResponse[ActionRetrieveResponse])
    assert_type(all_actions.list(page=2), RawResponse[ActionListResponse])


def errors(client: GradientAI) -> None:
    try:
        client.gpu_droplets.retrieve(1)
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


def run_fleets(client: GradientAI, droplets: list[Droplet]) -> None:
    def report_progress(progress: FleetProgress) -> None:
        assert_type(progress.latest, Outcome)

    def is_well(droplet: Droplet) -> bool:
        return droplet.is_active

    async def is_well_indeed(droplet: Droplet) -> bool:
        return droplet.is_active

    report = client.fleet.run("reboot", droplets=[1, 2], max_concurrency=50, max_errors="5%")
    assert_type(report, FleetReport)
    assert_type(report.failed, tuple[Outcome, ...])
    assert_type(report.counts, Mapping[OutcomeStatus, int])
    assert_type(report.outcomes[0].status, OutcomeStatus)
    assert_type(report.to_json(indent=2), str)
    assert_type(report.timeline(), str)
    report.raise_for_failures()
    client.fleet.run(Resize(size="gpu-h100x8-640gb"), tag="training", batch_size="10%", health_check=is_well)
    client.fleet.run(Reboot, droplets=droplets, on_progress=report_progress, health_check=is_well_indeed)
    client.fleet.run("power_cycle", droplets=client.gpu_droplets.list_all(), journal="fleet.journal", wait=True)
    for outcome in client.fleet.stream("power_cycle", droplets=range(1, 5), on_busy="skip", until="status"):
        assert_type(outcome, Outcome)
    assert_type(client.fleet.stream("reboot", droplets=iter([1])), Stream[Outcome])
    assert_type(report.outcomes[0].to_row(), dict[str, str | int | float | bool | None])
    any_iterator: Iterator[Outcome] = client.fleet.stream("reboot", droplets=[1])
    for outcome in any_iterator:
        assert_type(outcome, Outcome)
    with client.fleet.stream("reboot", droplets=[1]) as stream, closing(stream) as same:
        assert_type(same, Stream[Outcome])
    options: FleetOptions = {"timeout": 60, "poll_interval": None}
    assert_type(client.fleet.resume("fleet.journal", health_check=is_well_indeed, max_errors=None), FleetReport)
    assert_type(client.fleet.reboot(droplets=[1], **options), FleetReport)
    assert_type(client.fleet.power_cycle(droplets=[1], **options), FleetReport)
    assert_type(client.fleet.power_on(droplets=[1], **options), FleetReport)
    assert_type(client.fleet.power_off(droplets=[1], graceful=True, grace=60, **options), FleetReport)
    assert_type(client.fleet.snapshot("{name}-{date}", tag="training", **options), FleetReport)
    assert_type(client.fleet.resize("gpu-h100x8-640gb", droplets=[1], disk=False, **options), FleetReport)
    # One Droplet or several, without a name.
    assert_type(client.fleet.reboot(3164444), FleetReport)
    assert_type(client.fleet.power_cycle(droplets[0]), FleetReport)
    assert_type(client.fleet.power_on([1, 2], max_concurrency="10%"), FleetReport)
    assert_type(client.fleet.run("reboot", [1, 2], timeout=60.0), FleetReport)
    assert_type(client.fleet.run("reboot", [1, 2], key_prefix="nightly", key_ttl=3600.0), FleetReport)
    assert_type(client.fleet.resize("gpu-h100x8-640gb", [1]), FleetReport)
    assert_type(client.fleet.snapshot("{name}-{date}", droplets), FleetReport)
    assert_type(client.fleet.resume("fleet.journal", health_check=None, timeout="unchanged"), FleetReport)


def read_cancelled(cancelled: FleetCancelled) -> None:
    assert_type(cancelled.report, FleetReport)
