#!/usr/bin/env python3
"""Appends dm-verity's hash tree to an image, and says the kernel's argument that verifies it.

    verity.py seal IMAGE SEALED PARTITION      writes IMAGE and its tree to SEALED; prints the argument
    verity.py check SEALED ARGUMENT            reads every block again, as the kernel would

The tree is version 1 with SHA-256, blocks of 4096 bytes and no superblock: what
`veritysetup format --no-superblock` writes, whose tool the pinned layers do not have. The salt is
the image's own SHA-256, so that the same image gives the same bytes.
"""

import hashlib
import pathlib
import re
import sys

BLOCK = 4096
DIGEST = hashlib.sha256().digest_size


def seal(image: bytes, partition: str) -> tuple[bytes, str]:
    """Gives the image with its tree behind it, and the argument for the kernel's command line."""
    image += bytes(-len(image) % BLOCK)
    if not image:
        raise ValueError("the image is empty")
    salt = hashlib.sha256(image).digest()
    tree, root = hashed(image, salt)
    count = len(image) // BLOCK
    return image + tree, argument(partition, count, root, salt)


def hashed(image: bytes, salt: bytes) -> tuple[bytes, bytes]:
    """Gives the tree, its top level first, and the digest of its top block (of the only block, if there is one)."""
    levels, below = [], image
    while len(below) > BLOCK:
        digests = b"".join(hashlib.sha256(salt + below[at : at + BLOCK]).digest() for at in range(0, len(below), BLOCK))
        below = digests + bytes(-len(digests) % BLOCK)
        levels.insert(0, below)
    return b"".join(levels), hashlib.sha256(salt + below).digest()


def argument(partition: str, count: int, root: bytes, salt: bytes) -> str:
    """Says the device that the kernel makes before it mounts its root.

    A block that does not verify stops the machine: what reads it must not go on without it.
    """
    table = f"verity 1 {partition} {partition} {BLOCK} {BLOCK} {count} {count} sha256 {root.hex()} {salt.hex()} 1 panic_on_corruption"
    return f'dm-mod.create="root,,,ro,0 {count * BLOCK // 512} {table}" dm-mod.waitfor={partition}'


def check(sealed: bytes, said: str) -> None:
    """Refuses an image that is not what the argument says.

    Raises ValueError with what is wrong.
    """
    found = re.search(r"verity 1 (\S+) \S+ 4096 4096 (\d+) \d+ sha256 ([0-9a-f]{64}) ([0-9a-f]{64}) ", said)
    if not found:
        raise ValueError("the argument names no root that can be verified")
    partition, count = found[1], int(found[2])
    image, salt = sealed[: count * BLOCK], bytes.fromhex(found[4])
    if len(image) != count * BLOCK:
        raise ValueError("the image is shorter than the argument says")
    tree, root = hashed(image, salt)
    if sealed[count * BLOCK :][: len(tree)] != tree or argument(partition, count, root, salt) not in said:
        raise ValueError("a block of the image is not the one that was sealed")


def main(arguments: list[str]) -> int:
    match arguments:
        case ["seal", image, sealed, partition]:
            content, said = seal(pathlib.Path(image).read_bytes(), partition)
            pathlib.Path(sealed).write_bytes(content)
            print(said)
        case ["check", sealed, said]:
            try:
                check(pathlib.Path(sealed).read_bytes(), said)
            except ValueError as error:
                print(f"verity.py: {error}. Do not start this image", file=sys.stderr)
                return 1
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
