"""Power cuts at random moments of a stream of sales, on a disk that loses what was not synced.

Two judges look at what became of the orders: the project's auditor, which holds the journal and the
book against the platform's bill, and a ledger of pulses at the lines, which nobody but the kernel
writes: at most one pulse for an order, and none for an order that was not paid.
"""

import dataclasses
import json
import pathlib
import random
import shutil
import subprocess
import threading
import time
import tomllib
from collections.abc import Callable
from typing import Any

from vboard.board import Board, await_value
from vboard.disk import PowerCutDisk, copy_state, make_disk
from vboard.emulator import BoardError
from vboard.places import BOARDS
from vboard.platform import Platform
from vboard.witness import Pulse

# The sample machine's lanes, one for each round in turn, so that a pulse tells whose it is.
LANES = ("11", "12", "13", "21", "22", "23")
LINE_OF = {lane: f"RELAY{number}" for number, lane in enumerate(LANES, 1)}
# How often a technician comes.
VISIT_EVERY = 6


@dataclasses.dataclass
class Round:
    """One power-on: what the customer did, and what the lines did."""

    number: int
    lane: str
    # The sale's step at which the power goes, or none: then `seconds` after the daemon's start.
    step: str | None
    seconds: float
    drops: bool
    pays: bool
    seen: str = "start"
    trouble: str | None = None
    pulses: list[Pulse] = dataclasses.field(default_factory=list)


