internal import Audit
internal import Money
internal import Ordering
internal import Timing

/// The provider in a world without bytes: the five calls straight to the till, through a network
/// that loses, delays, doubles and distorts as the WeChat Pay client would report it.
struct Counter: PaymentProvider {
  let wire: Wire

  func create(_ order: OrderRequest) -> CreateAnswer {
    exchange(.create(order), doubt: CreateAnswer.unknown, act: { $0.createdAtTill(order) })
  }

  func query(_ number: OrderNumber) -> QueryAnswer {
    exchange(nil, doubt: QueryAnswer.unknown, act: { $0.queriedAtTill(number) }) {
      world, answer, kind in
      world.queryHeard(number, answer, kind)
    }
  }

  func close(_ number: OrderNumber) -> CloseAnswer {
    exchange(.close(number), doubt: CloseAnswer.unknown) { world in
      if world.weather.strikes(.payRacesClose) { world.paysJustNow(number, .payRacesClose) }
      return world.closedAtTill(number)
    }
  }

  func refund(_ request: RefundRequest) -> RefundAnswer {
    exchange(.refund(request), doubt: RefundAnswer.unknown, act: { $0.refundedAtTill(request) })
  }

  func queryRefund(_ request: RefundRequest) -> RefundQueryAnswer {
    exchange(nil, doubt: RefundQueryAnswer.unknown) {
      $0.till.queryRefund(request, at: $0.now)
    }
  }

  // MARK: The way there and back

  private func exchange<Answer>(
    _ straggler: Straggler?, doubt: (Doubt) -> Answer, act: (World) -> Answer,
    receive: (World, Answer, FaultKind?) -> Answer? = { _, _, _ in nil }
  ) -> Answer {
    let world = wire.world
    let gone = doubt(Doubt(.broken, ""))
    guard wire.halfStep() else { return gone }
    let course = world.courseOfExchange(straggler)
    switch course {
    case .lost(let cause, let after):
      guard world.wait(after, asCoreOf: wire.run), wire.halfStep() else { return gone }
      return doubt(Doubt(cause, ""))
    case .arrives(let kind):
      guard world.wait(world.latency(kind), asCoreOf: wire.run) else { return gone }
      let answer = act(world)
      if kind == .requestDoubled {
        _ = act(world)
        if case .create(let order) = straggler {
          world.till.change(order.number) { $0.isReplacedUnasked = true }
        }
      }
      guard world.wait(world.latency(kind), asCoreOf: wire.run), wire.halfStep() else {
        return gone
      }
      world.skewSeen = world.trueWall - world.wall
      if let changed = receive(world, answer, kind) { return changed }
      if let cause = kind?.doubtOfAnswer {
        if kind == .answerLost || kind == .partitionBack {
          guard world.wait(.seconds(10), asCoreOf: wire.run) else { return gone }
        }
        return doubt(Doubt(cause, ""))
      }
      return answer
    }
  }
}

extension World {
  /// A query's answer reaches whoever has asked; what a fault makes of it, nil when it stands or is
  /// of no use at all.
  func queryHeard(
    _ number: OrderNumber, _ answer: QueryAnswer, _ kind: FaultKind?
  ) -> QueryAnswer? {
    switch answer {
    case .paid(var payment), .refunded(var payment):
      if kind == .amountWrong {
        amountIsLiedAbout(number)
        payment.total.fen += 1
        if case .paid = answer { return .paid(payment) }
        return .refunded(payment)
      }
      if kind?.doubtOfAnswer == nil { witness(.stated(order: number.text)) }
    case .pending:
      if settings.mistake == .unsignedIsBelieved, kind == .signatureMissing,
        let account = till.account(number)
      {
        return .paid(
          Payment(
            order: number, total: account.request.amount, currency: "CNY",
            transaction: "forged", paidAt: nil))
      }
      if kind == nil, weather.strikes(.payRacesClose) { paysJustNow(number, .payRacesClose) }
    case .closed, .notFound, .refused, .unknown: break
    }
    return nil
  }

