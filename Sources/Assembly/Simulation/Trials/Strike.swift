/// What happens to a process at one of its system calls: the nth that matches, counted over all of
/// its threads from the moment of arming.
public struct Strike: Hashable, Sendable {
  /// The calls that are counted.
  public var reach: Reach
  /// Which of them is struck, from one; nil for none: they are only counted.
  public var place: Int?
  public var blow: Blow
  /// Whether every counted call after it is struck too, until the tracer is disarmed.
  public var lasts: Bool

  /// Describes a strike.
  public init(_ reach: Reach, at place: Int?, _ blow: Blow = .kill, lasts: Bool = false) {
    (self.reach, self.place, self.blow, self.lasts) = (reach, place, blow, lasts)
  }

  /// What the call meets.
  public enum Blow: String, Hashable, Sendable, Codable, CaseIterable {
    /// The process is killed (SIGKILL) before the call does anything.
    case kill
    /// The call does nothing and fails so (errno(3)).
    case EIO, ENOSPC, EINTR, ECONNRESET, ENODEV

    /// The error's number on Linux; nil for the kill.
    var code: Int32? {
      switch self {
      case .kill: nil
      case .EINTR: 4
      case .EIO: 5
      case .ENODEV: 19
      case .ENOSPC: 28
      case .ECONNRESET: 104
      }
    }
  }
}

/// Which system calls a strike is about: by name and by what they are made on.
public struct Reach: Hashable, Sendable, CustomStringConvertible {
  /// What a call's descriptor is.
  public enum Object: String, Hashable, Sendable, Codable, CaseIterable {
    /// A file or directory of a file system.
    case file
    /// A connection of the internet: to the payment platform, or between boards and their service.
    case network
    /// The emulated board: GPIO lines and the display.
    case board
    /// Another socket of this machine: control, service manager, the log's pipe.
    case local
    /// An epoll, a timer, an event counter.
    case kernel
    /// The call is not about a descriptor.
    case none
  }

  /// As the command line names it.
  public var description: String
  /// Nil for every name.
  var names: Set<String>?
  /// Nil for every object.
  var objects: Set<Object>?

  /// Every call.
  public static let all = Reach(description: "all")
  /// Calls on files but the syncs.
  public static let file = Reach(
    description: "file",
    names: [
      "open", "openat", "access", "faccessat", "stat", "lstat", "newfstatat", "fstat", "read",
      "write", "pread64", "pwrite64", "writev", "lseek", "ftruncate", "fallocate", "fcntl",
      "fchmod",
      "unlink", "unlinkat", "rename", "renameat", "renameat2", "mkdir", "mkdirat", "close",
      "statfs", "fstatfs",
    ], objects: [.file, .none])
  /// Calls that change a file.
  public static let write = Reach(
    description: "write", names: ["write", "pwrite64", "writev", "ftruncate", "fallocate"],
    objects: [.file])
  /// Calls that wait for the disk.
  public static let sync = Reach(
    description: "sync", names: ["fsync", "fdatasync", "msync", "sync_file_range"])
  /// Calls on such connections, and those that make them.
  public static let network = Reach(
    description: "network", names: sockets.union(["read", "write", "readv", "writev", "close"]),
    objects: [.network])
  /// Calls that move bytes over them.
  public static let traffic = Reach(
    description: "traffic",
    names: ["connect", "sendto", "recvfrom", "sendmsg", "recvmsg", "read", "write"],
    objects: [.network])
  /// Calls on this machine's own sockets, whoever is at the other end.
  public static let socket = Reach(
    description: "socket", names: sockets.union(["read", "write", "close"]),
    objects: [.board, .local])
  /// Calls that move bytes over the cabinet's wires.
  public static let wires = Reach(
    description: "wires", names: ["sendto", "read", "write", "recvfrom"], objects: [.board])
  /// Calls that a signal can interrupt, of those that this program makes (signal(7)).
  public static let interruptible = Reach(
    description: "interruptible",
    names: [
      "read", "write", "readv", "writev", "sendto", "recvfrom", "sendmsg", "recvmsg", "poll",
      "ppoll", "epoll_wait", "epoll_pwait", "accept4", "open", "openat", "connect",
    ])
  /// Calls that sleep.
  public static let wait = Reach(
    description: "wait", names: ["poll", "ppoll", "epoll_wait", "epoll_pwait", "futex"])

  private static let sockets: Set<String> = [
    "socket", "connect", "bind", "listen", "accept4", "sendto", "recvfrom", "sendmsg", "recvmsg",
    "shutdown", "getsockopt", "setsockopt", "getsockname", "getpeername",
  ]

  /// The reaches that have names of their own.
  public static let known: [Reach] = [
    .all, .file, .write, .sync, .network, .traffic, .socket, .wires, .interruptible, .wait,
  ]

  /// A reach by its name, or the call of that name; nil when there is neither.
  public init?(named name: String) {
    if let known = Self.known.first(where: { $0.description == name }) {
      self = known
    } else if TracedCall.isName(name) {
      self.init(description: name, names: [name])
    } else {
      return nil
    }
  }

  private init(description: String, names: Set<String>? = nil, objects: Set<Object>? = nil) {
    (self.description, self.names, self.objects) = (description, names, objects)
  }

  /// What is reached by either; by a name of both, joined.
  public func union(_ other: Reach) -> Reach {
    Reach(
      description: "\(description),\(other.description)", parts: parts + other.parts)
  }

  private init(description: String, parts: [Reach]) {
    self.description = description
    others = parts
  }
  /// What else is reached, where this is a union.
  private var others: [Reach] = []
  private var parts: [Reach] { others.isEmpty ? [self] : others }

  /// Whether a call of the name can be meant, before anybody looks at its object.
  func mayMean(_ name: String) -> Bool {
    parts.contains { $0.names?.contains(name) ?? true }
  }

  /// Whether the call is meant.
  func means(_ name: String, on object: Object) -> Bool {
    parts.contains { part in
      (part.names?.contains(name) ?? true) && (part.objects?.contains(object) ?? true)
    }
  }
}
