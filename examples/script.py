"""A script, without async: start an action on one Droplet, wait for its end, and return an exit status.

Run it from the repository's root, with an account or with the emulator (see README.md):

    python examples/script.py 3164444
    python examples/script.py 3164444 --type power_cycle --timeout 120

Exit status: 0 completed, 1 failed or not finished in time, 2 the command line, 3 the token is missing or refused,
4 it may or may not have been started, 130 Ctrl-C.
"""

from __future__ import annotations

import argparse
import sys

from gradient_sync import (
    ActionOutcomeUnknownError,
    AuthenticationError,
    GradientAI,
    GradientAIError,
    MissingAccessTokenError,
    PermissionDeniedError,
)


def main() -> int:
    """Run the command line, and return the exit status."""
    parser = argparse.ArgumentParser(description="Start an action on a GPU Droplet and wait for its end.")
    parser.add_argument("droplet_id", type=int)
    parser.add_argument("--type", choices=["reboot", "power_cycle", "power_on", "shutdown"], default="reboot")
    parser.add_argument("--timeout", type=float, default=300, metavar="SECONDS")
    options = parser.parse_args()
    if options.timeout <= 0:
        parser.error("--timeout: expected a number above 0")  # checked before the action is started
    try:
        with GradientAI() as client:
            action = client.gpu_droplets.actions.initiate(options.droplet_id, type=options.type).action
            print(f"{action.type} of Droplet {options.droplet_id} is action {action.id}: {action.status}", flush=True)
            action = client.gpu_droplets.actions.wait(action, timeout=options.timeout)
            print(f"action {action.id}: {action.status}")
    except (MissingAccessTokenError, AuthenticationError, PermissionDeniedError) as error:
        return complain(error, 3)
    except ActionOutcomeUnknownError as error:
        return complain(error, 4)
    except GradientAIError as error:
        return complain(error, 1)
    except ValueError as error:
        return complain(error, 2)
    except KeyboardInterrupt:
        return complain("interrupted; nothing more is sent, and a started action continues", 130)
    return 0


def complain(what: object, status: int) -> int:
    """Print one line on standard error, and return the exit status."""
    print(f"script.py: {what}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
