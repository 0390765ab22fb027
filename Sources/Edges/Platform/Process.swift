internal import Glibc

/// This process.
public enum Process {
  /// Its number.
  public static var identifier: Int32 { getpid() }

  /// Ends it with an exit code.
  public static func exit(_ code: Int32) -> Never { Glibc.exit(code) }
}
