internal import Displays
internal import Glibc
internal import Imaging
public import Pixels
internal import Platform

/// Reads QR codes from pixels with `zbarimg`, which is not ours: what a phone's camera would find.
public struct QRReader: Sendable {
  private let directory: String

  /// A reader that puts its pictures into a directory.
  public init(directory: String) { self.directory = directory }

  /// The text of the one code in a picture; nil when there is none or more than one.
  public func read(_ frame: Frame) async throws -> String? {
    let file = "\(directory)/scan-\(RandomBits.text(count: 8)).png"
    try Files.replace(file, with: PNG.encode(frame), durable: false)
    defer { unlink(file) }
    let outcome = try await ChildProcess.run([
      "zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", file,
    ])
    var text = String(decoding: outcome.output, as: UTF8.self)
    guard outcome.exit == .status(0), text.last == "\n" else { return nil }
    text.removeLast()
    return text.contains("\n") ? nil : text
  }
}
