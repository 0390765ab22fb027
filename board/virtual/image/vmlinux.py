#!/usr/bin/env python3
"""Takes the ELF `vmlinux` out of an x86 bzImage: vmlinux.py BZIMAGE VMLINUX

The offsets are those of the boot protocol (Documentation/x86/boot.rst): `setup_sects` at 0x1f1,
`payload_offset` at 0x248, `payload_length` at 0x24c.
"""

import lzma
import pathlib
import struct
import sys

SECTOR = 512


def elf_of(image: bytes) -> bytes:
    """Returns the kernel's ELF file; raises ValueError for an image of another kind."""
    if image[0x202:0x206] != b"HdrS":
        raise ValueError("not a bzImage")
    setup_sectors = image[0x1F1] or 4
    offset, length = struct.unpack_from("<II", image, 0x248)
    start = (setup_sectors + 1) * SECTOR + offset
    # The payload's last four bytes are the unpacked size, which is no part of the xz stream.
    elf = lzma.LZMADecompressor(lzma.FORMAT_XZ).decompress(image[start : start + length])
    if elf[:4] != b"\x7fELF":
        raise ValueError("the payload is no ELF file")
    return elf


if __name__ == "__main__":
    source, target = map(pathlib.Path, sys.argv[1:])
    target.write_bytes(elf_of(source.read_bytes()))
