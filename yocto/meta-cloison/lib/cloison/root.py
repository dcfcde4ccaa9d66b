#!/usr/bin/env python3
"""Keeps the root file system to the files that the kiosk runs on.

    root.py bare ROOT     removes what packages bring beside the program; refuses what is left over
    root.py check ROOT    removes nothing
"""

import os
import pathlib
import shutil
import stat
import sys

# What the kernel and the program mount on.
PLACES = {"dev", "proc", "sys", "run", "data", "boot"}
# What there is, and whether it may be run. Beside the C library's own four there is one program.
FILES = {
    "cloison": True,
    "release": False,
    "data.ext4": False,
    "lib/ld-linux-aarch64.so.1": True,
    "lib/libc.so.6": True,
    "lib/libm.so.6": True,
    "lib/libgcc_s.so.1": True,
}
LINKS = {"sbin/init": "/cloison"}
FOLDERS = PLACES | {"lib", "sbin"}
# What the package manager and the C library leave: records, settings, name resolution, tools.
LEFT_BEHIND = ("etc", "var", "usr", "home", "media", "mnt", "srv", "tmp", "opt", "lib64")


def bare(root: pathlib.Path) -> None:
    """Removes what is known to come along: the rest is for `strangers` to refuse."""
    for name in LEFT_BEHIND:
        path = root / name
        path.unlink() if path.is_symlink() else shutil.rmtree(path, ignore_errors=True)
    for path in sorted((root / "lib").rglob("*")):
        if str(path.relative_to(root)) not in FILES and ".so" in path.name:
            path.unlink()


def strangers(root: pathlib.Path) -> list[str]:
    """Lists, in order, what must not be in the root, and what is missing from it."""
    found = {str(path.relative_to(root)): path for path in sorted(root.rglob("*"))}
    wrong = [f"{name}: {reason}" for name, path in found.items() if (reason := objection(name, path))]
    wanted = sorted(FOLDERS | FILES.keys() | LINKS.keys())
    return wrong + [f"{name}: missing" for name in wanted if name not in found]


def objection(name: str, path: pathlib.Path) -> str | None:
    """Says why an entry may not stay."""
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        return None if LINKS.get(name) == os.readlink(path) else "a link that is not on the list"
    if stat.S_ISDIR(mode):
        return None if name in FOLDERS else "a folder that is not on the list"
    if not stat.S_ISREG(mode) or name not in FILES:
        return "not on the list"
    if mode & (stat.S_ISUID | stat.S_ISGID | stat.S_IWGRP | stat.S_IWOTH):
        return "others may write it, or it runs as somebody else"
    return None if bool(mode & stat.S_IXOTH) == FILES[name] else "may be run, or may not, unlike the list says"


def main(arguments: list[str]) -> int:
    match arguments:
        case [("bare" | "check") as verb, folder]:
            root = pathlib.Path(folder)
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    if verb == "bare":
        bare(root)
    wrong = strangers(root)
    for line in wrong:
        print(f"root.py: {line}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
