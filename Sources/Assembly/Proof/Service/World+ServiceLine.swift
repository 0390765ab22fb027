internal import Core
internal import CoreService
internal import Money
internal import Ordering
internal import Storage
internal import Timing
internal import Vending

// The board's side of a core far away, as `RemoteDesk` and `RemoteCore` have it.
extension World {
  /// Kinds that strike single calls of the board's.
  private static let lineFaults: [FaultKind] = [
    .lineRequestLost, .lineAnswerLost, .lineAnswerLate, .lineRequestDoubled,
    .lineRequestStraggles, .lineBadGateway,
  ]

  /// How long the board waits for an answer that is not held (`HTTPClient`), and for how much
  /// longer than it may be held (`CoreLine`).
  private static let deadline: Duration = .seconds(10)

  /// A question of the machine's: to be held, to be asked a little later, or to be asked in turn.
  func askService(_ question: Question) {
    switch question {
    case .status(let number, let nonce?): follow(number, permit: nonce)
    case .probe where service.line.probesFailed > 0:
      // Boards that failed together part here.
      agenda.arrange(.service(.probes), at: now + dice.milliseconds(0..<15_000))
    case .duties, .catchUp, .decide: break
    case .open, .status, .permit, .settle, .cancel, .probe, .beat: questions.append(question)
    }
  }

  /// The worker of the calls takes its next one.
  func sendToService(_ question: Question) {
    if story != nil { note("service is asked: \(question)") }
    if case .open(let request) = question { service.line.expected.remember(request) }
    let call = BoardCall(id: service.number(), question: question)
    service.line.call = call
    isAsking = true
    send(call)
  }

  private func follow(_ number: OrderNumber, permit nonce: UInt64) {
    if story != nil { note("service is asked to follow \(number)") }
    if let held = service.line.held { forgetAnswer(of: held.call.id) }
    let wait: Duration = isEnumerating ? .seconds(20) : dice.milliseconds(20_000..<25_000)
    let call = BoardCall(id: service.number(), question: .status(number, nonce), hold: wait)
    service.line.held = (call, Following(number, permit: nonce, wait: wait, at: now))
    send(call)
  }

  // MARK: The way there

  private func send(_ call: BoardCall) {
    var call = call
    call.wasWhole = diskTrouble != .damaged
    func giveUp(_ cause: Doubt.Cause, after pause: Duration) {
      agenda.arrange(.service(.gaveUp(call: call.id, Doubt(cause, ""))), at: now + pause)
    }
    guard now >= service.lineReturns else {
      fire(.lineDown)
      return giveUp(.timeout, after: .seconds(5))
    }
    for kind in Self.lineFaults where weather.strikes(kind) {
      fire(kind)
      switch kind {
      case .lineRequestLost: return giveUp(.timeout, after: Self.deadline)
      case .lineRequestStraggles:
        let late = weather.milliseconds(kind, 10_000..<60_000)
        agenda.arrange(.service(.arrives(call)), at: now + late)
        return giveUp(.timeout, after: Self.deadline)
      case .lineRequestDoubled:
        // A proxy that repeats what it thinks was lost.
        let later = lineLatency + weather.milliseconds(kind, 1..<3000)
        agenda.arrange(.service(.arrives(call)), at: now + later)
      default: call.fate = kind
      }
      break
    }
    giveUp(.timeout, after: Self.deadline + call.hold)
    agenda.arrange(.service(.arrives(call)), at: now + lineLatency)
  }

  private var lineLatency: Duration {
    if isEnumerating { return .milliseconds(20) }
    return .nanoseconds(Int64(2_000_000 + dice.number(below: 40_000_000)))
  }

  /// The service has answered; what arrives of it.
  func reply(to call: BoardCall, _ reply: CoreReply) {
    if story != nil { note("    service answers \(call.question): \(reply.answer)") }
    switch call.fate {
    case .lineAnswerLost: return
    case .lineBadGateway:
      let doubt = Doubt(dice.happens(5000) ? .tryLater : .notAnAnswer, "HTTP 502")
      agenda.arrange(.service(.gaveUp(call: call.id, doubt)), at: now + lineLatency)
    case .lineAnswerLate:
      let late = weather.milliseconds(.lineAnswerLate, 500..<9000)
      agenda.arrange(.service(.replied(call: call.id, reply)), at: now + late)
    default:
      agenda.arrange(.service(.replied(call: call.id, reply)), at: now + lineLatency)
    }
  }

