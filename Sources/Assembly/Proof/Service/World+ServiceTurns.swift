internal import Audit
internal import CoreService
internal import FleetStorage
internal import Ordering
internal import Timing

// What `FleetCore` does with a turn: read, write, call the provider, tell a person.
extension World {
  func beginTurn(
    _ event: OrderBook.Event, _ number: OrderNumber, _ errand: Errand,
    _ purpose: ServiceState.Purpose, at place: Int
  ) {
    if story != nil { note("    process \(place): \(event)") }
    let turn = OrderTurn(event, about: number, errand: errand, attemptsMax: 16)
    let id = service.number()
    var isRivalled = false
    for index in service.turns.indices where service.turns[index].turn.number == number {
      isRivalled = true
      service.turns[index].isRivalled = true
    }
    service.turns.append(
      ServiceState.Turn(
        id: id, process: place, turn: turn, purpose: purpose, isRivalled: isRivalled))
    agenda.arrange(.service(.turn(id)), at: now + databaseTime())
  }

  /// What was under way for a turn has come.
  func turnGoesOn(_ id: Int) {
    guard let index = service.turns.firstIndex(where: { $0.id == id }) else { return }
    let turn = service.turns[index]
    let place = turn.process
    if service.processes[place].sleepsUntil > now, !turn.isOutside {
      return agenda.arrange(.service(.turn(id)), at: service.processes[place].sleepsUntil)
    }
    if weather.strikes(.serviceKilledInTurn) {
      fire(.serviceKilledInTurn)
      return processFalls(place)
    }
    switch turn.stage {
    case .reads:
      if let trouble = troubleOfRead() { return take(.failed(trouble), index) }
      take(.found(service.store.rows[turn.turn.number]), index)
    case .commits(let posting):
      service.turns[index].stage = .hears(commit(posting, of: turn))
      agenda.arrange(.service(.turn(id)), at: now + databaseTime())
    case .hears(let news): take(news, index)
    case .alarms(let words):
      if settings.mistake != .alarmIsDropped {
        witness(.caseOpened(order: turn.turn.number.text, words: words))
      }
      take(.alarmed, index)
    case .reaches(let effect, let kind): reaches(effect, kind, index)
    case .heard(let answer, let kind): take(.told(heard(answer, kind)), index)
    }
  }

  private func take(_ news: OrderTurn.News, _ index: Int) {
    let known = service.turns[index].turn.overtaken
    let step = service.turns[index].turn.take(news, at: serviceTimes)
    if service.turns[index].turn.overtaken > known { fire(.overtaken) }
    let id = service.turns[index].id
    var pause = Duration.zero
    switch step {
    case .read:
      service.turns[index].stage = .reads
      pause = databaseTime()
    case .post(let posting):
      service.turns[index].stage = .commits(posting)
      pause = databaseTime()
    case .carryOut(let effect): pause = leaves(effect, index)
    case .alarm(let words): service.turns[index].stage = .alarms(words)
    case .end(let handled, _):
      let turn = service.turns.remove(at: index)
      return ended(turn, handled)
    }
    agenda.arrange(.service(.turn(id)), at: now + pause)
  }

  private func ended(_ turn: ServiceState.Turn, _ handled: Handled) {
    if case .fenced = handled { fire(.fenced) }
    switch turn.purpose {
    case .call(let call): callHandled(call, handled)
    case .poll(let id): pollHandled(id, handled)
    case .notice(let notice): noticeHandled(notice, handled)
    case .duty: armServiceDuties()
    case .person: break
    case .clone: cloneHears(turn.turn.number, handled)
    }
  }

  // MARK: The database

  /// Why the database cannot be read; nil when it can.
  func troubleOfRead() -> FleetError? {
    if now < service.databaseReturns {
      fire(.databaseDown)
      return .unavailable("")
    }
    guard weather.strikes(.readFails) else { return nil }
    fire(.readFails)
    return .unavailable("")
  }

  private func commit(_ posting: Posting, of turn: ServiceState.Turn) -> OrderTurn.News {
    if now < service.databaseReturns {
      fire(.databaseDown)
      return .failed(.unavailable(""))
    }
    if weather.strikes(.commitFails) {
      fire(.commitFails)
      return .failed(.unavailable(""))
    }
    if weather.strikes(.commitUnknown) {
      fire(.commitUnknown)
      if weather.chance(.commitUnknown, below: 2) == 0 { _ = keep(posting, turn.purpose) }
      return .failed(.unknown(""))
    }
    return .posted(keep(posting, turn.purpose))
  }

  /// The database carries a commit out; whoever asked may not hear of it any more.
  @discardableResult
  func keep(_ posting: Posting, _ purpose: ServiceState.Purpose) -> PostingAnswer {
    let answer = service.store.apply(posting)
    guard case .written = answer else { return answer }
    if story != nil { note("    store: \(posting.event ?? "-") \(posting.number)") }
    if case .person(let delivered) = purpose, posting.event != nil {
      witness(.personDecided(order: posting.number.text, delivered: delivered))
    }
    if let order = try? service.store.rows[posting.number]?.order() { tellOfBook(order) }
    if !posting.messages.isEmpty { newsCome(posting.number) }
    if posting.event == OrderBook.RecordKind.permitted.rawValue { permitIsGiven(posting.number) }
    armServiceDuties()
    return answer
  }

