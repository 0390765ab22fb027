public import NetworkClient
internal import Timing

/// A key that the platform signs with, under the name that its signatures give it.
///
/// There are two kinds, and a merchant who changes from one to the other has both for a week: the
/// platform's certificates, which run out and are followed by others, and its public key, which is
/// the merchant's own and does not (facts: WeChat Pay B.1).
public struct PlatformKey: Sendable {
  /// What `Wechatpay-Serial` says: a certificate's serial, or `PUB_KEY_ID_` and digits.
  public let serial: String
  let key: VerifyingKey

  static let publicKeyPrefix = "PUB_KEY_ID_"

  /// Takes a certificate under its own serial; nil when it is a bare key.
  public init?(certificate key: VerifyingKey) {
    guard let certificate = key.certificate else { return nil }
    (serial, self.key) = (certificate.serial, key)
  }

  /// Takes the public key under the name that the merchant console gives; nil when the name is not
  /// of its form, or when it is a certificate.
  public init?(publicKey key: VerifyingKey, id: String) {
    let digits = id.utf8.dropFirst(Self.publicKeyPrefix.utf8.count)
    guard id.hasPrefix(Self.publicKeyPrefix), (1...64).contains(digits.count),
      digits.allSatisfy({ (48...57).contains($0) }), key.certificate == nil
    else { return nil }
    (serial, self.key) = (id, key)
  }

  var isPublicKey: Bool { key.certificate == nil }

  /// Whether the key may vouch for anything at that moment.
  func isCurrent(at moment: WallTime) -> Bool {
    key.certificate.map { $0.isCurrent(at: moment) } ?? true
  }
}
