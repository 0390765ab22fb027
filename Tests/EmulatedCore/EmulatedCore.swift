public import Ordering
public import Timing

/// The payment core as it runs in the product, but in memory: an order book, a disk that keeps what
/// was synced, and an emulated provider.
///
/// Power can fail before and after any effect (`crashAfter`).
public struct EmulatedCore: Hashable, Sendable {
  public var book = OrderBook()
  public var provider = EmulatedProvider()
  /// What was written.
  public private(set) var disk: [OrderNumber: Order] = [:]
  /// What was there before each record that is written but not synced yet: the embedded core syncs
  /// permits with the next record.
  private var beforeUnsynced: [OrderNumber: Order] = [:]
  /// Whether the next power cut takes what is not synced; a killed process loses nothing.
  public var losesUnsynced = false
  /// Who was told of which order.
  public private(set) var alarms: [OrderNumber: [String]] = [:]
  /// Words recorded since they were last looked at.
  public var kinds: Set<OrderBook.RecordKind> = []
  /// Power fails after this many more half-steps; nil when it does not.
  public var crashAfter: Int?
  /// Whether one event led to more effects than any should: a book that runs in circles.
  public private(set) var ranInCircles = false

  /// A core without orders.
  public init() {}

  /// More effects than any one event may have.
  static let effectLimit = 60

  /// Lets the book handle an event to its end; nil when power failed before there was an answer.
  ///
  /// An answer that has left is not called back by a power cut behind it. After a failure the book
  /// is already the recovered one.
  public mutating func ask(_ event: OrderBook.Event, at now: Instant) -> [OrderBook.Answer]? {
    if let number = event.number, book.orders[number] == nil, let order = disk[number] {
      book.load(order)
    }
    var answers: [OrderBook.Answer] = []
    var queue = book.handle(event, at: now)
    var count = 0
    while !queue.isEmpty {
      count += 1
      if count > Self.effectLimit {
        ranInCircles = true
        break
      }
      if fails() { return crash(answers, at: now) }
      let effect = queue.removeFirst()
      let next = perform(effect, &answers)
      if fails() { return crash(answers, at: now) }
      if let next { queue = book.handle(next, at: now) + queue }
    }
    return answers
  }

  private mutating func perform(
    _ effect: OrderBook.Effect, _ answers: inout [OrderBook.Answer]
  ) -> OrderBook.Event? {
    switch effect {
    case .record(let order, let kind):
      if kind == .permitted {
        beforeUnsynced[order.number] = beforeUnsynced[order.number] ?? disk[order.number]
      } else {
        beforeUnsynced = [:]
      }
      disk[order.number] = order
      kinds.insert(kind)
      return .recorded(order.number)
    case .create(let request):
      return .createAnswered(request.number, provider.create(request))
    case .query(let number): return .queryAnswered(number, provider.query(number))
    case .close(let number): return .closeAnswered(number, provider.close(number))
    case .refund(let request): return .refundAnswered(request.order, provider.refund(request))
    case .queryRefund(let request):
      return .refundQueryAnswered(request.order, provider.queryRefund(request))
    case .answer(let answer):
      answers.append(answer)
      return nil
    case .alarm(let number, let words):
      alarms[number, default: []].append(words)
      return nil
    }
  }

  private mutating func fails() -> Bool {
    guard let left = crashAfter else { return false }
    crashAfter = left - 1
    return left <= 0
  }

  private mutating func crash(
    _ answers: [OrderBook.Answer], at now: Instant
  ) -> [OrderBook.Answer]? {
    restart(at: now)
    return answers.isEmpty ? nil : answers
  }

  /// Power was off: what was not synced is gone.
  public mutating func restart(at now: Instant) {
    crashAfter = nil
    if losesUnsynced { disk.merge(beforeUnsynced) { _, before in before } }
    beforeUnsynced = [:]
    book = OrderBook(recovering: disk.values.filter(\.isUnfinished), at: now)
  }

  /// Does the next duty if it is due; nil when none is.
  @discardableResult
  public mutating func doNextDuty(at now: Instant) -> OrderNumber? {
    guard let duty = book.nextDuty, duty.at <= now else { return nil }
    _ = ask(.dutyCame(duty.number), at: now)
    return duty.number
  }

  /// Does every duty as it falls due, until none is left or `limit` has passed; the time it ended.
  public mutating func doDuties(
    from start: Instant, within limit: Duration, arriving: Bool = true
  ) -> Instant {
    var now = start
    while let duty = book.nextDuty, duty.at <= start + limit {
      now = max(now, duty.at)
      _ = ask(.dutyCame(duty.number), at: now)
      if arriving { provider.moveRefunds() }
    }
    return now
  }
}

extension OrderBook.Event {
  /// The order that the event is about.
  var number: OrderNumber? {
    switch self {
    case .openAsked(let request): request.number
    case .paymentNoticed(let payment), .permitFound(let payment): payment.order
    case .statusAsked(let number, _), .permitAsked(let number, _), .settleAsked(let number, _),
      .cancelAsked(let number), .personDecided(let number, _), .personRefunded(let number),
      .recorded(let number),
      .createAnswered(let number, _), .queryAnswered(let number, _),
      .closeAnswered(let number, _), .refundAnswered(let number, _),
      .refundQueryAnswered(let number, _), .dutyCame(let number):
      number
    }
  }
}
