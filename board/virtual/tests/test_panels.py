"""Sales with every other display that the machine may have, behind the kernel's own USB."""

from tests.case import BoardCase, Shared
from vboard.board import await_value
from vboard.panels import AX206Panel, ForeignPanel, Panel, TuringPanel

Changes = tuple[tuple[str, str], ...]


def landscape(driver: str, port: str, width: int, height: int) -> Changes:
    """What a board file says of a panel that lies on its side."""
    return (
        ('driver = "weact-fs-v1"', f'driver = "{driver}"'),
        ('port = "/dev/vend/weact"', f'port = "{port}"'),
        ("width = 320", f"width = {width}"), ("height = 480", f"height = {height}"),
        ('orientation = "portrait"', 'orientation = "landscape"'),
    )


def drawing_by_itself(driver: str, width: int, height: int, side: int) -> Changes:
    """The same of a panel that is told words, and draws codes into a square."""
    return (
        *landscape(driver, "/dev/ttyACM0", width, height),
        ("pitch_um = 154", 'pitch_um = 198\nbaud = 115200\n\n[display.project]\n'
         f'encoding = "gbk"\ncode_x = 8\ncode_y = 16\ncode_side = {side}'),
    )


class PanelCase(BoardCase):
    """A sale, and a cable that is pulled with a code on the panel."""

    changes: Changes = ()

    def start_and_sell(self) -> None:
        """A whole sale over the panel."""
        self.start_with_board_file(*self.changes)
        self.wait_to_sell()
        self.sell("11")

    def pull_with_a_code(self) -> None:
        """The order ends whose code nobody sees any more, and the panel comes back."""
        self.start_with_board_file(*self.changes)
        self.wait_to_sell()
        self.begin("11")
        number = self.board.status()["order"]
        self.board.unplug()
        self.wait_for_fault("D1")
        self.board.plug()
        await_value(lambda: self.platform.order(number)["state"] == "CLOSED", "the order's end")
        self.wait_to_sell()
        self.sell("12")


class TuringTests(PanelCase):
    """The other serial display of pixels."""

    changes = (
        ('driver = "weact-fs-v1"', 'driver = "turing-a"'),
        ('port = "/dev/vend/weact"', 'port = "/dev/vend/turing"'))

    def make_panel(self) -> Panel:
        return TuringPanel()

    def test_a_sale_with_a_turing_display(self) -> None:
        self.start_and_sell()


class USBFrameTests(PanelCase):
    """The display that has no driver in the kernel: the daemon reaches it through libusb."""

    changes = landscape("ax206", "usb:1908:0102", 480, 320)

    def make_panel(self) -> Panel:
        return AX206Panel()

    def test_a_sale_with_a_usb_frame(self) -> None:
        self.start_and_sell()

    def test_a_usb_frame_that_is_pulled_with_a_code_on_it_ends_the_order(self) -> None:
        self.pull_with_a_code()


class TJCTests(PanelCase):
    """A panel that is told words in a language of its own."""

    changes = drawing_by_itself("tjc", 480, 272, 240)

    def make_panel(self) -> Panel:
        return ForeignPanel(Shared.programs, *self.changes)

    def test_a_sale_with_a_tjc_display(self) -> None:
        self.start_and_sell()

    def test_a_tjc_display_that_is_pulled_with_a_code_on_it_ends_the_order(self) -> None:
        self.pull_with_a_code()


class DWINTests(PanelCase):
    """A panel whose fields are places in its memory."""

    changes = drawing_by_itself("dgus2", 800, 480, 440)

    def make_panel(self) -> Panel:
        return ForeignPanel(Shared.programs, *self.changes)

    def test_a_sale_with_a_dwin_display(self) -> None:
        self.start_and_sell()
