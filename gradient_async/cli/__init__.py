"""The command ``gpu-droplets``, for operators.

The path of a command: ``application`` (words to a command, errors to an exit status) -> ``verbs``, ``reads``,
``services`` (one function per verb) -> ``fleet_command``, ``resume_command`` (check and ask) -> ``fleet_session`` (runs
and reports) -> the async client.

Decisions are in pure modules: ``ids``, ``access``, ``durations``, ``dangers``, ``estimate``, ``dry_run``,
``run_options``, ``rows``, ``failures`` and ``exit_codes``. Only ``screen`` writes.
"""
