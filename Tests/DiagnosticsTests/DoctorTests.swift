import Control
import MachineFiles
import Inspection
import Ordering
import Platform
import Testing
import Timing
import Vending

@testable import Diagnostics

@Suite("The doctor")
struct DoctorTests {
  @Test("finds a healthy machine healthy")
  func healthy() throws {
    let report = try Healthy.Case().report()
    let other = report.rows.filter { $0.verdict != .ok }
    #expect(other.map(\.id) == ["network.wireless"])
    #expect(report.exitCode == 0)
    #expect(report.causes.isEmpty)
    #expect(report.rows.allSatisfy { $0.fix.english.isEmpty && $0.code.isEmpty })
    // Three are of a payment service.
    #expect(report.checks == Check.all.count - 3)
  }

  @Test("finds a healthy machine healthy while the daemon is down, but for the daemon")
  func absent() throws {
    var spoilt = Healthy.Case()
    spoilt.stop()
    let report = try spoilt.report()
    #expect(report.exitCode == 1)
    #expect(report.rows.filter { $0.verdict == .warning }.map(\.id) == ["configuration.daemon"])
    for id in ["display.panel", "keypad.stuck", "relays.off", "sensor.idle"] {
      #expect(report.rows.contains { $0.id == id && $0.verdict == .ok }, "\(id)")
    }
  }

