internal import Control
public import Ordering
internal import NetworkClient
internal import Platform
internal import Synchronization
internal import Timing

// What a board does beside its sales: be taken in, say that it is there, and change its token.
extension RemoteCore {
  /// How the board is, for a heartbeat.
  public struct Condition: Equatable, Sendable {
    public var boots: Int64 = 0
    public var state = ""
    public var faults: [String] = []
    /// The version of the price list that is sold by; nil for the machine's own prices.
    public var pricesVersion: Int64?
    /// The version of the service's settings that were taken, or refused; nil for none.
    public var settingsVersion: Int64?
    /// Why they do not hold; nil when they do.
    public var settingsTrouble: String?

    /// Nothing is known.
    public init() {}
  }

  /// Where the board stands with the service.
  public enum Standing: Equatable, Sendable {
    /// It has a token that was not refused.
    case enrolled
    /// An operator must take it in; the code is what the display shows, and `words` what the
    /// service said last against it.
    case waiting(code: String, words: String)
    /// No token that it has is taken, or can be read.
    case refused(String)
  }

  /// What came of it.
  public struct News: Sendable {
    /// Why no order would be taken; nil when one would, as far as the network goes.
    public var doubt: Doubt?
    public var standing: Standing
    /// Prices that are newer than those that are sold by.
    public var prices: Prices?
    /// Settings that are newer than those that hold.
    public var settings: Settings?
    /// What the log should know.
    public var remarks: [String] = []
  }

  /// Does what is due, at most a few calls: enrolment or heartbeat, the token, prices and settings.
  public func attend(_ condition: Condition) -> News {
    var news = News(standing: .enrolled)
    do throws(CoreDoubt) {
      try enrol(&news)
      if notes.withLock({ $0.ring.current }) != nil {
        try changeToken(&news)
        let reply = try heartbeat(condition)
        news.doubt = reply.doubt?.doubt
        try fetchPrices(reply, condition, &news)
        try fetchSettings(reply, condition, &news)
      }
    } catch {
      news.doubt = error.doubt
    }
    news.standing = standing
    return news
  }

  /// Where the board stands, as far as it knows.
  public var standing: Standing {
    notes.withLock { notes in
      if notes.ring.current != nil {
        return notes.ring.isRefused
          ? .refused("the service takes none of this board's tokens") : .enrolled
      }
      if let trouble = notes.trouble { return .refused("\(trouble)") }
      let code = notes.ring.next.map { EnrolmentCode.shown($0.token.enrolmentCode) } ?? ""
      return .waiting(code: code, words: notes.refusal ?? "")
    }
  }

  /// Whether the service takes one of the tokens: for a diagnosis beside the daemon, which changes
  /// nothing on either side.
  public func prove() -> Doubt? {
    let (tokens, trouble) = notes.withLock { ($0.ring.candidates, $0.trouble) }
    var doubt = Doubt(.mismatch, trouble.map { "\($0)" } ?? "this board is not enrolled")
    for token in tokens {
      do throws(CoreDoubt) {
        let response = try exchange(CoreCall.path(.prices, have: nil), nil, token)
        if [200, 204, 404].contains(response.status) { return nil }
        doubt = Doubt(response) ?? doubt
      } catch {
        return error.doubt
      }
    }
    return doubt
  }

  // MARK: Enrolment

  private func enrol(_ news: inout News) throws(CoreDoubt) {
    if notes.withLock({ $0.ring.step(at: surroundings.wallTime()) }) == .begin {
      // A file that is there and cannot be read is a person's to look at.
      guard notes.withLock({ $0.ring.current == nil && $0.trouble == nil }) else { return }
      try makeNext(&news)
    }
    guard case .enrol(let token) = notes.withLock({ $0.ring.step(at: surroundings.wallTime()) })
    else { return }
    let question = CoreCall.Enrolment(
      machine: service.machine, code: token.enrolmentCode, token: token.text)
    let response = try exchange(CoreCall.enrolments, try Self.text(question), nil)
    if let doubt = Doubt(response) { throw CoreDoubt(doubt) }
    let reply = try response.decoded(CoreCall.EnrolmentReply.self)
    switch EnrolmentAnswer(rawValue: reply.answer) {
    case .enrolled:
      try keep { () throws(TokenFailure) in try tokens.promote() }
      notes.withLock { notes in
        notes.ring.enrolled()
        notes.refusal = nil
      }
      news.remarks.append("enrolled at \(service.address)")
    case .waiting: notes.withLock { $0.refusal = nil }
    case .refused:
      // Another code is another chance; the old one is of no use any more.
      try keep { () throws(TokenFailure) in try tokens.dropNext() }
      notes.withLock { notes in
        notes.ring.droppedNext()
        notes.refusal = reply.words
      }
      news.remarks.append("enrolment refused: \(reply.words)")
      try makeNext(&news)
    case nil:
      throw CoreDoubt(Doubt(.notAnAnswer, "enrolment: \(reply.answer.debugDescription)"))
    }
  }