  /// While the permit is on its way and the lane turns, others may be at the order.
  private func permitIsGiven(_ number: OrderNumber) {
    if weather.strikes(.boardCloned) {
      let pause = weather.milliseconds(.boardCloned, 1..<3000)
      agenda.arrange(.service(.cloneAsks(number)), at: now + pause)
    }
    if weather.strikes(.personDecides) {
      let pause = weather.milliseconds(.personDecides, 1..<3000)
      agenda.arrange(.service(.decided(number)), at: now + pause)
    }
  }

  // MARK: The provider

  /// A call to the provider leaves; when something comes of it.
  private func leaves(_ effect: OrderBook.Effect, _ index: Int) -> Duration {
    switch courseOfExchange(Straggler(effect)) {
    case .lost(let cause, let after):
      service.turns[index].stage = .hears(.told(.doubted(effect, Doubt(cause, ""))))
      return after
    case .arrives(let kind):
      service.turns[index].stage = .reaches(effect, kind)
      return latency(kind)
    }
  }

  private func reaches(_ effect: OrderBook.Effect, _ kind: FaultKind?, _ index: Int) {
    if case .create(let request) = effect, diskTrouble == .damaged,
      case .call(let call) = service.turns[index].purpose, call.wasWhole
    {
      // It left the board before the damage, and is not asked anew.
      witness(.excused(order: request.number.text, [.journalIsPrefix]))
    }
    var answer = actAtTill(effect)
    if kind == .requestDoubled { _ = actAtTill(effect) }
    if case .create(let request) = effect,
      kind == .requestDoubled || service.turns[index].isRivalled
    {
      till.change(request.number) { $0.isReplacedUnasked = true }
    }
    var pause = latency(kind)
    if let cause = kind?.doubtOfAnswer {
      if kind == .answerLost || kind == .partitionBack { pause = pause + .seconds(10) }
      // What else is wrong with an answer is seen when it is read.
      if case .queryAnswered = answer {} else { answer = .doubted(effect, Doubt(cause, "")) }
    }
    service.turns[index].stage = .heard(answer, kind)
    agenda.arrange(.service(.turn(service.turns[index].id)), at: now + pause)
  }

  private func actAtTill(_ effect: OrderBook.Effect) -> OrderBook.Event {
    if case .close(let number) = effect, weather.strikes(.payRacesClose) {
      paysJustNow(number, .payRacesClose)
    }
    return switch effect {
    case .create(let request): .createAnswered(request.number, createdAtTill(request))
    case .query(let number): .queryAnswered(number, queriedAtTill(number))
    case .close(let number): .closeAnswered(number, closedAtTill(number))
    case .refund(let request): .refundAnswered(request.order, refundedAtTill(request))
    case .queryRefund(let request):
      .refundQueryAnswered(request.order, till.queryRefund(request, at: now))
    case .record, .answer, .alarm: preconditionFailure("\(effect) is not the provider's")
    }
  }

  private func heard(_ answer: OrderBook.Event, _ kind: FaultKind?) -> OrderBook.Event {
    guard case .queryAnswered(let number, let said) = answer else { return answer }
    if let changed = queryHeard(number, said, kind) { return .queryAnswered(number, changed) }
    guard let cause = kind?.doubtOfAnswer else { return answer }
    return .queryAnswered(number, .unknown(Doubt(cause, "")))
  }
}

extension ServiceState.Turn {
  /// Whether what comes next happens outside of the process, which may sleep meanwhile.
  var isOutside: Bool {
    switch stage {
    case .commits, .reaches: true
    case .reads, .hears, .alarms, .heard: false
    }
  }
}

extension Straggler {
  /// A provider's call that still has effect when it arrives late; nil of one that only asks.
  init?(_ effect: OrderBook.Effect) {
    switch effect {
    case .create(let request): self = .create(request)
    case .close(let number): self = .close(number)
    case .refund(let request): self = .refund(request)
    case .query, .queryRefund, .record, .answer, .alarm: return nil
    }
  }
}

extension OrderBook.Event {
  /// What the book is told when a call has taught nobody anything.
  static func doubted(_ effect: OrderBook.Effect, _ doubt: Doubt) -> Self {
    switch effect {
    case .create(let request): .createAnswered(request.number, .unknown(doubt))
    case .query(let number): .queryAnswered(number, .unknown(doubt))
    case .close(let number): .closeAnswered(number, .unknown(doubt))
    case .refund(let request): .refundAnswered(request.order, .unknown(doubt))
    case .queryRefund(let request): .refundQueryAnswered(request.order, .unknown(doubt))
    case .record, .answer, .alarm: preconditionFailure("\(effect) is not the provider's")
    }
  }
}
