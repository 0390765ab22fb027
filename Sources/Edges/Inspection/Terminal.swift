internal import CLinux
internal import Glibc

/// Whether a person sits at the other end.
public enum Terminal {
  /// Whether standard output goes to a terminal.
  public static var isOutput: Bool { isatty(1) == 1 }
  /// Does something while what is typed is not shown.
  public static func withoutEcho<Result>(_ body: () -> Result) -> Result {
    var before = termios()
    guard unsafe tcgetattr(0, &before) == 0 else { return body() }
    var quiet = before
    quiet.c_lflag &= ~tcflag_t(ECHO)
    _ = unsafe tcsetattr(0, TCSAFLUSH, &quiet)
    defer { _ = unsafe tcsetattr(0, TCSAFLUSH, &before) }
    return body()
  }

  /// Whether standard input comes from a terminal.
  public static var isInput: Bool { isatty(0) == 1 }
}
