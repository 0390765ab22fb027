internal import Core
internal import FleetStorage
internal import NetworkClient
internal import Platform
internal import Synchronization
public import Timing

extension OperatorRegister {
  /// A person's session, as a request comes with it.
  public struct Session: Sendable {
    /// The secret of the cookie.
    public let token: String
    public let person: Operator
    /// When it ends if nobody uses it.
    public let until: WallTime
  }

  /// What became of a login.
  public enum LoginAnswer: Sendable {
    case session(Session)
    /// Name or password is wrong, or the person is not let in.
    case wrong
    /// Too many failures: not before this time has passed.
    case wait(Duration)
    /// Too many try at once.
    case busy
    case failed(FleetFailure)
  }

  /// Whether somebody is who he says.
  public enum Identity: Sendable {
    case known(Operator)
    case wrong
    case wait(Duration)
    case busy
    case failed(FleetFailure)
  }

  private static let tokenLength = 43

  /// A secret of 256 bits, as characters.
  public static func secret() -> String { RandomBits.text(count: tokenLength) }

  /// What a form carries to prove that it was made for the holder of `secret`.
  public static func formToken(for secret: String) -> String {
    Digest.hmacSHA256Hex(key: Array(secret.utf8), Array("form".utf8))
  }

  /// Whether a form's token fits the secret; in a time that does not tell how far.
  public static func isFormToken(_ token: String, for secret: String) -> Bool {
    Digest.areEqual(Array(token.utf8), Array(formToken(for: secret).utf8))
  }

  // MARK: In

  /// Looks whether a password is a person's; takes as long for a name that nobody has.
  public func identify(
    _ name: String, password: String, address: String
  ) async -> Identity {
    // A name is a key of tables, and stands in the log: nothing of any length.
    let key = String(name.prefix(Operator.nameMax))
    let address = Self.network(of: address)
    if let wait = take(key, address) {
      core.counters.add(.throttled)
      return .wait(wait)
    }
    guard hashers.backlog < Self.waitingMax else {
      giveBack(key, address)
      return .busy
    }
    let known: Known?
    do throws(FleetFailure) {
      known = try await read(name)
    } catch {
      giveBack(key, address)
      return .failed(error)
    }
    let hash = known.flatMap { PasswordHash(text: $0.record.password) } ?? nobody
    let isFitting = password.utf8.count <= Operator.passwordMax
    let matches = await hashers.run { hash.matches(isFitting ? password : "") }
    guard let known, matches, isFitting, !known.record.isDisabled else {
      await tellOfBound(key, address)
      return .wrong
    }
    giveBack(key, address)
    return .known(known.person)
  }

  /// Begins a session for whoever knows name and password.
  public func login(_ name: String, password: String, address: String) async -> LoginAnswer {
    let person: Operator
    switch await identify(name, password: password, address: address) {
    case .known(let known): person = known
    case .wrong: return .wrong
    case .wait(let time): return .wait(time)
    case .busy: return .busy
    case .failed(let failure): return .failed(failure)
    }
    let (token, start) = (Self.secret(), now)
    let session = OperatorSession(
      tokenHash: Self.hash(of: token), operatorName: person.name, startedAt: start,
      until: start + settings.idle)
    do throws(FleetError) {
      try await core.onStore { store throws(FleetError) in
        // Whoever comes sweeps: nobody else looks for sessions that ran out.
        try store.endSessions(.past(start))
        try store.put(session)
      }
    } catch {
      return .failed(FleetFailure(error))
    }
    await core.log(person.name, "login", person.name, address)
    return .session(Session(token: token, person: person, until: session.until))
  }

  // MARK: While it lasts

  /// The session with this token, which lasts longer by being used; nil when there is none.
  public func session(_ token: String) async throws(FleetFailure) -> Session? {
    guard token.utf8.count == Self.tokenLength else { return nil }
    let (hash, time, settings) = (Self.hash(of: token), now, settings)
    do throws(FleetError) {
      let found = try await core.onStore { [self] store throws(FleetError) in
        try look(for: hash, at: time, in: store)
      }
      guard let (known, session) = found else { return nil }
      let end = session.startedAt + settings.longest
      return Session(
        token: token, person: known.person, until: min(end, time + settings.idle))
    } catch {
      throw FleetFailure(error)
    }
  }

