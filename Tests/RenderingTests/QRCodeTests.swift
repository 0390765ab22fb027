import Testing

@testable import Rendering

@Suite("Choosing a QR code")
struct QRCodeTests {
  func payload(_ count: Int) -> [UInt8] {
    Array(
      ("weixin://wxpay/bizpayurl?pr=" + String(repeating: "aZ7", count: 700)).utf8.prefix(count))
  }

  func chosen(
    _ count: Int, isGlossy: Bool = false, isLargeEnough: (Int) -> Bool = { _ in true }
  ) throws -> QRCode {
    try QRCode.chosen(for: payload(count), isGlossy: isGlossy, isLargeEnough: isLargeEnough)
  }

  /// Byte capacity of versions 1 to 10 (facts on displays, section 11).
  static let capacities: [(QRCode.Level, [Int])] = [
    (.low, [17, 32, 53, 78, 106, 134, 154, 192, 230, 271]),
    (.medium, [14, 26, 42, 62, 84, 106, 122, 152, 180, 213]),
    (.quartile, [11, 20, 32, 46, 60, 74, 86, 108, 130, 151]),
    (.high, [7, 14, 24, 34, 44, 58, 64, 84, 98, 119]),
  ]

  @Test func eachVersionHoldsItsCapacityAndNotAByteMore() throws {
    for (level, counts) in Self.capacities {
      for (index, count) in counts.enumerated() {
        #expect(try QRCode(payload(count), level: level).version == index + 1)
        #expect(try QRCode(payload(count + 1), level: level).version == index + 2)
      }
    }
  }

  @Test(arguments: [
    (35, 3, QRCode.Level.medium), (37, 3, .medium), (42, 3, .medium), (43, 4, .quartile),
    (46, 4, .quartile), (47, 4, .medium), (49, 4, .medium), (14, 1, .medium), (15, 2, .quartile),
    (20, 2, .quartile), (7, 1, .high), (128, 8, .medium),
  ])
  func versionIsTheSmallestAtMAndTheLevelTheHighestThatIsFree(
    count: Int, version: Int, level: QRCode.Level
  ) throws {
    let code = try chosen(count)
    #expect((code.version, code.level) == (version, level))
    #expect(code.side == 17 + 4 * version)
  }

  @Test(arguments: [
    (35, 4, QRCode.Level.quartile), (49, 5, .quartile), (43, 4, .quartile), (128, 9, .quartile),
    (34, 4, .high),
  ])
  func glassCostsAtMostOneVersion(count: Int, version: Int, level: QRCode.Level) throws {
    let code = try chosen(count, isGlossy: true)
    #expect((code.version, code.level) == (version, level))
  }

  @Test func glassChangesNothingWhereTheLargerCodeDoesNotFit() throws {
    let code = try chosen(35, isGlossy: true) { $0 <= 29 + 8 }
    #expect((code.version, code.level) == (3, .medium))
  }

  @Test func payloadsThatNoCodeHoldsAreRefused() throws {
    #expect(throws: RenderingError.payloadUnfit(byteCount: 0)) { try QRCode([], level: .medium) }
    #expect(try QRCode(Array(repeating: 65, count: 2331), level: .medium).version == 40)
    #expect(throws: RenderingError.payloadUnfit(byteCount: 2332)) {
      try QRCode(Array(repeating: 65, count: 2332), level: .medium)
    }
    // Level Q holds 1663 bytes at most, so glass is no reason to refuse.
    #expect(try chosen(2000, isGlossy: true).level == .medium)
  }

  @Test func finderPatternsStandInThreeCorners() throws {
    let code = try chosen(35)
    for (x, y) in [(0, 0), (code.side - 7, 0), (0, code.side - 7)] {
      for step in 0..<7 {
        #expect(code[x + step, y] && code[x, y + step] && code[x + 6, y + step])
      }
      #expect(!code[x + 1, y + 1] && code[x + 3, y + 3])
    }
  }
}

@Suite("Sizing a QR code")
struct CodePlanTests {
  /// Module pixels of a panel's short side (facts on displays, section 11).
  @Test(arguments: [
    (320, 154, 35, 8), (320, 154, 49, 7), (272, 198, 35, 7), (272, 198, 49, 6), (480, 136, 35, 12),
    (480, 136, 49, 11), (240, 178, 35, 6), (240, 178, 49, 5),
  ])
  func modulesAreAsLargeAsTheSlotAllows(
    slot: Int, pitch: Int, count: Int, pixels: Int
  ) throws {
    let plan = try CodePlan(
      payload: Array(repeating: 97, count: count), slotPixels: slot, pitchMicrometres: pitch,
      isGlossy: false)
    #expect(plan.modulePixels == pixels)
    #expect(plan.side <= slot)
  }

  @Test func modulesBelowThreePixelsAreRefused() {
    let payload = Array(repeating: UInt8(97), count: 35)
    #expect(throws: Never.self) {
      try CodePlan(
        payload: payload, slotPixels: 37 * 3, pitchMicrometres: nil, isGlossy: false)
    }
    #expect(throws: RenderingError.qrTooSmall(modulePixels: 2, moduleMicrometres: nil)) {
      try CodePlan(
        payload: payload, slotPixels: 37 * 3 - 1, pitchMicrometres: nil, isGlossy: true)
    }
  }

  @Test func modulesBelowEightTenthsOfAMillimetreAreRefused() {
    let payload = Array(repeating: UInt8(97), count: 35)
    #expect(throws: Never.self) {
      try CodePlan(payload: payload, slotPixels: 37 * 5, pitchMicrometres: 160, isGlossy: false)
    }
    let error = RenderingError.qrTooSmall(modulePixels: 5, moduleMicrometres: 795)
    #expect(throws: error) {
      try CodePlan(payload: payload, slotPixels: 37 * 5, pitchMicrometres: 159, isGlossy: false)
    }
    #expect(
      error.description
        == "QR code too small: 5 px = 0.79 mm a module, where 3 px and 0.80 mm are needed")
  }

  /// 128 bytes are version 8 at level M and version 6 at level L: 57 and 49 modules.
  @Test func longPayloadGetsTheLowestLevelRatherThanARefusal() throws {
    let payload = Array(repeating: UInt8(97), count: 128)
    func plan(_ pitch: Int) throws -> CodePlan {
      try CodePlan(payload: payload, slotPixels: 320, pitchMicrometres: pitch, isGlossy: false)
    }
    let tight = try plan(154)
    #expect((tight.code.version, tight.code.level, tight.modulePixels) == (6, .low, 6))
    let roomy = try plan(160)
    #expect((roomy.code.version, roomy.code.level, roomy.modulePixels) == (8, .medium, 5))
    #expect(throws: RenderingError.qrTooSmall(modulePixels: 5, moduleMicrometres: 665)) {
      try plan(133)
    }
  }

  @Test func glassWantsAWholeMillimetre() throws {
    let payload = Array(repeating: UInt8(97), count: 35)
    func version(pitch: Int) throws -> Int {
      try CodePlan(
        payload: payload, slotPixels: 41 * 5, pitchMicrometres: pitch, isGlossy: true
      ).code.version
    }
    #expect(try version(pitch: 200) == 4)
    #expect(try version(pitch: 199) == 3)
  }
}
