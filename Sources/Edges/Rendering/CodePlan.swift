internal import Pixels

/// A QR code and the size at which it fits a square slot, in whole pixels a module.
struct CodePlan {
  /// Below this no camera in the trials read a code (facts on displays, section 11).
  static let leastModulePixels = 3
  static let leastModuleMicrometres = 800
  /// What is wanted before a symbol is made larger for the sake of glare.
  static let goodModuleMicrometres = 1000

  let code: QRCode
  let modulePixels: Int

  /// Pixels on a side, with the quiet zone.
  var side: Int { code.sideWithQuietZone * modulePixels }

  /// Chooses the code for a slot; refuses one that a phone would not read.
  init(
    payload: [UInt8], slotPixels: Int, pitchMicrometres: Int?, isGlossy: Bool
  ) throws(RenderingError) {
    func fits(_ side: Int, micrometres: Int) -> Bool {
      let pixels = slotPixels / side
      return pixels >= Self.leastModulePixels
        && pitchMicrometres.map { pixels * $0 >= micrometres } ?? true
    }
    var code = try QRCode.chosen(for: payload, isGlossy: isGlossy) {
      fits($0, micrometres: Self.goodModuleMicrometres)
    }
    if !fits(code.sideWithQuietZone, micrometres: Self.leastModuleMicrometres) {
      // A long payload at level L beats no sale; its modules are as large as any that are read.
      let plain = try QRCode(payload, level: .low)
      if fits(plain.sideWithQuietZone, micrometres: Self.leastModuleMicrometres) { code = plain }
    }
    self.code = code
    modulePixels = slotPixels / code.sideWithQuietZone
    guard fits(code.sideWithQuietZone, micrometres: Self.leastModuleMicrometres) else {
      throw .qrTooSmall(
        modulePixels: modulePixels, moduleMicrometres: pitchMicrometres.map { $0 * modulePixels })
    }
  }

  /// Paints the code, dark on light, with its quiet zone; whole pixels, no softened edges.
  func paint(on frame: inout Frame, x: Int, y: Int) {
    frame.fill(Rectangle(x: x, y: y, width: side, height: side), .white)
    let margin = QRCode.quietZone * modulePixels
    for row in 0..<code.side {
      for column in 0..<code.side where code[column, row] {
        frame.fill(
          Rectangle(
            x: x + margin + column * modulePixels, y: y + margin + row * modulePixels,
            width: modulePixels, height: modulePixels),
          .black)
      }
    }
  }
}
