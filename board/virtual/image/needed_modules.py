#!/usr/bin/env python3
"""Prints the files of the named kernel modules and of all that they need, in loading order:

needed_modules.py LIB_MODULES_VERSION NAME...

Paths are below LIB_MODULES_VERSION. A module that is built in is left out; an unknown one is an
error, since the board would lack it without a word.
"""

import pathlib
import sys


def canonical(path: str) -> str:
    """The name by which the kernel knows a module's file."""
    return pathlib.PurePath(path).name.split(".ko")[0].replace("-", "_")


def needed(folder: pathlib.Path, names: list[str]) -> list[str]:
    """The files of `names` and of what they need, each after its needs."""
    files: dict[str, str] = {}
    needs: dict[str, list[str]] = {}
    for line in (folder / "modules.dep").read_text().splitlines():
        file, _, rest = line.partition(":")
        files[canonical(file)] = file
        needs[file] = rest.split()
    builtin = {canonical(line) for line in (folder / "modules.builtin").read_text().splitlines()}
    found: dict[str, None] = {}
    for name in (canonical(name) for name in names):
        if name in builtin:
            continue
        if name not in files:
            raise SystemExit(f"needed_modules.py: no kernel module {name}")
        # modules.dep lists what is needed last first.
        for file in [*reversed(needs[files[name]]), files[name]]:
            found[file] = None
    return list(found)


if __name__ == "__main__":
    print("\n".join(needed(pathlib.Path(sys.argv[1]), sys.argv[2:])))
