"""Where a VPC allows the Droplets of a creation run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from gradient_async.endpoints import vpcs
from gradient_async.errors import PreflightError

if TYPE_CHECKING:
    from gradient_async.fleet.create.terms import Terms
    from gradient_async.http.sender import Sender


async def within_vpc(sender: Sender, terms: Terms) -> Terms:
    """Return what is asked for, only in the region of the VPC, if one is given.

    Args:
        sender: Sends the request.
        terms: What is asked for.

    Raises:
        PreflightError: The VPC is in none of the regions that are asked for.
        APIError: The VPC cannot be read.
    """
    vpc_uuid = terms.fields.get("vpc_uuid")
    if vpc_uuid is None:
        return terms
    region = (await sender.send(vpcs.RETRIEVE.request({}, vpc_uuid))).parse().vpc.region
    if region is None:
        return terms
    if terms.regions is not None and region not in terms.regions:
        raise PreflightError(
            f"vpc_uuid: the VPC is in {region}, and regions has only {', '.join(terms.regions)}. Nothing was created"
        )
    return attrs.evolve(terms, regions=(region,))
