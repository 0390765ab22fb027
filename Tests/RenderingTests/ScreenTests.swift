import Money
import Pixels
import Platform
import Testing
import Vending

@testable import Rendering

@Suite("Every screen on every panel", .enabled(if: Files.exists(Gallery.font), "no font"))
struct ScreenTests {
  @Test(arguments: Language.allCases)
  func everyTextIsWholeInsideThePanelAndClearOfTheOthers(language: Language) throws {
    for (index, (width, height)) in Gallery.sizes.enumerated() {
      let renderer = try Gallery.renderer(width, height, language)
      // All screens on the common panels; on the others each time other ones.
      let messages =
        index < 4
        ? Gallery.messages : Gallery.messages.enumerated().filter { $0.0 % 8 == index % 8 }.map(\.1)
      for screen in messages + Gallery.payments {
        let drawn = try renderer.compose(screen)
        let name = "\(width)x\(height) \(screen)"
        #expect((drawn.frame.width, drawn.frame.height) == (width, height))
        #expect(drawn.missingGlyphs == 0, "\(name)")
        #expect(!drawn.texts.isEmpty, "\(name)")
        for (index, text) in drawn.texts.enumerated() {
          if text.intersection(drawn.frame.bounds) != text {
            Issue.record("\(name): a text at \(text) is cut off")
          }
          for other in drawn.texts[(index + 1)...] {
            let shared = text.intersection(other)
            // Neighbouring lines of Latin text may touch where a descender meets an ascender.
            if min(shared.width, shared.height) > 2 {
              Issue.record("\(name): \(text) and \(other)")
            }
          }
        }
      }
    }
  }

  @Test(arguments: Language.allCases)
  func quietZoneIsWhiteAndFreeOfText(language: Language) throws {
    for (width, height) in Gallery.sizes {
      let renderer = try Gallery.renderer(width, height, language)
      for screen in Gallery.payments.suffix(3) {
        let drawn = try renderer.compose(screen)
        let code = try #require(drawn.report?.area)
        #expect(code.intersection(drawn.frame.bounds) == code)
        #expect(drawn.texts.allSatisfy { $0.intersection(code).isEmpty })
        let plan = try CodePlan(
          payload: Array(Gallery.codeURL.utf8), slotPixels: code.width, pitchMicrometres: nil,
          isGlossy: false)
        #expect(plan.side == code.width)
        let zone = 4 * plan.modulePixels
        for strip in [
          Rectangle(x: code.x, y: code.y, width: code.width, height: zone),
          Rectangle(x: code.x, y: code.bottom - zone, width: code.width, height: zone),
          Rectangle(x: code.x, y: code.y, width: zone, height: code.height),
          Rectangle(x: code.right - zone, y: code.y, width: zone, height: code.height),
        ] {
          #expect(drawn.frame.uniformColour(in: strip) == .white, "\(width)x\(height)")
        }
        // Nothing but pure black and white inside: no softened edges.
        #expect(drawn.frame.pixels(in: code).allSatisfy { $0 == 0 || $0 == 0xFFFF })
      }
    }
  }

  @Test func paymentShowsNameAndPriceAndLaneAndTimeAndTailAndHint() throws {
    for (width, height) in Gallery.sizes {
      for language in Language.allCases {
        let renderer = try Gallery.renderer(width, height, language)
        let texts = try renderer.compose(Gallery.payment()).texts
        // Name, sign and digits of the price, hint, label and four characters of time, lane and
        // tail, which may share a line.
        #expect(texts.count >= 10, "\(width)x\(height)")
        // Each of the seven things changes the picture by itself.
        let whole = try renderer.draw(Gallery.payment())
        let other = Screen.Product(lane: "12", name: "雪碧", price: Amount(fen: 350))
        let dearer = Screen.Product(lane: "12", name: "可口可乐 罐装 330ml", price: Amount(fen: 360))
        let elsewhere = Screen.Product(
          lane: "13", name: "可口可乐 罐装 330ml", price: Amount(fen: 350))
        #expect(try renderer.draw(Gallery.payment(other)) != whole)
        #expect(try renderer.draw(Gallery.payment(elsewhere)) != whole)
        #expect(try renderer.draw(Gallery.payment(dearer)) != whole)
        #expect(try renderer.draw(Gallery.payment(tail: "4712")) != whole)
        #expect(try renderer.draw(Gallery.payment(seconds: 84)) != whole)
        #expect(try renderer.draw(Gallery.payment(codeURL: Gallery.codeURL + "4")) != whole)
      }
    }
  }

  @Test(arguments: Language.allCases)
  func priceStaysWholeBehindANameThatIsTooLong(language: Language) throws {
    let long = String(repeating: "Very long ", count: 30)
    for (width, height) in Gallery.sizes {
      let renderer = try Gallery.renderer(width, height, language)
      func drawn(_ fen: Int64) throws -> Frame {
        try renderer.draw(
          .opening(Screen.Product(lane: "1", name: long, price: Amount(fen: fen))))
      }
      #expect(try drawn(12_345) != drawn(12_346), "\(width)x\(height)")
    }
  }

