internal import Glibc
public import Platform
internal import Timing

/// Runs a program without a shell, for no longer than it is given, and keeps what it says.
public enum Command {
  /// How a program ended.
  public struct Output: Hashable, Sendable {
    /// The exit code; 128 and the signal's number when a signal ended it, as in a shell.
    public var code: Int32
    /// What it wrote to its standard output, at most 64 KiB of it.
    public var text: String

    /// Describes an end.
    public init(code: Int32, text: String) { (self.code, self.text) = (code, text) }
  }

  private static let limitBytes = 64 << 10

  /// Runs `path`, found in `PATH`; after `limit` it is killed and `ETIMEDOUT` is thrown.
  public static func run(
    _ path: String, _ arguments: [String], within limit: Duration
  ) throws(SystemError) -> Output {
    let deadline = Clock.now() + limit
    var ends: [Int32] = [-1, -1]
    // A pair of sockets, since it is closed on exec from its birth: another program that is started
    // at this moment would otherwise inherit the writing end and keep us waiting for its own.
    let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    guard unsafe socketpair(AF_UNIX, type, 0, &ends) == 0 else { throw .last("socketpair", path) }
    let (reading, writing) = (Descriptor(adopting: ends[0]), ends[1])
    let process = start(path, arguments, output: writing)
    _ = Glibc.close(writing)
    guard process > 0 else { throw SystemError("posix_spawnp", path, code: -process) }
    reading.setNonBlocking()
    var bytes: [UInt8] = []
    do throws(SystemError) {
      while try wait(reading, until: deadline) {
        guard let more = try reading.read(upTo: 4096) else { continue }
        if more.isEmpty {
          return Output(code: try reap(process, until: deadline), text: text(bytes))
        }
        bytes = Array((bytes + more).prefix(limitBytes))
      }
    } catch {
      finish(process)
      throw error
    }
    finish(process)
    throw SystemError("wait for", path, code: ETIMEDOUT)
  }

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  /// Starts the program; its number, or the negative error number.
  private static func start(_ path: String, _ arguments: [String], output: Int32) -> Int32 {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    unsafe posix_spawn_file_actions_adddup2(&actions, output, 1)
    unsafe posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    // A pager or a password question would wait for somebody who is not there.
    let environment = unsafe copies(["LC_ALL=C", "SYSTEMD_PAGER=", "PATH=/usr/bin:/bin"])
    let texts = unsafe copies([path] + arguments)
    defer { unsafe (texts + environment).forEach { unsafe free($0) } }
    var process: pid_t = 0
    let result = unsafe posix_spawnp(&process, path, &actions, nil, texts, environment)
    return result == 0 ? process : -result
  }

  /// The texts as C wants a list of them: each a copy, and nil at the end.
  @unsafe
  private static func copies(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] {
    unsafe texts.map { unsafe strdup($0) } + [nil]
  }

  private static func wait(
    _ descriptor: Descriptor, until deadline: Instant
  ) throws(SystemError) -> Bool {
    let left = (deadline - Clock.now()).wholeMilliseconds
    guard left > 0 else { return false }
    var entry = pollfd(fd: descriptor.number, events: Int16(POLLIN), revents: 0)
    let count = unsafe poll(&entry, 1, Int32(clamping: left))
    if count < 0, errno != EINTR { throw .last("poll") }
    return true
  }

  /// Waits for a program that has closed its output; one that goes on regardless is killed.
  private static func reap(_ process: Int32, until deadline: Instant) throws(SystemError) -> Int32 {
    var status: Int32 = 0
    while true {
      let result = unsafe waitpid(process, &status, WNOHANG)
      if result == process { break }
      if result < 0 { throw .last("waitpid") }
      if Clock.now() >= deadline { throw SystemError("wait for", "", code: ETIMEDOUT) }
      _ = poll(nil, 0, 2)
    }
    // WIFSIGNALED, WTERMSIG and WEXITSTATUS of wait(2), which Swift does not import.
    let signal = status & 0x7F
    return signal != 0 ? 128 + signal : (status >> 8) & 0xFF
  }

  private static func finish(_ process: Int32) {
    _ = kill(process, SIGKILL)
    var status: Int32 = 0
    _ = unsafe waitpid(process, &status, 0)
  }
}
