import Core
import Synchronization

/// Tokens in files, with a crash before or after a write.
final class CrashingTokens: TokenStore {
  private let files: TokenFiles
  /// Half-steps until the crash; what fails from then on is lost with the process.
  private let left: Mutex<Int>

  init(_ files: TokenFiles, after steps: Int) {
    self.files = files
    left = Mutex(steps)
  }

  /// Whether the process is still there.
  var isAlive: Bool { left.withLock { $0 > 0 } }

  private func step(_ write: () throws(TokenFailure) -> Void) throws(TokenFailure) {
    try live()
    try write()
    try live()
  }

  private func live() throws(TokenFailure) {
    let lives = left.withLock { left in
      left -= 1
      return left > 0
    }
    if !lives { throw TokenFailure("power failed") }
  }

  func load() throws(TokenFailure) -> TokenRing { try files.load() }

  func write(next token: TokenRing.Dated) throws(TokenFailure) {
    try step { () throws(TokenFailure) in try files.write(next: token) }
  }

  func promote() throws(TokenFailure) {
    try step { () throws(TokenFailure) in try files.promote() }
  }

  func dropNext() throws(TokenFailure) {
    try step { () throws(TokenFailure) in try files.dropNext() }
  }
}
