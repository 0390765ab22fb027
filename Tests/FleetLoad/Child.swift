import Glibc

/// A child process by `posix_spawn`, waited for by `waitpid` alone.
final class Child {
  private let pid: pid_t
  private var hasEnded = false

  /// Starts a program; `input` becomes its standard input.
  init(_ words: [String], input: Int32? = nil) throws {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    if let input {
      posix_spawn_file_actions_adddup2(&actions, input, 0)
    } else {
      posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    }
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
    var child: pid_t = 0
    let arguments = words.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    let result = posix_spawn(&child, words[0], &actions, nil, arguments, environ)
    guard result == 0 else { throw HTTPLoad.Failure(words: "\(words[0]): error \(result)") }
    pid = child
  }

  var isRunning: Bool {
    guard !hasEnded else { return false }
    hasEnded = waitpid(pid, nil, WNOHANG) == pid
    return !hasEnded
  }

  func signal(_ number: Int32) {
    if !hasEnded { Glibc.kill(pid, number) }
  }

  /// Waits for its end; 0 when it ended well.
  @discardableResult
  func wait() -> Int32 {
    var status: Int32 = 0
    if !hasEnded { while waitpid(pid, &status, 0) < 0, errno == EINTR {} }
    hasEnded = true
    return status
  }
}
