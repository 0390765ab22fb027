internal import CLinux
internal import Glibc

/// A system call that failed: its name, what it was about, and why.
public struct SystemError: Error, Equatable, CustomStringConvertible {
  /// The call, as in its manual page.
  public var call: String
  /// The path, line or address that it was about; may be empty.
  public var subject: String
  /// The error number (`errno`).
  public var code: Int32

  /// Makes an error from an error number.
  public init(_ call: String, _ subject: String = "", code: Int32) {
    (self.call, self.subject, self.code) = (call, subject, code)
  }

  /// Makes an error from the present `errno`; call it at once.
  public static func last(_ call: String, _ subject: String = "") -> SystemError {
    SystemError(call, subject, code: errno)
  }

  /// The system's own words for the error number.
  public var words: String {
    unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
  }

  public var description: String {
    subject.isEmpty ? "\(call): \(words)" : "\(call) \(subject): \(words)"
  }
}
