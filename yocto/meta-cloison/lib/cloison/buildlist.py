#!/usr/bin/env python3
"""Reads what an image is built from, and refuses what speaks to a network.

    buildlist.py FILE       `pn-buildlist`, as `bitbake -g cloison-image` writes it

Programs for the building machine (-native, -cross, gcc-source and the like) never reach the device
and may speak to a network; of the rest, what makes, configures or serves one may not be there, nor
a shell, nor anything else that is not on the list of what there is.
"""

import pathlib
import re
import sys

# What is built for the device, and nothing beside it.
WANTED = {
    "cloison",
    "cloison-image",
    "gcc-runtime",
    "glibc",
    "libgcc",
    "libgcc-initial",
    "libstd-rs",
    "linux-libc-headers",
    "linux-raspberrypi",
    "linux-yocto",
    "rpi-bootfiles",
    "rpi-cmdline",
    "rpi-config",
}
KERNELS = {"linux-raspberrypi", "linux-yocto"}
# Said by name, since a stranger may be harmless, and these never are.
NETWORK = re.compile(
    r"(avahi|bind|bluez|bridge-utils|busybox|connman|curl|dhcpcd|dnsmasq|dropbear|ethtool|ifupdown|init-ifupdown|iproute2|"
    r"iptables|iputils|iw|libnl|linux-firmware|modemmanager|mosquitto|net-tools|netbase|networkmanager|nfs-utils|nftables|"
    r"ntp|ofono|openssh|openssl|ppp|rpcbind|samba|systemd|wget|wireless-regdb|wpa-supplicant)\d*(-.*)?"
)
BUILDING = re.compile(r".*-native|.*-cross(-.*)?|nativesdk-.*|gcc-source-.*|llvm-project-source-.*")


def device(names: list[str]) -> list[str]:
    """Lists what is built for the device."""
    return sorted(name for name in names if not BUILDING.fullmatch(name))


def wrong(names: list[str]) -> list[str]:
    """Lists what must not be in the build list, or is missing from it."""
    found = device(names)
    strangers = [name for name in found if name not in WANTED]
    said = [f"{name} speaks to a network" if NETWORK.fullmatch(name) else f"{name} is not on the list" for name in strangers]
    said += [f"{name} is missing" for name in ("cloison", "cloison-image", "glibc") if name not in found]
    return said + ([] if KERNELS & set(found) else ["a kernel is missing"])


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    names = pathlib.Path(arguments[0]).read_text().split()
    said = wrong(names)
    for line in said:
        print(f"buildlist.py: {line}", file=sys.stderr)
    if not said:
        print(f"{len(names)} recipes, {len(device(names))} of them for the device; none speaks to a network.")
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
