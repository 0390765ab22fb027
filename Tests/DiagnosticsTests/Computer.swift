import Inspection
import Platform
import Testing
import Timing

@testable import Diagnostics

/// The files of a Raspberry Pi 4 with which all is well.
enum Computer {
  static func facts(_ kind: FileFacts.Kind, _ mode: UInt32, user: UInt32 = 998) -> FileFacts {
    FileFacts(kind: kind, mode: mode, userID: user, groupID: 998, bytes: 32)
  }

  static var files: [String: FileFacts] {
    [
      "/etc/vend/machine.toml": facts(.file, 0o644), "/etc/vend/board.toml": facts(.file, 0o644),
      "/etc/vend/credentials": facts(.directory, 0o700, user: 0),
      "/etc/vend/credentials/api-key": facts(.file, 0o400),
      "/etc/vend/credentials/certificate.pem": facts(.file, 0o400),
      "/etc/vend/credentials/certificate-key.pem": facts(.file, 0o400),
      "/var/lib/vend": facts(.directory, 0o750), "/var/lib/vend/control": facts(.socket, 0o660),
      "/var/lib/vend/board.db": facts(.file, 0o600), "/var/lib/vend/core.db": facts(.file, 0o600),
      "/var/lib/vend/vendd.lock": facts(.file, 0o644),
      "/dev/ttyACM0": facts(.characterDevice, 0o660),
      "/run/systemd/system": facts(.directory, 0o755), "/proc/612": facts(.directory, 0o555),
      "/etc/ssl/certs/ca-certificates.crt": facts(.file, 0o644),
      "/usr/lib/udev/rules.d/60-vend.rules": facts(.file, 0o644, user: 0),
      "/boot/config-6.6.31+rpt-rpi-v8": facts(.file, 0o644, user: 0),
    ]
  }

  /// The unit that ships: what the doctor wants of it must be in it.
  private static let unit =
    (try? Files.readText("\(Files.directory(of: #filePath))/../../systemd/vendd.service")) ?? ""

  static var texts: [String: String] {
    [
      "/proc/net/route": Healthy.route, "/proc/net/ipv6_route": "",
      "/proc/device-tree/model": "Raspberry Pi 4 Model B Rev 1.4\u{0}",
      "/etc/vend/credentials/api-key": "8934e7d15453e97507ef794cf7b0519d\n",
      "/usr/lib/systemd/system/vendd.service": unit,
      "/var/lib/vend/reconciled": "2026-11-16\n",
      // Kernel, memory, load.
      "/proc/sys/kernel/osrelease": "6.6.31+rpt-rpi-v8\n", "/proc/sys/kernel/panic": "10\n",
      "/proc/cmdline": "console=tty1 root=PARTUUID=4f68bce3-02 rootfstype=ext4 rootwait\n",
      "/proc/meminfo": "MemTotal:        3884424 kB\nMemAvailable:    3409196 kB\n",
      "/proc/vmstat": "nr_free_pages 700000\noom_kill 0\n",
      "/proc/loadavg": "0.12 0.08 0.05 1/161 2811\n",
      "/proc/cpuinfo": (0..<4).map { "processor\t: \($0)\n" }.joined(),
      "/proc/612/status": "Name:\tvendd\nVmRSS:\t   11876 kB\n",
      "/proc/612/limits": """
      Limit                     Soft Limit           Hard Limit           Units
      Max core file size        1                    1                    bytes
      """,
      // Power and warmth.
      "/sys/class/watchdog/watchdog0/state": "active\n",
      "/sys/class/hwmon/hwmon1/name": "rpi_volt\n",
      "/sys/class/hwmon/hwmon1/in0_lcrit_alarm": "0\n",
      "/sys/class/thermal/thermal_zone0/temp": "51540\n",
      // Disk.
      "/proc/mounts": "/dev/mmcblk0p2 / ext4 rw,noatime 0 0\ntmpfs /run tmpfs rw 0 0\n",
      "/sys/fs/ext4/mmcblk0p2/errors_count": "0\n",
      "/sys/block/mmcblk0/device/life_time": "0x01 0x02\n",
      "/sys/class/rtc/rtc0/since_epoch": "\(Healthy.time.seconds + 1)\n",
      // Network.
      "/etc/resolv.conf": "# made by systemd\nnameserver 192.168.0.1\n",
      "/proc/net/arp": """
      IP address       HW type     Flags       HW address            Mask     Device
      192.168.0.1      0x1         0x2         00:11:22:33:44:55     *        eth0
      """,
      "/sys/class/net/eth0/statistics/rx_errors": "3\n",
      "/sys/class/net/eth0/statistics/rx_packets": "884411\n",
      "/proc/net/tcp": """
        sl  local_address rem_address   st
         0: 00000000:0016 00000000:0000 0A
      """,
      // USB.
      "/sys/bus/usb/devices/1-1.3/idVendor": "1a86\n",
      "/sys/bus/usb/devices/1-1.3/idProduct": "5722\n",
      "/sys/bus/usb/devices/1-1.3/power/control": "on\n",
      "/sys/bus/usb/devices/1-0:1.0/usb1-port1/over_current_count": "0\n",
      // People and programs.
      "/etc/group": "root:x:0:\ndialout:x:998:vend\n",
      "/etc/passwd": "root:x:0:0:root:/root:/bin/bash\nvend:x:998:998::/:/usr/sbin/nologin\n",
      "/etc/shadow": "root:*:19800:0:99999:7:::\nvend:!*:19800::::::\n",
      "/etc/ssh/sshd_config": "# as it came\nPasswordAuthentication no\n",
      "/proc/1/comm": "systemd\n", "/proc/1/cmdline": "/sbin/init\u{0}",
      "/proc/612/comm": "vendd\n", "/proc/612/cmdline": "/usr/bin/vendd\u{0}--config\u{0}",
      "/proc/700/comm": "sshd\n", "/proc/700/cmdline": "sshd: /usr/sbin/sshd -D\u{0}",
    ]
  }

  static let folders = [
    "/proc": ["1", "612", "700", "meminfo", "sys"], "/sys/class/hwmon": ["hwmon0", "hwmon1"],
    "/sys/class/thermal": ["cooling_device0", "thermal_zone0"], "/sys/block": ["mmcblk0", "ram0"],
    "/sys/fs/ext4": ["features", "mmcblk0p2"], "/sys/class/net": ["eth0", "lo"],
    "/sys/bus/usb/devices": ["1-0:1.0", "1-1", "1-1.3", "usb1"],
    "/sys/bus/usb/devices/1-0:1.0": ["bInterfaceClass", "usb1-port1"],
  ]

  @Sendable static func run(
    _ program: String, _ arguments: [String]
  ) -> Result<Command.Output, SystemError> {
    let text: String
    switch (program, arguments.first) {
    case ("timedatectl", _): text = "yes\n"
    case ("vcgencmd", _): text = "throttled=0x0\n"
    case ("grep", _): text = "CONFIG_GPIO_CDEV=y\nCONFIG_USB_ACM=m\n"
    case ("systemctl", "list-units"): text = ""
    case ("systemctl", "show") where arguments.contains("vendd.service"): text = Healthy.unit
    case ("systemctl", "show"): text = "LoadState=loaded\n\nLoadState=loaded\n"
    default: return .failure(SystemError("posix_spawnp", program, code: 2))
    }
    return .success(Command.Output(code: 0, text: text))
  }
}
