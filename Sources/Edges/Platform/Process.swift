internal import Glibc

/// This process.
public enum Process {
  /// Its number.
  public static var identifier: Int32 { getpid() }

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

  /// Ends it with an exit code.
  public static func exit(_ code: Int32) -> Never { Glibc.exit(code) }
}
