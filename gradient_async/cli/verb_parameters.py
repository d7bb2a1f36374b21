"""Types of the verbs' own parameters, each with its group and its placeholder in the help."""

from __future__ import annotations

from typing import Annotated, Literal

from cyclopts import Parameter

from gradient_async.cli import completions
from gradient_async.cli.options import ACTION, DROPLETS

Ids = Annotated[str, Parameter(group=DROPLETS, metavar="ID|NAME", completer=completions.files_of_ids)]
Image = Annotated[str, Parameter(group=ACTION, metavar="ID|SLUG")]
BackupImage = Annotated[int, Parameter(group=ACTION, metavar="ID")]
Size = Annotated[str, Parameter(group=ACTION, metavar="SLUG")]
Disk = Annotated[bool, Parameter(group=ACTION, negative=(), show_default=False)]
Name = Annotated[str, Parameter(group=ACTION, metavar="NAME")]
Kernel = Annotated[int, Parameter(group=ACTION, metavar="ID")]
Graceful = Annotated[bool, Parameter(group=ACTION)]
Grace = Annotated[str, Parameter(group=ACTION, metavar="TIME")]
BackupPlan = Annotated[Literal["daily", "weekly"], Parameter(group=ACTION)]
Weekday = Annotated[Literal["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"] | None, Parameter(group=ACTION)]
Hour = Annotated[Literal[0, 4, 8, 12, 16, 20] | None, Parameter(group=ACTION)]
