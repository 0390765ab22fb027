internal import CLinux
internal import Glibc
internal import Platform
internal import Synchronization

/// A process that the simulation started: known by its number, ended by it, and reaped.
public final class ChildProcess: Sendable {
  /// How a process ended.
  public enum Exit: Hashable, Sendable {
    case status(Int32)
    case signal(Int32)
  }

  /// Why a process could not be started.
  public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
    public var program: String
    public var words: String
    public var description: String { "cannot start \(program): \(words)" }
  }

  /// The process's number; valid until it has been waited for.
  public let number: Int32
  private let end = Mutex<Exit?>(nil)
  private let traced = Atomic<Bool>(false)

  /// Starts a program, found along `PATH` unless it has a slash.
  ///
  /// Input, output and errors are the three descriptors, or nothing. Signals start as they are in a
  /// fresh process, whatever this one blocks.
  public init(
    _ arguments: [String], environment: [String: String]? = nil, input: Int32? = nil,
    output: Int32? = nil, errors: Int32? = nil
  ) throws(Failure) {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (number, target) in [(0, input), (1, output), (2, errors)] {
      if let target {
        posix_spawn_file_actions_adddup2(&actions, target, Int32(number))
      } else {
        let access = number == 0 ? O_RDONLY : O_WRONLY
        posix_spawn_file_actions_addopen(&actions, Int32(number), "/dev/null", access, 0)
      }
    }
    // Whatever others have opened without CLOEXEC, such as a listening socket, stays here.
    _ = vend_spawn_closing_from(&actions, 3)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    var all = sigset_t()
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    // A terminal's interrupt goes to the simulation alone; it ends its children itself.
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
    let given = arguments.map { strdup($0) } + [nil]
    let variables = environment?.sorted { $0.key < $1.key }.map { strdup("\($0.key)=\($0.value)") }
    defer { (given + (variables ?? [])).forEach { free($0) } }
    var number: pid_t = 0
    let program = arguments.first ?? ""
    let result =
      if let variables {
        posix_spawnp(&number, program, &actions, &attributes, given, variables + [nil])
      } else {
        posix_spawnp(&number, program, &actions, &attributes, given, environ)
      }
    guard result == 0 else {
      throw Failure(program: program, words: String(cString: strerror(result)))
    }
    self.number = number
  }

  /// How it ended; nil while it runs.
  public var exit: Exit? {
    end.withLock { end in
      if end == nil, !isTraced {
        var status: Int32 = 0
        if waitpid(number, &status, WNOHANG) == number { end = Self.exit(from: status) }
      }
      return end
    }
  }

  /// Whether a tracer waits for it: its stops and its end are the tracer's then (ptrace(2)).
  var isTraced: Bool {
    get { traced.load(ordering: .acquiring) }
    set { end.withLock { _ in traced.store(newValue, ordering: .releasing) } }
  }

  /// The tracer has seen its end; `status` is as waitpid(2) gives it.
  func ended(_ status: Int32) { end.withLock { $0 = $0 ?? Self.exit(from: status) } }

  /// Waits for its end on this thread, which does nothing else meanwhile.
  func awaitEnd() {
    end.withLock { end in
      var status: Int32 = 0
      while end == nil {
        if waitpid(number, &status, 0) == number { end = Self.exit(from: status) }
        if errno != EINTR { return }
      }
    }
  }

  /// Sends a signal, unless it has ended.
  public func send(_ signal: Int32) {
    guard exit == nil else { return }
    kill(number, signal)
  }

  /// Waits for its end, at most `limit`; nil when it still runs.
  public func wait(atMost limit: Duration) async -> Exit? {
    let deadline = ContinuousClock.now + limit
    while exit == nil, ContinuousClock.now < deadline { await pause(.milliseconds(2)) }
    return exit
  }

  /// Ends it: politely first, by force after `patience`.
  public func end(patience: Duration = .seconds(3)) async {
    send(SIGTERM)
    if await wait(atMost: patience) == nil {
      send(SIGKILL)
      _ = await wait(atMost: .seconds(3))
    }
  }

  private static func exit(from status: Int32) -> Exit {
    status & 0x7F == 0 ? .status(status >> 8 & 0xFF) : .signal(status & 0x7F)
  }
}

extension ChildProcess {
  /// What a short program did.
  public struct Outcome: Hashable, Sendable {
    public var exit: Exit?
    public var output: [UInt8]
    public var errors: [UInt8]
  }

  /// Runs a short program to its end, at most `limit`; its output is kept up to a mebibyte.
  public static func run(
    _ arguments: [String], limit: Duration = .seconds(20)
  ) async throws(Failure) -> Outcome {
    let output = try temporaryFile(arguments)
    let errors = try temporaryFile(arguments)
    let child = try ChildProcess(arguments, output: output.number, errors: errors.number)
    if await child.wait(atMost: limit) == nil { await child.end(patience: .zero) }
    return Outcome(exit: child.exit, output: contents(output), errors: contents(errors))
  }

  private static func temporaryFile(_ arguments: [String]) throws(Failure) -> Descriptor {
    var path = Array("/tmp/vend-output-XXXXXX\0".utf8CString)
    let number = mkstemp(&path)
    unlink(path)
    _ = fcntl(number, F_SETFD, FD_CLOEXEC)
    guard number >= 0 else {
      throw Failure(program: arguments.first ?? "", words: String(cString: strerror(errno)))
    }
    return Descriptor(adopting: number)
  }

  private static func contents(_ file: Descriptor) -> [UInt8] {
    lseek(file.number, 0, SEEK_SET)
    return (try? file.read(upTo: 1 << 20)) ?? []
  }
}
