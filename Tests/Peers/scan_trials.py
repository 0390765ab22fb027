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
        self.pair = self.name.replace("-glossy", "")

    def photograph(self, seed, pixels, tilt=0, glare=0.0):
        """A photograph with so many camera pixels a module; glare is a lamp's radius over the
        symbol's side."""
        # The same page on glossy glass gets the same lamp and the same hand.
        chance = random.Random(f"{self.pair} {seed}")
        spot = self.spot(chance, glare) if glare else None
        return camera.photograph(
            self.image, pixels / self.module, chance, tilt=tilt, turn=chance.uniform(-12, 12),
            blur=BLUR, noise=NOISE, glare=spot)


    def spot(self, chance, glare):
        """A place in the symbol for a lamp's mirror image: x, y, radius.

        It leaves the three finder patterns alone: with one of them gone no level helps, and a
        person moves the phone.
        """
        symbol, finder = self.side - 8 * self.module, 7 * self.module
        radius = glare * symbol
        left, top = self.x + 4 * self.module, self.y + 4 * self.module
        corners = [(left, top), (left + symbol - finder, top), (left, top + symbol - finder)]
        while True:
            x, y = left + chance.uniform(0, 1) * symbol, top + chance.uniform(0, 1) * symbol
            if not any(near(x, a, finder) ** 2 + near(y, b, finder) ** 2 < radius ** 2
                       for a, b in corners):
                return x, y, radius


def near(value, start, length):
    """How far a coordinate is from a stretch."""
    return max(start - value, 0, value - start - length)


def pairs(pages, level):
    """Pages of one level, of those that have level M and get level Q on glossy glass."""
    levels = {}
    for page in pages:
        levels.setdefault(page.pair, set()).add(page.level)
    return [page for page in pages if page.level == level and levels[page.pair] == {"M", "Q"}]


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


# How the photographs are taken: words, camera pixels a module, degrees of tilt, glare, the level.
TRIALS = [
    ("straight on", 4, 0, 0, None), ("tilted by 20°", 4, 20, 0, None),
    ("tilted by 35°", 4, 35, 0, None), ("straight on", 2.5, 0, 0, None),
    ("tilted by 20°", 2.5, 20, 0, None), ("straight on", 2, 0, 0, None),
    ("a lamp of 1/8 of the side, level M", 4, 10, 0.0625, "M"),
    ("a lamp of 1/8 of the side, level Q", 4, 10, 0.0625, "Q"),
    ("a lamp of 1/4 of the side, level M", 4, 10, 0.125, "M"),
    ("a lamp of 1/4 of the side, level Q", 4, 10, 0.125, "Q"),
    ("a lamp of 1/3 of the side, level M", 4, 10, 0.167, "M"),
    ("a lamp of 1/3 of the side, level Q", 4, 10, 0.167, "Q"),
    ("a lamp of 1/2 of the side, level M", 4, 10, 0.25, "M"),
    ("a lamp of 1/2 of the side, level Q", 4, 10, 0.25, "Q"),
]


def main(rounds, folder):
    pages = gallery(folder)
    print(f"| photograph | camera px a module | pages | {' | '.join(scanners.ALL)} |")
    print("|---|---|---|" + "---|" * len(scanners.ALL))
    wrong = []
    for words, pixels, tilt, glare, level in TRIALS:
        chosen = pairs(pages, level) if level else pages
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
