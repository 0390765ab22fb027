"""What the kernel's lines do, and the emulated twin must do too: Tests/Conformance/lines.txt."""

from tests.case import BoardCase
from vboard.places import ROOT

CASES = ROOT / "Tests" / "Conformance" / "lines.txt"


def read_cases() -> dict[str, list[str]]:
    """The steps of each case by its statement."""
    cases: dict[str, list[str]] = {}
    for line in CASES.read_text().splitlines():
        if line.startswith("case "):
            steps = cases.setdefault(line.removeprefix("case "), [])
        elif line and not line.startswith("#"):
            steps.append(line)
    return cases


class ConformanceTests(BoardCase):
    """The same statements as the Swift suite of the same name."""

    def test_the_kernels_lines_do_what_a_bank_promises(self) -> None:
        self.board.restore_machine(
            self.platform.machine_files(self.scene.work / "etc"), starts=False)
        cases = read_cases()
        self.assertGreater(len(cases), 5)
        for statement, steps in cases.items():
            with self.subTest(statement):
                script = "\n".join(steps)
                said = self.board.run(
                    "chip=/dev/$(gpiofind SPARE1 | cut -d' ' -f1); "
                    "folder() { awk -v n=$1 '$1 == n { print $2 }' /run/board/lines; }; "
                    "/usr/lib/vboard/trial $chip 8 $(folder SPARE1) 9 $(folder SPARE2) "
                    f"<<'STEPS'\n{script}\nSTEPS", check=False)
                self.assertEqual(said, "")
