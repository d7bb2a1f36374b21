"""Celery workers that reboot: a task for each Droplet, or one for all Droplets of an account.

A task is acknowledged when it is done. If its worker dies before that, another one runs the task again, and the task's
id, as `key=`, sees to it that each action is executed once. Run it from the repository's root, with an account or with
the emulator (see README.md), and with a Redis server:

    export GRADIENT_RATE_BUDGET=redis://localhost:6379/1
    celery --workdir examples --app celery_reboots worker --concurrency 4 --loglevel info
    celery --workdir examples --app celery_reboots call reboot --args '[3164444]'
    celery --workdir examples --app celery_reboots call reboot_fleet --args '["research", "training"]'

The broker is CELERY_BROKER_URL, by default redis://localhost:6379/0. The workers have the token of the account
"research" in TOKEN_OF_RESEARCH, and the journals of fleets in JOURNALS, by default the folder where they are started.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from celery import Celery
from celery.signals import worker_process_init, worker_process_shutdown

import gradient_sync as ga

if TYPE_CHECKING:
    from celery import Task

BROKER: Final = os.environ.get("CELERY_BROKER_URL", "redis://localhost:6379/0")
JOURNALS: Final = Path(os.environ.get("JOURNALS", Path.cwd()))

app = Celery("reboots", broker=BROKER, backend=BROKER)
app.conf.update(
    task_acks_late=True,  # a task whose worker died is run again
    task_reject_on_worker_lost=True,  # at once, if only the process that ran it died
    worker_prefetch_multiplier=1,  # a worker that dies or hangs keeps few tasks from the others
    result_backend_always_retry=True,  # a result that cannot be stored at once makes no failed task
    # A task that is not acknowledged after this time is given to another worker, even if it still runs.
    broker_transport_options={"visibility_timeout": 3600, "unacked_restore_throttle": 1},
)

# Run again later, with the same id and so with the same key: what was not executed, and what is still in progress.
# ActionOutcomeUnknownError is not here. Its candidates show whether to send the action again.
RETRIED: Final = (
    ga.APIConnectionError,
    ga.InternalServerError,
    ga.RateLimitError,
    ga.PendingEventError,
    ga.ActionTimeoutError,
    ga.JournalInUseError,
    ga.RateBudgetStoreError,
    ga.RequestKeyBusyError,
    ga.RequestKeyStoreError,
)
RETRIES: Final = {"autoretry_for": RETRIED, "retry_backoff": 5, "retry_backoff_max": 600, "max_retries": 8}

KEY_TTL: Final = 7 * 24 * 3600.0  # longer than a task can lie in the queue: without its key, it would be done again


@cache
def client() -> ga.GradientAI:
    """Return the client of this process."""
    return ga.GradientAI()


@worker_process_init.connect
def open_client(**_: object) -> None:
    """Make the client of a worker process. This runs after the fork: each process has its own connections."""
    client()


@worker_process_shutdown.connect
def close_client(**_: object) -> None:
    """Close the client of a worker process."""
    client().close()


@app.task(name="reboot", bind=True, **RETRIES)
def reboot(task: Task, droplet_id: int) -> dict[str, int | str]:
    """Reboot one Droplet, and wait for it. A second run of the task gets the action of the first, and waits too."""
    actions = client().gpu_droplets.actions
    action = actions.initiate(droplet_id, type="reboot", key=task.request.id, key_ttl=KEY_TTL).action
    action = actions.wait(action, timeout=300)
    return {"action_id": action.id, "status": action.status}


@app.task(name="reboot_fleet", bind=True, **RETRIES)
def reboot_fleet(task: Task, account: str, tag: str) -> dict[str, object]:
    """Reboot all Droplets of an account with a tag.

    A second run of the task resumes the journal of the first. On another host it has no journal, and the keys show it
    what the first has done.
    """
    journal = JOURNALS / f"{account}-{task.request.id}.journal"
    keys = {"key_prefix": task.request.id, "key_ttl": KEY_TTL}
    with ga.GradientAI(token_of(account)) as of_account:
        report = of_account.fleet.reboot(tag=tag, max_errors="5%", journal=journal, if_finished="report", **keys)
    return {"counts": report.counts, "unknown": [outcome.droplet_id for outcome in report.unknown]}


def token_of(account: str) -> str:
    """Return the token of an account. A task has only the account's name, since the broker shows what is in it."""
    return os.environ[f"TOKEN_OF_{account.upper()}"]
