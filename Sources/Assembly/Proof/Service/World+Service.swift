internal import Audit
internal import Core
internal import CoreService
internal import FleetStorage
internal import Money
internal import Ordering
internal import Timing
internal import Vending

// The service's side: calls arrive, are handled, and answered (`FleetCore`).
extension World {
  func happen(_ happening: ServiceHappening) {
    switch happening {
    case .replied(let id, let reply): boardHears(id, reply, isReply: true)
    case .gaveUp(let id, let doubt): boardHears(id, CoreReply(doubt), isReply: false)
    case .beat(let isRepetition): beats(isRepetition: isRepetition)
    case .probes: if booksAreOpen { questions.append(.probe) }
    case .arrives(let call): arrives(call)
    case .turn(let id): turnGoesOn(id)
    case .looks(let id): pollLooks(id)
    case .settles(let call, let process, let life): settles(call, process, life)
    case .notice(let notice): noticeArrives(notice)
    case .duties: dutiesCome()
    case .cloneAsks(let number): cloneAsks(number)
    case .decided(let number): decidesAtConsole(number)
    case .processStarts(let place): processStarts(place)
    case .processEnds(let place): if service.processes[place].isUp { processFalls(place) }
    }
  }

  /// The right time by both clocks: those of the service's computers agree.
  var serviceTimes: OrderTurn.Times { OrderTurn.Times(now: now, wallTime: trueWall) }

  /// A process that takes a connection; nil when none does.
  func someProcess() -> Int? {
    let ups = service.processes.indices.filter { service.processes[$0].isUp }
    if ups.isEmpty { return nil }
    return ups.count == 1 ? ups[0] : dice.choice(ups)
  }

  /// How long the database takes for a question or a commit.
  func databaseTime() -> Duration {
    if isEnumerating { return .milliseconds(3) }
    if weather.strikes(.databaseSlow) {
      fire(.databaseSlow)
      return weather.milliseconds(.databaseSlow, 300..<9000)
    }
    return .nanoseconds(Int64(200_000 + dice.number(below: 4_000_000)))
  }

  // MARK: A board's calls

  private func arrives(_ call: BoardCall) {
    guard let place = someProcess() else { return connectionBreaks(call, .tryLater) }
    let process = service.processes[place]
    if process.sleepsUntil > now {
      // The kernel has taken the connection.
      return agenda.arrange(.service(.arrives(call)), at: process.sleepsUntil)
    }
    var call = call
    if settings.codesCalls {
      guard let question = CoreText.repeated(call.question) else {
        return connectionBreaks(call, .notAnAnswer)
      }
      call.question = question
    }
    let errand = Errand(Self.machineName)
    func begin(_ event: OrderBook.Event, _ number: OrderNumber) {
      beginTurn(event, number, errand, .call(call), at: place)
    }
    switch call.question {
    case .open(let request):
      if let objection = objection(to: request) {
        return reply(to: call, CoreReply(objection))
      }
      begin(.openAsked(request), request.number)
    case .permit(let number, let nonce): begin(.permitAsked(number, nonce: nonce), number)
    case .cancel(let number): begin(.cancelAsked(number), number)
    case .status(let number, let nonce): hold(call, number, nonce, at: place)
    case .settle:
      agenda.arrange(
        .service(.settles(call, process: place, life: process.life)), at: now + databaseTime())
    case .probe, .beat: reply(to: call, heartbeatReply)
    case .duties, .catchUp, .decide: break
    }
  }

  static let machineName = "WORLD"

  private func objection(to request: OrderRequest) -> OpenAnswer? {
    if let objection = OpenTerms.objection(to: request, by: Self.machineName) {
      return objection
    }
    guard let prices = service.prices, let lanes = prices.lanes else { return nil }
    guard now >= service.databaseReturns else {
      return .unknown(OrderTurn.doubt(.unavailable("")))
    }
    let answer = OpenTerms.objection(
      to: request, prices: lanes.mapValues(\.fen), version: prices.version)
    if answer != nil { fire(.pricesDiffer) }
    return answer
  }

  /// What the service says of itself.
  private var heartbeatReply: CoreReply {
    guard now < service.databaseReturns else { return CoreReply(word: .accepted) }
    return CoreReply(Doubt(.tryLater, "the store"))
  }

  /// As `FleetCore.settle`: an order that was never there is a person's.
  private func settles(_ call: BoardCall, _ place: Int, _ life: Int) {
    let process = service.processes[place]
    guard process.isUp, process.life == life else {
      return connectionBreaks(call, .broken)
    }
    if process.sleepsUntil > now {
      let happening = ServiceHappening.settles(call, process: place, life: life)
      return agenda.arrange(.service(happening), at: process.sleepsUntil)
    }
    guard case .settle(let number, let outcome) = call.question else { return }
    if let trouble = troubleOfRead() {
      return reply(to: call, CoreReply(OrderTurn.doubt(trouble)))
    }
    guard service.store.rows[number] != nil else {
      witness(.caseOpened(order: number.text, words: "settled, but not known"))
      return reply(to: call, CoreReply(word: .accepted))
    }
    beginTurn(
      .settleAsked(number, outcome), number, Errand(Self.machineName), .call(call), at: place)
  }

