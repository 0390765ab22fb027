import Control
import Core
import Inspection
import MachineFiles
import Ordering
import Platform
import Testing
import Vending

@testable import Diagnostics

@Suite("The doctor of a machine whose core is a service")
struct RemoteCoreDoctorTests {
  private static let token = "/var/lib/vend/core-token"

  private static func healthy() -> Healthy.Case {
    var machine = Healthy.Case()
    machine.machine.core = .service(
      MachineConfiguration.CoreService(
        address: "https://pay.example.org:8443", caFile: nil, tokenFile: token))
    machine.set(token, Computer.files["/etc/vend/credentials/api-key"])
    machine.write(token, String(repeating: "a", count: 43) + "\nmade 1790000000\n")
    let refusal = machine.site.refusal
    machine.site.refusal = { $0 == token ? nil : refusal($0, $1) }
    return machine
  }

  private static func row(_ id: String, _ report: DoctorReport) -> DoctorReport.Row? {
    report.rows.first { $0.id == id }
  }

  @Test("finds it healthy, and asks nothing of an account that is not there")
  func healthy() throws {
    let report = try Self.healthy().report()
    #expect(report.rows.filter { $0.verdict != .ok }.map(\.id) == ["network.wireless"])
    #expect(report.exitCode == 0)
    for id in [
      "credentials.key", "credentials.account", "core.probe", "storage.core", "money.open",
      "security.endpoint", "network.spare",
    ] { #expect(Self.row(id, report) == nil, "\(id)") }
    #expect(Self.row("credentials.token", report)?.verdict == .ok)
    #expect(Self.row("core.service", report)?.words.english.contains("pay.example.org") == true)
  }

  @Test("asks for the service's name, address and certificate")
  func way() throws {
    var machine = Self.healthy()
    machine.site.resolve = { host in
      host == "pay.example.org" ? .failure(ReachFailure(.name, "no such host")) : .success(["::1"])
    }
    machine.site.reach = { endpoint, _ in
      endpoint.host == "pay.example.org" && endpoint.port == 8443
        ? .failure(ReachFailure(.name, "no such host"))
        : .success(
          ServerSight(address: "-", version: "TLSv1.3", refusal: nil, certificate: nil))
    }
    machine.site.probe = { _ in .doubt(Doubt(.nameNotResolved, "no such host")) }
    let report = try machine.report()
    #expect(report.causes.map(\.code) == ["network.name.unknown"])
    #expect(report.causes.first?.consequences.contains("core.service") == true)
  }

  @Test(
    "names each trouble with the token by a code of its own",
    arguments: [
      ("open", 0o644 as UInt32, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n"),
      ("malformed", 0o600, "not a token\n"),
    ])
  func tokens(code: String, mode: UInt32, text: String) throws {
    var machine = Self.healthy()
    var facts = try #require(Computer.files["/etc/vend/credentials/api-key"])
    facts.mode = facts.mode & ~0o777 | mode
    machine.set(Self.token, facts)
    machine.write(Self.token, text)
    let report = try machine.report()
    #expect(report.causes.map(\.code) == ["credentials.token.\(code)"])
  }

  @Test("says that a machine without a token waits to be taken in")
  func enrolment() throws {
    var machine = Self.healthy()
    machine.set(Self.token, nil)
    machine.site.read = { _ in .failure(SystemError("open", Self.token, code: 2)) }
    machine.stop()
    #expect(Self.row("credentials.token", try machine.report())?.code == "credentials.token.none")
    let line = MachineStatus.FaultLine(
      code: "P5", subject: "", words: "W4MK-RQ7N", sinceMilliseconds: 0)
    machine.daemon = .running(Healthy.status(faults: [line], sells: false))
    let report = try machine.report()
    #expect(report.rows.contains { $0.code == "credentials.token.P5" })
  }

  @Test(
    "tells what the service says by codes that stay",
    arguments: [
      (ProbeSight.doubt(Doubt(.mismatch, "the service refuses this board's token")), "mismatch"),
      (.doubt(Doubt(.tryLater, "HTTP 503")), "tryLater"),
      (.doubt(Doubt(.notAnAnswer, "12 bytes")), "notAnAnswer"),
    ])
  func answers(sight: ProbeSight, code: String) throws {
    var machine = Self.healthy()
    machine.site.probe = { _ in sight }
    let report = try machine.report()
    #expect(report.causes.map(\.code) == ["core.service.\(code)"])
  }

  @Test("has the daemon vouch for a token that is not ours to read")
  func vouched() throws {
    var machine = Self.healthy()
    machine.forbid(Self.token)
    #expect(Self.row("core.service", try machine.report())?.verdict == .ok)
    let line = MachineStatus.FaultLine(
      code: "P6", subject: "", words: "refused", sinceMilliseconds: 0)
    machine.daemon = .running(Healthy.status(faults: [line], sells: false))
    let report = try machine.report()
    #expect(report.rows.contains { $0.code.hasSuffix(".P6") && $0.verdict == .failure })
  }

  @Test("leaves money to the service, and says so")
  func decisions() throws {
    let state = try StateDirectory()
    var machine = state.bench.configuration
    machine.core = .service(
      MachineConfiguration.CoreService(
        address: "https://pay.example.org", caFile: nil, tokenFile: Self.token))
    let bench = Bench(machine)
    #expect(throws: BenchError.refused(.both(ControlReply.decidedElsewhere))) {
      try bench.decide("AAAA", .refund)
    }
  }
}
