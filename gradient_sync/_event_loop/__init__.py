"""The private event loop on which the sync client runs the coroutines of the async one.

A client that has made no call has no thread. Its first call starts one daemon thread, ``gradient-sync event loop``.
Each call, from any thread, is one coroutine that runs in that loop. The caller waits for its result or its exception.
Sockets, sessions and timers belong to that thread alone.

* **Interrupt**: Ctrl-C, or another exception of a signal handler, cancels the coroutine in the loop. The caller waits
  for its clean-up, for at most five seconds, or until the second Ctrl-C. A clean-up that announces its time, as that of
  created Droplets, is waited for that long. The error of the coroutine becomes the interrupt's ``__context__``. Ctrl-C,
  or a handler's ``SystemExit``, is raised once more if it came while the main thread dropped an iterator.
* **Exit**: a client that is still open when the process exits is closed in silence: its requests are cancelled and its
  connections closed. What takes more than a second ends with the process. Only daemon threads can be in a call then.
  They end with ``SystemExit``, which prints nothing.
* **Fork**: a forked child never touches its parent's loop. Its next call starts a loop of its own. What was in progress
  continues in the parent alone, and so does a lease.
* **Running event loops**: a call inside a running event loop works, but that loop stands still until the call returns.
  It warns (``BlockingCallInEventLoopWarning``), except in a notebook, where nothing else needs the loop.

Known limits: threads patched by gevent or eventlet are unsupported. Ctrl-C at the moment when a call begins to wait is
noticed up to a second late, and any Ctrl-C on Windows up to a tenth of a second. A name look-up that hangs in the
standard library's resolver threads delays the end of the process.

The modules: ``event_loop`` has the class that a client uses. ``thread`` runs the loop. ``call`` is one call, and
``iteration`` one iteration. ``process`` has all loop threads of the process and ends them at exit. ``fork`` detaches
them in a forked child. ``interrupt`` raises again what a destructor got. ``holding`` is a lease. ``caller`` and
``arguments`` check the caller and the arguments. ``refusals`` has the errors of calls that do not finish.
"""

from gradient_sync._event_loop.arguments import checked_http_session, materialized
from gradient_sync._event_loop.caller import BlockingCallInEventLoopWarning
from gradient_sync._event_loop.event_loop import EventLoop
from gradient_sync._event_loop.iteration import PageSource

__all__ = [
    "BlockingCallInEventLoopWarning",
    "EventLoop",
    "PageSource",
    "checked_http_session",
    "materialized",
]
