"""Photographs every payment page of the gallery in software, and counts who reads them.

    VENDSIM=... python scan_trials.py [ROUNDS]

prints a table (Markdown): a row for each way of taking the photograph, a column for each decoder.
A text other than the page's own is a failure whatever the rate: it would be somebody else's order.
"""

import csv
import os
import random
import subprocess
import sys
import tempfile

from PIL import Image

import camera
import scanners

BLUR, NOISE = 0.6, 6


class Page:
    """A picture with a code, and what must be read on it."""

    def __init__(self, folder, row):
        self.name, self.payload = row["file"], row["payload"]
        self.module, self.is_glossy = int(row["module_px"]), row["glossy"] == "true"
        self.version, self.level = int(row["version"]), row["level"]
        self.x, self.y, self.side = int(row["x"]), int(row["y"]), int(row["side"])
        self.image = Image.open(os.path.join(folder, self.name)).convert("L")

    def photograph(self, seed, pixels, tilt=0, glare=0.0):
        """A photograph with so many camera pixels a module; glare is its radius over the symbol's
        side."""
        chance = random.Random(f"{self.name} {seed}")
        symbol = self.side - 8 * self.module
        spot = None
        if glare:
            place = [origin + 4 * self.module + chance.uniform(0.05, 0.95) * symbol
                     for origin in (self.x, self.y)]
            spot = (*place, glare * symbol)
        return camera.photograph(
            self.image, pixels / self.module, chance, tilt=tilt, turn=chance.uniform(-12, 12),
            blur=BLUR, noise=NOISE, glare=spot)


def gallery(folder):
    """The pages of a gallery that `vendsim gallery` draws into the folder."""
    subprocess.run(
        [os.environ["VENDSIM"], "gallery", "--codes-only", "--folder", folder], check=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    with open(os.path.join(folder, "codes.tsv"), encoding="utf-8") as file:
        return [Page(folder, row) for row in csv.DictReader(file, delimiter="\t")]


def count(pages, rounds=1, **how):
    """For each decoder: how many photographs gave the payload, and how many another text."""
    hits = {name: 0 for name in scanners.ALL}
    strays = {name: [] for name in scanners.ALL}
    for seed in range(rounds):
        images = [page.photograph(seed, **how) for page in pages]
        for name, read in scanners.ALL.items():
            for page, texts in zip(pages, read(images)):
                hits[name] += texts == [page.payload]
                strays[name] += [(page.name, text) for text in texts if text != page.payload]
    return hits, strays


# How the photographs are taken: words, camera pixels a module, degrees of tilt, glare, which pages.
TRIALS = [
    ("straight on", 4, 0, 0, None), ("tilted by 20°", 4, 20, 0, None),
    ("tilted by 35°", 4, 35, 0, None), ("straight on", 2.5, 0, 0, None),
    ("tilted by 20°", 2.5, 20, 0, None), ("straight on", 2, 0, 0, None),
    ("glare over 1/8 of the side, level M", 4, 10, 0.0625, "M"),
    ("glare over 1/8 of the side, level Q", 4, 10, 0.0625, "Q"),
    ("glare over 1/4 of the side, level M", 4, 10, 0.125, "M"),
    ("glare over 1/4 of the side, level Q", 4, 10, 0.125, "Q"),
    ("glare over 1/3 of the side, level M", 4, 10, 0.167, "M"),
    ("glare over 1/3 of the side, level Q", 4, 10, 0.167, "Q"),
]


def main(rounds, folder):
    pages = gallery(folder)
    print(f"| photograph | camera px a module | pages | {' | '.join(scanners.ALL)} |")
    print("|---|---|---|" + "---|" * len(scanners.ALL))
    wrong = []
    for words, pixels, tilt, glare, level in TRIALS:
        chosen = [page for page in pages if level in (None, page.level)]
        hits, strays = count(chosen, rounds, pixels=pixels, tilt=tilt, glare=glare)
        total = len(chosen) * rounds
        rates = [f"{100 * hits[name] / total:.1f} %" for name in scanners.ALL]
        print(f"| {words} | {pixels} | {total} | {' | '.join(rates)} |", flush=True)
        wrong += [item for found in strays.values() for item in found]
    print(f"\nread as something else: {len(wrong)}")
    for name, text in wrong[:20]:
        print(f"  {name}: {text!r}")
    return 1 if wrong else 0


if __name__ == "__main__":
    arguments = sys.argv[1:]
    rounds = int(arguments[0]) if arguments else 5
    with tempfile.TemporaryDirectory(prefix="vend-gallery-") as folder:
        sys.exit(main(rounds, folder))