  @Test("asks the board, and neither files nor the bus, for a frame buffer by remote I/O")
  func remoteFrame() throws {
    var remote = Healthy.Case()
    remote.machine.board.display.driver = .remoteFrame
    remote.machine.board.display.port = "remote:display"
    remote.daemon = .absent
    let rows = try remote.report().rows
    let said = ["display.port", "display.panel", "usb.display"].map { id in
      rows.first { $0.id == id }.map { "\($0.verdict): \($0.words.english)" }
    }
    #expect(
      said == [
        "ok: remote:display", "ok: remote-frame, answers",
        "skipped: the display is not on USB",
      ])
  }

  /// A trouble, and the row that must name it.
  struct Trouble: CustomTestStringConvertible {
    var id: String
    var verdict: Verdict
    var words: String
    var spoil: @Sendable (inout Healthy.Case) -> Void

    init(
      _ id: String, _ verdict: Verdict, _ words: String,
      _ spoil: @escaping @Sendable (inout Healthy.Case) -> Void
    ) {
      (self.id, self.verdict, self.words, self.spoil) = (id, verdict, words, spoil)
    }

    var testDescription: String { "\(id): \(words)" }
  }

  @Test("names each trouble in its own row, with what to do", arguments: Troubles.all)
  func troubles(trouble: Trouble) throws {
    var spoilt = Healthy.Case()
    trouble.spoil(&spoilt)
    let report = try spoilt.report()
    let row = try #require(
      report.rows.first { $0.id == trouble.id && $0.verdict == trouble.verdict },
      "\(report.rows.filter { $0.verdict != .ok })")
    #expect(row.words.english.contains(trouble.words), "\(row.words)")
    if trouble.verdict != .skipped || row.isBlind { #expect(!row.fix.english.isEmpty) }
    switch trouble.verdict {
    case .failure: #expect(report.exitCode == 2)
    case .warning: #expect(report.exitCode == 1)
    case .skipped, .ok: #expect(report.exitCode == (row.isBlind ? 3 : 0))
    }
    // Nothing else is blamed: what comes of it says so, and it is named first.
    let blamed = report.rows.filter {
      $0.because == nil && ($0.verdict == .failure || $0.verdict == .warning)
    }
    #expect(Set(blamed.map(\.check)).count <= 1, "\(blamed)")
    for row in blamed {
      #expect(row.words.chinese.contains(where: Self.isHan), "no Chinese: \(row.words)")
      #expect(row.code.hasPrefix("\(row.check)."), "no code: \(row.id)")
    }
  }

  private static func isHan(_ character: Character) -> Bool {
    character.unicodeScalars.contains { (0x4E00...0x9FFF).contains($0.value) }
  }

  @Test("answers for every fault that the daemon can have, in one place and with a command")
  func faults() throws {
    for code in Fault.Code.allCases {
      var spoilt = Healthy.Case()
      let line = MachineStatus.FaultLine(
        code: code.rawValue, subject: "", words: code.words, sinceMilliseconds: 0)
      spoilt.daemon = .running(
        Healthy.status(faults: [line], sells: code.severity != .stopsSelling))
      let report = try spoilt.report()
      let cause = try #require(report.causes.first, "nobody answers for \(code)")
      #expect(cause.code.hasSuffix(".\(code.rawValue)"), "\(cause)")
      #expect(report.causes.count == 1, "\(report.causes)")
      #expect(
        cause.consequences.contains("configuration.selling") == (code.severity == .stopsSelling))
    }
  }

  @Test("names the root when ten rows fail for one cause")
  func root() throws {
    var spoilt = Healthy.Case()
    spoilt.site.interfaces = {
      .success([NetworkInterface(name: "eth0", isRunning: false, addresses: [])])
    }
    spoilt.site.resolve = { _ in .failure(ReachFailure(.name, "Temporary failure")) }
    spoilt.site.reach = { _, _ in .failure(ReachFailure(.name, "Temporary failure")) }
    spoilt.site.probe = { _ in .doubt(Doubt(.nameNotResolved, "no")) }
    let report = try spoilt.report()
    let cause = try #require(report.causes.first)
    #expect(report.causes.count == 1)
    #expect(cause.id == "network.interface" && cause.code == "network.interface.down")
    #expect(
      cause.consequences == [
        "network.route", "network.gateway", "network.name", "network.connection", "network.spare",
        "tls.chain", "tls.expiry", "core.probe",
      ])
    for id in cause.consequences {
      let row = try #require(report.rows.first { $0.id == id })
      #expect(row.because == "network.interface")
    }
    let text = DoctorText(isColoured: false).text(report)
    #expect(text.hasPrefix("Begin here\n1. failure network interface: eth0 is down\n"))
    #expect(!text.contains("Temporary failure"))
    let chinese = DoctorText(isColoured: false, language: .chinese).text(report)
    #expect(chinese.hasPrefix("先处理\n1. 故障    网络接口：eth0 未连接\n"))
  }

  @Test("says one thing about a machine file that cannot be read")
  func configuration() throws {
    var spoilt = Healthy.Case()
    spoilt.refusal = try Refusals.some()
    let report = try spoilt.report()
    #expect(report.rows.filter { $0.verdict == .failure }.map(\.id) == ["configuration.file"])
    #expect(report.exitCode == 2)
    #expect(DoctorText(isColoured: false).text(report).hasPrefix("Begin here\n1. failure machine"))
    spoilt.forbid(Healthy.path)
    #expect(try spoilt.report().exitCode == 3)
  }

  @Test("ends in time although a check hangs, and says which")
  func hangs() throws {
    let began = Clock.now()
    let checks = [
      Check.general("a.hangs", .board, .both("hanging"), limit: .milliseconds(50)) { _ in
        Threads.sleep(.seconds(20))
        return [.ok("never", "从不")]
      },
      Check.general("a.waits", .board, .both("waiting"), needs: ["a.hangs"]) { _ in [.ok("", "")] },
      Check.general("a.works", .board, .both("working")) { _ in [.ok("done", "好")] },
    ]
    let report = try Doctor(checks: checks).examine(
      Examination(
        path: "", configuration: .success(Healthy.machine()), daemon: .absent,
        site: Healthy.site, time: Healthy.time))
    #expect(Clock.now() - began < .seconds(5))
    #expect(report.rows.map(\.verdict) == [.failure, .skipped, .ok])
    #expect(report.rows[0].words.english == "no answer within 50 ms")
  }

  @Test("runs more checks than threads, each once")
  func many() throws {
    let checks = (0..<40).map { number in
      Check.general(
        "a.\(number)", .board, .both("check"), needs: number >= 20 ? ["a.\(number - 20)"] : []
      ) { _ in [.ok(.both("\(number)"))] }
    }
    let report = try Doctor(checks: checks).examine(
      Examination(
        path: "", configuration: .success(Healthy.machine()), daemon: .absent,
        site: Healthy.site, time: Healthy.time))
    #expect(report.rows.map(\.words.english) == (0..<40).map(String.init))
  }

  @Test("is through in its time although everything hangs, and says that it could not see")
  func budget() throws {
    let began = Clock.now()
    let checks = (0..<40).map { number in
      Check.general("a.\(number)", .board, .both("hanging"), limit: .seconds(60)) { _ in
        Threads.sleep(.seconds(20))
        return [.ok("never", "")]
      }
    }
    let report = try Doctor(checks: checks, limit: .milliseconds(1)).examine(
      Examination(
        path: "", configuration: .success(Healthy.machine()), daemon: .absent,
        site: Healthy.site, time: Healthy.time))
    #expect(Clock.now() - began < .seconds(10))
    #expect(report.rows.count == 40)
    #expect(report.rows.allSatisfy { $0.isBlind && $0.fix.english.contains("--limit") })
    #expect(report.exitCode == 3)
  }

  @Test("has at least sixty checks, named after their groups, and needs that are there")
  func list() {
    let ids = Check.all.map(\.id)
    #expect(Set(ids).count == ids.count)
    #expect(ids.count >= 60)
    for check in Check.all {
      #expect(check.id.hasPrefix("\(check.group.rawValue)."))
      #expect(!check.title.english.isEmpty && !check.title.chinese.isEmpty)
      for need in check.needs { #expect(ids.contains(need), "\(check.id) needs \(need)") }
    }
  }

  @Test("has a graph of causes that names checks only, and comes back to none")
  func graph() {
    let causes = CauseGraph.product.causes
    let checks = Dictionary(uniqueKeysWithValues: Check.all.map { ($0.id, $0) })
    func below(_ id: String) -> [String] {
      let coded = causes.filter { $0.key.hasPrefix("\(id).") }.flatMap(\.value)
      return (checks[id]?.needs ?? []) + (causes[id] ?? []) + coded
    }
    for (key, list) in causes {
      let isCheck = checks[key] != nil
      let isCode = checks[key.split(separator: ".").prefix(2).joined(separator: ".")] != nil
      #expect(isCheck || isCode, "\(key) is no check and no code")
      for cause in list { #expect(checks[cause] != nil, "\(key): \(cause) is no check") }
    }
    func isReached(_ target: String, from id: String, _ seen: inout Set<String>) -> Bool {
      below(id).contains { next in
        next == target || (seen.insert(next).inserted && isReached(target, from: next, &seen))
      }
    }
    for id in checks.keys {
      var seen: Set<String> = []
      #expect(!isReached(id, from: id, &seen), "\(id) is a cause of itself")
    }
  }

  @Test("tells ok from warnings, failures and what cannot be told by its exit code")
  func exitCodes() {
    func code(_ findings: (Verdict, Bool)...) -> Int32 {
      DoctorReport.exitCode(
        of: findings.map {
          DoctorReport.Row(
            id: "", code: "", group: .board, title: .both(""), verdict: $0.0, words: .both(""),
            fix: .both(""), isBlind: $0.1, because: nil)
        })
    }
    #expect(code() == 0)
    #expect(code((.ok, false), (.skipped, false)) == 0)
    #expect(code((.ok, false), (.warning, false)) == 1)
    #expect(code((.warning, false), (.failure, false), (.skipped, true)) == 2)
    #expect(code((.warning, false), (.skipped, true)) == 3)
  }
}
