import EmulatedCore
import Money
import Ordering
import Timing
import Vending

/// What happens to the core, on the way to it, and behind it.
extension Replay {
  private static let silence = Doubt(.timeout, "no answer")

  // MARK: Calls of the board

  /// The core takes the first call up.
  mutating func takeCall(
    from queue: WritableKeyPath<Self, [Machine.Effect]>, _ words: [String], isAwaited: Bool
  ) throws(Disagreement) {
    guard !self[keyPath: queue].isEmpty else { throw Disagreement("no call is on the way") }
    let call = self[keyPath: queue].removeFirst()
    try Self.expect(name(call), is: words.joined(separator: " "), "the call")
    asked = isAwaited ? call : nil
    switch call {
    case .open(let request): handle(.openAsked(request), about: request.number)
    case .askStatus(let number, let nonce):
      handle(.statusAsked(number, permit: nonce), about: number)
    case .askPermit(let number, let nonce):
      handle(.permitAsked(number, nonce: nonce), about: number)
    case .settle(let number, let outcome): handle(.settleAsked(number, outcome), about: number)
    case .cancel(let number): handle(.cancelAsked(number), about: number)
    case .record, .show, .probe, .pulse, .testPulse, .arm, .disarm, .stopped,
      .trialEnded, .checkCode:
      throw Disagreement("\(call) is no call")
    }
  }

  /// Lets the book handle an event up to its next question to the provider.
  private mutating func handle(_ event: OrderBook.Event, about number: OrderNumber) {
    if book.orders[number] == nil, let order = disk[number] { book.load(order) }
    var effects = book.handle(event, at: now)
    while !effects.isEmpty {
      let effect = effects.removeFirst()
      switch effect {
      case .record(let order, let kind):
        write(order, kind)
        effects = book.handle(.recorded(order.number), at: now) + effects
      case .answer(let answer):
        if let asked, let event = Self.event(asked, answer) { answers.append(event) }
        asked = nil
      case .alarm(let number, _):
        // Only of a held order does the model say that a person is told.
        if state(number) == .held { alarming.insert(number) }
      case .create, .query, .close, .refund, .queryRefund: asking = effect
      }
    }
    if asking == nil { asked = nil }
    book.unload(number)
  }

  /// A record is synced with all that came before it, but for a permit of the library.
  private mutating func write(_ order: Order, _ kind: OrderBook.RecordKind) {
    unsynced = kind == .permitted && !settings.isApart ? disk[order.number] : nil
    disk[order.number] = order
  }

  /// The library is told at its start of the permits that the board's journal knows of, and syncs.
  mutating func findPermits() {
    for payment in ledger.permits { handle(.permitFound(payment), about: payment.order) }
    unsynced = nil
  }

  func state(_ number: OrderNumber) -> OrderState? {
    (book.orders[number] ?? disk[number])?.state
  }

  private static func event(
    _ call: Machine.Effect, _ answer: OrderBook.Answer
  ) -> Machine.Event? {
    switch (call, answer) {
    case (.open(let request), .open(let answer)): .openAnswered(request.number, answer)
    case (.askStatus(let number, _), .status(let answer)): .statusAnswered(number, answer)
    case (.askPermit(let number, _), .permit(let answer)): .permitAnswered(number, answer)
    case (.settle(let number, _), .settle(let answer)): .settleAnswered(number, answer)
    case (.cancel(let number), .cancel(let answer)): .cancelAnswered(number, answer)
    default: nil
    }
  }

  // MARK: Duties and people

  mutating func carryOutDuty(_ number: OrderNumber) throws(Disagreement) {
    guard book.nextDuty != nil else { throw Disagreement("the book has no duty") }
    handle(.dutyCame(number), about: number)
  }

  /// A person is told: at once, or after a restart by the order's duty.
  mutating func raiseAlarm(_ number: OrderNumber) throws(Disagreement) {
    if !alarming.contains(number) { try carryOutDuty(number) }
    guard alarming.remove(number) != nil else { throw Disagreement("nobody is told") }
    told.insert(number)
  }

  mutating func notice(_ number: OrderNumber) throws(Disagreement) {
    guard let payment = provider.accounts[number]?.payment else { throw Disagreement("not paid") }
    handle(.paymentNoticed(payment), about: number)
  }

  // MARK: The provider

  mutating func actAtProvider(_ words: String) throws(Disagreement) {
    guard let call = asking, reply == nil else { throw Disagreement("the provider is not asked") }
    if words == "forged" || words == "refuses" || words == "lagging",
      let made = Self.madeUp(call, words)
    {
      reply = made
      return
    }
    if words == "delayed" { delayed = call }
    guard let fate = EmulatedProvider.Fate(rawValue: words == "delayed" ? "lostBefore" : words)
    else { throw Disagreement("no such fate") }
    reply = try answer(of: call, fate)
  }

