"""The audit file of a machine that has sold is read by a strict reader of EVA-DTS 6.1."""

import os
import pathlib
import subprocess
import tempfile
import unittest

from evadts import Audit, Refused, crc16

# `vendctl` lies beside `vendsim`.
VENDSIM = os.environ["VENDSIM"]
VENDCTL = os.path.join(os.path.dirname(VENDSIM), "vendctl")
GOLDEN = pathlib.Path(__file__).parents[1] / "DiagnosticsTests" / "Golden" / "audit.dts"


class SoldMachine(unittest.TestCase):
    """A simulated machine sells one product and is audited without its daemon."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="vend-audit-")
        shop = os.path.join(cls.folder.name, "shop")
        cls.run_program(VENDSIM, "demo", "--once", "--keep", shop)
        cls.machine = os.path.join(shop, "machine.toml")
        cls.data = cls.run_program(VENDCTL, "audit", "dts", "--config", cls.machine)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @staticmethod
    def run_program(*words):
        done = subprocess.run(words, capture_output=True, timeout=120)
        if done.returncode != 0:
            raise AssertionError(f"{words} ended with {done.returncode}: {done.stderr.decode()}")
        return done.stdout

    def test_is_read_and_its_sums_agree(self):
        audit = Audit(self.data)
        self.assertEqual(audit.count, 1)
        self.assertGreater(audit.value, 0)
        sold = [p for p in audit.products.values() if p["count"]]
        self.assertEqual(len(sold), 1)
        self.assertEqual(sold[0]["value"], audit.value)
        self.assertEqual(sold[0]["value"], sold[0]["price"])
        self.assertEqual(audit.by_name["ID4"], [[2, 1156, "CNY"]])
        # The power has not failed; nothing is ever reset.
        self.assertEqual([elements[-1] for elements in audit.by_name["EA7"]], [0])

    def test_is_the_same_in_a_file(self):
        path = os.path.join(self.folder.name, "audit.dts")
        self.run_program(VENDCTL, "audit", "dts", path, "--config", self.machine)
        with open(path, "rb") as file:
            self.assertEqual(Audit(file.read()).count, 1)


class Reader(unittest.TestCase):
    """The reader accepts the reviewed file, and no spoilt one."""

    @classmethod
    def setUpClass(cls):
        cls.data = GOLDEN.read_bytes().replace(b"\n", b"\r\n")

    @staticmethod
    def seal(text):
        """The text with a sum that is right again."""
        head, body = text.split(b"ST*", 1)
        body, tail = body.split(b"G85*", 1)
        body = b"ST*" + body
        return head + body + b"G85*%04X" % crc16(body) + tail[4:]

    def test_accepts_the_reviewed_file(self):
        audit = Audit(self.data)
        self.assertEqual((audit.value, audit.count), (18270, 44))
        self.assertEqual(audit.products["11"]["name"], "Cola")
        self.assertEqual(audit.products["11"]["level"], 7)
        self.assertIsNone(audit.products["12"]["level"])
        self.assertEqual(audit.products["11"]["tests"], 3)
        self.assertEqual(audit.events["EGS"], {"count": 4, "active": 0, "minutes": 52})
        self.assertEqual(audit.events["EJB"]["active"], 1)
        self.assertEqual(audit.events["OBC_A1"]["active"], 1)

    def test_the_check_value_of_the_sum(self):
        self.assertEqual(crc16(b"123456789"), 0xBB3D)

    def test_refuses_every_changed_byte_of_what_is_summed(self):
        begin, end = self.data.index(b"ST*"), self.data.index(b"SE*")
        for place in range(begin, end):
            spoilt = bytearray(self.data)
            spoilt[place] ^= 1
            with self.assertRaises(Refused, msg=f"byte {place}"):
                Audit(bytes(spoilt))

    def test_refuses_every_cut(self):
        for length in range(len(self.data)):
            with self.assertRaises((Refused, ValueError, KeyError), msg=f"{length} bytes"):
                Audit(self.data[:length])

    def test_refuses_what_adds_up_and_is_wrong(self):
        for old, new in [
            (b"VA1*18270*44", b"VA1*18271*44"), (b"PA7*11*DA*1*435*42", b"PA7*11*DA*1*435*41"),
            (b"PA1*12*", b"PA1*11*"), (b"ID4*2*1156", b"ID4*2*156"), (b"EA2*EGS", b"EA2*egs"),
            (b"ID5*2026", b"ID5*2O26"), (b"CB1*", b"XX1*"), (b"PA1*A1", b"PA1*A1234567890"),
        ]:
            self.assertIn(old, self.data)
            with self.assertRaises(Refused, msg=new.decode()):
                Audit(self.seal(self.data.replace(old, new, 1)))


if __name__ == "__main__":
    unittest.main()
