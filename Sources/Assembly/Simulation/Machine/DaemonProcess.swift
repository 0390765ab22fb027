internal import Glibc
internal import Platform
internal import Synchronization

/// A program that ships (`vendd`, or `vendpay`) as a child process: started, killed, and started
/// again.
public final class DaemonProcess: Sendable {
  private let program: String
  private let arguments: [String]
  private let environment: [String: String]
  private let tell: @Sendable (String) -> Void
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
  ///
  /// Beside the variables of its own it gets what a program needs of ours. `tell` hears of its
  /// beginnings, its ends, and every line of its log.
  init(
    program: String, arguments: [String], environment: [String: String], logFile: String,
    tell: @escaping @Sendable (String) -> Void
  ) {
    (self.program, self.arguments) = (program, arguments)
    var whole = environment
    for name in ["PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "TMPDIR"] {
      whole[name] = Environment[name]
    }
    (self.environment, self.logFile, self.tell) = (whole, logFile, tell)
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

  /// What the program is called.
  var name: String { program.split(separator: "/").last.map(String.init) ?? program }

  /// Counts and strikes its system calls from the moment on in which a held one goes on.
  func trace(_ strike: Strike) async throws -> SystemCallTracer? {
    guard let child else { return nil }
    return try await SystemCallTracer(child, fromProgram: "/\(name)", strike: strike)
  }

  /// Starts it unless it runs.
  ///
  /// One that is `held` stops itself before it becomes the daemon, until it is told to go on
  /// (SIGCONT): for a tracer that wants to see all of it.
  public func start(held: Bool = false) async throws {
    guard !isRunning else { return }
    let (lines, theirs) = try Self.pipe()
    let daemon = [program] + arguments
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
    tell("\(name) started as process \(child.number)")
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
    tell("\(name) killed")
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
    let tell = tell
    let copy = open(logFile, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    let file = copy >= 0 ? Descriptor(adopting: copy) : nil
    let reader = Worker(name: "daemon log")
    reader.enqueue {
      var rest: [UInt8] = []
      while let bytes = try? lines.read(upTo: 65_536), !bytes.isEmpty {
        _ = try? file?.write(bytes[...])
        rest += bytes
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
          tell(Self.words(of: rest[..<end]))
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