  /// A call that everybody has given up reaches the provider.
  mutating func arrive(_ words: [String]) throws(Disagreement) {
    guard let call = delayed else { throw Disagreement("no call is on its way") }
    try Self.expect(
      "\(Self.name(call)) \(index(Self.number(call)))", is: words.joined(separator: " "),
      "the call")
    delayed = nil
    _ = try answer(of: call, .well)
  }

  private mutating func answer(
    of call: OrderBook.Effect, _ fate: EmulatedProvider.Fate
  ) throws(Disagreement) -> OrderBook.Event {
    provider.fates = [fate]
    switch call {
    case .create(let request): return .createAnswered(request.number, provider.create(request))
    case .query(let number): return .queryAnswered(number, provider.query(number))
    case .close(let number): return .closeAnswered(number, provider.close(number))
    case .refund(let request): return .refundAnswered(request.order, provider.refund(request))
    case .queryRefund(let request):
      return .refundQueryAnswered(request.order, provider.queryRefund(request))
    case .record, .answer, .alarm: throw Disagreement("\(call) is no question")
    }
  }

  /// Answers that the emulated provider does not give by itself.
  private static func madeUp(_ call: OrderBook.Effect, _ words: String) -> OrderBook.Event? {
    let forgery = Doubt(.badSignature, "forged")
    let refusal = Refusal(code: "NOTENOUGH", words: "", reaction: .oweAndAlarm)
    let denial = Refusal(code: "NOAUTH", words: "", reaction: .newNumber)
    switch (call, words) {
    case (.create(let request), "refuses"): return .createAnswered(request.number, .refused(denial))
    case (.create(let request), _): return .createAnswered(request.number, .unknown(forgery))
    case (.query(let number), "forged"): return .queryAnswered(number, .unknown(forgery))
    case (.close(let number), _): return .closeAnswered(number, .unknown(forgery))
    case (.refund(let request), _): return .refundAnswered(request.order, .refused(refusal))
    case (.queryRefund(let request), _): return .refundQueryAnswered(request.order, .notFound)
    case (.query, _), (.record, _), (.answer, _), (.alarm, _): return nil
    }
  }

  mutating func hearProvider(_ words: [String]) throws(Disagreement) {
    guard let event = reply, let call = asking else { throw Disagreement("no reply is there") }
    try Self.expect(
      "\(Self.name(call)) \(index(Self.number(call))) \(name(event))",
      is: words.joined(separator: " "), "the reply")
    (asking, reply) = (nil, nil)
    handle(event, about: Self.number(call))
  }

  mutating func pay(_ number: OrderNumber, _ what: String) throws(Disagreement) {
    guard let account = provider.accounts[number], account.payment == nil else {
      throw Disagreement("it cannot be paid")
    }
    if what == "wrong" {
      provider.pay(account.codes.last ?? "", amount: account.request.amount + Amount(fen: 1))
    } else {
      provider.payInOpenCashier(number)
    }
  }

  // MARK: Power and the way between

  mutating func failCore(isTakenBack: Bool) {
    if settings.isApart, let call = asked, asking != nil, let event = silence(call) {
      answers.append(event)
    }
    if isTakenBack, let before = unsynced { disk[before.number] = before }
    (unsynced, asked, asking, reply) = (nil, nil, nil, nil)
    alarming = []
    book = OrderBook(recovering: disk.values.filter(\.isUnfinished), at: now)
  }

  mutating func troubleOnTheLine(_ kind: String) throws(Disagreement) {
    switch kind {
    case "losesCall", "delaysCall":
      guard !calls.isEmpty else { throw Disagreement("no call is on the way") }
      let call = calls.removeFirst()
      if kind == "delaysCall" { stragglers.append(call) }
      if let event = silence(call) { answers.append(event) }
    case "losesAnswer":
      guard let event = answers.first, let lost = Self.lost(event) else {
        throw Disagreement("no answer is on the way")
      }
      answers = answers.dropFirst() + [lost]
    case "repeatsAnswer", "overtakesAnswer":
      guard let event = answers.first else { throw Disagreement("no answer is on the way") }
      answers = answers.dropFirst() + [event]
      if kind == "repeatsAnswer" { answers.append(event) }
    default: throw Disagreement("no such trouble")
    }
  }

  private func silence(_ call: Machine.Effect) -> Machine.Event? {
    Self.silence(call)
  }

  /// The same answer, but that nothing came.
  private static func lost(_ event: Machine.Event) -> Machine.Event? {
    switch event {
    case .openAnswered(let number, _): .openAnswered(number, .unknown(silence))
    case .statusAnswered(let number, _): .statusAnswered(number, .unknown(silence))
    case .permitAnswered(let number, _): .permitAnswered(number, .unknown(silence))
    case .settleAnswered(let number, _): .settleAnswered(number, .unknown(silence))
    case .cancelAnswered(let number, _): .cancelAnswered(number, .unknown(silence))
    default: nil
    }
  }
}
