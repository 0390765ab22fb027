import Glibc
import Platform
import Simulation
import Synchronization
import Timing

/// A program that answers every line on its input by one on its output; it ends with its input.
final class LineProgram: Sendable {
  /// It ended, or took too long.
  struct Silence: Error, CustomStringConvertible {
    var description: String
  }

  private struct Ends {
    /// Nil once it was told to end.
    var input: Descriptor?
    var output: Descriptor
    var rest: [UInt8] = []
  }

  private let child: ChildProcess
  private let ends: Mutex<Ends>

  /// Starts a program with additions to our own environment.
  init(_ command: [String], environment: [String: String] = [:]) throws {
    var numbers: [Int32] = [0, 0]
    guard pipe(&numbers) == 0 else { throw SystemError.last("pipe") }
    for number in numbers { _ = fcntl(number, F_SETFD, FD_CLOEXEC) }
    let (output, theirs) = (Descriptor(adopting: numbers[0]), Descriptor(adopting: numbers[1]))
    let fifo = "/tmp/vend-lines-\(RandomBits.text(count: 8))"
    guard mkfifo(fifo, 0o600) == 0 else { throw SystemError.last("mkfifo", fifo) }
    defer { unlink(fifo) }
    let variables = environment.map { "\($0)=\($1)" }
    child = try ChildProcess(
      ["/bin/sh", "-c", "exec env \"$@\" <\(fifo)", "sh"] + variables + command,
      output: theirs.number, errors: STDERR_FILENO)
    // Waits for the child to open the other end.
    let number = open(fifo, O_WRONLY | O_CLOEXEC)
    guard number >= 0 else { throw SystemError.last("open", fifo) }
    ends = Mutex(Ends(input: Descriptor(adopting: number), output: output))
  }

  deinit { end() }

  /// Closes the program's input and waits until it has ended.
  func end() {
    ends.withLock { $0.input = nil }
    for _ in 0..<2000 where child.exit == nil { usleep(5000) }
    child.send(SIGKILL)
  }

  /// Ends it at once.
  func kill() { child.send(SIGKILL) }

  /// Sends a line without waiting for its answer.
  func say(_ line: String) throws {
    try ends.withLock { ends in
      guard let input = ends.input else { throw Silence(description: "it was ended") }
      _ = try input.write(Array("\(line)\n".utf8)[...])
    }
  }

  /// The next line.
  func line(within limit: Duration = .seconds(30)) throws -> String {
    let deadline = Clock.now() + limit
    return try ends.withLock { ends in
      while true {
        if let end = ends.rest.firstIndex(of: UInt8(ascii: "\n")) {
          defer { ends.rest.removeFirst(end + 1) }
          return String(decoding: ends.rest[..<end], as: UTF8.self)
        }
        let left = (deadline - Clock.now()).wholeMilliseconds
        var entry = pollfd(fd: ends.output.number, events: Int16(POLLIN), revents: 0)
        guard left > 0, poll(&entry, 1, Int32(clamping: left)) > 0,
          let bytes = try ends.output.read(upTo: 65_536)
        else { throw Silence(description: "no line within \(limit)") }
        guard !bytes.isEmpty else { throw Silence(description: "it ended") }
        ends.rest += bytes
      }
    }
  }

  /// The answer to a line.
  func ask(_ line: String, within limit: Duration = .seconds(30)) throws -> String {
    try say(line)
    return try self.line(within: limit)
  }
}
