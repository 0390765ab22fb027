"""A disk that is full, read-only, or returns errors: nothing is sold that could not be recorded."""

from tests.case import BoardCase
from vboard.board import await_value

# The disk behind a device-mapper table that a test can change while it is mounted.
MAPPED = """
umount /etc/vend /var/lib/vend /data
size=$(blockdev --getsz /dev/vdb)
dmsetup create own --table "0 $size linear /dev/vdb 0"
/usr/lib/vboard/disk /dev/mapper/own
systemctl start vendd
"""


def table(target: str) -> str:
    """The script that puts another device-mapper table in the place of the present one."""
    return f"""
size=$(blockdev --getsz /dev/vdb)
dmsetup suspend --noflush --nolockfs own
dmsetup load own --table "0 $size {target}"
dmsetup resume own
"""


class StorageTests(BoardCase):
    """The journal and the book are on a real file system."""

    def sell_or_refuse(self) -> None:
        """Asks for a product. What is sold is on the disk afterwards; or nothing is sold.

        SQLite's log is there before it is needed, so that some sales fit on a disk that is full.
        """
        before = self.orders_at_platform()
        self.board.hands.press("11#")
        opened = await_value(
            lambda: "code" if self.board.panel.glass.code() else self.has_refused(),
            "a code, or a refusal", 90)
        if opened != "code":
            self.assertEqual(self.orders_at_platform(), before)
            self.assertEqual(self.board.lines.pulses(), [])
            return
        code = self.board.code()
        self.platform.pay(code)
        self.board.lines.wait_for_pulse("RELAY1")
        self.drop()
        number = self.finish_on_paper()
        self.board.cut()
        self.board.restore_machine(None, starts=False)
        self.board.run("rm -f /data/filler; systemctl start vendd")
        order = next(order for order in self.board.orders() if order["number"] == number)
        self.assertIn(order["state"], ("delivered", "held"), order)

    def has_refused(self) -> str:
        """Whether the daemon has said that it cannot write."""
        return "refused" if "fault J1" in self.log() else ""

    def finish_on_paper(self) -> str:
        """The newest order's number, once it was told as delivered."""
        return str(self.wait_for_order("delivered")["number"])

    def refuse(self) -> None:
        """Asks for a product in vain: no order reaches the platform, and nothing moves."""
        before = self.orders_at_platform()
        self.board.hands.press("11#")
        await_value(self.has_refused, "a refusal", 90)
        self.assertEqual(self.orders_at_platform(), before)
        self.assertEqual(self.board.lines.pulses(), [])

    def test_what_a_full_disk_sells_is_recorded(self) -> None:
        self.start()
        self.board.run("cat /dev/zero >/data/filler 2>/dev/null; sync; df /data >&2", check=False)
        self.sell_or_refuse()
        self.board.run("rm -f /data/filler; systemctl restart vendd")
        self.wait_to_sell(limit=180)

    def test_a_disk_that_became_read_only_stops_selling(self) -> None:
        self.start()
        # By an error that the file system finds in itself. (By sysrq's emergency remount it takes
        # writes to open files from then on, and its fsync says that they are safe: nobody can
        # sell by that, and nobody remounts a machine so who is not at its console.)
        self.board.run("mount -o remount,errors=remount-ro /data; "
                       "echo trial >/sys/fs/ext4/vdb/trigger_fs_error; "
                       "dmesg | grep 'EXT4-fs error'")
        self.refuse()

    def test_a_disk_that_refuses_writes_stops_selling_until_it_takes_them(self) -> None:
        files = self.platform.machine_files(self.scene.work / "etc")
        self.board.restore_machine(files, starts=False)
        self.board.run(MAPPED)
        self.wait_to_sell()
        self.board.run(table("flakey /dev/vdb 0 0 60 1 error_writes"))
        self.refuse()
        self.board.run(table("linear /dev/vdb 0"))
        # The file system has seen errors; it is mounted afresh, as after a restart of the board.
        self.board.run("systemctl stop vendd; umount /etc/vend /var/lib/vend /data; "
                       "e2fsck -fp /dev/mapper/own >/dev/null; /usr/lib/vboard/disk "
                       "/dev/mapper/own; systemctl reset-failed vendd; systemctl start vendd")
        self.wait_to_sell(limit=180)
        self.sell("11")
