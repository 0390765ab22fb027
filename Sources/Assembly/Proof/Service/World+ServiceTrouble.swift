internal import CoreService
internal import FleetStorage
internal import Money
internal import Ordering
internal import Timing
internal import Vending

// Processes of the service that end, sleep and come back; a database that is away.
extension World {
  /// Two processes share the database; where every cut is tried, one has it alone.
  static func service(_ settings: Settings) -> ServiceState {
    var service = ServiceState()
    guard settings.core == .service else { return service }
    let count = settings.script == nil ? 2 : 1
    service.processes = [ServiceState.Process](repeating: ServiceState.Process(), count: count)
    return service
  }

  func brewAtService(_ kind: FaultKind) {
    guard settings.core == .service else { return }
    func drawn(_ range: Range<Int>) -> Duration { weather.milliseconds(kind, range) }
    switch kind {
    case .serviceKilled:
      guard let place = someProcess() else { return }
      fire(kind)
      processFalls(place)
    case .serviceStopped:
      guard let place = someProcess() else { return }
      fire(kind)
      note("process \(place) sleeps")
      service.processes[place].sleepsUntil = now + drawn(500..<40_000)
    case .serviceRolled:
      guard let place = someProcess() else { return }
      fire(kind)
      rolls(place)
    case .databaseKilled:
      fire(kind)
      databaseFalls(for: drawn(200..<30_000))
    case .databaseDown:
      service.databaseReturns = max(service.databaseReturns, now + drawn(500..<240_000))
    case .lineDown:
      service.lineReturns = max(service.lineReturns, now + drawn(2000..<200_000))
    case .pricesListed:
      fire(kind)
      // One in four is taken back.
      let isKept = weather.chance(kind, below: 4) > 0
      service.prices = nextPrices(isKept: isKept)
    default: break
    }
  }

  private func nextPrices(isKept: Bool) -> PriceList {
    let version = (service.prices?.version ?? 0) + 1
    guard isKept else { return PriceList(version: version, lanes: nil) }
    let rise = Amount(fen: version * 5)
    let lanes = plan.lanes.map { ($0.code, $0.price + rise) }
    return PriceList(version: version, lanes: Dictionary(uniqueKeysWithValues: lanes))
  }

  /// A process is gone between two things that it does: what the database has stays, what was on
  /// its way arrives or not, and everybody who waits for it hears that the connection broke.
  func processFalls(_ place: Int) {
    note("process \(place) of the service ENDS")
    service.processes[place].isUp = false
    service.processes[place].sendsAway = false
    service.processes[place].sleepsUntil = .zero
    service.processes[place].life += 1
    let fallen = service.turns.filter { $0.process == place }
    service.turns.removeAll { $0.process == place }
    for turn in fallen {
      agenda.drop { $0 == .service(.turn(turn.id)) }
      switch turn.stage {
      case .commits(let posting): if commitSurvives() { keep(posting, turn.purpose) }
      case .reaches(let effect, _):
        if let straggler = Straggler(effect) {
          agenda.arrange(.straggles(straggler), at: now + .milliseconds(20))
        }
      case .reads, .hears, .alarms, .heard: break
      }
      switch turn.purpose {
      case .call(let call): connectionBreaks(call, .broken)
      case .notice(let notice): noticeComesAgain(notice)
      case .poll, .duty, .person, .clone: break
      }
    }
    for poll in service.polls where poll.process == place {
      connectionBreaks(poll.call, .broken)
    }
    service.polls.removeAll { $0.process == place }
    let pause: Duration = isEnumerating ? .seconds(2) : dice.milliseconds(500..<20_000)
    agenda.arrange(.service(.processStarts(place)), at: now + pause)
  }

  /// Whether a commit on its way is carried out though its process or its connection is gone.
  private func commitSurvives() -> Bool {
    if let image { return image.book == .whole }
    return dice.happens(5000)
  }

  func processStarts(_ place: Int) {
    note("process \(place) of the service starts")
    service.processes[place].isUp = true
    service.processes[place].silences = Silences(pause: .seconds(5), perSecond: 200)
    armServiceDuties()
  }

  /// Told to end: who is held is sent away with what is known, and two seconds later it is gone.
  private func rolls(_ place: Int) {
    service.processes[place].sendsAway = true
    for poll in service.polls where poll.process == place && poll.isWaiting {
      agenda.drop { $0 == .service(.looks(poll: poll.id)) }
      agenda.arrange(.service(.looks(poll: poll.id)), at: now + .milliseconds(5))
    }
    agenda.arrange(.service(.processEnds(place)), at: now + .seconds(2))
  }

  /// The database is killed: of commits on their way nobody can say what became of them.
  func databaseFalls(for pause: Duration) {
    note("the DATABASE falls")
    service.databaseReturns = max(service.databaseReturns, now + pause)
    for index in service.turns.indices {
      guard case .commits(let posting) = service.turns[index].stage else { continue }
      if commitSurvives() { keep(posting, service.turns[index].purpose) }
      service.turns[index].stage = .hears(.failed(.unknown("")))
    }
  }

  /// Faults stop: whoever is away comes back.
  func mendService() {
    (service.databaseReturns, service.lineReturns) = (.zero, .zero)
    for place in service.processes.indices where service.processes[place].sleepsUntil > now {
      service.processes[place].sleepsUntil = now
    }
    armServiceDuties()
  }
}
