import MachineFiles
import Control
import Inspection
import Ordering
import Platform
import Timing
import Vending

@testable import Diagnostics

/// Everything that may be wrong with a machine, one thing at a time.
enum Troubles {
  typealias Trouble = DoctorTests.Trouble

  static var all: [Trouble] { daemon + devices + books + network + credentials + service }

  private static func fault(_ code: Fault.Code, _ subject: String = "") -> DaemonSight {
    .running(
      Healthy.status(faults: [
        MachineStatus.FaultLine(
          code: code.rawValue, subject: subject, words: code.words, sinceMilliseconds: 0)
      ]))
  }

  private static let daemon = [
    Trouble("configuration.daemon", .failure, "does not answer") { $0.daemon = .silent("hangs") },
    Trouble("configuration.daemon", .skipped, "cannot tell") { $0.daemon = .barred("EACCES") },
    Trouble("configuration.selling", .failure, "does not sell") {
      $0.daemon = .running(Healthy.status(sells: false))
    },
    Trouble("board.model", .failure, "Orange Pi") {
      $0.write("/proc/device-tree/model", "Orange Pi Zero3\u{0}")
    },
  ]

  private static let devices = [
    Trouble("lines.reachable", .failure, "no GPIO chip") { $0.site.lines = { [] } },
    Trouble("lines.relays/relay1", .failure, "no line gpiochip0 GPIO17") {
      $0.site.lines = { Healthy.lines.filter { $0.offset != 17 } }
    },
    Trouble("lines.relays/relay2", .failure, "held by fan-control") {
      $0.site.lines = {
        Healthy.lines.map {
          var line = $0
          if line.offset == 18 { line.consumer = "fan-control" }
          return line
        }
      }
    },
    Trouble("lines.keypad/row 1", .failure, "is not held, though vendd runs") {
      $0.site.lines = {
        Healthy.lines.map {
          var line = $0
          if line.offset == 5 { (line.consumer, line.isUsed) = ("", false) }
          return line
        }
      }
    },
    Trouble("keypad.stuck/7", .failure, "K2 a key is stuck") {
      $0.daemon = fault(.keyStuck, "7")
    },
    Trouble("sensor.late", .warning, "S2") { $0.daemon = fault(.lateDrop) },
    Trouble("display.port", .failure, "not there") { $0.set("/dev/ttyACM0", nil) },
    Trouble("display.panel", .failure, "D1") { $0.daemon = fault(.displayDark) },
    Trouble("display.code", .failure, "D2") { $0.daemon = fault(.codeTooSmall) },
    Trouble("fonts.screen", .failure, "no such font") {
      $0.site.fontTrouble = { _ in "no such font" }
    },
    Trouble("usb.display", .failure, "no 1a86:5722") { $0.site.usbDevices = { .success([]) } },
    Trouble("usb.display", .skipped, "cannot tell") {
      $0.site.usbDevices = { .failure(ProbeError("no libusb")) }
    },
  ]

  private static let books = [
    Trouble("storage.directory", .failure, "/var/lib/vend") { $0.set("/var/lib/vend", nil) },
    Trouble("storage.directory", .failure, "no directory") {
      $0.set("/var/lib/vend", Computer.facts(.file, 0o640))
    },
    Trouble("storage.space", .failure, "15 MiB") {
      $0.site.freeBytes = { _ in .success(15 << 20) }
    },
    Trouble("storage.space", .warning, "100 MiB") {
      $0.site.freeBytes = { _ in .success(100 << 20) }
    },
    Trouble("storage.board", .failure, "record 7") { spoilt in
      let known = spoilt.site.store
      spoilt.site.store = {
        $1 == .board ? .failure(ProbeError("damaged: record 7")) : known($0, $1)
      }
    },
    Trouble("storage.core", .failure, "not there") { spoilt in
      let known = spoilt.site.store
      spoilt.site.store = {
        $1 == .core ? .failure(ProbeError("", isAbsence: true)) : known($0, $1)
      }
    },
    Trouble("money.open/held", .failure, "1 waits for a person: 7F3K") {
      $0.site.debts = { _ in .success(DebtSight(open: 1, owed: [], held: ["7F3K"])) }
    },
    Trouble("money.open/owed", .warning, "2 refunds have not arrived: AAAA, BBBB") {
      $0.site.debts = { _ in .success(DebtSight(open: 2, owed: ["AAAA", "BBBB"], held: [])) }
    },
  ]

