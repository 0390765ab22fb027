internal import Control
internal import Core
internal import NetworkClient
internal import Ordering
internal import Platform
internal import Storage
internal import Timing

/// The core far away: a thread for calls, a thread for the one question that is held, and the
/// heartbeat's clock on the loop.
final class RemoteDesk: CoreDesk {
  let worker = Worker(name: "core")
  private let follower = Worker(name: "core-follow")
  private let loop: EventLoop
  private let core: RemoteCore
  private let surroundings: Surroundings
  private var follow: (number: OrderNumber, interruption: Interruption)?
  private var followBackOff = BackOff(first: .seconds(1), longest: .seconds(8))
  private var probeBackOff = BackOff(first: .seconds(2), longest: .seconds(30))
  private var enrolmentBackOff = BackOff(first: .seconds(5), longest: .seconds(30))
  /// Whoever waits for the heartbeat under way; nil while none is.
  private var waiting: [(Doubt?) -> Void]?
  private var heartbeat: EventLoop.TimerToken?

  /// What the desk needs to know of the machine, and tells it.
  struct Surroundings {
    /// How the board is, for a heartbeat.
    var condition: () -> RemoteCore.Condition
    /// Whether a customer is being served: no heartbeat gets in his way.
    var isSelling: () -> Bool
    /// What a heartbeat has brought.
    var report: (RemoteCore.News) -> Void
    /// What a heartbeat says of the core that nobody asked for.
    var probed: (Doubt?) -> Void
  }

  /// How long things take that nobody waits for; each is drawn, so that no two boards keep step.
  struct Pace {
    /// From one heartbeat to the next.
    var pause: ClosedRange<Duration> = .seconds(54)...Duration.seconds(66)
    /// From a heartbeat that was lost to the one that must not be.
    var repetition: ClosedRange<Duration> = .seconds(2)...Duration.seconds(8)
    /// How long a question is held.
    var hold: ClosedRange<Duration> = .seconds(20)...Duration.seconds(25)
  }

  private let pace: Pace

  init(
    loop: EventLoop, core: RemoteCore, _ surroundings: Surroundings, pace: Pace = Pace()
  ) {
    (self.loop, self.core, self.surroundings) = (loop, core, surroundings)
    self.pace = pace
  }

  var answeredAt: Instant? { core.answeredAt }
  var clockSkew: Duration? { core.clockSkew }
  var failure: StorageError? { nil }

  func ask<Answer: Sendable>(
    _ question: @escaping @Sendable (any PaymentCore) -> Answer, then: @escaping (Answer) -> Void
  ) {
    let core = core
    loop.perform(on: worker, { question(core) }, then: then)
  }

  // MARK: The question that is held

  /// Follows an order until it is paid or ended: asked again as soon as nothing was new in a whole
  /// hold, so that no payment falls into a gap.
  func askStatus(
    _ number: OrderNumber, permit nonce: UInt64?, then: @escaping (StatusAnswer) -> Void
  ) {
    guard let nonce else { return ask({ $0.status(number, permit: nil) }, then: then) }
    // The order before has been ended; its answer changes nothing any more.
    if let follow, follow.number != number { follow.interruption.ask() }
    let interruption = Interruption()
    follow = (number, interruption)
    let question = Following(
      number, permit: nonce, wait: Self.draw(pace.hold), at: Clock.now())
    let core = core
    loop.perform(
      on: follower,
      { core.follow(number, permit: nonce, wait: question.wait, until: interruption) }
    ) { [weak self] answer in
      guard let self else { return }
      let step = question.step(
        after: answer, isLatest: follow?.number == number, isInterrupted: interruption.isAsked,
        at: Clock.now(), &followBackOff, RandomBits.next())
      switch step {
      case .askAgain: askStatus(number, permit: nonce, then: then)
      case .answerAfter(let pause): loop.arm(after: pause) { then(answer) }
      case .answer: then(answer)
      }
    }
  }

  // MARK: Heartbeats

  func probe(then: @escaping (Doubt?) -> Void) {
    guard probeBackOff.failures > 0 else { return attend(then) }
    // The machine's own pause has passed; boards that failed together part here.
    loop.arm(after: BackOff.draw(.zero, .seconds(15), RandomBits.next())) { [weak self] in
      self?.attend(then)
    }
  }

  private func attend(_ then: @escaping (Doubt?) -> Void) {
    guard waiting == nil else { return waiting?.append(then) ?? () }
    waiting = [then]
    if let heartbeat { loop.cancel(heartbeat) }
    heartbeat = nil
    let (core, condition) = (core, surroundings.condition())
    loop.perform(on: worker, { core.attend(condition) }) { [weak self] news in
      guard let self else { return }
      let told = waiting ?? []
      waiting = nil
      if news.doubt == nil {
        probeBackOff.succeeded()
      } else {
        _ = probeBackOff.failed(0)
      }
      surroundings.report(news)
      for tell in told { tell(news.doubt) }
      plan(after: news)
    }
  }

  private func plan(after news: RemoteCore.News) {
    // After a doubt the machine asks, with its own pauses.
    guard news.doubt == nil else { return }
    switch news.standing {
    case .waiting: beat(after: .seconds(2) + enrolmentBackOff.failed(RandomBits.next()))
    case .enrolled, .refused:
      enrolmentBackOff.succeeded()
      beat(after: Self.draw(pace.pause))
    }
  }

  /// A heartbeat that nobody asked for; one that is lost is repeated before it is told: a network
  /// that loses one in an hour sells.
  private func beat(after pause: Duration, isRepetition: Bool = false) {
    if let heartbeat { loop.cancel(heartbeat) }
    heartbeat = loop.arm(after: pause) { [weak self] in
      guard let self else { return }
      heartbeat = nil
      guard !surroundings.isSelling() else { return beat(after: .seconds(5)) }
      attend { [weak self] doubt in
        guard let self else { return }
        if doubt != nil, !isRepetition {
          beat(after: Self.draw(pace.repetition), isRepetition: true)
        } else {
          surroundings.probed(doubt)
        }
      }
    }
  }

  private static func draw(_ range: ClosedRange<Duration>) -> Duration {
    BackOff.draw(range.lowerBound, range.upperBound, RandomBits.next())
  }

  // MARK: What only the service does

  func decide(
    _ number: OrderNumber, _ decision: Decision, then: @escaping (String?) -> Void
  ) {
    then(ControlReply.decidedElsewhere)
  }

  /// The duties are the service's.
  func carryOutDuties() {}

  func read<Found: Sendable>(
    _ journal: RecordStore?,
    _ question: @escaping @Sendable (OrderListing) -> Result<Found, StorageError>,
    then: @escaping (Result<Found, StorageError>) -> Void
  ) {
    guard let journal else { return then(.failure(.notThere("the journal is not open"))) }
    loop.perform(on: worker, { question(OrderListing(journal: journal)) }, then: then)
  }

  func close() { follow?.interruption.ask() }
}
