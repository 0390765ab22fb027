public import PaymentPlatform
internal import Money
public import Pixels
internal import Synchronization

/// A customer's phone before the machine: its camera sees the display's pixels, its wallet pays.
public final class CustomerPhone: Sendable {
  /// What is on the phone.
  public enum Screen: Hashable, Sendable {
    /// In the pocket.
    case away
    /// The cashier is open.
    case cashier(PlatformCashier)
    /// Paid.
    case paid(PlatformCashier)
    /// The wallet's or the camera's words on why not.
    case refused(String)
  }

  /// Whose phone it is.
  public let payer: String
  private let platform: WeChatPlatform
  private let reader: QRReader
  private let log: MachineLog
  private let state = Mutex<State>(State())

  private struct State {
    var screen = Screen.away
    var scanned: String?
  }

  /// Gives a payer a phone.
  public init(payer: String, platform: WeChatPlatform, reader: QRReader, log: MachineLog) {
    (self.payer, self.platform, self.reader, self.log) = (payer, platform, reader, log)
  }

  /// What is on the phone now.
  public var screen: Screen { state.withLock { $0.screen } }

  /// The text of the code that was scanned last.
  public var scanned: String? { state.withLock { $0.scanned } }

  /// Points the camera at a picture, and opens the cashier of the order that it shows.
  @discardableResult
  public func scan(_ frame: Frame?) async -> Screen {
    guard let frame else { return show(.refused("屏幕是黑的 · The display is dark")) }
    do {
      guard let text = try await reader.read(frame) else {
        return show(.refused("未发现二维码 · No QR code in sight"))
      }
      return open(text)
    } catch {
      return show(.refused("zbarimg: \(error)"))
    }
  }

  /// Opens the cashier of a code's text.
  @discardableResult
  public func open(_ text: String) -> Screen {
    state.withLock { $0.scanned = text }
    log.add(.phone, "scanned \(text)")
    switch platform.scan(text, payer: payer) {
    case .success(let cashier): return show(.cashier(cashier))
    case .failure(let refusal): return show(.refused(refusal.words))
    }
  }

  /// Confirms the payment in the open cashier; a failed attempt can be tried again.
  @discardableResult
  public func pay(trouble: PayerTrouble? = nil) -> Screen {
    guard case .cashier(let cashier) = screen else { return screen }
    switch platform.confirm(cashier.order, payer: payer, trouble: trouble) {
    case .success:
      log.add(.phone, "paid \(cashier.amount) for order \(cashier.order)")
      return show(.paid(cashier))
    case .failure(let refusal):
      log.add(.phone, "refused: \(refusal.words)")
      return trouble == nil ? show(.refused(refusal.words)) : screen
    }
  }

  /// Puts the phone away.
  public func putAway() { show(.away) }

  @discardableResult
  private func show(_ screen: Screen) -> Screen {
    if case .refused(let words) = screen { log.add(.phone, words) }
    state.withLock { $0.screen = screen }
    log.bell.ring()
    return screen
  }
}
