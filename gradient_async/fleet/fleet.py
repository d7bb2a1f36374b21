"""Many Droplets at once: ``client.fleet``."""

from __future__ import annotations

from gradient_async.fleet.action_runs import FleetActionRuns
from gradient_async.fleet.costs import FleetCosts
from gradient_async.fleet.creation import FleetCreation
from gradient_async.fleet.hibernation import FleetHibernation
from gradient_async.fleet.leasing import FleetLeasing
from gradient_async.fleet.reaping import FleetReaping
from gradient_async.fleet.removal import FleetRemoval
from gradient_async.fleet.wrong_calls import explain_wrong_calls


@explain_wrong_calls
class Fleet(FleetActionRuns, FleetCreation, FleetRemoval, FleetReaping, FleetHibernation, FleetLeasing, FleetCosts):
    """Actions on any number of Droplets, with an outcome for each.

    All methods take Droplets or their ids, one or any number, or a tag, and the same options. ``run`` describes them in
    full. In short they are:

    * ``wait``, ``until``: what "completed" means.
    * ``max_concurrency``, ``max_errors``, ``batch_size``: numbers, or percentages such as ``"10%"``.
    * ``timeout``, ``action_timeout``: seconds for the whole run, and for one action.
    * ``on_busy``: what to do with a Droplet on which another event runs.
    * ``health_check``, ``health_timeout``, ``health_retries``, ``health_interval``: a check of each Droplet.
    * ``journal``: a file from which a second run resumes, even after ``kill -9``.
    * ``if_finished``: what to do if the journal's run is finished.
    * ``on_progress``, ``poll_interval``, ``by_tag``, ``gpus_only``, ``check_first``: see ``run``.

    Example:
        >>> async with AsyncGradientAI() as client:
        ...     report = await client.fleet.run("reboot", droplets=[3164444, 3164445], max_errors="5%")
        >>> report.counts["completed"]
        2
    """
