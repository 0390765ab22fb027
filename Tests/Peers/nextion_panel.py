"""Somebody else's emulated Nextion panel on a pseudo-terminal, with the names of our project."""

import threading

from nextion_tools.emu import Display
from nextion_tools.emu.model import SYSTEM_VARIABLES
from nextion_tools.emu.transport import Pty

# What board/panels.md asks of a project: pages by their numbers, and the fields of each.
MESSAGE = ["title", "detail", "product", "price", "foot"]
PAYMENT = MESSAGE + ["left"]
PAGES = {"blank": [], "message": MESSAGE, "select": MESSAGE, "pay": PAYMENT + ["qr0"],
         "payfill": PAYMENT}


class CuttingDisplay(Display):
    """The same, but its code's component holds no more than so many characters (txt_maxl)."""

    limit = None

    def _store(self, key, value):
        if self.limit is not None and key == "pay.qr0.txt":
            value = value[:self.limit]
        super()._store(key, value)


class Panel:
    """A panel that is switched on and has that project; `without` names what it lacks."""

    def __init__(self, limit=None, without=()):
        self.without = set(without)
        self.pty = Pty()
        # The buffer and the time that a page takes are modelled too.
        self.display = CuttingDisplay(
            self.pty, flow_model=True, resolver=self.knows, startup_frames=True)
        self.display.limit = limit
        for page in PAGES:
            self.display.page_id(page)
        self.display.page = "blank"

    @property
    def path(self):
        return self.pty.path

    def knows(self, name):
        """Whether the project, or the panel itself, has such a name."""
        if name in self.without:
            return False
        if name in PAGES or name in SYSTEM_VARIABLES:
            return True
        parts = name.split(".")
        return len(parts) == 3 and parts[1] in PAGES.get(parts[0], []) and parts[2] == "txt"

    def restart_upon(self, command):
        """Power fails for a moment once the panel has been told such a thing."""
        def restart():
            self.display.wait_for_command("^" + command, timeout=30)
            self.display.power_cycle()
            self.display.page = "blank"
            self.display.boot()
        threading.Thread(target=restart, daemon=True).start()

    def close(self):
        self.display.close()
