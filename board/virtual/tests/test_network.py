"""An uplink that is down, slow, lossy or somebody else's; a platform that is gone; clocks."""

import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from tests.case import BoardCase
from vboard.board import await_value
from vboard.emulator import FIELD_HOST

DAY = 86_400


class NetworkTests(BoardCase):
    """What the shop's router does to a sale."""

    def test_an_uplink_that_is_down_opens_no_order_and_heals(self) -> None:
        self.start()
        before = self.orders_at_platform()
        self.field("ip link set field down")
        self.board.hands.press("11#")
        self.wait_for_fault("N2", limit=120)
        self.assertEqual(self.orders_at_platform(), before)
        self.assertIsNone(self.board.panel.glass.code())
        self.field("ip link set field up; networkctl reconfigure field")
        self.wait_to_sell(limit=180)
        self.sell("11")

    def test_a_cable_that_is_pulled_after_paying_delays_the_product_and_loses_nothing(self) -> None:
        self.start()
        code = self.begin("11")
        self.board.ask("set_link", name="field", up=False)
        self.platform.pay(code)
        self.board.hands.do("wait 5000000")
        self.assertEqual(self.board.lines.pulses(), [], "unknown is not paid")
        self.board.ask("set_link", name="field", up=True)
        self.board.lines.wait_for_pulse("RELAY1", limit=90)
        self.drop()
        self.finish("11")

    def test_a_slow_uplink_sells(self) -> None:
        self.start()
        self.field("tc qdisc add dev field root netem delay 600ms 100ms")
        self.sell("11")

    def test_an_uplink_that_loses_every_fifth_packet_sells(self) -> None:
        self.start()
        self.field("tc qdisc add dev field root netem loss 20%")
        self.sell("11")

    def test_a_captive_portal_takes_no_order(self) -> None:
        self.start()
        before = self.orders_at_platform()
        port = self.start_portal()
        endpoint = self.platform.account["endpoint"].rpartition(":")[2]
        self.field(
            "nft add table ip portal; nft add chain ip portal out "
            "'{ type nat hook output priority -100; }'; nft add rule ip portal out ip daddr "
            f"{FIELD_HOST} tcp dport {endpoint} dnat to {FIELD_HOST}:{port}")
        self.board.hands.press("11#")
        self.wait_for_fault("N3", limit=120)
        self.assertEqual(self.orders_at_platform(), before)
        self.assertEqual(self.board.lines.pulses(), [])
        self.field("nft delete table ip portal")
        self.wait_to_sell(limit=180)
        self.sell("11")

    def start_portal(self) -> int:
        """A login page for every address, with a certificate of its own making."""
        key, certificate = self.scene.work / "portal.key", self.scene.work / "portal.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=portal",
             "-addext", f"subjectAltName=IP:{FIELD_HOST}", "-keyout", key, "-out", certificate],
            check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server = HTTPServer(("127.0.0.1", 0), LoginPage)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return int(server.server_address[1])

    def test_a_platform_that_is_gone_while_a_code_is_shown_loses_no_payment(self) -> None:
        self.start()
        code = self.begin("11")
        self.platform.act("network", passage="refused")
        self.platform.pay(code)
        self.board.hands.do("wait 6000000")
        self.assertEqual(self.board.lines.pulses(), [])
        self.platform.act("network", passage="open")
        self.board.lines.wait_for_pulse("RELAY1", limit=90)
        self.drop()
        self.finish("11")


class LoginPage(BaseHTTPRequestHandler):
    """What a portal answers to everything."""

    def do_POST(self) -> None:
        """Answers with its page."""
        body = b"<return_code>SUCCESS</return_code> please log in"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


class ClockTests(BoardCase):
    """A board has no battery behind its clock, and gets the time from the network when it can."""

    def test_a_clock_that_is_wrong_at_start_stops_selling_until_it_is_right(self) -> None:
        files = self.platform.machine_files(self.scene.work / "etc")
        self.board.restore_machine(files, starts=False)
        self.board.run("date -s 2020-01-01 >/dev/null; systemctl start vendd")
        self.wait_for_fault("C1")
        before = self.orders_at_platform()
        self.board.hands.press("11#")
        self.assertEqual(self.orders_at_platform(), before)
        self.board.set_clock()
        self.wait_to_sell(limit=120)
        self.sell("11")

    def test_a_clock_that_is_stepped_by_a_day_in_mid_sale_spoils_no_sale(self) -> None:
        for seconds in (DAY, -DAY):
            with self.subTest(seconds=seconds):
                if self.board.is_on:
                    self.board.cut()
                self.start()
                code = self.begin("11")
                self.board.run(f"date -s @$(($(date +%s) + {seconds})) >/dev/null")
                self.platform.pay(code)
                self.board.lines.wait_for_pulse("RELAY1")
                self.drop()
                self.finish("11")
                await_value(lambda: self.board.status()["state"] == "idle", "rest")
