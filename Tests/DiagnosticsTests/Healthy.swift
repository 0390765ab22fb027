import MachineFiles
import Control
import Inspection
import Money
import Ordering
import Platform
import Timing

@testable import Diagnostics

/// A machine with which all is well, to be spoilt by tests.
enum Healthy {
  static let time = WallTime(seconds: 1_795_000_000)
  static let path = "/etc/vend/machine.toml"

  static func line(_ name: String) -> BoardConfiguration.Line {
    BoardConfiguration.Line(chip: "gpiochip0", name: name, isActiveLow: false, bias: "as-is")
  }

  static let board = BoardConfiguration(
    name: "raspberry-pi-4", model: "Raspberry Pi 4", io: .gpio,
    keypad: BoardConfiguration.Keypad(
      rows: [line("GPIO5"), line("GPIO6")], columns: [line("GPIO12"), line("GPIO13")],
      keys: [["1", "2"], ["*", "#"]], debounce: .milliseconds(20), stuckAfter: .seconds(10)),
    relays: [
      BoardConfiguration.Relay(channel: "relay1", line: line("GPIO17"), cap: .seconds(3)),
      BoardConfiguration.Relay(channel: "relay2", line: line("18"), cap: .seconds(3)),
    ],
    dropSensor: BoardConfiguration.Input(line: line("GPIO22"), debounce: .milliseconds(5)),
    door: BoardConfiguration.Input(line: line("GPIO26"), debounce: .milliseconds(50)),
    display: BoardConfiguration.Panel(
      driver: .turingA, port: "/dev/ttyACM0", baud: 115_200, width: 320, height: 480,
      orientation: .portrait, brightnessPercent: 80, pitchMicrometres: 153, isGlossy: false))

  static func machine(stateDirectory: String = "/var/lib/vend") -> MachineConfiguration {
    MachineConfiguration(
      name: "M01", boardFile: "/etc/vend/board.toml", board: board, language: .chinese,
      lanes: [
        MachineConfiguration.Lane(
          code: "11", channel: "relay1", name: "可乐 Cola", price: Amount(fen: 435),
          pulse: .milliseconds(300), capacity: 8),
        MachineConfiguration.Lane(
          code: "12", channel: "relay2", name: "Water", price: Amount(fen: 200),
          pulse: .seconds(9), capacity: nil),
      ],
      policy: MachineConfiguration.Policy(
        selectionTimeout: .seconds(15), paymentTimeout: .seconds(90), dropTimeout: .seconds(5),
        messageTime: .seconds(5), unsure: .refund, unsureRefundsPerDay: 3, laneFailureLimit: 2,
        machineFailureLimit: 4,
        cancelKey: "*", confirmKey: "#"),
      core: .account(
        MachineConfiguration.Payment(
          appID: "wx2421b1c4370ec43b", merchantID: "1900000109",
          keyFile: "/etc/vend/credentials/api-key",
          certificateFile: "/etc/vend/credentials/certificate.pem",
          certificateKeyFile: "/etc/vend/credentials/certificate-key.pem", signType: .hmacSHA256,
          notifyURL: "https://example.com/notify", endpoint: nil, caFile: nil,
          terminalAddress: "127.0.0.1")),
      stateDirectory: stateDirectory, controlSocket: "\(stateDirectory)/control",
      font: "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
      usesDropSensor: true)
  }

  static func status(
    faults: [MachineStatus.FaultLine] = [], sells: Bool = true, skew: Int64? = 120
  ) -> MachineStatus {
    MachineStatus(
      machine: "M01", board: "raspberry-pi-4", version: "0.1.0", process: 612,
      uptimeSeconds: 93_784, state: "idle", order: nil, sells: sells, faults: faults,
      lanes: [
        MachineStatus.LaneLine(
          code: "11", name: "可乐 Cola", priceFen: 435, stock: 7, isClosed: false, failures: 0),
        MachineStatus.LaneLine(
          code: "12", name: "Water", priceFen: 200, stock: nil, isClosed: true, failures: 2),
      ],
      counters: ["vends": 41, "failures": 2], openOrders: 1, clockSkewMilliseconds: skew)
  }

  static let lines: [LineSight] = (0..<28).map {
    LineSight(
      chip: "gpiochip0", label: "pinctrl-bcm2711", offset: $0, name: "GPIO\($0)",
      consumer: "vendd", isUsed: true)
  }

  static let certificate = CertificateSight(
    subject: "CN=M01", issuer: "CN=Tenpay CA", notBefore: WallTime(seconds: 1_700_000_000),
    notAfter: WallTime(seconds: 1_900_000_000), serial: "3775B6A45ACD588826D15E583A95F5DD5A1B2C3D")

