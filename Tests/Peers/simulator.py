"""The simulated platform as a process, and a shop that hears its notices."""

import http.server
import json
import os
import queue
import subprocess
import tempfile
import threading
import tomllib
import urllib.request

import requests

REAL_HOST = "https://api.mch.weixin.qq.com"


class Simulator:
    """`vendsim platform`, started for a test and ended with it."""

    def __init__(self, keys="publicKey"):
        self.folder = tempfile.TemporaryDirectory(prefix="vend-peers-")
        self.process = subprocess.Popen(
            [os.environ["VENDSIM"], "platform", "--folder", self.folder.name, "--keys", keys,
             "--notice-speed", "200", "--for", "300", "--switch", "refundDelay=100"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        head = []
        for line in self.process.stdout:
            if line.startswith("# what happens"):
                break
            head.append(line)
        self.facts = tomllib.loads("".join(head))
        if "endpoint" not in self.facts:
            raise RuntimeError("vendsim platform did not start: " + "".join(head))
        # What happens is read, so that the pipe does not fill.
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def __getitem__(self, name):
        return self.facts[name]

    def read(self, name):
        """The text of a file that the platform has made."""
        with open(self.facts[name], encoding="ascii") as file:
            return file.read()

    def post(self, act, **wish):
        """Plays payer, platform or bad luck: see `PlatformConsole`."""
        request = urllib.request.Request(
            self.facts["console"] + "api/" + act, data=json.dumps(wish).encode(), method="POST")
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)["done"]

    def order(self, number):
        """An order as the platform has it."""
        with urllib.request.urlopen(self.facts["console"] + "api/state", timeout=20) as answer:
            orders = json.load(answer)["orders"]
        return next(order for order in orders if order["number"] == number)

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=20)
        self.folder.cleanup()

    def attract(self):
        """Sends what a client means for the real host here instead, and trusts this authority."""
        simulator = self

        def request(session, method, url, **options):
            if url.startswith(REAL_HOST):
                url = simulator["endpoint"] + url[len(REAL_HOST):]
            if not url.startswith(simulator["endpoint"]):
                raise AssertionError("a client wanted to leave this computer: " + url)
            options["verify"] = simulator["ca_file"]
            options.setdefault("timeout", 20)
            return original(session, method, url, **options)

        original = requests.Session.request
        requests.Session.request = request

        def release():
            requests.Session.request = original

        return release


class Shop:
    """An HTTP server on the loopback that keeps notices and takes them."""

    def __init__(self):
        self.notices = queue.Queue()
        self.status = 200
        self.reply = b""
        shop = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                # Read before the test hears of the notice, and changes them for the next one.
                status, reply = shop.status, shop.reply
                shop.notices.put((dict(self.headers.items()), body))
                self.send_response(status)
                self.send_header("Content-Length", str(len(reply)))
                self.end_headers()
                self.wfile.write(reply)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/notice"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def notice(self):
        """The next notice: its headers and its bytes."""
        return self.notices.get(timeout=20)

    def close(self):
        self.server.shutdown()
        self.server.server_close()
