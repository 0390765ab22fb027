"""A page on the loopback for a person: the board's keys, display, lines and console."""

import json
import threading
import time
import tomllib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from vboard.emulator import BoardError
from vboard.places import VIRTUAL
from vboard.prompt import Prompt
from vboard.scene import Scene
from vboard.witness import LINES, RELAYS

KINDS = {"html": "text/html", "css": "text/css", "js": "text/javascript"}
TROUBLES = (BoardError, TimeoutError, ValueError, OSError, KeyError)


class Front:
    """What the page shows and does; the lanes are as mechanical as a machine's."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.prompt = Prompt(scene)
        self.modes = {"open": False, "jam": False, "unplugged": False, "offline": False}
        self._lock = threading.Lock()
        text = (scene.work / "etc" / "machine.toml").read_text()
        self._lanes = [
            {"code": lane["code"], "name": lane["name"], "price": lane["price"],
             "line": lane["channel"].upper()} for lane in tomllib.loads(text)["lanes"]]
        threading.Thread(target=self._turn_lanes, daemon=True).start()

    def state(self) -> dict[str, Any]:
        """Everything that the page shows."""
        board = self.scene.board
        pulses = board.lines.pulses()
        lines = {line: int(any(p.line == line and p.ended is None for p in pulses))
                 for line in RELAYS}
        if self.modes["open"]:
            lines["DOOR"] = 1
        words = [f"{p.began / 1e9:9.3f} s  {p.line}  "
                 + (f"{p.milliseconds:.1f} ms" if p.ended else "on") for p in pulses[-5:]]
        orders = self.scene.platform.state()["orders"]
        return {
            "isOn": board.is_on, "modes": self.modes, "lanes": self._lanes,
            "lines": {line: lines.get(line, 0) for line in LINES}, "pulses": words[::-1],
            "orders": sorted(orders, key=lambda order: order["number"])[::-1][:5],
            "paints": board.panel.glass.paints,
        }

    def key(self, wish: dict[str, Any]) -> dict[str, Any]:
        """Presses a key, or lets it go."""
        hands = self.scene.board.hands
        hands.begin(hands.key(wish["key"], wish["isDown"]))
        return {}

    def line(self, wish: dict[str, Any]) -> dict[str, Any]:
        """Carries out a line of the console."""
        try:
            return {"isGood": True, "text": self.prompt.carry_out(wish["line"].strip())}
        except TROUBLES as error:
            return {"isGood": False, "text": f"{error}\n"}

    def mode(self, wish: dict[str, Any]) -> dict[str, Any]:
        """Begins or ends a trouble that lasts."""
        board, name, is_on = self.scene.board, wish["name"], bool(wish["isOn"])
        if name == "open":
            board.hands.pull("DOOR", is_on)
        elif name == "unplugged":
            (board.unplug if is_on else board.plug)()
        elif name == "offline":
            board.ask("set_link", name="field", up=not is_on)
        self.modes[name] = is_on
        return {}

    def cut(self, _: dict[str, Any]) -> dict[str, Any]:
        """Cuts the power, and gives it back."""
        with self._lock:
            self.scene.board.cut()
            time.sleep(1)
            self.modes = dict.fromkeys(self.modes, False)
            self.scene.board.restore_machine(None)
        return {}

    def _turn_lanes(self) -> None:
        """What the relays move: a product falls at the end of its lane's pulse."""
        fallen: set[int] = set()
        while True:
            time.sleep(0.02)
            with self._lock:
                pulses = self.scene.board.lines.pulses()
                for pulse in pulses:
                    if pulse.ended is None or pulse.began in fallen:
                        continue
                    fallen.add(pulse.began)
                    if not self.modes["jam"] and self.scene.board.is_on:
                        self.scene.board.hands.begin(
                            "wait 250000", "pull DROP 1", "wait 40000", "pull DROP 0")


class Handler(BaseHTTPRequestHandler):
    """The page's files, and its calls."""

    front: Front

    def do_GET(self) -> None:
        """Hands out the page, the picture and the state."""
        path = self.path.split("?")[0]
        if path == "/api/state":
            self._answer("application/json", json.dumps(self.front.state()).encode())
        elif path == "/glass.png":
            self._answer("image/png", self.front.scene.board.panel.glass.png())
        elif path in ("/", "/style.css", "/script.js"):
            file = VIRTUAL / "page" / (path[1:] or "index.html")
            self._answer(KINDS[file.suffix[1:]], file.read_bytes())
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        """Does what the page asks for."""
        acts = {name: getattr(self.front, name) for name in ("key", "line", "mode", "cut")}
        act = acts.get(self.path.removeprefix("/api/"))
        # A page of another origin cannot send this kind without asking first.
        if act is None or self.headers.get("Content-Type") != "application/json":
            self.send_error(404)
            return
        try:
            wish = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
            self._answer("application/json", json.dumps(act(wish)).encode())
        except TROUBLES as error:
            self._answer("application/json", json.dumps({"text": str(error)}).encode(), 400)

    def _answer(self, kind: str, body: bytes, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing of each request."""


def serve(scene: Scene, port: int = 0) -> ThreadingHTTPServer:
    """Serves the page on the loopback until it is shut down."""
    handler = type("BoardHandler", (Handler,), {"front": Front(scene)})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
