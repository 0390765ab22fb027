internal import Glibc

/// How a panel's own fonts count characters, and the bytes of a text for them.
///
/// The conversion is the C library's (iconv(3)); a character that the panel cannot have becomes a
/// question mark.
public enum PanelText: Hashable, Sendable {
  /// The Chinese national encoding, one or two bytes a character.
  case gbk
  case utf8

  /// A text in this encoding, at most so many bytes: what is beyond is cut between characters.
  ///
  /// Line ends stay as `\n`, other controls are left out.
  public func bytes(of text: String, limit: Int = 240) -> [UInt8] {
    var result: [UInt8] = []
    let converter = self == .gbk ? GBKConverter() : nil
    for scalar in text.unicodeScalars where scalar == "\n" || scalar.value >= 0x20 {
      var bytes = Array(String(scalar).utf8)
      if let converter, scalar.value >= 0x80 {
        bytes = converter.bytes(of: Self.known(scalar)) ?? [0x3F]
      }
      guard result.count + bytes.count <= limit else { break }
      result += bytes
    }
    return result
  }

  /// Whether this computer can convert to it: the C library's tables may not be installed.
  public var isAvailable: Bool { self == .utf8 || bytes(of: "可") == [0xBF, 0xC9] }

  /// As much of a text in GBK as fits into so many columns, of which a Chinese character takes two.
  public static func cut(_ bytes: [UInt8], columns: Int) -> [UInt8] {
    var end = 0
    while end < bytes.count {
      let width = bytes[end] >= 0x81 ? 2 : 1
      guard end + width <= min(columns, bytes.count) else { break }
      end += width
    }
    return Array(bytes.prefix(end))
  }

  /// GBK has the currency's full-width sign only.
  private static func known(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    scalar == "\u{A5}" ? "\u{FFE5}" : scalar
  }
}

/// The C library's converter to GBK; without its tables (Debian: libc-gconv-modules-extra) it
/// knows no character.
@safe
private final class GBKConverter {
  private let handle: iconv_t?

  init() {
    let opened = unsafe iconv_open("GBK", "UTF-8")
    // (iconv_t)-1 is its failure.
    unsafe handle = Int(bitPattern: opened) == -1 ? nil : opened
  }

  deinit {
    if let handle = unsafe handle { unsafe iconv_close(handle) }
  }

  /// One character, or nil when GBK has none such.
  ///
  /// A second byte that is a backslash would end a panel's string early, so those few rare
  /// characters count as not there.
  func bytes(of scalar: Unicode.Scalar) -> [UInt8]? {
    guard let handle = unsafe handle else { return nil }
    var input = String(scalar).utf8.map { CChar(bitPattern: $0) }
    var output = [CChar](repeating: 0, count: 4)
    var (left, room) = (input.count, output.count)
    let result = unsafe input.withUnsafeMutableBufferPointer { source in
      unsafe output.withUnsafeMutableBufferPointer { target in
        var (from, to) = (source.baseAddress, target.baseAddress)
        return unsafe iconv(handle, &from, &left, &to, &room)
      }
    }
    guard result == 0, left == 0 else { return nil }
    let bytes = output.prefix(4 - room).map { UInt8(bitPattern: $0) }
    return bytes.count == 2 && bytes[1] == 0x5C ? nil : bytes
  }
}
