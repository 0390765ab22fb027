internal import CLinux
internal import Glibc

/// The terminal that a person types at.
public enum Terminal {
  /// Reads a line of standard input without showing it, after saying what for; nil at the end.
  ///
  /// From a pipe or a file it is read as it comes, and nothing is said.
  public static func readHidden(_ prompt: String) -> String? {
    guard isatty(STDIN_FILENO) == 1 else { return readLine(strippingNewline: true) }
    var before = termios()
    guard unsafe tcgetattr(STDIN_FILENO, &before) == 0 else { return nil }
    var hidden = before
    hidden.c_lflag &= ~tcflag_t(ECHO)
    unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden)
    defer {
      unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &before)
      StandardError.write("\n")
    }
    StandardError.write(prompt)
    return readLine(strippingNewline: true)
  }
}
