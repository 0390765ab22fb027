import Glibc
import Platform
import Testing

/// Texts as they were reviewed, a file each in `Golden`.
///
/// `VEND_GOLDEN=write swift test --filter DiagnosticsTests` writes them anew; the difference is
/// then reviewed like code.
enum Golden {
  static func expect(
    _ text: String, is name: String, _ location: SourceLocation = #_sourceLocation
  ) throws {
    let path = "\(Files.directory(of: #filePath))/Golden/\(name)"
    if getenv("VEND_GOLDEN").map({ String(cString: $0) }) == "write" {
      try Files.replace(path, with: Array(text.utf8), durable: false)
    }
    let wanted = Files.exists(path) ? try Files.readText(path) : "(there is no \(name))"
    #expect(text == wanted, "\(name)", sourceLocation: location)
  }
}
