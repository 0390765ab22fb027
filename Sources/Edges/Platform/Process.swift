internal import Glibc

/// This process.
public enum Process {
  /// Its number.
  public static var identifier: Int32 { getpid() }

  /// This computer's name; `here` when it has none.
  public static var hostName: String {
    var name = [CChar](repeating: 0, count: 65)
    guard unsafe gethostname(&name, name.count - 1) == 0 else { return "here" }
    let text = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    return text.isEmpty ? "here" : text
  }

  /// The name of the person who runs it: behind `sudo` still their own.
  public static var person: String {
    for name in ["SUDO_USER", "USER", "LOGNAME"] {
      if let person = Environment[name], !person.isEmpty { return person }
    }
    return "user \(getuid())"
  }

  /// Sees to it that no memory of this process, with its keys, ends in a core dump.
  ///
  /// A limit of one byte and not of none: none still feeds the pipe of a crash reporter, one is
  /// what the kernel takes for "no dump at all" (core(5), "Piping core dumps to a program").
  public static func forbidCoreDumps() {
    var limit = rlimit(rlim_cur: 1, rlim_max: 1)
    if unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit) == 0 { return }
    // A hard limit of none is the unit's own word, and cannot be raised again.
    limit = rlimit(rlim_cur: 0, rlim_max: 0)
    _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
  }

  /// Raises the limit of open descriptors as far as the process may by itself; the limit then.
  ///
  /// A service whose callers are held for half a minute has one for each of them.
  @discardableResult
  public static func raiseDescriptorLimit() -> Int {
    var limit = rlimit()
    let kind = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    guard unsafe getrlimit(kind, &limit) == 0 else { return 0 }
    limit.rlim_cur = limit.rlim_max
    _ = unsafe setrlimit(kind, &limit)
    guard unsafe getrlimit(kind, &limit) == 0 else { return 0 }
    return Int(clamping: limit.rlim_cur)
  }

  /// Ends it with an exit code.
  public static func exit(_ code: Int32) -> Never { Glibc.exit(code) }
}
