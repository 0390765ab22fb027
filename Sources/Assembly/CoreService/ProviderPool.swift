internal import Ordering
internal import Platform
internal import Synchronization

/// Clients of one merchant's account, each with a connection of its own, and a thread for each.
///
/// A client makes one call after the other; that one of them hangs until its deadline must not
/// keep the others.
final class ProviderPool: Sendable {
  private let crew: Crew
  private let idle: Mutex<[any PaymentProvider]>
  /// Calls that wait before new ones are turned away: more would not be answered before their
  /// askers have given up.
  private let waitingMax: Int

  init(_ providers: [any PaymentProvider]) {
    precondition(!providers.isEmpty, "a service without a provider")
    crew = Crew(name: "provider", count: providers.count)
    idle = Mutex(providers)
    waitingMax = providers.count * 64
  }

  /// Carries out a call of the book's and gives what the book is told of it.
  func carryOut(_ effect: OrderBook.Effect) async -> OrderBook.Event {
    guard crew.backlog < waitingMax else {
      return Self.event(effect, Busy())
    }
    return await crew.run { [self] in
      // There are as many clients as threads.
      guard let provider = idle.withLock({ $0.popLast() }) else {
        return Self.event(effect, Busy())
      }
      defer { idle.withLock { $0.append(provider) } }
      return Self.event(effect, provider)
    }
  }

  /// Asks about an order that nobody made: a signed "no such order" proves name, network, TLS,
  /// merchant, key and signature.
  func probe(_ number: OrderNumber) async -> Doubt? {
    guard case .queryAnswered(_, let answer) = await carryOut(.query(number)) else { return nil }
    switch answer {
    case .notFound, .pending, .paid, .refunded, .closed: return nil
    case .refused(let refusal): return Doubt(.mismatch, "\(refusal.code) \(refusal.words)")
    case .unknown(let doubt): return doubt
    }
  }

  private static func event(
    _ effect: OrderBook.Effect, _ provider: any PaymentProvider
  ) -> OrderBook.Event {
    switch effect {
    case .create(let request): .createAnswered(request.number, provider.create(request))
    case .query(let number): .queryAnswered(number, provider.query(number))
    case .close(let number): .closeAnswered(number, provider.close(number))
    case .refund(let request): .refundAnswered(request.order, provider.refund(request))
    case .queryRefund(let request):
      .refundQueryAnswered(request.order, provider.queryRefund(request))
    case .record, .answer, .alarm: preconditionFailure("\(effect) is not the provider's")
    }
  }

  /// Says of every call that too many wait.
  private struct Busy: PaymentProvider {
    private static let doubt = Doubt(.tryLater, "too many calls wait for the provider")

    func create(_ order: OrderRequest) -> CreateAnswer { .unknown(Self.doubt) }
    func query(_ number: OrderNumber) -> QueryAnswer { .unknown(Self.doubt) }
    func close(_ number: OrderNumber) -> CloseAnswer { .unknown(Self.doubt) }
    func refund(_ request: RefundRequest) -> RefundAnswer { .unknown(Self.doubt) }
    func queryRefund(_ request: RefundRequest) -> RefundQueryAnswer { .unknown(Self.doubt) }
  }
}
