import Control
import Inspection
import MachineFiles
import Ordering
import Platform
import Testing
import Timing
import Vending

@testable import Diagnostics

/// A machine as a technician meets it: several rows are wrong at once, for one reason.
struct Scene: CustomTestStringConvertible {
  var name: String
  /// The code of what the doctor must name first; empty when nothing is wrong.
  var cause: String
  var spoil: @Sendable (inout Healthy.Case) throws -> Void

  init(
    _ name: String, _ cause: String,
    _ spoil: @escaping @Sendable (inout Healthy.Case) throws -> Void
  ) {
    (self.name, self.cause, self.spoil) = (name, cause, spoil)
  }

  var testDescription: String { name }

  static var all: [Scene] { states + parts + disks + networks + accounts + computers }

  /// What the daemon says while these faults stand.
  static func faults(_ codes: Fault.Code..., of subject: String = "") -> DaemonSight {
    .running(
      Healthy.status(
        faults: codes.map {
          MachineStatus.FaultLine(
            code: $0.rawValue, subject: subject, words: $0.words, sinceMilliseconds: 0)
        }, sells: codes.allSatisfy { $0.severity != .stopsSelling }))
  }

  // MARK: States

  private static let states = [
    Scene("healthy", "") { _ in },
    Scene("mid-sale", "") {
      var status = Healthy.status(sells: false)
      (status.state, status.order) = ("awaiting-payment", "M01AAAAAAAA0007")
      $0.daemon = .running(status)
    },
    Scene("daemon-stopped", "systemd.unit.inactive") { scene in
      scene.stop()
      scene.unit("ActiveState=active", "ActiveState=inactive")
      scene.unit("SubState=running", "SubState=dead")
    },
    Scene("daemon-hangs", "configuration.daemon.silent") {
      $0.daemon = .silent("no answer within 700 ms")
    },
    Scene("fresh", "systemd.unit.inactive") { scene in
      scene.stop()
      scene.unit("ActiveState=active", "ActiveState=inactive")
      scene.unit("UnitFileState=enabled", "UnitFileState=disabled")
      for name in ["board.db", "core.db", "vendd.lock"] { scene.set("/var/lib/vend/\(name)", nil) }
      scene.write("/var/lib/vend/reconciled", "")
      scene.site.store = { _, _ in .failure(ProbeError("not there", isAbsence: true)) }
      scene.site.debts = { _ in .failure(ProbeError("not there", isAbsence: true)) }
    },
    Scene("after-power-cut", "money.open.held") { scene in
      scene.site.debts = { _ in
        .success(
          DebtSight(
            open: 2, owed: ["AAAA"], held: ["7F3K"], oldest: Healthy.time + .seconds(-7200)))
      }
    },
    Scene("ordinary-user", "") { scene in
      scene.daemon = .barred("connect /var/lib/vend/control: Permission denied")
      scene.site.userName = "pi"
      for path in [
        "/etc/vend/credentials/api-key", "/var/lib/vend", "/dev/ttyACM0",
        "/etc/vend/credentials/certificate.pem",
      ] { scene.forbid(path) }
      let denied = ProbeError("Permission denied", isPermission: true)
      scene.site.store = { _, _ in .failure(denied) }
      scene.site.debts = { _ in .failure(denied) }
      scene.site.certificate = { _ in .failure(denied) }
      scene.site.isPair = { _, _ in .failure(denied) }
      scene.site.syncTime = { .failure(SystemError("open", $0, code: 13)) }
      scene.write("/etc/shadow", "")
    },
    Scene("broken-file", "configuration.file.refused") {
      $0.refusal = ConfigurationError(problems: [
        ConfigurationError.Problem(
          file: Healthy.path, line: 14, path: "lanes[2].price", words: "\"4,35\" is no amount")
      ])
      $0.daemon = .absent
    },
    Scene("service-lock", "configuration.lock.O2") { $0.daemon = faults(.serviceLock) },
    Scene("old-daemon", "core.version.other") {
      $0.site.version = "0.2.0"
    },
  ]

  // MARK: Parts

  private static let parts = [
    Scene("display-unplugged", "usb.display.absent") { scene in
      scene.set("/dev/ttyACM0", nil)
      scene.site.usbDevices = { .success(["1d6b:0002"]) }
      scene.daemon = faults(.displayDark)
    },
    Scene("display-dead", "display.panel.D1") { scene in
      scene.stop()
      scene.site.displayTrouble = { _ in "no answer to hello within 1 s" }
    },
    Scene("modem-manager", "serial.modemmanager.probes") { scene in
      scene.run("ModemManager", "/usr/sbin/ModemManager", as: 410)
      scene.set("/usr/lib/udev/rules.d/60-vend.rules", nil)
      scene.daemon = faults(.displayDark)
    },
    Scene("getty-on-display", "serial.getty.login") { scene in
      scene.run("agetty", "/sbin/agetty\u{0}115200\u{0}ttyACM0\u{0}vt102", as: 520)
      scene.site.link = { $0 == "/proc/520/fd/0" ? "/dev/ttyACM0" : nil }
      scene.add("0", to: "/proc/520/fd")
      scene.daemon = faults(.displayDark)
    },
    Scene("port-group", "serial.group.closed") { scene in
      scene.set(
        "/dev/ttyACM0",
        FileFacts(kind: .characterDevice, mode: 0o600, userID: 0, groupID: 0, bytes: 0))
      scene.daemon = faults(.displayDark)
    },
    Scene("small-code", "display.code.D2") { scene in
      scene.site.code = { _ in .failure(ProbeError("a module would be 0.6 mm")) }
      scene.daemon = faults(.codeTooSmall)
    },
    Scene("line-held", "lines.relays.taken") { scene in
      scene.site.lines = {
        Healthy.lines.map {
          var line = $0
          if line.offset == 17 { line.consumer = "fan-control" }
          return line
        }
      }
      scene.daemon = faults(.linesLost)
    },
    Scene("relay-stuck", "relays.off.R2") { $0.daemon = faults(.relayStuckOn, of: "relay2") },
    Scene("relay-at-boot", "lines.boot.on") { scene in
      scene.machine.board.relays[0].line.name = "GPIO4"
    },
    Scene("key-stuck", "keypad.stuck.K2") { scene in
      scene.stop()
      scene.site.parts = { _ in
        .success(PartsSight(keysDown: ["7"], isSensorBlocked: false))
      }
    },
    Scene("sensor-blocked", "sensor.idle.S1") { $0.daemon = faults(.sensorBlocked) },
    Scene("door-open", "sensor.door.O1") { $0.daemon = faults(.doorOpen) },
    Scene("sales-fail", "lanes.open.L3") { $0.daemon = faults(.salesFail) },
    Scene("lanes-closed", "lanes.open.L2") { $0.daemon = faults(.allLanesClosed, .laneClosed) },
    Scene("under-voltage", "board.voltage.low") { scene in
      let run = scene.site.run
      scene.site.run = {
        $0 == "vcgencmd"
          ? .success(Command.Output(code: 0, text: "throttled=0x50005\n")) : run($0, $1)
      }
      scene.write("/sys/class/hwmon/hwmon1/in0_lcrit_alarm", "1\n")
      scene.site.usbDevices = { .success(["1d6b:0002"]) }
      scene.set("/dev/ttyACM0", nil)
      scene.daemon = faults(.displayDark)
    },
  ]
}
