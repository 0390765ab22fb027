internal import Audit
internal import Ordering
internal import Timing
internal import Vending

/// What is on the panel's glass, and what is on its way there.
struct Glass: Sendable {
  var wish = Screen.blank
  /// What is being painted; nil while the panel's thread is idle.
  var painting: Screen?
  var isOpen = false
  /// Whether the loop was last told that the panel is dark; nil before the first report.
  var saidDark: Bool?
  /// The picture; nil when there is no light.
  var picture: Screen?
  /// The code whose order the auditor was told of.
  var code: String?
  var retryIsArmed = false
  var retryPause = Duration.milliseconds(500)
  /// Orders to be ended once their code is painted over.
  var ending: [Question] = []
}

/// The panel's thread as `DisplayStation` has it, and people's eyes.
extension World {
  private var panelIsWell: Bool {
    !cabinet.broken.contains(.displayGone) && !cabinet.broken.contains(.displayWrong)
      && !cabinet.broken.contains(.displayRenumbered)
  }

  func glassStarts() {
    let (picture, code) = (glass.picture, glass.code)
    glass = Glass()
    (glass.picture, glass.code) = (picture, code)
  }

  func openDisplay() { show(.blank) }

  /// As `DisplayStation.show`: the newest wish wins.
  func show(_ screen: Screen) {
    glass.wish = screen
    // A countdown's new second is no news to anybody here, but where pixels are looked at.
    if bytes == nil, case .payment(let payment) = screen, payment.codeURL == glass.code,
      glass.isOpen, glass.painting == nil, panelIsWell
    {
      return
    }
    if glass.painting == nil { paint() }
  }

  private func paint() {
    glass.painting = glass.wish
    // Opening an already lit panel takes longer: it is blanked first.
    let time = isEnumerating ? 100 : glass.isOpen ? 20 + dice.number(below: 200) : 400
    agenda.arrange(.painted, at: now + .milliseconds(time))
  }

  func painted() {
    guard let screen = glass.painting else { return }
    glass.painting = nil
    guard panelIsWell else {
      glass.isOpen = false
      askWhatWaited()
      return tellPanel(isDark: true)
    }
    // A panel that was opened gets the wish of now, not of when it was begun.
    let present = glass.isOpen ? screen : glass.wish
    glass.isOpen = true
    put(present)
    if glass.wish != present { paint() } else { askWhatWaited() }
    tellPanel(isDark: false)
  }

  /// As `DisplayStation.afterPainting`.
  func afterPainting(_ question: Question) {
    guard glass.isOpen, glass.painting != nil else { return ask(question) }
    glass.ending.append(question)
  }

  private func askWhatWaited() {
    let questions = glass.ending
    glass.ending = []
    for question in questions { ask(question) }
  }

  private func tellPanel(isDark: Bool) {
    guard glass.saidDark != isDark else { return }
    glass.saidDark = isDark
    witness(.screenTold(isDark: isDark))
    guard isDark else { return handle(.faultCleared(.displayDark, subject: "")) }
    handle(.faultRaised(Fault(.displayDark)))
    glass.retryPause = .milliseconds(500)
    armRetry()
  }

  private func armRetry() {
    guard isRunning, !glass.retryIsArmed else { return }
    glass.retryIsArmed = true
    agenda.arrange(.retryDisplay, at: now + glass.retryPause)
    glass.retryPause = min(glass.retryPause * 2, .milliseconds(1500))
  }

  func retryDisplay() {
    glass.retryIsArmed = false
    guard machine.faults.stands(.displayDark) else { return }
    if glass.painting == nil { paint() }
    armRetry()
  }

  /// Now and then the panel is asked whether it is there, and the relays whether they are off.
  func heartbeat() {
    if !panelIsWell, glass.isOpen, glass.painting == nil { paint() }
    if machine.sale == nil, let lane = cabinet.stuckLane, cabinet.linesAreHeld {
      handle(.faultRaised(Fault(.relayStuckOn, "", lane)))
    }
  }

  /// Power, or the panel's own, is gone.
  func glassGoesDark() {
    glass.picture = nil
    bytes?.panel.goDark()
    forgetCode()
    if isRunning { agenda.arrange(.heartbeat, at: now + .seconds(3)) }
  }

  private func forgetCode() {
    guard glass.code != nil else { return }
    glass.code = nil
    witness(.showed(order: nil, amount: nil))
  }

  /// The panel shows it; the auditor hears what code that is, from the provider's truth.
  private func put(_ screen: Screen) {
    if settings.mistake == .screenKeepsCode, glass.code != nil {
      guard case .payment = screen else { return }
    }
    glass.picture = screen
    guard let code = codeOnPanel(screen), case .payment(let payment) = screen else {
      forgetCode()
      look()
      return
    }
    if glass.code != code {
      glass.code = code
      switch codeOwner(code) {
      case .newest(let number):
        witness(.showed(order: number.text, amount: payment.product.price))
      case .replaced(let number): witness(.showedDeadCode(order: number.text))
      case .unaskedReplaced: break
      case .nobody: witness(.showedDeadCode(order: "?"))
      }
      if story != nil { note("GLASS shows a code of \(payment.orderTail)") }
    }
    look()
  }

  /// The code that people see; in worlds with bytes it is read off the panel's own memory.
  private func codeOnPanel(_ screen: Screen) -> String? {
    var code: String?
    if case .payment(let payment) = screen { code = payment.codeURL }
    guard bytes != nil else { return code }
    let words =
      switch screen {
      case .payment(let payment): "\(payment.secondsLeft) \(payment.codeURL)"
      case .selection(let typed, _), .unavailable(let typed, _): "typed \(typed)"
      case .opening(let product), .paid(let product), .dispensing(let product),
        .thanks(let product):
        "product \(product.name)"
      case .sorry(_, let tail): "sorry \(tail)"
      case .outOfService(let code): "out of service \(code)"
      case .enrolment(let code): "enrolment \(code)"
      case .blank, .idle, .service: ""
      }
    guard let read = bytes?.panel.show(words), let space = read.firstIndex(of: " "),
      read[..<space].allSatisfy(\.isNumber)
    else { return nil }
    return String(read[read.index(after: space)...])
  }

  enum CodeOwner {
    case newest(OrderNumber)
    case replaced(OrderNumber)
    /// By a request that came late: the machine cannot know.
    case unaskedReplaced
    case nobody
  }

  /// The order whose code is on the glass.
  var glassOrder: OrderNumber? {
    guard let code = glass.code else { return nil }
    switch codeOwner(code) {
    case .newest(let number), .replaced(let number): return number
    case .unaskedReplaced, .nobody: return nil
    }
  }

  private func codeOwner(_ code: String) -> CodeOwner {
    if let bytes { return bytes.owner(of: code) }
    guard let (number, place) = till.owner(of: code), let account = till.account(number) else {
      return .nobody
    }
    if account.codes == place { return .newest(number) }
    return account.isReplacedUnasked ? .unaskedReplaced : .replaced(number)
  }
}
