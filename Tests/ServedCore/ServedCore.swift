internal import Core
public import EmulatedCore
internal import Glibc
public import LoopbackTLS
public import Ordering
internal import Platform
internal import Storage
public import Synchronization
internal import Timing

/// A payment service in one process: the emulated core behind HTTPS, for boards that were taken in.
///
/// A status call is held while nothing changes, as the real service holds it.
public final class ServedCore: Sendable {
  public let core = Mutex(EmulatedCore())
  public let model = ModelService()
  private let authority: CertificateAuthority
  private let served = Mutex<LoopbackServer?>(nil)

  /// The CA that a board must trust.
  public var caFile: String { authority.caFile }

  /// Starts to serve.
  public init() throws {
    authority = try CertificateAuthority()
    let (core, model) = (Served(core: self), model)
    let server = try LoopbackServer(try authority.issue()) { request in
      request.path.hasPrefix(CoreCall.orders) ? core.answer(request) : model.answer(request)
    }
    served.withLock { $0 = server }
  }

  /// Scheme, host and port.
  public var address: String {
    "https://localhost:\(served.withLock { $0?.port } ?? 0)"
  }

  /// What came, in order.
  public var requests: [LoopbackServer.Request] { served.withLock { $0?.requests } ?? [] }

  /// Ends it.
  public func stop() { served.withLock { $0?.stop() } }

  /// A customer pays an order by its latest code.
  public func pay(_ number: OrderNumber) -> Bool {
    core.withLock { core in
      guard let code = core.provider.accounts[number]?.codes.last else { return false }
      return core.provider.pay(code)
    }
  }

  /// The service's side, which does not keep it alive.
  private struct Served: Sendable {
    weak let core: ServedCore?

    func answer(_ request: LoopbackServer.Request) -> [LoopbackServer.Act] {
      guard let core else { return [.cut] }
      guard let bearer = request.bearer,
        core.model.books.withLock({ $0.tokens.contains(bearer) })
      else { return [.respond("401 Unauthorized", body: "")] }
      guard let reply = try? core.reply(to: request) else {
        return [.respond("400 Bad Request", body: "")]
      }
      return [.reply(reply)]
    }
  }

  private func reply(to request: LoopbackServer.Request) throws -> CoreReply? {
    defer {
      core.withLock { core in
        while core.doNextDuty(at: Clock.now()) != nil {}
        core.provider.moveRefunds()
      }
    }
    let now = Clock.now()
    if request.path == CoreCall.orders {
      let asked = try request.decoded(OrderRequest.self)
      return core.withLock { $0.open(asked, at: now) }.map { CoreReply($0) }
    }
    let pieces = request.path.split(separator: "/")
    guard pieces.count == 4, let number = OrderNumber(String(pieces[2])) else { return nil }
    switch CoreCall.Act(rawValue: String(pieces[3])) {
    case .status: return held(try request.decoded(CoreCall.Status.self), number)
    case .permit:
      let nonce = try request.decoded(CoreCall.Permit.self).nonce.value
      return core.withLock { $0.permit(number, nonce: nonce, at: now) }.map { CoreReply($0) }
    case .settle:
      let outcome = try request.decoded(Outcome.self)
      return core.withLock { $0.settle(number, outcome, at: now) }.map { CoreReply($0) }
    case .cancel: return core.withLock { $0.cancel(number, at: now) }.map { CoreReply($0) }
    case nil: return nil
    }
  }

  private func held(_ question: CoreCall.Status, _ number: OrderNumber) -> CoreReply? {
    let end = Clock.now() + .milliseconds(question.waitMilliseconds)
    while true {
      let answer = core.withLock {
        $0.status(number, permit: question.permit?.value, at: Clock.now())
      }
      guard answer == .pending, Clock.now() < end else { return answer.map { CoreReply($0) } }
      usleep(2000)
    }
  }
}