  private enum EnrolmentAnswer: String { case waiting, enrolled, refused }

  /// Makes a token, and has it on disk before anybody hears of it.
  private func makeNext(_ news: inout News) throws(CoreDoubt) {
    guard let token = CoreToken(RandomBits.text(count: CoreToken.usual)) else { return }
    let dated = TokenRing.Dated(token, madeAt: surroundings.wallTime())
    try keep { () throws(TokenFailure) in try tokens.write(next: dated) }
    notes.withLock { $0.ring.wrote(dated) }
    news.remarks.append("made a token")
  }

  private func keep(_ write: () throws(TokenFailure) -> Void) throws(CoreDoubt) {
    do throws(TokenFailure) {
      try write()
    } catch {
      throw CoreDoubt(Doubt(.broken, "the token's file: \(error)"))
    }
  }

  // MARK: Rotation

  /// How long a change of tokens that came to nothing is left alone.
  private static let renewalPause: Duration = .seconds(86_400)

  private func changeToken(_ news: inout News) throws(CoreDoubt) {
    let (step, isEarly) = notes.withLock { notes in
      (
        notes.ring.step(at: surroundings.wallTime()),
        notes.renewal.map { surroundings.now() < $0 } ?? false
      )
    }
    switch step {
    case .renew where !isEarly:
      do throws(CoreDoubt) {
        try makeNext(&news)
      } catch {
        // The present token serves; a disk that takes nothing is told by the journal.
        notes.withLock { $0.renewal = surroundings.now() + Self.renewalPause }
        return news.remarks.append(error.doubt.detail)
      }
      try changeToken(&news)
    case .rotate(let token): try rotate(to: token, &news)
    case .begin, .enrol, .renew, .serve: break
    }
  }

  private func rotate(to token: CoreToken, _ news: inout News) throws(CoreDoubt) {
    guard let current = notes.withLock({ $0.ring.current?.token }) else { return }
    let body = try Self.text(CoreCall.Rotation(token: token.text))
    // An answer that is lost may have been a yes.
    defer { notes.withLock { $0.ring.toldNext() } }
    let response = try exchange(CoreCall.token, body, current)
    if response.status < 300 {
      news.remarks.append("the next token is told")
    } else if [400, 404, 409, 422].contains(response.status) {
      try keep { () throws(TokenFailure) in try tokens.dropNext() }
      notes.withLock { notes in
        notes.ring.droppedNext()
        notes.renewal = surroundings.now() + Self.renewalPause
      }
      news.remarks.append("the service does not want another token (HTTP \(response.status))")
    }
  }

  // MARK: Heartbeat

  private func heartbeat(_ condition: Condition) throws(CoreDoubt) -> CoreCall.HeartbeatReply {
    let body = try Self.text(
      CoreCall.Heartbeat(
        boots: condition.boots, program: Product.version, state: condition.state,
        faults: condition.faults, pricesVersion: condition.pricesVersion,
        settingsVersion: condition.settingsVersion, settingsTrouble: condition.settingsTrouble))
    let response = try authorised { token throws(CoreDoubt) in
      try exchange(CoreCall.heartbeat, body, token)
    }
    if let doubt = Doubt(response) { throw CoreDoubt(doubt) }
    let reply = try response.decoded(CoreCall.HeartbeatReply.self)
    line.note(serviceTime: reply.time, response)
    return reply
  }
}
