public import Platform

/// Why a board file cannot be emulated.
public enum EmulatedBoardError: Error, Equatable, CustomStringConvertible {
  /// The board file's lines are this computer's own, and not reached by remote I/O.
  case notRemote
  /// Two things are wired to one line.
  case duplicateLine(String)
  /// A name that cannot stand on a line of the protocol.
  case badLineName(String)
  /// The socket or the display's port cannot be made.
  case system(SystemError)

  public var description: String {
    switch self {
    case .notRemote: "the board's lines are not remote"
    case .duplicateLine(let name): "two things are wired to line \(name)"
    case .badLineName(let name): "\(name) is no name of a line"
    case .system(let error): error.description
    }
  }
}
