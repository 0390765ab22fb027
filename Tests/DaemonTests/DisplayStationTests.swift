import Displays
import Money
import Pixels
import Platform
import Rendering
import Synchronization
import Testing
import Timing
import Vending

@testable import Daemon

@Suite("The display's station", .timeLimit(.minutes(1)))
struct DisplayStationTests {
  private static let font = "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"
  private static let product = Screen.Product(
    lane: "11", name: "Tea", price: Amount(fen: 350))

  private static func payment(_ seconds: Int, url: String = "weixin://1") -> Screen {
    .payment(
      Screen.PaymentScreen(
        product: product, codeURL: url, secondsLeft: seconds, orderTail: "0042"))
  }

  /// A station over a panel, and what it reported.
  private final class Bench: Sendable {
    let panel: ScriptedPanel
    let station: DisplayStation
    private let heard: Heard

    private final class Heard: Sendable {
      let reports = Mutex<[DisplayStation.Report]>([])
    }

    init(_ panel: ScriptedPanel = ScriptedPanel(), brightness: Int = 60) throws {
      let heard = Heard()
      (self.panel, self.heard) = (panel, heard)
      station = DisplayStation(
        display: panel,
        renderer: try ScreenRenderer(
          width: 320, height: 480, language: .english, fontPath: DisplayStationTests.font,
          pitchMicrometres: 154, isGlossy: false),
        brightness: brightness
      ) { report in heard.reports.withLock { $0.append(report) } }
    }

    var reports: [DisplayStation.Report] { heard.reports.withLock { $0 } }

    /// Waits until all work that was asked for is done.
    func settle() async {
      await withCheckedContinuation { continuation in station.ping { continuation.resume() } }
    }
  }

