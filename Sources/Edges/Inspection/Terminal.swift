internal import Glibc

/// Whether a person sits at the other end.
public enum Terminal {
  /// Whether standard output goes to a terminal.
  public static var isOutput: Bool { isatty(1) == 1 }
  /// Whether standard input comes from a terminal.
  public static var isInput: Bool { isatty(0) == 1 }
}
