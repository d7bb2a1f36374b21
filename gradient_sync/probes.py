# Generated from gradient_async/probes.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Ready-made probes for ``gpu_droplets.wait``: commands that run on a Droplet, through your own ``ssh`` program.

::

    from gradient_sync import probes

    ssh = {"user": "root", "ssh_options": ["StrictHostKeyChecking=accept-new"]}
    until = ["ssh", probes.cloud_init(**ssh), probes.nvidia_smi(**ssh)]
    droplet = client.gpu_droplets.wait(droplet, until=until, timeout=900)

Your keys, agent and ``~/.ssh/config`` are used. ``ssh`` asks nothing (``BatchMode``), and the access token is not in
its environment. A new Droplet's host key is unknown to ``ssh``, which then refuses to connect: whether to accept it
(``StrictHostKeyChecking=accept-new``) is your decision.
"""

from __future__ import annotations

from gradient_async.probes import SSHOptions, SSHProbe, cloud_init, command, nvidia_smi, rocm_smi

__all__ = ["SSHOptions", "SSHProbe", "cloud_init", "command", "nvidia_smi", "rocm_smi"]
