"""Our driver of TJC and Nextion panels, in `vendctl` as it ships, against the emulated panel of
nextion-tools, which was measured on a real one by its author."""

import os
import pathlib
import subprocess
import tempfile
import unittest

from nextion_panel import Panel

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAYLOAD = "vend-display-test-0123456789-abcdefghi"
DISPLAY = """[display]
driver = "tjc"
port = "{port}"
baud = {baud}
width = 480
height = 272
orientation = "landscape"
brightness = 80
pitch_um = 198

[display.project]
encoding = "utf-8"
code_x = 8
code_y = 16
code_side = 240

"""


class Nextion(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="vend-peers-")
        self.addCleanup(self.folder.cleanup)

    def panel(self, **how):
        panel = Panel(**how)
        self.addCleanup(panel.close)
        return panel

    def machine(self, port, baud=115200):
        """A machine whose display is at that port; its lines are nobody's here."""
        folder = pathlib.Path(self.folder.name)
        board = (ROOT / "board/boards/simulated.toml").read_text(encoding="utf-8")
        head, rest = board.split("[display]")
        relays = rest[rest.index("[[relays]]"):]
        (folder / "panel.toml").write_text(
            head.replace("${VEND_SIM_SOCKET}", f"{folder}/none.sock")
            + DISPLAY.format(port=port, baud=baud) + relays, encoding="utf-8")
        sample = (ROOT / "board/samples/relay-only.toml").read_text(encoding="utf-8")
        sample = sample.replace('board = "raspberry-pi-4"', f'board = "{folder}/panel.toml"')
        path = folder / "machine.toml"
        path.write_text(sample, encoding="utf-8")
        return path

    def vendctl(self, machine, *words):
        folder = self.folder.name
        environment = dict(
            os.environ, STATE_DIRECTORY=folder, RUNTIME_DIRECTORY=folder,
            CREDENTIALS_DIRECTORY=folder)
        return subprocess.run(
            [os.environ["VENDCTL"], *words, "--config", str(machine)], env=environment,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)

    def show(self, panel, **how):
        result = self.vendctl(self.machine(panel.path, **how), "test", "display", "code")
        panel.display.wait_until_idle(10)
        return result

    def order(self, panel):
        """The instructions that matter, in their order."""
        return [text for text in panel.display.commands
                if text.startswith(("page ", "get ", "pay.qr0", "fill "))]

    def test_the_code_is_read_back_before_its_page_is_shown(self):
        panel = self.panel()
        result = self.show(panel)
        self.assertEqual(result.returncode, 0, result.stderr + result.stdout)
        self.assertEqual(panel.display.get("pay.qr0.txt"), PAYLOAD)
        order = self.order(panel)
        self.assertEqual(order[-3:],
                         [f'pay.qr0.txt="{PAYLOAD}"', "get pay.qr0.txt", "page pay"])
        self.assertEqual(panel.display.page, "pay")
        self.assertEqual(panel.display.system["dim"], 80)
        # Nothing but the greeting, which is no instruction, was refused; nothing was lost.
        self.assertEqual([text for text, _ in panel.display.errors], ["DRAKJHSUYDGBNCJHGJKSHBDN"])
        self.assertEqual(panel.display.lost, [])
        self.assertEqual(panel.display.overflows, 0)

    def test_a_code_that_the_panel_cuts_is_filled_in_instead(self):
        panel = self.panel(limit=20)
        result = self.show(panel)
        self.assertEqual(result.returncode, 0, result.stderr + result.stdout)
        self.assertEqual(panel.display.page, "payfill")
        self.assertNotIn("page pay", panel.display.commands)
        # White first, then more than a hundred dark rectangles, none of them lost in the buffer.
        fills = panel.display.drawn
        self.assertTrue(fills[0].endswith(",65535"))
        self.assertGreater(len(fills), 100)
        self.assertTrue(all(text.endswith(",0") for text in fills[1:]))
        self.assertEqual(panel.display.overflows, 0)

    def test_a_project_without_the_component_gets_the_code_filled(self):
        panel = self.panel(without={"pay.qr0.txt"})
        result = self.show(panel)
        self.assertEqual(result.returncode, 0, result.stderr + result.stdout)
        self.assertEqual(panel.display.page, "payfill")
        self.assertGreater(len(panel.display.drawn), 100)

    def test_a_project_without_the_pages_is_refused_in_words(self):
        panel = self.panel(without={"message", "select", "pay", "payfill", "pay.qr0.txt"})
        result = self.show(panel)
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("refuses", result.stderr + result.stdout)

    def test_a_panel_that_begins_anew_under_our_hands_is_noticed(self):
        panel = self.panel(limit=20)
        panel.restart_upon("fill ")
        result = self.vendctl(self.machine(panel.path), "test", "display", "code")
        self.assertEqual(panel.display.power_cycles, 1)
        self.assertNotEqual(result.returncode, 0, result.stdout)
        self.assertIn("start", result.stderr + result.stdout)


if __name__ == "__main__":
    unittest.main()
