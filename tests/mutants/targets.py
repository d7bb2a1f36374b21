"""The modules that carry the promises, and the tests of each: the fast ones first."""

from __future__ import annotations

from typing import Final

_SENDING: Final = (
    "unit/test_call.py",
    "unit/test_retry.py",
    "behaviour/test_retries.py",
    "behaviour/test_resend_policies.py",
    "behaviour/test_action_sent_once.py",
    "behaviour/test_action_lookup.py",
    "behaviour/test_action_adoption.py",
    "behaviour/test_mixed_answers.py",
    "behaviour/test_lost_answers.py",
    "behaviour/test_request_deadlines.py",
    "behaviour/test_cancellation.py",
    "behaviour/test_closing.py",
    "behaviour/test_outcome_texts.py",
)
_FLEET: Final = (
    "behaviour/test_fleet_steps.py",
    "behaviour/test_fleet_methods.py",
    "behaviour/test_fleet_limits.py",
    "behaviour/test_fleet_waits.py",
    "behaviour/test_fleet_started.py",
    "behaviour/test_fleet_chosen_droplets.py",
    "behaviour/test_fleet_one_request.py",
    "behaviour/test_fleet_by_tag.py",
    "behaviour/test_fleet_faults.py",
    "behaviour/test_fleet_size_check.py",
    "behaviour/test_fleet_second_runs.py",
    "behaviour/test_fleet_finished.py",
    "behaviour/test_fleet_streams.py",
    "behaviour/test_fleet_calls.py",
    "behaviour/test_power_off_gracefully.py",
    "behaviour/test_fleet.py",
    "behaviour/test_fleet_batches.py",
    "behaviour/test_fleet_resume.py",
    "behaviour/test_fleet_clocks.py",
    "behaviour/test_fleet_stops.py",
)
_JOURNAL: Final = (
    "unit/test_fleet_journal_file.py",
    "unit/test_fleet_journal_view.py",
    "unit/test_fleet_sent_before.py",
    "unit/test_fleet_recorded_options.py",
    "unit/test_fleet_journal.py",
    "behaviour/test_fleet_second_runs.py",
    "behaviour/test_fleet_finished.py",
    "behaviour/test_fleet_resume.py",
    "behaviour/test_fleet_clocks.py",
    "behaviour/test_fleet_survives.py",
)
_WAITING: Final = (
    "unit/test_reconciliation.py",
    "behaviour/test_shared_waits.py",
    "behaviour/test_waiting.py",
    "behaviour/test_outage.py",
)