  /// The connection of a call broke: the board hears of it at once.
  func connectionBreaks(_ call: BoardCall, _ cause: Doubt.Cause) {
    agenda.arrange(.service(.gaveUp(call: call.id, Doubt(cause, ""))), at: now + lineLatency)
  }

  // MARK: Back at the board

  /// What came of a call; nil in `reply` of one that the board has given up.
  func boardHears(_ id: Int, _ reply: CoreReply, isReply: Bool) {
    // What the service says shows its clock.
    if isReply { skewSeen = trueWall - wall }
    let reply = settings.codesCalls ? CoreText.repeated(reply) : reply
    if let call = service.line.call, call.id == id {
      forgetAnswer(of: id)
      service.line.call = nil
      isAsking = false
      return callEnds(call.question, reply)
    }
    guard let held = service.line.held, held.call.id == id else { return }
    forgetAnswer(of: id)
    let number = held.following.number
    let answer = service.line.expected.checked(reply, number).status
    let step = held.following.step(
      after: answer, isLatest: true, isInterrupted: false, at: now, &service.line.followBackOff,
      isEnumerating ? 500 : dice.bits())
    service.line.held = nil
    switch step {
    case .askAgain: follow(number, permit: held.following.nonce)
    case .answer: agenda.arrange(.answered(.status(number, answer)), at: now)
    case .answerAfter(let pause):
      agenda.arrange(.answered(.status(number, answer)), at: now + pause)
    }
  }

  private func callEnds(_ question: Question, _ reply: CoreReply) {
    let expected = service.line.expected
    let answer: Answered
    switch question {
    case .open(let request): answer = .open(request.number, reply.open)
    case .status(let number, _):
      answer = .status(number, expected.checked(reply, number).status)
    case .permit(let number, _):
      answer = .permit(number, expected.checked(reply, number).permit)
    case .settle(let number, _): answer = .settle(number, reply.settle)
    case .cancel(let number):
      answer = .cancel(number, expected.checked(reply, number).cancel)
    case .probe, .beat: return attended(question, reply.answer == .accepted ? nil : reply.doubt)
    case .duties, .catchUp, .decide: return
    }
    agenda.arrange(.answered(answer), at: now)
  }

  /// Nothing that is on its way for this call is waited for any more.
  private func forgetAnswer(of id: Int) {
    agenda.drop { happening in
      switch happening {
      case .service(.gaveUp(call: id, _)), .service(.replied(call: id, _)): true
      default: false
      }
    }
  }

  // MARK: Heartbeats

  private func attended(_ question: Question, _ doubt: Doubt?) {
    service.line.probesFailed = doubt == nil ? 0 : service.line.probesFailed + 1
    if doubt == nil, let prices = service.prices,
      prices.version > machine.priceList?.version ?? Int64.min
    {
      let asking = run
      handle(.pricesListed(prices))
      guard asking == run else { return }
    }
    switch question {
    case .beat(false) where doubt != nil:
      // One that is lost is repeated before it is told.
      beat(after: dice.milliseconds(2000..<8000), isRepetition: true)
    default:
      if doubt == nil { beat(after: dice.milliseconds(54_000..<66_000), isRepetition: false) }
      agenda.arrange(.answered(.probe(doubt)), at: now)
    }
  }

  private func beat(after pause: Duration, isRepetition: Bool) {
    agenda.drop { if case .service(.beat) = $0 { true } else { false } }
    guard !isEnumerating else { return }
    agenda.arrange(.service(.beat(isRepetition: isRepetition)), at: now + pause)
  }

  func beats(isRepetition: Bool) {
    // No heartbeat gets in a customer's way.
    guard machine.sale == nil else {
      return beat(after: .seconds(5), isRepetition: isRepetition)
    }
    ask(.beat(isRepetition: isRepetition))
  }

  /// The board's process is gone, and its connections with it: of a held one the service may hear
  /// nothing.
  func boardLeavesLine() {
    service.line = BoardLine()
    guard !isEnumerating, dice.happens(5000) else { return }
    service.polls.removeAll()
  }
}