  static let unit = """
    LoadState=loaded
    ActiveState=active
    SubState=running
    NRestarts=0
    WatchdogUSec=10s
    UnitFileState=enabled
    Result=success
    FragmentPath=/usr/lib/systemd/system/vendd.service
    DropInPaths=
    NeedDaemonReload=no

    """

  static let route = """
    Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
    eth0\t00000000\t0100A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0
    eth0\t0000A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0

    """

  static var site: Site {
    let (files, texts, folders) = (Computer.files, Computer.texts, Computer.folders)
    return Site(
      userID: 0, userName: "root",
      facts: { path in
        files[path].map { .success($0) } ?? .failure(SystemError("stat", path, code: 2))
      },
      refusal: { path, _ in files[path] == nil ? SystemError("access", path, code: 2) : nil },
      read: { path in
        texts[path].map { .success(Array($0.utf8)) }
          ?? .failure(SystemError("open", path, code: 2))
      },
      freeBytes: { _ in .success(2 << 30) }, freeFiles: { _ in .success(180_000) },
      syncTime: { _ in .success(.milliseconds(7)) }, list: { folders[$0] ?? [] },
      link: { _ in nil }, version: "0.1.0", run: Computer.run,
      lines: { lines }, remoteTrouble: { _ in nil }, displayTrouble: { _ in nil },
      parts: { _ in .success(PartsSight(isSensorBlocked: false)) },
      code: { _ in .success("version 3-M, 29 modules of 8 px = 1.22 mm") },
      usbDevices: { .success(["1d6b:0002", "1a86:5722"]) }, fontTrouble: { _ in nil },
      store: { _, name in .success(StoreSight(records: name == .board ? 412 : 96)) },
      debts: { _ in .success(DebtSight(open: 1, owed: [], held: [])) },
      interfaces: {
        .success([NetworkInterface(name: "eth0", isRunning: true, addresses: ["192.168.0.7"])])
      },
      resolve: { _ in .success(["192.0.2.10"]) }, redirect: { _ in nil },
      reach: { _, _ in
        .success(
          ServerSight(
            address: "192.0.2.10:443", version: "TLSv1.3", refusal: nil, certificate: certificate))
      },
      certificate: { _ in .success(certificate) }, isPair: { _, _ in .success(true) },
      probe: { _ in .signed(skew: .milliseconds(120)) })
  }

  /// What a test spoils.
  struct Case {
    var machine = Healthy.machine()
    var daemon = DaemonSight.running(Healthy.status())
    var site = Healthy.site
    var time = Healthy.time
    var refusal: ConfigurationError?
    /// Whether the lines are ours meanwhile, as without a daemon.
    var ownsParts = false

    func report() throws -> DoctorReport {
      var report = try Doctor().examine(
        Examination(
          path: Healthy.path, configuration: refusal.map { .failure($0) } ?? .success(machine),
          daemon: daemon, site: site, time: time, ownsParts: ownsParts))
      report.tookMilliseconds = 0
      return report
    }

    /// Makes a path unreadable for want of permission.
    mutating func forbid(_ path: String) {
      let (read, refusal) = (site.read, site.refusal)
      site.read = { $0 == path ? .failure(SystemError("open", path, code: 13)) : read($0) }
      site.refusal = { asked, writing in
        asked == path ? SystemError("access", path, code: 13) : refusal(asked, writing)
      }
    }

    /// Gives a path other facts, or takes it away.
    mutating func set(_ path: String, _ facts: FileFacts?) {
      let known = site.facts
      site.facts = { asked in
        guard asked == path else { return known(asked) }
        return facts.map { .success($0) } ?? .failure(SystemError("stat", path, code: 2))
      }
    }

    /// Ends the daemon: its lines are free, and ours.
    mutating func stop() {
      (daemon, ownsParts) = (.absent, true)
      site.lines = {
        Healthy.lines.map {
          var line = $0
          (line.consumer, line.isUsed) = ("", false)
          return line
        }
      }
    }

    /// Puts a name into a folder.
    mutating func add(_ name: String, to folder: String) {
      let known = site.list
      site.list = { $0 == folder ? (known($0) + [name]).sorted() : known($0) }
    }

    /// Lets a program run.
    mutating func run(_ name: String, _ arguments: String, as number: Int) {
      add("\(number)", to: "/proc")
      write("/proc/\(number)/comm", "\(name)\n")
      write("/proc/\(number)/cmdline", arguments)
    }

    /// Gives a file other text.
    mutating func write(_ path: String, _ text: String) {
      let known = site.read
      site.read = { $0 == path ? .success(Array(text.utf8)) : known($0) }
    }
  }
}

extension MachineConfiguration {
  /// The account of a machine that is known to have one.
  var account: Payment {
    guard let payment else { preconditionFailure("the core is a service") }
    return payment
  }
}
