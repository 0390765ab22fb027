import Glibc
import Inspection
import Platform
import Testing
import Timing

@Suite("This computer, looked at")
struct InspectionTests {
  @Test("a program's words and exit code come back")
  func runs() throws {
    let output = try Command.run("/bin/sh", ["-c", "echo hello; exit 3"], within: .seconds(5))
    #expect(output == Command.Output(code: 3, text: "hello\n"))
  }

  @Test("a program that hangs is killed in time, its children's output or not")
  func hangs() {
    let began = Clock.now()
    for script in ["sleep 30", "exec 1>&-; sleep 30", "while :; do echo y; done"] {
      #expect {
        try Command.run("/bin/sh", ["-c", script], within: .milliseconds(80))
      } throws: { error in (error as? SystemError)?.code == ETIMEDOUT }
    }
    #expect(Clock.now() - began < .seconds(5))
  }

  @Test("programs that run beside each other do not wait for each other")
  func beside() throws {
    let slow = Worker(name: "slow")
    for _ in 0..<20 {
      let other = Worker(name: "other")
      other.enqueue {
        _ = try? Command.run("/bin/sh", ["-c", "sleep 2"], within: .milliseconds(400))
      }
      slow.enqueue { _ = try? Command.run("/bin/true", [], within: .seconds(1)) }
      #expect(try Command.run("/bin/echo", ["x"], within: .milliseconds(300)).text == "x\n")
    }
  }

  @Test("a program that is not there is an error, and one that a signal ends says so")
  func absent() throws {
    #expect(throws: SystemError.self) {
      try Command.run("no-such-program", [], within: .seconds(1))
    }
    let output = try Command.run("/bin/sh", ["-c", "kill -9 $$"], within: .seconds(5))
    #expect(output.code == 137)
  }

  @Test("what a program says is cut at 64 KiB")
  func cut() throws {
    let script = "head -c 200000 /dev/zero | tr '\\0' x"
    let output = try Command.run("/bin/sh", ["-c", script], within: .seconds(10))
    #expect(output.text.utf8.count == 65_536)
  }

  @Test("the default route is found, of either family, and nothing else is taken for one")
  func routes() {
    let local = "Iface\tDestination\neth0\t0000A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n"
    let down = "Iface\neth0\t00000000\t0100A8C0\t0000\t0\t0\t100\t00000000\t0\t0\t0\n"
    let zeros = String(repeating: "0", count: 32)
    let six = "\(zeros) 00 \(zeros) 00 fe80 00000400 00000001 00000000 00000003     wlan0\n"
    let none = "\(zeros) 00 \(zeros) 00 \(zeros) ffffffff 00000001 00000000 00200200       lo\n"
    let table: [(String, String, String?)] = [
      ("", "", nil), (local, "", nil), (down, "", nil), (Self.four, "", "eth0"),
      (local, six, "wlan0"), ("", none, nil), ("garbage\n\u{0}\n", "garbage here\n", nil),
    ]
    for (four, six, name) in table {
      #expect(NetworkFacts.defaultRoute(four: four, six: six) == name)
    }
  }

  private static let four =
    "Iface\teth\neth0\t00000000\t0100A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"

  @Test("a path's facts are the file system's")
  func facts() throws {
    let path = "/tmp/vend-facts-\(RandomBits.text(count: 12))"
    try Files.replace(path, with: [1, 2, 3], permissions: 0o600)
    defer { unlink(path) }
    let facts = try FileFacts.of(path)
    #expect(facts.kind == .file && facts.bytes == 3 && facts.modeText == "600")
    #expect(!facts.isReadableByAll)
    chmod(path, 0o646)
    #expect(try FileFacts.of(path).isReadableByAll)
    #expect(try FileFacts.of(path).isWritableByAll)
    #expect(try FileFacts.of("/").kind == .directory)
    #expect(try FileFacts.of("/dev/null").kind == .characterDevice)
    #expect(throws: SystemError.self) { try FileFacts.of("/nonexistent") }
    #expect(FileFacts.refusal("/dev/null", writing: true) == nil)
    #expect(FileFacts.refusal("/nonexistent", writing: false)?.code == ENOENT)
  }

  @Test("interfaces are listed without the loopback")
  func interfaces() throws {
    #expect(try !NetworkFacts.interfaces().contains { $0.name == "lo" })
  }
}