  private func look(
    for hash: String, at time: WallTime, in store: any FleetStore
  ) throws(FleetError) -> (Known, OperatorSession)? {
    guard let session = try live(hash, at: time, in: store),
      let document = try store.document(.operator, session.operatorName, version: nil)
    else { return nil }
    let known = try Known(document)
    guard !known.record.isDisabled, session.startedAt >= known.record.sessionsSince else {
      return nil
    }
    // Not at every click: once in a minute is as good.
    let until = min(session.startedAt + settings.longest, time + settings.idle)
    if until - session.until >= .seconds(60) { try extend(hash, to: until, at: time, in: store) }
    return (known, session)
  }

  private func live(
    _ hash: String, at time: WallTime, in store: any FleetStore
  ) throws(FleetError) -> OperatorSession? {
    guard let session = try store.session(hash), session.until > time,
      session.startedAt + settings.longest > time
    else { return nil }
    return session
  }

  private func extend(
    _ hash: String, to until: WallTime, at time: WallTime, in store: any FleetStore
  ) throws(FleetError) {
    let failure = endings.withLock { _ -> FleetError? in
      do throws(FleetError) {
        // It may have ended since it was read.
        guard var session = try live(hash, at: time, in: store) else { return nil }
        session.until = until
        try store.put(session)
        return nil
      } catch {
        return error
      }
    }
    if let failure { throw failure }
  }

  // MARK: Out

  /// Ends a session; an error says that it may go on.
  public func logout(_ session: Session) async throws(FleetFailure) {
    try await end(.one(tokenHash: Self.hash(of: session.token)))
    await core.log(session.person.name, "logout", session.person.name, "")
  }

  /// Ends all sessions of a person.
  ///
  /// Every change of the person's record does so by itself, whether or not this succeeds.
  func endSessions(of name: String) async {
    do throws(FleetFailure) {
      try await end(.all(ofOperator: name))
    } catch {
      core.counters.add(.storeFailures)
    }
  }

  /// Ends all sessions of a person, as somebody wishes; nil when done.
  public func endSessions(of name: String, by author: String) async -> OperatorRefusal? {
    do throws(FleetFailure) {
      guard try await read(name) != nil else { return .unknown }
      try await end(.all(ofOperator: name))
    } catch {
      return .store
    }
    await core.log(author, "operator.sessions", name, "")
    return nil
  }

  private func end(_ which: OperatorSession.Selection) async throws(FleetFailure) {
    do throws(FleetError) {
      try await core.onStore { [self] store throws(FleetError) in
        let failure = endings.withLock { _ -> FleetError? in
          do throws(FleetError) {
            try store.endSessions(which)
            return nil
          } catch {
            return error
          }
        }
        if let failure { throw failure }
      }
    } catch {
      throw FleetFailure(error)
    }
  }

  private static func hash(of token: String) -> String {
    Digest.hexadecimal(Digest.sha256(Array(token.utf8)))
  }

  // MARK: Bounds

  private static func pair(_ name: String, _ address: String) -> String { "\(address) \(name)" }

  /// Counts a try as failed until it has succeeded, so that many at once are no way round; how long
  /// to wait when there were too many.
  private func take(_ name: String, _ address: String) -> Duration? {
    let time = core.clocks.now()
    return bounds.withLock { bounds in
      let waits = [
        bounds.pair.wait(of: Self.pair(name, address), at: time),
        bounds.address.wait(of: address, at: time), bounds.name.wait(of: name, at: time),
      ]
      if let wait = waits.compactMap(\.self).max() { return wait }
      bounds.pair.count(Self.pair(name, address), at: time)
      bounds.address.count(address, at: time)
      bounds.name.count(name, at: time)
      return nil
    }
  }

  private func giveBack(_ name: String, _ address: String) {
    bounds.withLock { bounds in
      bounds.pair.forgive(Self.pair(name, address))
      bounds.address.forgive(address)
      bounds.name.forgive(name)
    }
  }

  /// One entry in the log when a bound is reached, none for each try: strangers must not fill it.
  private func tellOfBound(_ name: String, _ address: String) async {
    let time = core.clocks.now()
    let isReached = bounds.withLock { bounds in
      bounds.pair.wait(of: Self.pair(name, address), at: time) != nil
        || bounds.address.wait(of: address, at: time) != nil
        || bounds.name.wait(of: name, at: time) != nil
    }
    guard isReached else { return }
    let who = Operator.isName(name) ? name : "?"
    await core.log("vendpay", "login.bound", who, "too many failures from \(address)")
  }
}
