"""The command ``gpu-droplets``, for operators.

A command's way: ``application`` (words to a command, errors to an exit status) -> ``verbs``, ``reads``, ``services`` (a
function a verb) -> ``fleet_command`` (checks and asks) -> ``fleet_session`` (runs, shows, tells) -> the async client.
What is decided is decided in pure modules: ``ids``, ``access``, ``durations``, ``dangers``, ``estimate``, ``dry_run``,
``rows``, ``failures`` and ``exit_codes``. Only ``screen`` writes.
"""