# The longest prefix of a module's path counts. Paths of tests are below tests/.
TARGETS: Final[dict[str, tuple[str, ...]]] = {
    "http/": _SENDING,
    "http/body_limit.py": ("unit/test_transport.py", "behaviour/test_answer_size.py"),
    "http/budget.py": ("unit/test_budget.py", "behaviour/test_rate_budget_on_the_wire.py", *_SENDING),
    "http/correspondence.py": ("behaviour/test_mixed_answers.py", *_SENDING),
    "http/action_trace.py": (
        "unit/test_action_trace.py",
        "unit/test_claims.py",
        "unit/test_request.py",
        "behaviour/test_volume_actions.py",
        "behaviour/test_images.py",
        "behaviour/test_action_lookup.py",
    ),
    "http/endpoint.py": ("unit/test_endpoint.py", "unit/test_request.py", *_SENDING),
    "http/headers.py": (
        "unit/test_request.py",
        "unit/test_settings.py",
        "unit/test_secrecy.py",
        "behaviour/test_request_options.py",
        "behaviour/test_token_silence.py",
        "behaviour/test_proxies.py",
    ),
    "http/parameters.py": ("unit/test_endpoint.py", "unit/test_request.py", "contract/test_contract_arguments.py"),
    "http/reader.py": ("unit/test_reader.py", "unit/test_errors.py", "behaviour/test_tolerant_reading.py", *_SENDING),
    "http/raw_response.py": ("behaviour/test_raw_response.py", *_SENDING),
    "http/request.py": ("unit/test_request.py", *_SENDING),
    "http/retry.py": ("unit/test_retry.py", *_SENDING),
    "http/sender.py": (*_SENDING, "unit/test_request_counter.py", "behaviour/test_rate_budget_on_the_wire.py"),
    "http/request_counter.py": ("unit/test_request_counter.py", *_SENDING),
    "http/tracebacks.py": ("unit/test_secrecy.py", "behaviour/test_token_in_tracebacks.py"),
    "http/transport.py": (
        "unit/test_transport.py",
        "unit/test_secrecy.py",
        "behaviour/test_http_session.py",
        "behaviour/test_proxies.py",
        "behaviour/test_token_in_tracebacks.py",
        "behaviour/test_unclosed_clients.py",
        "behaviour/test_answer_size.py",
        *_SENDING,
    ),
    "http/windows.py": ("unit/test_windows.py", "unit/test_budget.py", "behaviour/test_rate_budget_on_the_wire.py"),
    "waiting/": (*_WAITING, *_SENDING),
    "waiting/claims.py": (
        "unit/test_claims.py",
        "event_loop/test_event_loop_fork.py",
        *_SENDING,
        "behaviour/test_clock_skew.py",
    ),
    "waiting/lookup.py": (*_SENDING, "behaviour/test_clock_skew.py", "behaviour/test_volume_actions.py"),
    "waiting/outage.py": ("behaviour/test_outage.py",),
    "waiting/poller.py": _WAITING,
    "waiting/reconciliation.py": ("unit/test_reconciliation.py", "behaviour/test_clock_skew.py", *_SENDING),
    "waiting/watcher.py": _WAITING,
    "fleet/": _FLEET,
    "fleet/differences.py": ("unit/test_fleet_differences.py", "unit/test_fleet_journal.py"),
    "fleet/engine/": ("unit/test_fleet_engine.py", *_FLEET),
    "fleet/journal": _JOURNAL,
    "boot.py": ("unit/test_fleet_sent_before.py", "unit/test_fleet_journal.py"),
    "fleet/options.py": ("unit/test_fleet_options.py", "unit/test_fleet_recorded_options.py", *_FLEET),
    "fleet/plan.py": ("unit/test_fleet_plan.py", *_FLEET),
    "fleet/report": ("unit/test_fleet_report.py", *_FLEET),
    "fleet/sent_before.py": _JOURNAL,
    "fleet/targets.py": ("unit/test_fleet_targets.py", *_FLEET),
    "fleet/timeline": ("unit/test_fleet_timeline.py", *_FLEET),
    "converter.py": ("unit/test_converter.py", "unit/test_reader.py", "behaviour/test_tolerant_reading.py"),
    "careful_hooks.py": ("unit/test_converter.py", "unit/test_reader.py", "behaviour/test_tolerant_reading.py"),
    "settings.py": (
        "unit/test_settings.py",
        "unit/test_hosts.py",
        "unit/test_proxies_of_environment.py",
        "behaviour/test_dangerous_set_up.py",
        "cli/test_cli_tokens.py",
    ),
    "cli/ids.py": ("cli/test_cli_ids.py", "cli/test_cli_names.py"),
    "cli/references.py": ("cli/test_cli_ids.py", "cli/test_cli_names.py"),
    "bodies.py": ("unit/test_bodies.py", "contract/test_contract_arguments.py", "behaviour/test_account_keys.py"),
    "doctor/": ("unit/test_doctor.py", "cli/test_cli_doctor.py"),
}


def targets_of(module: str) -> tuple[str, ...]:
    """Return the tests of a module, by its path below the package."""
    prefix = max((one for one in TARGETS if module.startswith(one)), key=len)
    return tuple(dict.fromkeys(TARGETS[prefix]))
