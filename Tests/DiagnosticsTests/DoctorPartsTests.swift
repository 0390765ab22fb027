import Inspection
import Platform
import Testing
import Timing

@testable import Diagnostics

@Suite("What the doctor's checks stand upon")
struct DoctorPartsTests {
  @Test("the mount of a path is the longest above it, the later of two")
  func mounts() {
    let text = """
      /dev/root / ext4 rw,noatime 0 0
      tmpfs /var/lib tmpfs rw 0 0
      /dev/sda1 /var/lib/vend ext4 ro,relatime 0 0
      /dev/sdb1 /var/lib/vend vfat rw 0 0
      garbage
      """
    let table: [(String, String?)] = [
      ("/var/lib/vend", "vfat"), ("/var/lib/vend/x", "vfat"), ("/var/lib/vendor", "tmpfs"),
      ("/etc", "ext4"),
    ]
    for (path, kind) in table { #expect(Check.Mount(of: path, in: text)?.kind == kind, "\(path)") }
    #expect(Check.Mount(of: "/etc", in: "") == nil)
  }

  @Test("a name that udev made leads to its device")
  func links() {
    var site = Healthy.site
    site.link = { ["/dev/vend/weact": "../ttyACM1", "/dev/x": "/dev/ttyS0"][$0] }
    let table = [
      ("/dev/vend/weact", "/dev/ttyACM1"), ("/dev/x", "/dev/ttyS0"),
      ("/dev/ttyUSB0", "/dev/ttyUSB0"),
    ]
    for (path, device) in table { #expect(ProcessSight.target(of: path, site) == device) }
  }

  @Test("a cause is the deepest that failed; a warning explains no failure")
  func blame() {
    func check(_ id: String, needs: [String] = []) -> Check {
      Check.general(id, .board, .both(id), needs: needs) { _ in [] }
    }
    let checks = [check("a"), check("b"), check("c", needs: ["a"]), check("d")]
    let bad = Finding.failure("x", "bad", "坏", fix: .both("fix"))
    let doubtful = Finding.warning("y", "so so", "一般", fix: .both("fix"))
    let graph = CauseGraph(["b": ["a"], "d": ["b"], "b.x": ["d"]])
    func causes(_ findings: [String: [Finding]]) -> [DoctorReport.Cause] {
      Diagnosis(checks: checks, findings: findings, graph: CauseGraph(["b": ["a"], "d": ["b"]]))
        .causes
    }
    #expect(graph.causes["b.x"] == ["d"])
    let all = causes(["a": [bad], "b": [bad], "c": [], "d": [doubtful]])
    #expect(all == [DoctorReport.Cause(id: "a", code: "a.x", consequences: ["b", "c", "d"])])
    let warned = causes(["a": [doubtful], "b": [bad], "c": [.ok("", "")], "d": [bad]])
    #expect(warned.map(\.id) == ["b", "a"])
    #expect(warned[0].consequences == ["d"])
    #expect(causes(["a": [.ok("", "")], "b": [], "c": [], "d": []]).isEmpty)
  }

  @Test("a record's way to the disk is measured, and leaves no name behind")
  func sync() throws {
    let directory = try StateDirectory()
    #expect(try DiskFacts.syncTime(in: directory.path) > .zero)
    #expect(DiskFacts.names(in: directory.path).isEmpty)
    #expect(try DiskFacts.freeFiles(at: directory.path) > 0)
    #expect(throws: SystemError.self) { try DiskFacts.syncTime(in: "/nonexistent") }
    #expect(DiskFacts.names(in: "/nonexistent").isEmpty)
    #expect(DiskFacts.link("/nonexistent") == nil)
  }

  @Test("the gateway is read in the computer's byte order")
  func gateway() {
    #expect(NetworkFacts.gateway(four: Healthy.route) == "192.168.0.1")
    #expect(NetworkFacts.gateway(four: "Iface\n") == nil)
  }

  @Test("the last day that added up is noted in a machine's own state, and only forward")
  func reconciled() throws {
    let directory = try StateDirectory()
    let journal = "\(directory.path)/board.db"
    let day = try #require(BeijingDay("2026-11-20"))
    try Reconciled.note(day, journal: journal)
    #expect(!Files.exists("\(directory.path)/reconciled"), "a folder that is no machine's")
    try Files.replace("\(directory.path)/vendd.lock", with: [], durable: false)
    try Reconciled.note(day, journal: journal)
    try Reconciled.note(try #require(BeijingDay("2026-11-19")), journal: journal)
    #expect(try Files.readText("\(directory.path)/reconciled") == "2026-11-20\n")
  }
}
