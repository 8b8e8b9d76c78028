"""Where a publisher may send us on to: never out of encryption, and from the Internet never into the lab's networks."""

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.request import getproxies

import httpx

from producer.live.errors import Trouble

NAT64 = IPv6Network("64:ff9b::/96")
LED = "millrace.led"
"""Mark of a question to which the Internet has led; further questions take it over."""


def refuse_unsafe(response: httpx.Response) -> None:
    """Trouble where the response redirects to where we do not follow; a hook of the client, before it asks there.

    A name may have other addresses a moment later: what has answered is looked at as well, before its words are read.
    """
    source, is_led, address = response.url, response.request.extensions.get(LED, False), _answering_address(response)
    if is_led and address and not _is_internets(address):
        words = f"{source.host}, to which we were led, is {address}, an address of a private network; not read."
        raise Trouble("wrong", words)
    if not response.has_redirect_location:
        return
    response.request.extensions[LED] = is_led or bool(address and _is_internets(address))
    target = source.join(response.headers["Location"])
    if source.scheme == "https" and target.scheme != "https":
        raise Trouble("wrong", f"{source.host} leads to {target.host} without encryption; not followed.")
    if target.host != source.host and _is_public(source.host) and not _is_public(target.host):
        raise Trouble("wrong", f"{source.host} leads to {target.host}, an address of a private network; not followed.")


def _answering_address(response: httpx.Response) -> IPv4Address | IPv6Address | None:
    """The address at the other end; nothing where that may be a proxy's, which looks names up itself, or is closed."""
    stream = response.extensions.get("network_stream")
    try:
        server = stream.get_extra_info("server_addr") if stream and not getproxies().keys() - {"no"} else None
    except OSError:
        return None
    return ip_address(str(server[0]).partition("%")[0]) if server else None


def _is_public(host: str) -> bool:
    """Whether all of its addresses are the Internet's; so is a name that only a proxy knows."""
    try:
        found = socket.getaddrinfo(host, None, proto=socket.IPPROTO_TCP)
    except OSError:
        return True
    return all(_is_internets(ip_address(str(address[0]).partition("%")[0])) for *_, address in found)


def _is_internets(address: IPv4Address | IPv6Address) -> bool:
    """Also of the address that one of version 6 stands for: as itself (RFC 4291), by 6to4 (3056), by NAT64 (6052)."""
    within: IPv4Address | None = None
    if isinstance(address, IPv6Address):
        within = address.ipv4_mapped or address.sixtofour
        if address in NAT64:
            within = IPv4Address(address.packed[-4:])
    return address.is_global and not address.is_multicast and (within is None or _is_internets(within))
