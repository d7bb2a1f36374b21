"""The command ``gpu-droplets``, for operators.

A command's way: ``application`` (words to arguments, errors to exit codes) -> ``verbs`` and ``reads`` (one function a
verb) -> ``fleet_command`` (asks, runs, tells) -> the async client. What is decided is decided in pure modules: ``ids``,
``access``, ``durations``, ``dangers``, ``estimate``, ``dry_run``, ``rows``, ``failures`` and ``exit_codes``.
"""
