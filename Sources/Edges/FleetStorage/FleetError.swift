/// Why a call to the store gave no answer.
public enum FleetError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The store cannot be reached, is busy, or is full. Nothing happened: try again later.
  case unavailable(String)
  /// The connection was lost while committing. All of it happened, or nothing: read again.
  case unknown(String)
  /// What the caller gave breaks the store's bounds. Nothing happened, and nothing ever will.
  case refused(String)
  /// What is stored is not what was written; the words name the place.
  case corrupt(String)
  /// The schema was written by a newer program.
  case newerSchema(found: Int, known: Int)
  /// The schema must be migrated first.
  case olderSchema(found: Int, known: Int)
  /// A write to disk failed, so that what is there is not known: this process must end.
  case broken(String)

  /// The reason in words, with what to do where that is not plain.
  public var description: String {
    switch self {
    case .unavailable(let words): "the store is not available: \(words)"
    case .unknown(let words): "whether it was written is not known: \(words)"
    case .refused(let words): "refused: \(words)"
    case .corrupt(let place): "damaged: \(place)"
    case .newerSchema(let found, let known):
      "written by a newer program (schema \(found), this one knows \(known)): update the program"
    case .olderSchema(let found, let known):
      "the schema is \(found), this program needs \(known): migrate it first"
    case .broken(let words): "a write failed (\(words)): the store must be opened again"
    }
  }
}
