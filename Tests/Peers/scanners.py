"""Two QR decoders that others wrote: zxing-cpp from PyPI, and Debian's zbarimg."""

import os
import subprocess
import tempfile
import xml.etree.ElementTree

import zxingcpp


def zxing(images):
    """What zxing-cpp reads on each image: a list of texts for each."""
    formats = zxingcpp.BarcodeFormat.QRCode
    return [[code.text for code in zxingcpp.read_barcodes(image, formats=formats)]
            for image in images]


def zbar(images):
    """The same by zbarimg, in one process for all of them."""
    with tempfile.TemporaryDirectory(prefix="vend-scan-") as folder:
        names = []
        for index, image in enumerate(images):
            names.append(os.path.join(folder, f"{index:05}.pgm"))
            image.convert("L").save(names[-1])
        run = subprocess.run(
            ["zbarimg", "--quiet", "--xml", "-Sdisable", "-Sqrcode.enable", *names],
            stdin=subprocess.DEVNULL, capture_output=True, check=False)
        # 4: on some of the images there was no code.
        if run.returncode not in (0, 4):
            raise RuntimeError(f"zbarimg: {run.returncode}: {run.stderr[-400:]!r}")
        texts = {name: [] for name in names}
        space = "{http://zbar.sourceforge.net/2008/barcode}"
        for source in xml.etree.ElementTree.fromstring(run.stdout).iter(space + "source"):
            texts[source.get("href")] += [data.text for data in source.iter(space + "data")]
        return [texts[name] for name in names]


ALL = {"zxing-cpp": zxing, "zbarimg": zbar}
