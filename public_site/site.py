"""What is made once for the whole site: settings, static files, templates, trusted proxies."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from jinja2 import Environment

from models.settings import BadSettings, Settings
from public_site import templating
from public_site.assets import Assets

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Site:
    """The parts that every request shares; none of them changes while the server runs."""

    settings: Settings
    assets: Assets
    templates: Environment
    proxies: Sequence[Network]

    def cookie_name(self, name: str) -> str:
        """The full name of a cookie; on https browsers then hold it to this very host."""
        return f"__Host-{name}" if self.settings.is_https else name

    def client_address(self, peer: str | None, forwarded: str) -> str | None:
        """Who is asking: the peer itself, or whom the trusted proxies before it name.

        ``forwarded`` is X-Forwarded-For; only entries that a trusted proxy added count.
        """
        address = peer
        for hop in reversed(forwarded.split(",")):
            if not self._is_proxy(address):
                break
            hop_address = hop.strip()
            if not _is_address(hop_address):
                break
            address = hop_address
        return address

    def _is_proxy(self, address: str | None) -> bool:
        if not self.proxies or address is None or not _is_address(address):
            return False
        peer = ip_address(address)
        if isinstance(peer, IPv6Address) and peer.ipv4_mapped is not None:
            peer = peer.ipv4_mapped  # how a socket for both kinds names an IPv4 peer
        return any(peer in network for network in self.proxies)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def open_site(settings: Settings) -> Site:
    """Read what the site needs. Raises BadSettings."""
    assets = Assets(settings)
    return Site(settings, assets, templating.environment(settings, assets), _proxies(settings))


def _proxies(settings: Settings) -> list[Network]:
    names = [name.strip() for name in settings.trusted_proxies.split(",") if name.strip()]
    try:
        return [ip_network(name, strict=False) for name in names]
    except ValueError:
        raise BadSettings(
            "SUPPORT_TRUSTED_PROXIES: must be addresses or networks, like 10.0.0.1,192.168.0.0/16"
        ) from None
