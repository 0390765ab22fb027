package import NetworkClient
package import Ordering
internal import Synchronization
internal import Timing

/// Carries messages to the platform: within the budget, to the main host, and to the spare one
/// when the main one is down.
///
/// Both hosts are the same platform (facts: WeChat Pay D.32): a message with the same number may
/// safely reach both (B.11). An answer of the platform, a refusal included, is never carried on to
/// the other host.
package final class Courier: Sendable {
  /// What came of a message.
  package enum Delivery {
    case answered(HTTPResponse)
    case failed(Doubt)
  }

  /// How long the spare host is asked first, after the main one failed and the spare did not.
  static let detour: Duration = .seconds(60)

  private let exchange: any Exchange
  private let budget: CallBudget?
  private let now: @Sendable () -> Instant
  private let state: Mutex<State>

  private struct State {
    /// Until when the spare host comes first.
    var detourEnds: Instant?
    var skew: Duration?
  }

  /// Without a budget everything is carried.
  init(
    _ exchange: any Exchange, budget: CallBudget?, now: @escaping @Sendable () -> Instant
  ) {
    (self.exchange, self.budget, self.now) = (exchange, budget, now)
    state = Mutex(State())
  }

  /// How far the platform's clock was ahead of ours at the last answer; nil before the first.
  var clockSkew: Duration? { state.withLock { $0.skew } }

  /// Carries the message that `make` makes, which is asked again for a second host.
  package func carry(_ kind: CallBudget.Kind, _ make: () -> Outgoing?) -> Delivery {
    let start = now()
    guard budget?.take(kind, at: start) ?? true else {
      return .failed(Doubt(.tryLater, "too many calls within a short time: this one waits"))
    }
    let first = firstHost(at: start)
    switch attempt(first, make) {
    case .finished(let delivery):
      return delivery
    case .broken(let delivery):
      guard exchange.hasSpare else { return delivery }
      switch attempt(first.other, make) {
      case .finished(let better):
        prefer(first.other)
        return better
      case .broken(let worse):
        // The first host's doubt is about the host that we would rather have.
        return first == .main ? delivery : worse
      }
    }
  }

  private enum Attempt {
    /// The platform answered, or no other host would help.
    case finished(Delivery)
    /// The host or the way to it is broken.
    case broken(Delivery)
  }

  private func attempt(_ host: PlatformHost, _ make: () -> Outgoing?) -> Attempt {
    guard let message = make() else {
      return .finished(.failed(Doubt(.tls, "OpenSSL could not sign the request")))
    }
    do throws(HTTPFailure) {
      let response = try exchange.send(message, to: host)
      if let seen = response.clockSkew { state.withLock { $0.skew = seen } }
      return response.status >= 500 ? .broken(.answered(response)) : .finished(.answered(response))
    } catch {
      let delivery = Delivery.failed(Doubt(error))
      switch error.cause {
      case .nameNotResolved, .unreachable, .tls, .timeout, .broken: return .broken(delivery)
      case .badRequest, .unusableFile, .tooLarge: return .finished(delivery)
      }
    }
  }

  /// Whether there is a client certificate to show.
  package var hasCertificate: Bool { exchange.hasCertificate }

  private func firstHost(at now: Instant) -> PlatformHost {
    guard exchange.hasSpare else { return .main }
    return state.withLock { state in
      guard let end = state.detourEnds, now < end else { return .main }
      return .spare
    }
  }

  private func prefer(_ host: PlatformHost) {
    let end = now() + Self.detour
    state.withLock { $0.detourEnds = host == .spare ? end : nil }
  }
}
