#!/usr/bin/env python3
"""Packs a new file system to the blocks of it that are not zero, and unpacks it.

    template.py pack FILE_SYSTEM TEMPLATE
    template.py unpack TEMPLATE FILE_SYSTEM

The program carries the template as `/data.ext4` and writes it where a data partition is made.
"""

import pathlib
import struct
import sys

MAGIC = b"CLOISON-EXT4\0\0\0\1"
BLOCK = 4096
LIMIT = 1 << 18  # blocks: 1 GiB


def pack(system: bytes) -> bytes:
    """Gives a header, then number and content of each block that is not zero, in rising order."""
    if len(system) % BLOCK:
        raise ValueError("the file system is not a whole number of blocks")
    if not used_first(system):
        raise ValueError("the file system's used blocks do not all come before the free ones")
    blocks = (system[at : at + BLOCK] for at in range(0, len(system), BLOCK))
    kept = (struct.pack("<I", number) + block for number, block in enumerate(blocks) if any(block))
    return MAGIC + struct.pack("<II", BLOCK, len(system) // BLOCK) + b"".join(kept)


def used_first(system: bytes) -> bool:
    """Tells whether what is free comes last: the device writes what comes before it, and nothing else."""
    if len(system) < 2 * BLOCK or system[1024 + 56 : 1024 + 58] != b"\x53\xef":
        return False
    (free,) = struct.unpack_from("<I", system, 1024 + 12)
    (place,) = struct.unpack_from("<I", system, BLOCK)
    blocks, bitmap = len(system) // BLOCK, system[place * BLOCK : (place + 1) * BLOCK]
    if not 0 <= free < blocks <= len(bitmap) * 8:
        return False
    return all((bitmap[number // 8] >> number % 8 & 1 == 1) == (number < blocks - free) for number in range(blocks))


def unpack(template: bytes) -> bytes:
    """Gives the whole file system again."""
    head = len(MAGIC) + 8
    if template[: len(MAGIC)] != MAGIC or len(template) < head:
        raise ValueError("this is no template")
    size, count = struct.unpack("<II", template[len(MAGIC) : head])
    if size != BLOCK or count > LIMIT or (len(template) - head) % (BLOCK + 4):
        raise ValueError("the template's sizes are not possible")
    system, last = bytearray(count * BLOCK), -1
    for at in range(head, len(template), BLOCK + 4):
        (number,) = struct.unpack("<I", template[at : at + 4])
        if not last < number < count:
            raise ValueError("the template's blocks are not in rising order")
        system[number * BLOCK : (number + 1) * BLOCK] = template[at + 4 : at + 4 + BLOCK]
        last = number
    return bytes(system)


def main(arguments: list[str]) -> int:
    work = {"pack": pack, "unpack": unpack}
    match arguments:
        case [("pack" | "unpack") as verb, source, target]:
            pathlib.Path(target).write_bytes(work[verb](pathlib.Path(source).read_bytes()))
            return 0
        case _:
            print(__doc__, file=sys.stderr)
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
