"""The board's own disk: made on the host, with a volatile write cache where power is to fail."""

import os
import pathlib
import random
import socket
import struct
import subprocess
import tempfile
import threading

SECTOR = 512
REQUEST, REPLY, OPTION_REPLY = 0x25609513, 0x67446698, 0x3E889045565A9
READ, WRITE, DISCONNECT, FLUSH = 0, 1, 2, 3
EINVAL = 22


def make_disk(path: pathlib.Path, files: pathlib.Path, mib: int = 64) -> None:
    """Makes an ext4 image with `files` as /etc/vend, and an empty state."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / "state").mkdir()
        subprocess.run(["cp", "-r", files, root / "etc"], check=True)
        path.unlink(missing_ok=True)
        subprocess.run(
            ["mkfs.ext4", "-q", "-F", "-L", "vend", "-E",
             "root_owner=0:0,lazy_itable_init=0,lazy_journal_init=0", "-d", root, path,
             f"{mib}M"], check=True, stdout=subprocess.DEVNULL)


def copy_state(disk: pathlib.Path, target: pathlib.Path) -> None:
    """Copies the state out of a disk that nobody uses, after the file system's own recovery."""
    with tempfile.TemporaryDirectory() as folder:
        image = pathlib.Path(folder, "disk")
        subprocess.run(["cp", "--sparse=always", disk, image], check=True)
        checked = subprocess.run(["e2fsck", "-fy", image], capture_output=True, check=False)
        # 1: errors were corrected, which replaying the journal counts as at times.
        if checked.returncode not in (0, 1):
            raise OSError(f"the disk is beyond repair: {checked.stdout.decode()}")
        target.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["debugfs", "-R", f"rdump /state {target}", image], capture_output=True, check=True)


class PowerCutDisk:
    """A disk whose writes are kept aside until a flush, as an NBD server for the emulator.

    A cut keeps a random part of what was not flushed, torn by sectors and in no order, as a real
    disk or card may. Source of the protocol: doc/proto.md of the Network Block Device project.
    """

    def __init__(self, image: pathlib.Path, path: pathlib.Path) -> None:
        self.address = f"nbd:unix:{path}"
        self.flushes = self.writes = 0
        self._file = os.open(image, os.O_RDWR)
        self._size = os.fstat(self._file).st_size
        self._pending: list[tuple[int, bytes]] = []
        self._lock = threading.Lock()
        self._is_dead = False
        path.unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self, seed: int) -> tuple[int, int]:
        """The power fails; returns how many unflushed writes survived (whole or torn), and not."""
        dice = random.Random(seed)
        with self._lock:
            self._is_dead = True
            dice.shuffle(self._pending)
            kept = sum(self._survive(at, data, dice) for at, data in self._pending)
            lost = len(self._pending) - kept
            self._pending.clear()
            os.close(self._file)
        self._listener.close()
        return kept, lost

    def _survive(self, at: int, data: bytes, dice: random.Random) -> bool:
        fate = dice.random()
        if fate < 0.4:
            os.pwrite(self._file, data, at)
        elif fate < 0.5:
            for start in range(0, len(data), SECTOR):
                if dice.random() < 0.5:
                    os.pwrite(self._file, data[start : start + SECTOR], at + start)
        return fate < 0.5

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            with client:
                if self._negotiate(client):
                    self._transmit(client)
        except OSError:
            pass

    def _negotiate(self, client: socket.socket) -> bool:
        client.sendall(b"NBDMAGICIHAVEOPT" + struct.pack(">H", 3))
        _exactly(client, 4)
        # Has flags, takes flushes, takes writes that are on the medium when they are answered.
        flags = 1 | 4 | 8
        while True:
            _, option, length = struct.unpack(">QII", _exactly(client, 16))
            _exactly(client, length)
            answer = struct.Struct(">QIII")
            if option == 1:
                client.sendall(struct.pack(">QH", self._size, flags))
                return True
            if option in (6, 7):
                info = struct.pack(">HQH", 0, self._size, flags)
                client.sendall(answer.pack(OPTION_REPLY, option, 3, len(info)) + info)
                client.sendall(answer.pack(OPTION_REPLY, option, 1, 0))
                if option == 7:
                    return True
            else:
                client.sendall(answer.pack(OPTION_REPLY, option, 0x80000001, 0))

    def _transmit(self, client: socket.socket) -> None:
        while True:
            head = struct.unpack(">IHHQQI", _exactly(client, 28))
            _, flags, kind, handle, offset, length = head
            body = _exactly(client, length) if kind == WRITE else b""
            if kind == DISCONNECT:
                return
            with self._lock:
                if self._is_dead:
                    return
                data, error = self._carry_out(kind, flags, offset, length, body)
            client.sendall(struct.pack(">IIQ", REPLY, error, handle) + data)

    def _carry_out(self, kind: int, flags: int, offset: int, length: int,
                   body: bytes) -> tuple[bytes, int]:
        if kind == READ:
            return self._read(offset, length), 0
        if kind == WRITE:
            self.writes += 1
            self._pending.append((offset, body))
            if flags & 1:
                os.pwrite(self._file, body, offset)
            return b"", 0
        if kind == FLUSH:
            self.flushes += 1
            for at, data in self._pending:
                os.pwrite(self._file, data, at)
            self._pending.clear()
            return b"", 0
        return b"", EINVAL

    def _read(self, offset: int, length: int) -> bytes:
        data = bytearray(os.pread(self._file, length, offset))
        for at, body in self._pending:
            low, high = max(at, offset), min(at + len(body), offset + length)
            if low < high:
                data[low - offset : high - offset] = body[low - at : high - at]
        return bytes(data)


def _exactly(client: socket.socket, count: int) -> bytes:
    data = bytearray()
    while len(data) < count:
        part = client.recv(count - len(data))
        if not part:
            raise ConnectionError("the emulator has gone")
        data += part
    return bytes(data)