  @Test func secondThatPassesChangesOnlyItsDigit() throws {
    for (width, height) in Gallery.sizes.prefix(8) {
      let renderer = try Gallery.renderer(width, height)
      let before = try renderer.draw(Gallery.payment(seconds: 85))
      let after = try renderer.draw(Gallery.payment(seconds: 84))
      let change = try #require(after.difference(from: before))
      let digit = max(13, min(width, height) / 16) * 2
      #expect(change.width <= digit && change.height <= digit, "\(width)x\(height) \(change)")
      let minute = try renderer.draw(Gallery.payment(seconds: 59))
      let dirty = try #require(minute.difference(from: before))
      #expect(dirty.width <= 4 * digit && dirty.height <= digit)
    }
  }

  @Test func blankIsBlack() throws {
    let frame = try Gallery.renderer(320, 480).draw(.blank)
    #expect(frame.uniformColour(in: frame.bounds) == .black)
  }

  @Test func sameScreenIsTheSamePicture() throws {
    let renderer = try Gallery.renderer(320, 240)
    let fresh = try Gallery.renderer(320, 240)
    for screen in Gallery.messages { _ = try renderer.draw(screen) }
    for screen in Gallery.messages.suffix(9) + Gallery.payments {
      #expect(try renderer.draw(screen) == fresh.draw(screen))
    }
  }

  @Test func threadsMayShareARenderer() async throws {
    let renderer = try Gallery.renderer(320, 240)
    let wanted = try renderer.draw(.idle)
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<8 {
        group.addTask { (try? renderer.draw(.idle)) == wanted }
      }
      for await isSame in group { #expect(isSame) }
    }
  }
}

@Suite("What must not break the screen", .enabled(if: Files.exists(Gallery.font), "no font"))
struct HostileTextTests {
  @Test func charactersThatTheFontDoesNotHaveBecomeBoxes() throws {
    let product = Screen.Product(lane: "1", name: "Cola \u{1F964} \u{13000}", price: Amount(fen: 1))
    let drawn = try Gallery.renderer(320, 480).compose(.selection(typed: "1", product: product))
    #expect(drawn.missingGlyphs == 2)
  }

  @Test(arguments: [
    "", " ", "\n", "\0", "\u{202E}txt", "a\u{0301}\u{200D}b", "\t\ttab", "e\u{FEFF}",
    String(repeating: "w", count: 100_000), String(repeating: "货", count: 100_000),
    String(repeating: " ", count: 5000), "\u{10FFFF}\u{FFFE}", "مرحبا", "👩‍👩‍👧‍👦",
  ])
  func anyNameIsDrawnInsideThePanel(name: String) throws {
    let product = Screen.Product(lane: name, name: name, price: Amount(fen: .max))
    let debt = Screen.Product(lane: name, name: name, price: Amount(fen: .min))
    for (width, height) in [(240, 320), (320, 240)] {
      let renderer = try Gallery.renderer(width, height, .english)
      for screen in [
        Screen.selection(typed: name, product: product), .opening(product), .paid(debt),
        Gallery.payment(product, seconds: .min, tail: name), Gallery.payment(seconds: .max),
        .unavailable(typed: name, .soldOut), .sorry(.held, orderTail: name),
        .outOfService(faultCode: name), .service(lines: [name, name]),
      ] {
        let drawn = try renderer.compose(screen)
        if let code = drawn.report?.area {
          #expect(drawn.texts.allSatisfy { $0.intersection(code).isEmpty })
        }
      }
    }
  }

  @Test func fileThatIsNoFontIsRefusedByName() {
    for path in ["/nowhere.ttf", "/etc/passwd", "/dev/null", "/tmp", ""] {
      do {
        _ = try Gallery.renderer(320, 480, font: path)
        Issue.record("\(path) was taken for a font")
      } catch {
        guard case .fontUnreadable(let words) = error else {
          Issue.record("\(error)")
          return
        }
        #expect(words.hasPrefix(path))
      }
    }
  }

  @Test func panelWithoutRoomIsRefused() {
    #expect(throws: RenderingError.panelTooSmall(width: 128, height: 64)) {
      try Gallery.renderer(128, 64)
    }
  }

  @Test func codeThatAPhoneWouldNotReadIsRefusedAndTheNextScreenIsDrawn() throws {
    let renderer = try Gallery.renderer(320, 240, pitch: 100)
    #expect(throws: RenderingError.qrTooSmall(modulePixels: 6, moduleMicrometres: 600)) {
      try renderer.draw(Gallery.payment())
    }
    let long = try Gallery.renderer(240, 320)
    let url = Gallery.codeURL + String(repeating: "x", count: 477)
    #expect(throws: RenderingError.qrTooSmall(modulePixels: 2, moduleMicrometres: nil)) {
      try long.draw(Gallery.payment(codeURL: url))
    }
    #expect(throws: RenderingError.payloadUnfit(byteCount: 0)) {
      try long.draw(Gallery.payment(codeURL: ""))
    }
    #expect(try renderer.draw(.idle) == Gallery.renderer(320, 240).draw(.idle))
  }
}
