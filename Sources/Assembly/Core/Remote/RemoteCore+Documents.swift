internal import Ordering
internal import NetworkClient
internal import Storage

// What the service says about a board beside its orders, and signs: prices and settings.
extension RemoteCore {
  /// Prices that the service has signed.
  public struct Prices: Equatable, Sendable {
    public var version: Int64
    /// Nil when the service has none any more.
    public var list: CoreCall.PriceList?

    /// A version of the list.
    public init(version: Int64, list: CoreCall.PriceList?) {
      (self.version, self.list) = (version, list)
    }
  }

  /// Settings that the service has signed.
  public struct Settings: Equatable, Sendable {
    public var version: Int64
    /// TOML, as in a machine file; empty when the service sets nothing any more.
    public var text: String

    /// A version of the settings.
    public init(version: Int64, text: String) { (self.version, self.text) = (version, text) }
  }

  /// What a lane may cost, in fen: as in a machine file.
  private static let prices: ClosedRange<Int64> = 1...500_000

  func fetchPrices(
    _ reply: CoreCall.HeartbeatReply, _ condition: Condition, _ news: inout News
  ) throws(CoreDoubt) {
    let version = condition.pricesVersion
    guard let (document, signer) = try fetch(.prices, newerThan: version, reply) else { return }
    switch prices(in: document, signedBy: signer, newerThan: version) {
    case .success(let prices): news.prices = prices
    case .failure(let refusal): news.remarks.append("the price list is not taken: \(refusal)")
    }
  }

  func fetchSettings(
    _ reply: CoreCall.HeartbeatReply, _ condition: Condition, _ news: inout News
  ) throws(CoreDoubt) {
    let version = condition.settingsVersion
    guard let (document, signer) = try fetch(.configuration, newerThan: version, reply)
    else { return }
    if let refusal = refusal(of: document, as: .configuration, signer, newerThan: version) {
      news.remarks.append("the settings are not taken: \(refusal)")
    } else {
      news.settings = Settings(version: document.version, text: document.body)
    }
  }

  /// A document that the heartbeat's answer promises, with the token that it was asked for by; nil
  /// when there is none that is newer.
  private func fetch(
    _ name: CoreCall.DocumentName, newerThan version: Int64?, _ reply: CoreCall.HeartbeatReply
  ) throws(CoreDoubt) -> (CoreCall.SignedDocument, CoreToken)? {
    guard let newest = reply.documents[name.rawValue], newest > version ?? Int64.min
    else { return nil }
    let path = CoreCall.path(name, have: version)
    var signer: CoreToken?
    let response = try authorised { token throws(CoreDoubt) in
      signer = token
      return try exchange(path, nil, token)
    }
    guard response.status == 200, let signer else { return nil }
    return (try response.decoded(CoreCall.SignedDocument.self), signer)
  }

  /// Why a document is not what it should be; nil when it is.
  private func refusal(
    of document: CoreCall.SignedDocument, as name: CoreCall.DocumentName, _ token: CoreToken,
    newerThan version: Int64?
  ) -> TokenFailure? {
    if document.name != name.rawValue {
      TokenFailure("it is named \(document.name.debugDescription)")
    } else if !token.vouches(for: document, of: service.machine) {
      TokenFailure("its signature is wrong")
    } else if document.version <= version ?? Int64.min {
      TokenFailure("version \(document.version) is older than ours")
    } else {
      nil
    }
  }

  /// The prices of a signed document; why not, when it is not what it should be.
  public func prices(
    in document: CoreCall.SignedDocument, signedBy token: CoreToken, newerThan version: Int64?
  ) -> Result<Prices, TokenFailure> {
    if let refusal = refusal(of: document, as: .prices, token, newerThan: version) {
      return .failure(refusal)
    }
    guard !document.body.isEmpty else {
      return .success(Prices(version: document.version, list: nil))
    }
    do throws(StorageError) {
      let list = try JSONText.decode(CoreCall.PriceList.self, from: document.body)
      guard list.lanes.count <= 1000, list.lanes.values.allSatisfy(Self.prices.contains) else {
        return .failure(TokenFailure("a price is no price"))
      }
      return .success(Prices(version: document.version, list: list))
    } catch {
      return .failure(TokenFailure("\(error)"))
    }
  }
}
