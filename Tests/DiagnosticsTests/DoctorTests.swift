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
    #expect(report.exitCode == 0)
    #expect(report.causes.isEmpty)
    let other = report.rows.filter { $0.verdict != .ok }
    #expect(other.map(\.id) == ["lines.door"])
    #expect(report.rows.allSatisfy { $0.fix.isEmpty })
  }

  @Test("finds a healthy machine healthy while the daemon is down, but for the daemon")
  func absent() throws {
    var spoilt = Healthy.Case()
    spoilt.daemon = .absent
    spoilt.site.lines = {
      Healthy.lines.map {
        var line = $0
        (line.consumer, line.isUsed) = ("", false)
        return line
      }
    }
    let report = try spoilt.report()
    #expect(report.exitCode == 1)
    #expect(report.rows.filter { $0.verdict == .warning }.map(\.id) == ["configuration.daemon"])
    #expect(report.rows.contains { $0.id == "display.panel" && $0.words.hasSuffix("answers") })
  }

  @Test("asks the board, and neither files nor the bus, for a frame buffer by remote I/O")
  func remoteFrame() throws {
    var remote = Healthy.Case()
    remote.machine.board.display.driver = .remoteFrame
    remote.machine.board.display.port = "remote:display"
    remote.daemon = .absent
    let rows = try remote.report().rows
    let said = ["display.port", "display.panel", "usb.display"].map { id in
      rows.first { $0.id == id }.map { "\($0.verdict): \($0.words)" }
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
    #expect(row.words.contains(trouble.words))
    if trouble.verdict != .skipped || row.isBlind { #expect(!row.fix.isEmpty) }
    switch trouble.verdict {
    case .failure: #expect(report.exitCode == 2)
    case .warning: #expect(report.exitCode == 1)
    case .skipped, .ok: #expect(report.exitCode == (row.isBlind ? 3 : 0))
    }
    // Nothing else is blamed: what hangs on it is skipped, not failed.
    let blamed = report.rows.filter { $0.verdict == .failure || $0.verdict == .warning }
    #expect(Set(blamed.map { $0.id.prefix { $0 != "/" } }).count <= 1, "\(blamed)")
  }

  @Test("names the root when ten rows fail for one cause")
  func root() throws {
    var spoilt = Healthy.Case()
    spoilt.site.interfaces = {
      .success([NetworkInterface(name: "eth0", isRunning: false, addresses: [])])
    }
    spoilt.site.reach = { _, _ in .failure(ReachFailure(.name, "Temporary failure")) }
    spoilt.site.probe = { _ in .doubt(Doubt(.nameNotResolved, "no")) }
    let report = try spoilt.report()
    #expect(report.rows.filter { $0.verdict == .failure }.map(\.id) == ["network.interface"])
    #expect(
      report.causes == [
        DoctorReport.Cause(
          id: "network.interface",
          consequences: [
            "clock.skew", "network.route", "network.name", "network.connection", "tls.chain",
            "tls.expiry", "core.probe",
          ])
      ])
    for id in report.causes[0].consequences {
      let row = try #require(report.rows.first { $0.id == id })
      #expect(row.words == "because of: network interface")
    }
    let text = DoctorText(isColoured: false).text(report)
    #expect(text.hasPrefix("Begin here\n  failure network interface: eth0 is down\n"))
    #expect(!text.contains("because of"))
  }

  @Test("says one thing about a machine file that cannot be read")
  func configuration() throws {
    var spoilt = Healthy.Case()
    spoilt.refusal = try Refusals.some()
    let report = try spoilt.report()
    #expect(report.rows.filter { $0.verdict == .failure }.map(\.id) == ["configuration.file"])
    #expect(report.exitCode == 2)
    #expect(DoctorText(isColoured: false).text(report).hasPrefix("Begin here\n  failure machine"))
    spoilt.forbid(Healthy.path)
    #expect(try spoilt.report().exitCode == 3)
  }

  @Test("ends in time although a check hangs, and says which")
  func hangs() throws {
    let began = Clock.now()
    let checks = [
      Check.general("a.hangs", .board, "hanging", limit: .milliseconds(50)) { _ in
        Threads.sleep(.seconds(20))
        return [.ok("never")]
      },
      Check.general("a.waits", .board, "waiting", needs: ["a.hangs"]) { _ in [.ok("")] },
      Check.general("a.works", .board, "working") { _ in [.ok("done")] },
    ]
    let report = try Doctor(checks: checks).examine(
      Examination(
        path: "", configuration: .success(Healthy.machine()), daemon: .absent,
        site: Healthy.site, time: Healthy.time))
    #expect(Clock.now() - began < .seconds(5))
    #expect(report.rows.map(\.verdict) == [.failure, .skipped, .ok])
    #expect(report.rows[0].words == "no answer within 50 ms")
  }

  @Test("runs more checks than threads, each once")
  func many() throws {
    let checks = (0..<40).map { number in
      Check.general(
        "a.\(number)", .board, "check", needs: number >= 20 ? ["a.\(number - 20)"] : []
      ) { _ in [.ok("\(number)")] }
    }
    let report = try Doctor(checks: checks).examine(
      Examination(
        path: "", configuration: .success(Healthy.machine()), daemon: .absent,
        site: Healthy.site, time: Healthy.time))
    #expect(report.rows.map(\.words) == (0..<40).map(String.init))
  }

  @Test("has checks with names of their own, in their groups, that need earlier ones only")
  func list() {
    var seen: Set<String> = []
    for check in Check.all {
      #expect(seen.insert(check.id).inserted, "\(check.id) twice")
      #expect(check.id.hasPrefix("\(check.group.rawValue)."))
      for need in check.needs {
        #expect(Check.all.contains { $0.id == need }, "\(check.id) needs \(need), which is none")
        // The way to the provider crosses groups: the clock waits for its answer.
        if check.group != .clock, need != "credentials.key" {
          #expect(seen.contains(need), "\(check.id) needs \(need), which comes later")
        }
      }
    }
    #expect(seen.count >= 40)
  }

  @Test("tells ok from warnings, failures and what cannot be told by its exit code")
  func exitCodes() {
    func code(_ findings: (Verdict, Bool)...) -> Int32 {
      DoctorReport.exitCode(
        of: findings.map {
          DoctorReport.Row(
            id: "", group: .board, title: "", verdict: $0.0, words: "", fix: "", isBlind: $0.1)
        })
    }
    #expect(code() == 0)
    #expect(code((.ok, false), (.skipped, false)) == 0)
    #expect(code((.ok, false), (.warning, false)) == 1)
    #expect(code((.warning, false), (.failure, false), (.skipped, true)) == 2)
    #expect(code((.warning, false), (.skipped, true)) == 3)
  }
}