  private static let network = [
    Trouble("clock.sane", .failure, "1970") { $0.time = WallTime(seconds: 100) },
    Trouble("clock.synchronised", .warning, "not synchronised") { spoilt in
      let known = spoilt.site.run
      spoilt.site.run = {
        $0 == "timedatectl" ? .success(Command.Output(code: 0, text: "no\n")) : known($0, $1)
      }
    },
    Trouble("clock.skew", .warning, "45 s behind") {
      $0.daemon = .running(Healthy.status(skew: 45_000))
    },
    Trouble("clock.skew", .failure, "300 s ahead") {
      $0.daemon = .running(Healthy.status(skew: -300_000))
    },
    Trouble("network.interface", .failure, "no interface") {
      $0.site.interfaces = { .success([]) }
    },
    Trouble("network.route", .failure, "no default route") {
      $0.write("/proc/net/route", "Iface\n")
    },
    Trouble("network.name", .failure, "Name or service not known") {
      $0.site.resolve = { _ in .failure(ReachFailure(.name, "Name or service not known")) }
      $0.site.reach = { _, _ in .failure(ReachFailure(.name, "Name or service not known")) }
    },
    Trouble("network.connection", .failure, "refused") {
      $0.site.reach = { _, _ in .failure(ReachFailure(.connection, "connection refused")) }
    },
    Trouble("tls.chain", .failure, "self-signed") {
      $0.site.reach = { _, _ in
        .success(
          ServerSight(
            address: "", version: "", refusal: "self-signed certificate",
            certificate: Healthy.certificate))
      }
    },
    Trouble("tls.chain", .failure, "ended the handshake") {
      $0.site.reach = { _, _ in .failure(ReachFailure(.handshake, "the server ended the handshake"))
      }
    },
    Trouble("tls.authority", .failure, "not there") {
      $0.set("/etc/ssl/certs/ca-certificates.crt", nil)
    },
    Trouble("tls.authority", .failure, "no PEM") {
      $0.machine.payment?.caFile = "/etc/vend/ca.pem"
      let known = $0.site.certificate
      $0.site.certificate = {
        $0 == "/etc/vend/ca.pem" ? .failure(ProbeError("no PEM")) : known($0)
      }
    },
    Trouble("tls.expiry", .warning, "2 days") {
      $0.site.reach = { _, _ in
        var certificate = Healthy.certificate
        certificate.notAfter = Healthy.time + .seconds(200_000)
        return .success(
          ServerSight(address: "", version: "", refusal: nil, certificate: certificate))
      }
    },
    Trouble("core.probe", .failure, "badSignature") {
      $0.site.probe = { _ in .doubt(Doubt(.badSignature, "sign")) }
      $0.daemon = .running(Healthy.status())
    },
    Trouble("core.probe", .failure, "APPID_NOT_EXIST") {
      $0.site.probe = { _ in
        .refused(Refusal(code: "APPID_NOT_EXIST", words: "", reaction: .stopAndAlarm))
      }
    },
    Trouble("core.probe", .failure, "no pair") { $0.site.probe = { _ in .noAccount("no pair") } },
  ]

  private static let credentials = [
    Trouble("credentials.key", .failure, "31 characters") {
      $0.write("/etc/vend/credentials/api-key", String(repeating: "a", count: 31))
    },
    Trouble("credentials.key", .failure, "white space") {
      $0.write("/etc/vend/credentials/api-key", " " + String(repeating: "a", count: 31))
    },
    Trouble("credentials.key", .failure, "mode 644") {
      $0.set("/etc/vend/credentials/api-key", Computer.facts(.file, 0o644))
    },
    Trouble("credentials.key", .skipped, "cannot tell") {
      $0.stop()
      $0.forbid("/etc/vend/credentials/api-key")
    },
    Trouble("credentials.key", .failure, "P2") {
      $0.forbid("/etc/vend/credentials/api-key")
      $0.daemon = fault(.merchantRefused)
    },
    Trouble("credentials.certificate", .warning, "none") {
      $0.machine.payment?.certificateFile = nil
    },
    Trouble("credentials.certificate", .failure, "expired") {
      $0.site.certificate = { _ in
        var certificate = Healthy.certificate
        certificate.notAfter = Healthy.time + .seconds(-1)
        return .success(certificate)
      }
    },
    Trouble("credentials.certificate", .warning, "expires in 9 days") {
      $0.site.certificate = { _ in
        var certificate = Healthy.certificate
        certificate.notAfter = Healthy.time + .seconds(9 * 86_400 + 5)
        return .success(certificate)
      }
    },
    Trouble("credentials.pair", .failure, "does not belong") {
      $0.site.isPair = { _, _ in .success(false) }
    },
    Trouble("credentials.account", .warning, "ten digits") {
      $0.machine.payment?.merchantID = "123"
    },
  ]

  private static func unit(_ from: String, _ to: String) -> @Sendable (inout Healthy.Case) -> Void {
    { spoilt in
      let text = Healthy.unit.split(separator: "\n").map { $0 == from ? to : String($0) }
        .joined(separator: "\n")
      spoilt.site.run = { program, arguments in
        guard program == "systemctl", arguments.contains("vendd.service") else {
          return Computer.run(program, arguments)
        }
        return .success(Command.Output(code: 0, text: text))
      }
    }
  }

  private static let service = [
    Trouble(
      "systemd.unit", .failure, "not installed", unit("LoadState=loaded", "LoadState=not-found")),
    Trouble(
      "systemd.unit", .failure, "failed (running)", unit("ActiveState=active", "ActiveState=failed")
    ),
    Trouble(
      "systemd.unit", .warning, "does not start",
      unit("UnitFileState=enabled", "UnitFileState=disabled")),
    Trouble("systemd.watchdog", .warning, "hangs", unit("WatchdogUSec=10s", "WatchdogUSec=0")),
    Trouble("systemd.restarts", .warning, "4 since", unit("NRestarts=0", "NRestarts=4")),
    Trouble("systemd.unit", .skipped, "systemd does not run") {
      $0.set("/run/systemd/system", nil)
    },
    Trouble("security.files//etc/vend/machine.toml", .failure, "everybody may write") {
      $0.set("/etc/vend/machine.toml", Computer.facts(.file, 0o666))
    },
    Trouble("security.files//var/lib/vend/control", .failure, "orders") {
      $0.set("/var/lib/vend/control", Computer.facts(.socket, 0o666))
    },
    Trouble("security.user", .warning, "root") {
      $0.set(
        "/proc/612", FileFacts(kind: .directory, mode: 0o555, userID: 0, groupID: 0, bytes: 0))
    },
    Trouble("security.endpoint", .warning, "not WeChat Pay's own") {
      $0.machine.payment?.endpoint = "https://pay.example.com"
    },
  ]
}