  @Test func aPanelIsBlankedBeforeItShowsAnything() async throws {
    let bench = try Bench()
    bench.station.show(.idle)
    await bench.settle()
    guard bench.panel.acts.count == 4 else {
      Issue.record("\(bench.panel.acts)")
      return
    }
    #expect(
      Array(bench.panel.acts.prefix(3)) == [.opened, .showed(.page(.blank)), .light(60)])
    #expect(bench.panel.pages.last?.kind == .message)
    #expect(bench.reports == [.well])
  }

  @Test func aPanelThatComesBackIsBlankedAndShowsThePresentWish() async throws {
    let bench = try Bench()
    bench.station.show(Self.payment(90))
    await bench.settle()
    bench.panel.state.withLock { $0.failure = .notThere("pulled") }
    bench.station.checkHealth()
    await bench.settle()
    guard case .dark = bench.reports.last else {
      Issue.record("\(bench.reports)")
      return
    }
    bench.station.show(.idle)
    await bench.settle()
    bench.panel.state.withLock { ($0.failure, $0.acts) = (nil, []) }
    bench.station.checkHealth()
    await bench.settle()
    #expect(bench.panel.pages.map(\.kind) == [.blank, .message])
    #expect(bench.panel.acts.first == .opened)
    #expect(bench.reports.last == .well)
  }

  /// Opening takes a second and more, in which an order is ended.
  @Test func aCodeThatDiesWhileThePanelIsOpenedIsNotShownAgain() async throws {
    let bench = try Bench()
    bench.station.show(Self.payment(90))
    await bench.settle()
    bench.panel.state.withLock { ($0.failure, $0.acts) = (.timeout("mute"), []) }
    bench.station.checkHealth()
    await bench.settle()
    bench.panel.state.withLock { ($0.failure, $0.isHeld) = (nil, true) }
    bench.station.checkHealth()
    // The blank that comes first is held up; meanwhile the wish is another one.
    while bench.panel.acts.last != .opened { ScriptedPanel.nap() }
    bench.station.show(.idle)
    bench.panel.state.withLock { $0.isHeld = false }
    await bench.settle()
    #expect(bench.panel.pages.allSatisfy { $0.code == nil })
    #expect(bench.panel.pages.last?.kind == .message)
  }

  @Test func onlyTheNewestWishIsPainted() async throws {
    let bench = try Bench()
    bench.station.show(.idle)
    await bench.settle()
    bench.panel.state.withLock { $0.isHeld = true }
    bench.station.show(.selection(typed: "1", product: nil))
    // The worker has begun it, or takes the newest when it does.
    for typed in ["12", "123", "1234"] {
      bench.station.show(.selection(typed: typed, product: nil))
    }
    bench.panel.state.withLock { $0.isHeld = false }
    await bench.settle()
    let typed = bench.panel.pages.filter { $0.kind == .selection }.map(\.title)
    #expect(typed.last == "1234")
    #expect(typed.count <= 2)
  }

  @Test func anOrderIsEndedOnlyAfterItsCodeIsPaintedOver() async throws {
    let bench = try Bench()
    bench.station.show(Self.payment(90))
    await bench.settle()
    bench.panel.state.withLock { $0.takes = .milliseconds(50) }
    bench.station.show(.opening(Self.product))
    let shown: [PanelPage] = await withCheckedContinuation { continuation in
      bench.station.afterPainting { continuation.resume(returning: bench.panel.pages) }
    }
    #expect(shown.last?.code == nil)
    #expect(shown.last?.kind == .message)
  }

  @Test func nobodyWaitsForADarkPanel() async throws {
    let bench = try Bench()
    bench.panel.state.withLock { ($0.failure, $0.isHeld) = (.notThere("pulled"), false) }
    bench.station.show(Self.payment(90))
    await bench.settle()
    let isAtOnce = Mutex(false)
    bench.station.afterPainting { isAtOnce.withLock { $0 = true } }
    let wasAtOnce = isAtOnce.withLock { $0 }
    #expect(wasAtOnce)
  }

  @Test func ticksOfASlowPanelAreThinnedAndWhatMattersIsNot() async throws {
    let bench = try Bench()
    bench.station.show(Self.payment(90))
    await bench.settle()
    bench.panel.state.withLock { $0.takes = .milliseconds(400) }
    bench.station.show(Self.payment(89))
    await bench.settle()
    // It took 400 ms, so for 3.6 s no tick is painted.
    for left in 80...88 { bench.station.show(Self.payment(168 - left)) }
    await bench.settle()
    #expect(bench.panel.pages.filter { $0.kind == .payment }.map(\.timeLeft) == ["1:30", "1:29"])
    bench.station.show(.paid(Self.product))
    await bench.settle()
    #expect(bench.panel.pages.last?.kind == .message)
  }

  @Test func ticksOfAQuickPanelAreAllPainted() async throws {
    let bench = try Bench()
    for left in [90, 89, 88] {
      bench.station.show(Self.payment(left))
      await bench.settle()
      ScriptedPanel.nap()
      ScriptedPanel.nap()
    }
    #expect(bench.panel.pages.last?.timeLeft == "1:28" || bench.panel.pages.count >= 3)
  }

  @Test func anotherOrdersCodeIsNoTick() async throws {
    let bench = try Bench()
    bench.station.show(Self.payment(90))
    await bench.settle()
    bench.panel.state.withLock { $0.takes = .milliseconds(40) }
    bench.station.show(Self.payment(89))
    await bench.settle()
    bench.station.show(Self.payment(90, url: "weixin://2"))
    await bench.settle()
    #expect(bench.panel.pages.last?.code?.payload == Array("weixin://2".utf8))
  }

  @Test func aCodeThatDoesNotFitLeavesTheScreenEmpty() async throws {
    let bench = try Bench(ScriptedPanel(drawing: .frames))
    bench.station.show(Self.payment(90))
    await bench.settle()
    bench.station.show(Self.payment(90, url: String(repeating: "x", count: 1500)))
    await bench.settle()
    guard case .codeTooSmall = bench.reports.last else {
      Issue.record("\(bench.reports)")
      return
    }
    #expect(bench.panel.acts.last == .showed(bench.panel.emptyPicture))
  }

  @Test func theNightsLightHoldsAndIsSetAgainAfterOpening() async throws {
    let bench = try Bench()
    bench.station.show(.idle)
    await bench.settle()
    bench.station.setBrightness(percent: 20)
    bench.station.setBrightness(percent: 20)
    await bench.settle()
    #expect(bench.panel.acts.filter { $0 == .light(20) }.count == 1)
    bench.panel.state.withLock { $0.failure = .notThere("pulled") }
    bench.station.checkHealth()
    await bench.settle()
    bench.panel.state.withLock { ($0.failure, $0.acts) = (nil, []) }
    bench.station.checkHealth()
    await bench.settle()
    #expect(bench.panel.acts.contains(.light(20)))
    #expect(!bench.panel.acts.contains(.light(60)))
  }
}
