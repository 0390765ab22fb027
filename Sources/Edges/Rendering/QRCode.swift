internal import CQREncode
internal import Glibc

/// A QR code (ISO/IEC 18004) of bytes, as dark and light modules without the quiet zone.
public struct QRCode: Equatable, Sendable {
  /// How much of the symbol may be spoilt: about 7, 15, 25 and 30 per cent.
  public enum Level: Int, Hashable, Sendable, CaseIterable, Comparable {
    case low = 0
    case medium = 1
    case quartile = 2
    case high = 3

    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
  }

  /// Light modules that belong on each side.
  public static let quietZone = 4

  /// 1 to 40.
  public let version: Int
  public let level: Level
  /// Modules on a side, `17 + 4 * version`.
  public let side: Int
  private let isDark: [Bool]

  /// Modules on a side with the quiet zone.
  public var sideWithQuietZone: Int { side + 2 * Self.quietZone }

  /// Whether a module is dark; column and row lie in `0..<side`.
  public subscript(column: Int, row: Int) -> Bool { isDark[row * side + column] }

  /// The smallest symbol of that level that holds the bytes, in byte mode, but no smaller than
  /// `leastVersion`: some panels draw no smaller ones.
  public init(
    _ payload: [UInt8], level: Level, leastVersion: Int = 1
  ) throws(RenderingError) {
    guard !payload.isEmpty, payload.count <= Int(Int32.max) else {
      throw .payloadUnfit(byteCount: payload.count)
    }
    let result = unsafe payload.withUnsafeBufferPointer { bytes in
      unsafe QRcode_encodeData(
        Int32(bytes.count), bytes.baseAddress, Int32(leastVersion),
        QRecLevel(rawValue: QRecLevel.RawValue(level.rawValue)))
    }
    guard let code = unsafe result else { throw .payloadUnfit(byteCount: payload.count) }
    defer { unsafe QRcode_free(code) }
    version = Int(unsafe code.pointee.version)
    side = Int(unsafe code.pointee.width)
    self.level = level
    // Bit 0 of each byte says "dark" (qrencode.h).
    let modules = unsafe UnsafeBufferPointer(start: code.pointee.data, count: side * side)
    isDark = unsafe modules.map { $0 & 1 == 1 }
  }

  /// The code for a payload on a panel.
  ///
  /// The smallest version that holds the payload at level M, then the highest level that this
  /// version holds. On a glossy panel a glare spot spoils more than M mends: level Q is taken there
  /// even when it costs one version more, as long as `isLargeEnough` still says yes to the side
  /// with the quiet zone (facts on displays, section 11).
  public static func chosen(
    for payload: [UInt8], isGlossy: Bool, isLargeEnough: (_ side: Int) -> Bool
  ) throws(RenderingError) -> QRCode {
    var best = try QRCode(payload, level: .medium)
    if isGlossy {
      let robust = try raised(best, payload, to: .quartile, versions: 1)
      if isLargeEnough(robust.sideWithQuietZone) { best = robust }
    }
    for level in Level.allCases where level > best.level {
      best = try raised(best, payload, to: level, versions: 0)
    }
    return best
  }

  /// The code at a higher level, when that costs at most so many versions more; else as it is.
  private static func raised(
    _ code: QRCode, _ payload: [UInt8], to level: Level, versions: Int
  ) throws(RenderingError) -> QRCode {
    do throws(RenderingError) {
      let raised = try QRCode(payload, level: level)
      return raised.version <= code.version + versions ? raised : code
    } catch {
      // At this level no version holds it at all.
      guard case .payloadUnfit = error else { throw error }
      return code
    }
  }
}
