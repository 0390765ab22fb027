"""The payment platform on the field network: vendsim's, outside of the board."""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tomllib
import urllib.request
from typing import Any

from vboard.emulator import FIELD_HOST
from vboard.places import SAMPLES


class Platform:
    """A running platform with one merchant; it outlives the boards that buy from it."""

    def __init__(self, programs: pathlib.Path, folder: pathlib.Path) -> None:
        self._folder = folder
        self._process = subprocess.Popen(
            [programs / "vendsim", "platform", "--host", FIELD_HOST, "--folder", folder / "pay"],
            stdout=subprocess.PIPE, text=True)
        assert self._process.stdout
        lines = []
        for line in self._process.stdout:
            if line.startswith("# what happens"):
                break
            lines.append(line)
        # What a client needs, as vendsim prints it.
        self.account: dict[str, str] = tomllib.loads("".join(lines))
        self._log = self._process.stdout
        os.set_blocking(self._log.fileno(), False)

    def machine_files(self, folder: pathlib.Path, sample: str = "with-drop-sensor",
                      changes: dict[str, str] | None = None) -> pathlib.Path:
        """Writes /etc/vend for the virtual board: a shipped sample, of this platform's merchant."""
        shutil.rmtree(folder, ignore_errors=True)
        credentials = folder / "credentials"
        credentials.mkdir(parents=True)
        account = self.account
        is_v3 = sample == "api-v3"
        (credentials / "api-key").write_text(account["v3_key" if is_v3 else "v2_key"])
        shutil.copy(account["certificate_file"], credentials / "certificate.pem")
        shutil.copy(account["certificate_key_file"], credentials / "certificate-key.pem")
        shutil.copy(account["ca_file"], folder / "ca.pem")
        shutil.copy(account["platform_key_file"], folder / "platform-key.pem")
        values = {
            "board": "virtual", "app_id": account["app_id"],
            "merchant_id": account["merchant_id"],
            "notify_url": "https://pay.example.com/wechat/notify",
        } | (changes or {})
        if is_v3:
            values["merchant_serial"] = account["merchant_serial"]
            values["platform_key_id"] = account["platform_key_id"]
        text = (SAMPLES / f"{sample}.toml").read_text()
        for name, value in values.items():
            text = re.sub(rf"^{name} = .*$", f'{name} = "{value}"', text, flags=re.MULTILINE)
        ours = f'endpoint = "{account["endpoint"]}"\nca_file = "/etc/vend/ca.pem"\n'
        text = text.replace("notify_url =", f"{ours}notify_url =")
        (folder / "machine.toml").write_text(text)
        return folder

    def act(self, name: str, **wish: Any) -> dict[str, Any]:
        """Has the platform's console do something; see PlatformConsole."""
        request = urllib.request.Request(
            f"{self.account['console']}api/{name}", json.dumps(wish).encode(),
            {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return dict(json.load(answer))

    def pay(self, code: str) -> None:
        """A payer scans a code, and pays."""
        self.act("pay", code=code)

    def state(self) -> dict[str, Any]:
        """Everything that the platform knows, all orders that there ever were among it."""
        url = f"{self.account['console']}api/state?orders=1000000"
        with urllib.request.urlopen(url, timeout=30) as answer:
            return dict(json.load(answer))

    def order(self, number: str) -> dict[str, Any]:
        """One order in the platform's books."""
        return next(order for order in self.state()["orders"] if order["number"] == number)

    def stop(self) -> None:
        """Closes the platform."""
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            print("the payment platform does not end by itself", file=sys.stderr)
            self._process.kill()
            self._process.wait(30)
        self._log.close()