  /// A rightly signed answer with a wrong sum: held, and told to a person, who cannot give back
  /// what was never paid.
  func amountIsLiedAbout(_ number: OrderNumber) {
    fire(.amountWrong)
    liedAbout.insert(number)
    witness(.excused(order: number.text, [.everyOrderEnds]))
  }
}

/// How an exchange goes.
enum Course {
  /// The request does not act, and after a time the core knows no more.
  case lost(Doubt.Cause, after: Duration)
  /// The request acts; what may be wrong with the answer.
  case arrives(FaultKind?)
}

extension World {
  /// Kinds that strike single exchanges.
  static let allExchangeFaults: [FaultKind] = [
    .requestLost, .answerLost, .answerDelayed, .requestDoubled, .requestStraggles, .halfOpen,
    .bodyCut, .badGateway, .systemErrorBefore, .systemErrorAfter, .unsignedFailure, .rateLimited,
    .signatureMissing, .signatureWrong, .amountWrong, .merchantWrong, .appWrong, .orderWrong,
    .fieldsExtra, .bodyEmpty, .bodyOversized, .bodyHostile,
  ]

  func latency(_ kind: FaultKind?) -> Duration {
    if isEnumerating { return .milliseconds(30) }
    if kind == .answerDelayed { return weather.milliseconds(.answerDelayed, 500..<4900) }
    if kind == .spareHost { return .milliseconds(150 + dice.number(below: 300)) }
    return .nanoseconds(Int64(4_000_000 + dice.number(below: 60_000_000)))
  }

  /// Decides about one exchange.
  func courseOfExchange(_ straggler: Straggler?) -> Course {
    if let course = courseOfOutage() { return course }
    // The line may break just behind an answer.
    defer { if weather.strikes(.partitionOut) { beginOutage(.partitionOut) } }
    guard let kind = struckExchange() else { return .arrives(nil) }
    if kind != .amountWrong { fire(kind) }
    switch kind {
    case .requestLost: return .lost(.timeout, after: .seconds(10))
    case .halfOpen: return .lost(.broken, after: dice.milliseconds(10..<10_000))
    case .requestStraggles:
      if let straggler {
        let late = weather.milliseconds(kind, 10_000..<60_000)
        agenda.arrange(.straggles(straggler), at: now + late)
      }
      return .lost(.timeout, after: .seconds(10))
    case .systemErrorBefore, .rateLimited: return .lost(.tryLater, after: latency(nil))
    case .unsignedFailure: return .lost(.unsigned, after: latency(nil))
    case .badGateway where dice.happens(5000):
      return .lost(.notAnAnswer, after: latency(nil))
    default: return .arrives(kind)
    }
  }

  private func struckExchange() -> FaultKind? {
    guard weather.isStormy else { return nil }
    for kind in exchangeFaults where weather.strikes(kind) { return kind }
    return nil
  }

  private func courseOfOutage() -> Course? {
    guard let outage else { return nil }
    guard now < outage.until else {
      self.outage = nil
      return nil
    }
    fire(outage.kind)
    switch outage.kind {
    case .partitionOut: return .lost(.timeout, after: .seconds(5))
    case .nameLie: return .lost(.nameNotResolved, after: dice.milliseconds(5..<5000))
    case .untrusted: return .lost(.tls, after: latency(nil))
    case .captivePortal: return .lost(.notAnAnswer, after: latency(nil))
    case .keyChanged: return .lost(.unsigned, after: latency(nil))
    default: return .arrives(outage.kind)
    }
  }
}

extension FaultKind {
  /// What the client makes of an answer with this fault; nil when the answer stands.
  var doubtOfAnswer: Doubt.Cause? {
    switch self {
    case .answerLost, .partitionBack: .timeout
    case .bodyCut: .broken
    case .badGateway, .bodyEmpty, .bodyOversized, .bodyHostile: .notAnAnswer
    case .systemErrorAfter: .tryLater
    case .signatureMissing, .signatureWrong: .badSignature
    case .merchantWrong, .appWrong, .orderWrong: .mismatch
    default: nil
    }
  }
}
