internal import CLinux
internal import Glibc

/// The process's standard error, written at once and without a buffer.
public enum StandardError {
  /// Writes text; a reader that has gone is nobody to tell.
  public static func write(_ text: String) { writeAll(text, to: 2) }
}

/// The process's standard output, written at once and without a buffer.
public enum StandardOutput {
  /// Writes text; a reader that has gone is nobody to tell.
  public static func write(_ text: String) { writeAll(text, to: 1) }
}

private func writeAll(_ text: String, to descriptor: Int32) {
  var rest = Array(text.utf8)[...]
  while !rest.isEmpty {
    let wrote = unsafe rest.withUnsafeBytes {
      unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
    }
    if wrote < 0, errno == EINTR { continue }
    if wrote <= 0 { return }
    rest = rest.dropFirst(wrote)
  }
}

/// Standard input.
public enum StandardInput {
  /// Does something while what is typed is not shown.
  public static func withoutEcho<Result>(_ body: () -> Result) -> Result {
    guard vend_tty_echo(0, 0) == 0 else { return body() }
    defer { _ = vend_tty_echo(0, 1) }
    return body()
  }
}
