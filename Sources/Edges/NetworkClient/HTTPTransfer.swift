/// What libcurl has handed over of one response so far.
///
/// Touched only by the thread that performs the transfer, within libcurl's callbacks.
final class HTTPTransfer {
  private(set) var headers: [String: String] = [:]
  private(set) var repeatedHeaders: Set<String> = []
  private(set) var body: [UInt8] = []
  private(set) var isTooLarge = false
  private var headerBytes = 0
  private let bodyLimit: Int

  /// More than any API of ours sends; a server that streams headers for ever ends here.
  private static let headerLimit = 32_768

  init(bodyLimit: Int) { self.bodyLimit = bodyLimit }

  /// Whether any byte of a response came.
  var hasBegun: Bool { headerBytes > 0 || !body.isEmpty }

  /// Takes one header line with its line end; false to give up.
  func take(header line: [UInt8]) -> Bool {
    headerBytes += line.count
    guard headerBytes <= Self.headerLimit else {
      isTooLarge = true
      return false
    }
    if line.starts(with: "HTTP/".utf8) {
      // A new status line: what came before belonged to an interim response (100 Continue).
      headers.removeAll()
      repeatedHeaders.removeAll()
      return true
    }
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return true }
    let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
    var value = line[(colon + 1)...]
    while let last = value.last, last <= 0x20 { value.removeLast() }
    while let first = value.first, first <= 0x20 { value.removeFirst() }
    if headers[name] == nil {
      headers[name] = String(decoding: value, as: UTF8.self)
    } else {
      repeatedHeaders.insert(name)
    }
    return true
  }

  /// Takes a piece of the body; false to give up.
  func take(body piece: UnsafeRawBufferPointer) -> Bool {
    guard body.count + piece.count <= bodyLimit else {
      isTooLarge = true
      return false
    }
    unsafe body.append(contentsOf: piece)
    return true
  }
}
