import Glibc
import Platform
import Testing

@testable import Simulation

/// The tracer upon programs that are not ours, beside strace(1), which is not ours either.
@Suite(
  .enabled("ptrace is not permitted here") { await SystemCallTracer.isPermitted() },
  .timeLimit(.minutes(2)))
struct SystemCallTracerTests {
  /// Copies seven blocks, once the tracer lets it go on.
  private static let copy = ["dd", "if=/dev/zero", "bs=512", "count=7", "of=/dev/null"]

  private static func held(_ command: [String], errors: Int32? = nil) async throws -> ChildProcess {
    let child = try ChildProcess(
      ["sh", "-c", "kill -STOP $$; exec \"$@\"", "sh"] + command, errors: errors)
    for _ in 0..<1000 {
      let text = try Files.readText("/proc/\(child.number)/stat", limit: 4096)
      if text.split(separator: ")").last?.hasPrefix(" T") == true { break }
      await pause(.milliseconds(2))
    }
    return child
  }

  private static func run(
    _ strike: Strike, _ command: [String] = copy
  ) async throws -> (ChildProcess.Exit?, SystemCallTracer.Tally) {
    let child = try await held(command)
    let tracer = try await SystemCallTracer(
      child, fromProgram: "/\(command[0])", strike: strike)
    let exit = await child.wait(atMost: .seconds(20))
    if exit == nil { await child.end(patience: .zero) }
    return (exit, tracer.disarm())
  }

  @Test("counts what strace counts", arguments: ["read", "write", "close", "openat"])
  func agreesWithStrace(name: String) async throws {
    let reach = try #require(Reach(named: name))
    let (exit, tally) = try await Self.run(Strike(reach, at: nil))
    #expect(exit == .status(0))
    let log = "/tmp/vend-strace-\(RandomBits.text(count: 8))"
    defer { unlink(log) }
    let strace = try await ChildProcess.run(
      ["strace", "-f", "-o", log, "-e", "trace=\(name)"] + Self.copy)
    try #require(strace.exit == .status(0))
    let lines = try Files.readText(log).split(separator: "\n").count { $0.contains(" \(name)(") }
    #expect(tally.names[name] == lines && lines > 0)
  }

  @Test("kills at the nth call, before it does anything")
  func kills() async throws {
    let file = "/tmp/vend-killed-\(RandomBits.text(count: 8))"
    defer { unlink(file) }
    let write = try #require(Reach(named: "write"))
    let command = ["dd", "if=/dev/zero", "bs=512", "count=7", "of=\(file)"]
    let (exit, tally) = try await Self.run(Strike(write, at: 4), command)
    #expect(exit == .signal(SIGKILL))
    #expect(tally.count == 4 && tally.blows == 1)
    #expect(tally.struck?.name == "write")
    #expect(tally.struck?.object == .file)
    #expect(try Files.read(file).count == 3 * 512)
  }

  @Test("lets the nth call fail as told", arguments: [Strike.Blow.EIO, .ENOSPC])
  func fails(blow: Strike.Blow) async throws {
    let file = "/tmp/vend-failed-\(RandomBits.text(count: 8))"
    defer { unlink(file) }
    let write = try #require(Reach(named: "write"))
    let command = ["dd", "if=/dev/zero", "bs=512", "count=7", "of=\(file)"]
    let (exit, tally) = try await Self.run(Strike(write, at: 3, blow), command)
    #expect(exit == .status(1))
    #expect(tally.blows == 1)
    #expect(try Files.read(file).count == 2 * 512)
  }

  @Test("lets every call from the nth on fail when it lasts")
  func lasts() async throws {
    let sync = Reach.sync
    let command = ["sh", "-c", "sync -d /tmp; sync -d /tmp; sync -d /tmp"]
    let (exit, tally) = try await Self.run(
      Strike(sync, at: 2, .EIO, lasts: true), ["bash"] + command.dropFirst())
    // The children's calls are counted with their parent's.
    #expect(tally.count == 3 && tally.blows == 2)
    #expect(exit == .status(1))
  }

  @Test("is told of a program's end")
  func ends() async throws {
    let (exit, _) = try await Self.run(Strike(.all, at: nil), ["bash", "-c", "exit 7"])
    #expect(exit == .status(7))
  }

  @Test("a reach without a name is none")
  func names() {
    #expect(Reach(named: "fdatasync") != nil)
    #expect(Reach(named: "file") == .file)
    #expect(Reach(named: "nonsense") == nil)
  }
}