class PowerSeries:
    """Cuts the power of one machine again and again, and lets it be judged."""

    STEPS = ("start", "keyed", "code", "paid", "relay on", "relay off", "drop")

    def __init__(self, image: pathlib.Path, programs: pathlib.Path, work: pathlib.Path,
                 seed: int) -> None:
        self._dice = random.Random(seed)
        self._seed, self._work, self._programs = seed, work, programs
        self._platform = Platform(programs, work)
        self._board = Board(image, work / "board")
        self._rounds: list[Round] = []
        self._is_cut = threading.Event()
        self._kept = self._lost = self._repairs = 0

    def run(self, count: int) -> int:
        """Cuts `count` times; returns the exit code."""
        began = time.monotonic()
        # A short patience, so that an order of a cut sale is at rest before its lane comes again.
        files = self._platform.machine_files(
            self._work / "etc", changes={"payment_timeout": "30s", "drop_timeout": "2s"})
        make_disk(self._board.disk, files)
        try:
            for number in range(count):
                self._cut_once(number)
                self._say_so_far(number + 1, time.monotonic() - began)
            return self._judge(time.monotonic() - began)
        finally:
            self._board.stop()
            self._platform.stop()

    # A round

    def _cut_once(self, number: int) -> None:
        # Half of the cuts fall anywhere, the others shortly after a step of the sale.
        step = self._dice.choice(self.STEPS) if self._dice.random() < 0.6 else None
        seconds = self._dice.random() * (0.4 if step else 9)
        this = Round(
            number, LANES[number % len(LANES)], step, seconds,
            drops=self._dice.random() < 0.8, pays=self._dice.random() < 0.92)
        self._rounds.append(this)
        disk = PowerCutDisk(self._board.disk, self._work / "disk.sock")
        self._board.restore_machine(None, disk.address)
        self._repairs += "more than a safe repair" in self._board.run("cat /run/board/fsck")
        if number % VISIT_EVERY == 0:
            self._visit()
        self._is_cut.clear()
        customer = threading.Thread(target=self._buy, args=(this,), daemon=True)
        customer.start()
        self._wait_for_moment(this, customer)
        self._is_cut.set()
        self._board.cut()
        kept, lost = disk.cut(self._seed * 1_000_003 + number)
        self._kept, self._lost = self._kept + kept, self._lost + lost
        customer.join(30)
        this.pulses = self._board.lines.pulses()

    def _wait_for_moment(self, this: Round, customer: threading.Thread) -> None:
        end = time.monotonic() + (40 if this.step else this.seconds)
        while time.monotonic() < end:
            # Whoever waits for a step that does not come any more has met the end of the story.
            if this.step and not customer.is_alive():
                time.sleep(this.seconds)
                return
            if this.step and self.STEPS.index(this.seen) >= self.STEPS.index(this.step):
                time.sleep(this.seconds)
                return
            time.sleep(0.005)

    def _buy(self, this: Round) -> None:
        """A customer; whatever he meets, the power's end included, ends his story."""
        try:
            board = self._board
            board.hands.press(f"{this.lane}#")
            this.seen = "keyed"
            code = self._until(board.camera())
            this.seen = "code"
            if not this.pays:
                return
            self._platform.pay(code)
            this.seen = "paid"
            line = LINE_OF[this.lane]
            self._until(lambda: board.lines.pulses(line))
            this.seen = "relay on"
            self._until(lambda: not board.lines.is_on(line))
            this.seen = "relay off"
            if this.drops:
                board.hands.do("pull DROP 1", "wait 30000", "pull DROP 0", limit=5)
                this.seen = "drop"
        except (BoardError, OSError, TimeoutError, KeyError, ValueError) as error:
            this.trouble = f"{type(error).__name__}: {error}"

    def _until(self, look: Callable[[], Any]) -> Any:
        """Waits for something to see, as long as there is power."""
        seen = await_value(lambda: self._is_cut.is_set() or look(), "what a customer waits for", 12)
        if self._is_cut.is_set():
            raise BoardError("the power has gone")
        return seen

    def _visit(self) -> None:
        """A technician fills the lanes, frees them, and decides what is waiting for a person."""
        board = self._board
        fill = "; ".join(f"vendctl refill {lane} >/dev/null" for lane in LANES)
        board.run(f"{fill}; vendctl faults clear >/dev/null", check=False)
        for order in board.orders():
            if order["isOpen"] and order["state"] in ("held", "unsure"):
                board.vendctl(f"resolve {order['number']} --refund --yes", check=False)

    # The judgement

    def _say_so_far(self, count: int, seconds: float) -> None:
        if count % 10 == 0:
            steps = ", ".join(
                f"{step} {sum(this.seen == step for this in self._rounds)}" for step in self.STEPS)
            print(f"{count} cuts, {seconds:.0f} s: {steps}", flush=True)

    def _judge(self, seconds: float) -> int:
        board = self._board
        # Time enough for whatever is still to be asked, closed and paid back.
        board.restore_machine(None)
        self._visit()
        self._wait_for_rest()
        last = board.lines.pulses()
        opened = json.loads(board.vendctl("orders --json --limit 1000"))
        board.run("systemctl stop vendd; sync; umount /etc/vend /var/lib/vend /data")
        board.cut()
        state = self._work / "state"
        copy_state(board.disk, state)
        verdict = self._audit(state)
        wrong = self._wrong_pulses(last)
        for words in wrong:
            print(f"wrong: {words}")
        paid = [o for o in self._platform.state()["orders"] if o["state"] in ("SUCCESS", "REFUND")]
        pulses = sum(len(this.pulses) for this in self._rounds) + len(last)
        open_cases = sum(order["isOpen"] for order in opened)
        print(f"unflushed writes at the cuts: {self._kept} survived, {self._lost} lost; "
              f"disks that needed more than a safe repair: {self._repairs}")
        is_good = verdict and not wrong
        print(f"power: {len(self._rounds)} cuts in {seconds:.0f} s, seed {self._seed}: "
              f"{len(opened)} orders, {len(paid)} paid, {pulses} pulses, {open_cases} open cases; "
              f"auditor {'content' if verdict else 'NOT content'}, "
              f"ledger of pulses {'right' if not wrong else 'WRONG'}", flush=True)
        return 0 if is_good else 1

    def _wait_for_rest(self) -> None:
        def rests() -> bool:
            states = [o["state"] for o in self._platform.state()["orders"]]
            return "NOTPAY" not in states and self._board.status()["state"] == "idle"
        try:
            await_value(rests, "rest", 240)
        except TimeoutError:
            print("orders are still under way; the auditor will name them")

    def _audit(self, state: pathlib.Path) -> bool:
        """Lets vendctl hold the disk's books against the platform's bill, outside of the board."""
        bill = self._work / "bill.csv"
        config = self._outside_machine()
        day = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 8 * 3600))
        bills = []
        for shift in (0, 1):
            of_day = time.strftime(
                "%Y-%m-%d", time.gmtime(time.time() + 8 * 3600 - shift * 86_400))
            file = bill.with_name(f"{of_day}.csv")
            done = subprocess.run(
                [self._programs / "vendctl", "payment", "bill", "--config", config, of_day,
                 "--output", file], capture_output=True, text=True, check=False)
            if done.returncode == 0:
                bills += ["--bill", str(file)]
            elif of_day == day:
                print(done.stdout + done.stderr)
        done = subprocess.run(
            [self._programs / "vendctl", "audit", "--journal", state / "state/board.db",
             "--book", state / "state/core.db", *bills],
            capture_output=True, text=True, check=False)
        print(done.stdout[-4000:] + done.stderr[-2000:])
        return done.returncode == 0

    def _outside_machine(self) -> pathlib.Path:
        """The machine file as this computer reads it."""
        folder = self._work / "outside"
        files = self._platform.machine_files(folder)
        text = (files / "machine.toml").read_text()
        text = text.replace("https://10.0.2.2:", "https://127.0.0.1:")
        text = text.replace("/etc/vend/ca.pem", str(folder / "ca.pem"))
        text = text.replace(
            "${CREDENTIALS_DIRECTORY:-/etc/vend/credentials}", str(folder / "credentials"))
        (files / "machine.toml").write_text(text)
        shutil.copy(BOARDS / "virtual.toml", files)
        return files / "machine.toml"

    def _wrong_pulses(self, last: list[Pulse]) -> list[str]:
        """Pulses that no paid order of their lane accounts for, by turns of all lanes."""
        orders = self._platform.state()["orders"]
        titles = {lane: title for lane, title in zip(LANES, self._titles(), strict=True)}
        wrong = []
        for lane in LANES:
            line = LINE_OF[lane]
            pulses = [p for this in self._rounds for p in this.pulses if p.line == line]
            pulses += [p for p in last if p.line == line]
            paid = [o for o in orders
                    if o["title"] == titles[lane] and o["state"] in ("SUCCESS", "REFUND")]
            if len(pulses) > len(paid):
                wrong.append(f"lane {lane}: {len(pulses)} pulses, {len(paid)} paid orders")
            wrong += [f"lane {lane}: on for {p.milliseconds:.0f} ms"
                      for p in pulses if p.ended is not None and p.milliseconds > 3100]
        for this, following in zip(self._rounds, [*self._rounds[1:], None], strict=True):
            wrong += self._wrong_in_round(this, following)
        return wrong

    @staticmethod
    def _wrong_in_round(this: Round, following: Round | None) -> list[str]:
        """One customer buys once in a round: his lane moves at most once from key to next key."""
        line = LINE_OF[this.lane]
        count = sum(p.line == line for p in this.pulses)
        if following is not None:
            count += sum(p.line == line for p in following.pulses)
        if count > 1:
            return [f"round {this.number}: {count} pulses of lane {this.lane} for one customer"]
        if count and not this.pays:
            return [f"round {this.number}: a pulse of lane {this.lane}, and nobody paid"]
        return []

    def _titles(self) -> list[str]:
        text = (self._work / "etc" / "machine.toml").read_text()
        lanes = {lane["code"]: lane["name"] for lane in tomllib.loads(text)["lanes"]}
        return [lanes[lane] for lane in LANES]