  /// What a board is told of its own call.
  func callHandled(_ call: BoardCall, _ handled: Handled) {
    let noAnswer = CoreReply(Doubt(.broken, "the order book gave no answer"))
    switch (call.question, handled) {
    case (.open, .answer(.open(let answer))): reply(to: call, CoreReply(answer))
    case (.permit, .answer(.permit(let answer))): reply(to: call, CoreReply(answer))
    case (.settle, .answer(.settle(let answer))): reply(to: call, CoreReply(answer))
    case (.cancel, .answer(.cancel(let answer))): reply(to: call, CoreReply(answer))
    case (_, .failure(let doubt)): reply(to: call, CoreReply(doubt))
    default: reply(to: call, noAnswer)
    }
  }

  // MARK: Polls

  private func hold(
    _ call: BoardCall, _ number: OrderNumber, _ nonce: UInt64?, at place: Int
  ) {
    let poll = ServiceState.HeldPoll(
      id: service.number(), call: call, process: place, number: number, nonce: nonce,
      end: now + min(call.hold, CoreCall.longestWait))
    service.polls.append(poll)
    agenda.arrange(.service(.looks(poll: poll.id)), at: now + databaseTime())
  }

  /// As `FleetCore.status`, from one look to the next.
  private func pollLooks(_ id: Int) {
    guard let index = service.polls.firstIndex(where: { $0.id == id }) else { return }
    let poll = service.polls[index]
    let process = service.processes[poll.process]
    if process.sleepsUntil > now {
      return agenda.arrange(.service(.looks(poll: id)), at: process.sleepsUntil)
    }
    service.polls[index].isWaiting = false
    service.polls[index].isTold = false
    if let trouble = troubleOfRead() {
      return pollEnds(id, .unknown(OrderTurn.doubt(trouble)))
    }
    guard let stored = service.store.rows[poll.number], stored.machine == Self.machineName else {
      return pollEnds(id, .unknown(Doubt(.mismatch, "no order \(poll.number)")))
    }
    switch service.processes[poll.process].silences.outlook(stored, at: serviceTimes) {
    case .moved: asks(index, breaksSilence: false)
    case .silent: asks(index, breaksSilence: true)
    case .quiet(let queryAt):
      guard now < poll.end, !process.sendsAway else { return pollEnds(id, poll.last) }
      service.polls[index].isWaiting = true
      let until = min(poll.end, max(queryAt, now + .milliseconds(200)))
      agenda.arrange(.service(.looks(poll: id)), at: until)
    }
  }

  private func asks(_ index: Int, breaksSilence: Bool) {
    service.polls[index].breaksSilence = breaksSilence
    let poll = service.polls[index]
    beginTurn(
      .statusAsked(poll.number, permit: poll.nonce), poll.number, Errand(Self.machineName),
      .poll(poll.id), at: poll.process)
  }

  func pollHandled(_ id: Int, _ handled: Handled) {
    guard let index = service.polls.firstIndex(where: { $0.id == id }) else { return }
    let answer: StatusAnswer =
      switch handled {
      case .answer(.status(let answer)): answer
      case .failure(let doubt): .unknown(doubt)
      case .answer, .silence, .fenced, .foreign:
        .unknown(Doubt(.broken, "the order book gave no answer"))
      }
    guard service.polls[index].breaksSilence else { return pollEnds(id, answer) }
    service.polls[index].last = answer
    switch answer {
    case .pending, .unknown:
      agenda.arrange(.service(.looks(poll: id)), at: now + databaseTime())
    case .paid, .closed, .refunding, .refunded, .held: pollEnds(id, answer)
    }
  }

  func pollEnds(_ id: Int, _ answer: StatusAnswer) {
    guard let index = service.polls.firstIndex(where: { $0.id == id }) else { return }
    let poll = service.polls.remove(at: index)
    reply(to: poll.call, CoreReply(answer))
  }

  /// News of an order reach those who wait for it, wherever in the fleet.
  func newsCome(_ number: OrderNumber) {
    for index in service.polls.indices where service.polls[index].number == number {
      if weather.strikes(.newsMissed) {
        fire(.newsMissed)
        continue
      }
      service.polls[index].isTold = true
      let poll = service.polls[index]
      guard poll.isWaiting else { continue }
      service.polls[index].isWaiting = false
      agenda.drop { $0 == .service(.looks(poll: poll.id)) }
      agenda.arrange(.service(.looks(poll: poll.id)), at: now + databaseTime())
    }
  }
}
