"""Decoders that others wrote read every payment page, as it is drawn and as a phone sees it."""

import tempfile
import unittest

import scan_trials
import scanners


class Screens(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory(prefix="vend-gallery-") as folder:
            cls.pages = scan_trials.gallery(folder)
        # A camera does not care for the language of the words beside the code.
        cls.english = [page for page in cls.pages if "-en-" in page.name]

    def expect(self, pages, least, **how):
        """At least so many in a hundred are read by each decoder, and none as something else."""
        hits, strays = scan_trials.count(pages, **how)
        for name, share in least.items():
            self.assertEqual(strays[name], [], name)
            self.assertGreaterEqual(hits[name], len(pages) * share / 100, f"{name} {how}")

    def test_every_page_is_read_exactly_as_drawn(self):
        self.assertGreaterEqual(len(self.pages), 120)
        for name, read in scanners.ALL.items():
            for page, texts in zip(self.pages, read([page.image for page in self.pages])):
                self.assertEqual(texts, [page.payload], f"{page.name} by {name}")

    def test_pages_are_read_from_a_photograph_with_four_pixels_a_module(self):
        self.expect(self.english, {"zxing-cpp": 100, "zbarimg": 98}, pixels=4)

    def test_pages_are_read_from_a_photograph_with_two_and_a_half_pixels_a_module(self):
        self.expect(self.english, {"zxing-cpp": 97, "zbarimg": 92}, pixels=2.5)

    def test_pages_are_read_from_the_side(self):
        self.expect(self.english, {"zxing-cpp": 98, "zbarimg": 85}, pixels=4, tilt=20)

    def test_glossy_pages_are_read_under_a_lamp(self):
        pages = scan_trials.pairs(self.english, "Q")
        self.assertGreaterEqual(len(pages), 15)
        self.expect(pages, {"zxing-cpp": 97, "zbarimg": 92}, pixels=4, tilt=10, glare=0.167)


if __name__ == "__main__":
    unittest.main()
