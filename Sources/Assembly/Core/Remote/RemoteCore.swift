public import NetworkClient
public import Ordering
internal import Platform
internal import Storage
internal import Synchronization
public import Timing

/// The payment core as a service far away.
///
/// Calls block, each for at most its deadline; `follow` is held by the service until the money is
/// there. Whatever is not an answer of the service's, word for word, is *unknown*: a payment counts
/// only when it is this order's, of its amount.
public final class RemoteCore: PaymentCore {
  /// Which service, as whom.
  public struct Service: Sendable {
    /// Scheme, host and perhaps port.
    public var address: String
    /// A private CA (PEM) that alone is trusted; nil for the system's.
    public var caFile: String?
    /// The machine's name.
    public var machine: String

    /// Names a service.
    public init(address: String, caFile: String?, machine: String) {
      (self.address, self.caFile, self.machine) = (address, caFile, machine)
    }
  }

  let service: Service
  let line: CoreLine
  let tokens: any TokenStore
  let surroundings: Surroundings
  /// Held for moments only.
  let notes: Mutex<Notes>

  struct Notes {
    var ring: TokenRing
    /// Why the tokens cannot be used or kept.
    var trouble: TokenFailure?
    /// Why the service did not want the board, in its words.
    var refusal: String?
    var answeredAt: Instant?
    /// No change of tokens before.
    var renewal: Instant?
    var expected = ExpectedPayments()
  }

  /// A core at a service; nothing is asked yet.
  ///
  /// `sale` is the order that an earlier run has left.
  public init(
    _ service: Service, tokens: any TokenStore, sale: OrderRequest? = nil,
    surroundings: Surroundings = Surroundings()
  ) {
    (self.service, self.tokens, self.surroundings) = (service, tokens, surroundings)
    line = CoreLine(service.address, caFile: service.caFile)
    var notes: Notes
    do throws(TokenFailure) {
      notes = Notes(ring: try tokens.load())
    } catch {
      notes = Notes(ring: TokenRing(current: nil, next: nil), trouble: error)
    }
    notes.expected = ExpectedPayments(sale)
    self.notes = Mutex(notes)
  }

  /// When the service last answered a question about an order.
  public var answeredAt: Instant? { notes.withLock(\.answeredAt) }

  /// How far the service's clock is ahead of ours; nil before its first answer.
  public var clockSkew: Duration? { line.clockSkew }

  // MARK: The board's calls

  public func open(_ request: OrderRequest) -> OpenAnswer {
    notes.withLock { $0.expected.remember(request) }
    return ask(CoreCall.orders, request).open
  }

  public func status(_ number: OrderNumber, permit nonce: UInt64?) -> StatusAnswer {
    checked(ask(CoreCall.path(number, .status), Self.question(nonce, wait: .zero)), number).status
  }

  /// The same, held until something has changed, for at most `wait`.
  public func follow(
    _ number: OrderNumber, permit nonce: UInt64, wait: Duration,
    until interruption: Interruption
  ) -> StatusAnswer {
    let question = Self.question(nonce, wait: wait)
    let reply = ask(
      CoreCall.path(number, .status), question, on: .held, until: interruption)
    return checked(reply, number).status
  }

  public func permit(_ number: OrderNumber, nonce: UInt64) -> PermitAnswer {
    let question = CoreCall.Permit(nonce: CoreCall.PermitNonce(nonce))
    return checked(ask(CoreCall.path(number, .permit), question), number).permit
  }

  public func settle(_ number: OrderNumber, _ outcome: Outcome) -> SettleAnswer {
    ask(CoreCall.path(number, .settle), outcome).settle
  }

  public func cancel(_ number: OrderNumber) -> CancelAnswer {
    checked(tell(CoreCall.path(number, .cancel), ""), number).cancel
  }

  /// A heartbeat without news, for whoever wants to know only whether the service is there.
  public func probe() -> Doubt? { attend(Condition()).doubt }

  private static func question(_ nonce: UInt64?, wait: Duration) -> CoreCall.Status {
    CoreCall.Status(permit: nonce.map { CoreCall.PermitNonce($0) }, wait: wait)
  }

  // MARK: Asking

  private func ask<Question: Encodable>(
    _ path: String, _ question: Question, on track: CoreLine.Track = .calls,
    until interruption: Interruption? = nil
  ) -> CoreReply {
    do throws(CoreDoubt) {
      return tell(path, try Self.text(question), on: track, until: interruption)
    } catch {
      return CoreReply(error.doubt)
    }
  }

  private func tell(
    _ path: String, _ body: String, on track: CoreLine.Track = .calls,
    until interruption: Interruption? = nil
  ) -> CoreReply {
    do throws(CoreDoubt) {
      let response = try authorised { token throws(CoreDoubt) in
        try exchange(path, body, token, on: track, until: interruption)
      }
      if let doubt = Doubt(response) { throw CoreDoubt(doubt) }
      let reply = try response.decoded(CoreReply.self)
      notes.withLock { $0.answeredAt = surroundings.now() }
      return reply
    } catch {
      return CoreReply(error.doubt)
    }
  }

  static func text<Question: Encodable>(_ question: Question) throws(CoreDoubt) -> String {
    do throws(StorageError) {
      return try JSONText.encode(question)
    } catch {
      throw CoreDoubt(Doubt(.broken, "\(error)"))
    }
  }

  func exchange(
    _ path: String, _ body: String?, _ token: CoreToken?, on track: CoreLine.Track = .calls,
    until interruption: Interruption? = nil
  ) throws(CoreDoubt) -> HTTPResponse {
    do throws(HTTPFailure) {
      return try line.send(path, body, token, on: track, until: interruption)
    } catch {
      throw CoreDoubt(Doubt(error))
    }
  }

  /// Makes a call with the token that the service takes; whatever is no refusal of it comes back.
  func authorised(
    _ call: (CoreToken) throws(CoreDoubt) -> HTTPResponse
  ) throws(CoreDoubt) -> HTTPResponse {
    var tried: [CoreToken] = []
    var refusal = Doubt(.mismatch, "this board is not enrolled at \(service.address)")
    // A token that was changed meanwhile is tried too.
    while let token = notes.withLock({ notes in
      notes.ring.candidates.first { !tried.contains($0) }
    }) {
      tried.append(token)
      let response = try call(token)
      guard response.isRefusal else {
        if response.status < 300 { accepted(token) }
        return response
      }
      refusal = Doubt(response) ?? refusal
    }
    if !tried.isEmpty { notes.withLock { $0.ring.refusedAll() } }
    throw CoreDoubt(refusal)
  }

  private func accepted(_ token: CoreToken) {
    notes.withLock { notes in
      guard notes.ring.accepted(token) else { return }
      do throws(TokenFailure) {
        try tokens.promote()
        notes.trouble = nil
      } catch {
        // The next start finds both, and tries both.
        notes.trouble = error
      }
    }
  }

  private func checked(_ reply: CoreReply, _ number: OrderNumber) -> CoreReply {
    notes.withLock { $0.expected.checked(reply, number) }
  }
}
