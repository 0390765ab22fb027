internal import CTrace
internal import Glibc
internal import Platform

/// A system call that a traced thread is about to make.
public struct TracedCall: Hashable, Sendable, CustomStringConvertible {
  /// As in its manual page, or its number where it has no name here.
  public var name: String
  public var object: Reach.Object
  /// The file's name or the socket's, where there is one.
  public var objectName: String
  /// The thread's name.
  public var thread: String

  public var description: String {
    "\(name)\(objectName.isEmpty ? "" : " \(objectName)") by \(thread)"
  }

  private static let names: [Int64: String] = {
    let pairs = (0..<vend_trace_name_count()).compactMap { index -> (Int64, String)? in
      vend_trace_name_at(index).map { (vend_trace_number_at(index), String(cString: $0)) }
    }
    return Dictionary(pairs) { first, _ in first }
  }()

  /// Whether a call of that name is known on this processor.
  static func isName(_ name: String) -> Bool { names.values.contains(name) }

  static func name(of number: Int64) -> String { names[number] ?? "call \(number)" }

  /// Calls whose first argument is no descriptor of an object.
  private static let withoutObject: Set<String> = [
    "open", "openat", "access", "faccessat", "stat", "lstat", "newfstatat", "unlink", "unlinkat",
    "rename", "renameat", "renameat2", "mkdir", "mkdirat", "readlink", "readlinkat", "statfs",
    "poll", "ppoll", "futex", "mmap", "munmap", "mprotect", "brk", "madvise", "getrandom", "clone3",
    "rt_sigprocmask", "rt_sigaction", "gettid", "getpid", "prctl", "exit", "exit_group",
    "sched_yield", "clock_nanosleep", "msync", "epoll_create1", "timerfd_create", "eventfd2",
    "signalfd4",
  ]

  /// What is at a descriptor of a process.
  ///
  /// `process` names it in /proc, `handle` is its pidfd.
  static func object(
    of name: String, _ arguments: [UInt64], process: Int32, handle: Descriptor?
  ) -> (Reach.Object, String) {
    let first = arguments.first ?? 0
    if name == "socket" {
      return (Int32(truncatingIfNeeded: first) == AF_UNIX ? .local : .network, "")
    }
    guard !withoutObject.contains(name), !name.hasPrefix("call ") else { return (.none, "") }
    let number = Int32(truncatingIfNeeded: first)
    let link = "/proc/\(process)/fd/\(number)"
    var buffer = [UInt8](repeating: 0, count: 512)
    let count = readlink(link, &buffer, buffer.count)
    guard count > 0 else { return (.none, "") }
    let target = String(decoding: buffer[..<count], as: UTF8.self)
    if target.hasPrefix("/") {
      return (.file, target.split(separator: "/").last.map(String.init) ?? target)
    }
    if target.hasPrefix("socket:") { return socket(number, handle) }
    if target.hasPrefix("anon_inode:") {
      return (.kernel, String(target.dropFirst("anon_inode:".count)))
    }
    return (.local, target.hasPrefix("pipe:") ? "pipe" : target)
  }

  private static func socket(_ number: Int32, _ handle: Descriptor?) -> (Reach.Object, String) {
    guard let handle else { return (.local, "") }
    let copy = vend_trace_borrow(handle.number, number)
    guard copy >= 0 else { return (.local, "") }
    let socket = Descriptor(adopting: copy)
    let family = vend_trace_socket_family(socket.number)
    if family == AF_INET || family == AF_INET6 { return (.network, "peer") }
    var path = [CChar](repeating: 0, count: 128)
    let count = vend_trace_socket_path(socket.number, &path, Int32(path.count))
    guard count > 0 else { return (.local, "") }
    let text = String(decoding: path.prefix(Int(count)).map(UInt8.init(bitPattern:)), as: UTF8.self)
    let file = text.split(separator: "/").last.map(String.init) ?? text
    return (file == "board.sock" ? .board : .local, file)
  }

  /// The name of a thread, as `top -H` shows it.
  static func threadName(_ thread: Int32, of process: Int32) -> String {
    let text = (try? Files.readText("/proc/\(process)/task/\(thread)/comm", limit: 64)) ?? ""
    return text.isEmpty ? "\(thread)" : String(text.dropLast())
  }
}
