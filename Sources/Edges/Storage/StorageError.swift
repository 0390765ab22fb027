/// Why a store cannot be used, or not any more.
public enum StorageError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The disk, or the quota, is full. Nothing of the commit was kept.
  case full
  /// The file or its directory may not be written.
  case readOnly(String)
  /// What is on the disk is not what was written; the words name the place.
  case corrupt(String)
  /// Another process has the lock; its id where it is known.
  case locked(by: Int32?)
  /// A newer program wrote the file; this one does not guess what is in it.
  case newerSchema(found: Int, known: Int)
  /// The file belongs to something else: to the other role, or to another program.
  case wrongRole(String)
  /// The system failed a read, a write or a sync.
  case io(String)
  /// There is no such file or directory.
  case notThere(String)
  /// The caller gave something that breaks the store's bounds; nothing was touched.
  case refused(String)
  /// An earlier commit failed, so what is on the disk is not known until the file is opened anew.
  case poisoned(String)

  /// The reason in words, with what to do where that is not plain.
  public var description: String {
    switch self {
    case .full: "the disk is full"
    case .readOnly(let path): "\(path) cannot be written: permissions, or a read-only file system"
    case .corrupt(let place): "damaged: \(place); keep a copy of the file for the repair"
    case .locked(let process):
      "in use by \(process.map { "process \($0)" } ?? "another process")"
    case .newerSchema(let found, let known):
      "written by a newer program (layout \(found), this one knows \(known)): update the program"
    case .wrongRole(let words): words
    case .io(let words): words
    case .notThere(let path): "\(path) is not there"
    case .refused(let words): "refused: \(words)"
    case .poisoned(let words):
      "an earlier write failed (\(words)); the store must be opened again"
    }
  }
}
