internal import Glibc
internal import Platform
internal import Synchronization

/// The real `vendd` as a child process: started, killed, and started again.
public final class DaemonProcess: Sendable {
  private let program: String
  private let configuration: String
  private let environment: [String: String]
  private let log: MachineLog
  private let logFile: String
  private let state = Mutex<State>(State())
  /// Children are started by this thread, which lives as long as we do: the kernel ends a child
  /// that asked for it together with the *thread* that started it (PR_SET_PDEATHSIG).
  private let worker = Worker(name: "daemon")

  private struct State {
    var child: ChildProcess?
    var starts = 0
  }

  /// Describes the daemon; nothing is started yet.
  init(
    program: String, configuration: String, environment: [String: String], log: MachineLog,
    logFile: String
  ) {
    (self.program, self.configuration) = (program, configuration)
    (self.environment, self.log, self.logFile) = (environment, log, logFile)
  }

  /// Whether it runs.
  public var isRunning: Bool { state.withLock { $0.child.map { $0.exit == nil } ?? false } }

  /// The process's number while it runs.
  public var number: Int32? {
    state.withLock { $0.child.flatMap { $0.exit == nil ? $0.number : nil } }
  }

  /// How the last one ended; nil while it runs.
  public var exit: ChildProcess.Exit? { state.withLock { $0.child?.exit } }

  /// How often it was started.
  public var starts: Int { state.withLock { $0.starts } }

  /// The process that was started last.
  var child: ChildProcess? { state.withLock { $0.child } }

  /// The program's path as the kernel will name it.
  var programName: String { program.split(separator: "/").last.map { "/\($0)" } ?? program }

  /// Starts it unless it runs.
  ///
  /// One that is `held` stops itself before it becomes the daemon, until it is told to go on
  /// (SIGCONT): for a tracer that wants to see all of it.
  public func start(held: Bool = false) async throws {
    guard !isRunning else { return }
    let (lines, theirs) = try Self.pipe()
    let daemon = [program, "--config", configuration]
    let hold = held ? ["sh", "-c", "kill -STOP $$; exec \"$@\"", "sh"] : []
    // Should we be killed ourselves, the daemon goes with us.
    let command = ["setpriv", "--pdeathsig", "KILL"] + hold + daemon
    let child = try await withCheckedContinuation { continuation in
      worker.enqueue { [environment] in
        continuation.resume(
          returning: Result {
            try ChildProcess(
              command, environment: environment, output: theirs.number, errors: theirs.number)
          })
      }
    }.get()
    state.withLock { state in
      state.child = child
      state.starts += 1
    }
    log.add(.daemon, "vendd started as process \(child.number)")
    read(lines, from: child)
    if held { try await Self.untilStopped(child) }
  }

  private static func untilStopped(_ child: ChildProcess) async throws {
    let deadline = ContinuousClock.now + .seconds(5)
    while ContinuousClock.now < deadline {
      // The state comes after the name in parentheses (proc(5)).
      let text = try Files.readText("/proc/\(child.number)/stat", limit: 4096)
      if text.split(separator: ")").last?.hasPrefix(" T") == true { return }
      await pause(.milliseconds(2))
    }
    throw SystemError("kill", "STOP", code: ETIMEDOUT)
  }

  /// Ends it at once, as the power does (`kill -9`), and waits until it is gone.
  public func kill() async {
    guard let child = state.withLock({ $0.child }), child.exit == nil else { return }
    child.send(SIGKILL)
    _ = await child.wait(atMost: .seconds(3))
    log.add(.daemon, "vendd killed")
  }

  /// Ends it as systemd does: SIGTERM, and force after `patience`.
  public func end(patience: Duration = .seconds(5)) async {
    guard let child = state.withLock({ $0.child }) else { return }
    await child.end(patience: patience)
  }

  private static func pipe() throws(SystemError) -> (Descriptor, Descriptor) {
    var numbers: [Int32] = [0, 0]
    guard Glibc.pipe(&numbers) == 0 else { throw .last("pipe") }
    for number in numbers { _ = fcntl(number, F_SETFD, FD_CLOEXEC) }
    return (Descriptor(adopting: numbers[0]), Descriptor(adopting: numbers[1]))
  }

  /// Reads the daemon's log to its end, on a thread that ends with it.
  private func read(_ lines: Descriptor, from child: ChildProcess) {
    let log = log
    let copy = open(logFile, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    let file = copy >= 0 ? Descriptor(adopting: copy) : nil
    let reader = Worker(name: "daemon log")
    reader.enqueue {
      var rest: [UInt8] = []
      while let bytes = try? lines.read(upTo: 65_536), !bytes.isEmpty {
        _ = try? file?.write(bytes[...])
        rest += bytes
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
          log.add(.daemon, Self.words(of: rest[..<end]))
          rest.removeFirst(end + 1)
        }
        if rest.count > 65_536 { rest = [] }
      }
    }
  }

  /// A line without journald's priority (`<6>`), see sd-daemon(3).
  private static func words(of line: ArraySlice<UInt8>) -> String {
    let text = String(decoding: line, as: UTF8.self)
    guard text.first == "<", let end = text.firstIndex(of: ">"),
      Int(text[text.index(after: text.startIndex)..<end]) != nil
    else { return text }
    return String(text[text.index(after: end)...])
  }
}
