public import Timing

/// A person who may use the console.
public struct Operator: Hashable, Sendable {
  /// By which the person logs in, and stands in the log.
  public var name: String
  public var role: OperatorRole
  public var isDisabled: Bool
  /// The version of the document: grows with every change.
  public var version: Int64
  /// When and by whom it was changed last.
  public var changedAt: WallTime
  public var changedBy: String

  /// The longest name, in characters.
  public static let nameMax = 32
  /// The shortest password, in characters.
  public static let passwordMin = 10
  /// The longest password, in bytes: more is no safer, and costs time.
  public static let passwordMax = 256

  /// Whether a text can be a name: 2 to 32 of `[0-9a-z._-]`, a letter first.
  static func isName(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard (2...nameMax).contains(bytes.count), let first = bytes.first else { return false }
    return isLetter(first)
      && bytes.allSatisfy {
        isLetter($0) || (48...57).contains($0) || $0 == 0x2E || $0 == 0x5F || $0 == 0x2D
      }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
  }
}

/// A person as the store has it.
struct OperatorRecord: Hashable, Codable {
  var role: OperatorRole
  /// A `PasswordHash` as text.
  var password: String
  var isDisabled: Bool
  /// Sessions that began before this ended with it, whatever else happened to them.
  var sessionsSince: WallTime
}

/// Why something about people was not done.
public enum OperatorRefusal: String, Hashable, Sendable, Error, CaseIterable {
  /// Not 2 to 32 of `[0-9a-z._-]` with a letter first.
  case name
  /// Shorter than ten characters, or longer than 256 bytes.
  case password
  /// The password is the name, or one character over and over.
  case guessable
  /// There is somebody of that name.
  case taken
  /// There is nobody of that name.
  case unknown
  /// Nobody could manage people any more.
  case lastAdmin
  /// The present password is wrong.
  case wrongPassword
  /// Somebody else changed it in the same moment.
  case overtaken
  /// Too many tries.
  case tooMany
  /// The store did not answer.
  case store
}
