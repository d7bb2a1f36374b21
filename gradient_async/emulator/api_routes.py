"""All routes of the API, emulated or not: method and path template, from the public specification.

A request for one of them that no handler serves is answered with 501. A 404 would read as "the resource is gone".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_TABLE = """
/v2/account GET
/v2/account/keys GET POST
/v2/account/keys/{ssh_key_identifier} GET PUT DELETE
/v2/actions GET
/v2/actions/{action_id} GET
/v2/customers/my/balance GET
/v2/customers/my/billing_history GET
/v2/droplets GET POST DELETE
/v2/droplets/actions POST
/v2/droplets/autoscale GET POST
/v2/droplets/autoscale/{autoscale_pool_id} GET PUT DELETE
/v2/droplets/autoscale/{autoscale_pool_id}/dangerous DELETE
/v2/droplets/autoscale/{autoscale_pool_id}/history GET
/v2/droplets/autoscale/{autoscale_pool_id}/members GET
/v2/droplets/backups/policies GET
/v2/droplets/backups/supported_policies GET
/v2/droplets/{droplet_id} GET DELETE
/v2/droplets/{droplet_id}/actions GET POST
/v2/droplets/{droplet_id}/actions/{action_id} GET
/v2/droplets/{droplet_id}/backups GET
/v2/droplets/{droplet_id}/backups/policy GET
/v2/droplets/{droplet_id}/destroy_with_associated_resources GET
/v2/droplets/{droplet_id}/destroy_with_associated_resources/dangerous DELETE
/v2/droplets/{droplet_id}/destroy_with_associated_resources/retry POST
/v2/droplets/{droplet_id}/destroy_with_associated_resources/selective DELETE
/v2/droplets/{droplet_id}/destroy_with_associated_resources/status GET
/v2/droplets/{droplet_id}/firewalls GET
/v2/droplets/{droplet_id}/kernels GET
/v2/droplets/{droplet_id}/neighbors GET
/v2/droplets/{droplet_id}/snapshots GET
/v2/firewalls GET POST
/v2/firewalls/{firewall_id} GET PUT DELETE
/v2/firewalls/{firewall_id}/droplets POST DELETE
/v2/firewalls/{firewall_id}/rules POST DELETE
/v2/firewalls/{firewall_id}/tags POST DELETE
/v2/floating_ips GET POST
/v2/floating_ips/{floating_ip} GET DELETE
/v2/floating_ips/{floating_ip}/actions GET POST
/v2/floating_ips/{floating_ip}/actions/{action_id} GET
/v2/images GET POST
/v2/images/{image_id} GET PUT DELETE
/v2/images/{image_id}/account_transfer POST
/v2/images/{image_id}/account_transfer/accept POST
/v2/images/{image_id}/account_transfer/cancel POST
/v2/images/{image_id}/account_transfer/decline POST
/v2/images/{image_id}/actions GET POST
/v2/images/{image_id}/actions/{action_id} GET
/v2/load_balancers POST GET
/v2/load_balancers/{lb_id} GET PUT DELETE
/v2/load_balancers/{lb_id}/cache DELETE
/v2/load_balancers/{lb_id}/droplets POST DELETE
/v2/load_balancers/{lb_id}/forwarding_rules POST DELETE
/v2/projects GET POST
/v2/projects/default GET PUT PATCH
/v2/projects/default/resources GET POST
/v2/projects/{project_id} GET PUT PATCH DELETE
/v2/projects/{project_id}/resources GET POST
/v2/regions GET
/v2/reserved_ips GET POST
/v2/reserved_ips/{reserved_ip} GET DELETE
/v2/reserved_ips/{reserved_ip}/actions GET POST
/v2/reserved_ips/{reserved_ip}/actions/{action_id} GET
/v2/sizes GET
/v2/snapshots GET
/v2/snapshots/{snapshot_id} GET DELETE
/v2/tags GET POST
/v2/tags/{tag_id} GET DELETE
/v2/tags/{tag_id}/resources POST DELETE
/v2/volumes GET POST DELETE
/v2/volumes/actions POST
/v2/volumes/snapshots/{snapshot_id} GET DELETE
/v2/volumes/{volume_id} GET DELETE
/v2/volumes/{volume_id}/actions GET POST
/v2/volumes/{volume_id}/actions/{action_id} GET
/v2/volumes/{volume_id}/snapshots GET POST
/v2/vpcs GET POST
/v2/vpcs/{vpc_id} GET PUT PATCH DELETE
/v2/vpcs/{vpc_id}/members GET
/v2/vpcs/{vpc_id}/peerings GET POST
/v2/vpcs/{vpc_id}/peerings/{vpc_peering_id} PATCH
"""

#: The methods of each path template.
API_ROUTES: Mapping[str, Sequence[str]] = {
    template: tuple(methods) for template, *methods in (row.split() for row in _TABLE.split("\n") if row)
}

#: First segments below `/v2` of products whose routes are not in the table. Shipped clients have `droplet_upgrades`
#: (droplet_kit, do-wrapper), which is no longer documented.
OTHER_PRODUCTS = frozenset(
    {
        "1-clicks",
        "add-ons",
        "apps",
        "byoip_prefixes",
        "cdn",
        "certificates",
        "customers",
        "databases",
        "domains",
        "droplet_upgrades",
        "functions",
        "gen-ai",
        "kubernetes",
        "monitoring",
        "nfs",
        "partner_network_connect",
        "registries",
        "registry",
        "reports",
        "reserved_ipv6",
        "spaces",
        "uptime",
        "vpc_nat_gateways",
        "vpc_peerings",
    }
)

#: First segments below `/v2` under which empty path segments are ignored, so that `/v2/droplets/` and `/v2//droplets`
#: are `/v2/droplets`; shipped clients send such paths (python-digitalocean 1.17 those of firewalls, snapshots and
#: volumes). Those of IPs are a guess. Elsewhere an empty segment leads nowhere: seen for
#: tags (koalalorenzo/python-digitalocean#230) and load balancers (#316 and #323 there, matt-major/do-wrapper#62).
EMPTY_SEGMENTS_IGNORED = frozenset(
    {
        "account",
        "actions",
        "droplets",
        "firewalls",
        "floating_ips",
        "images",
        "regions",
        "reserved_ips",
        "sizes",
        "snapshots",
        "volumes",
    }
)
