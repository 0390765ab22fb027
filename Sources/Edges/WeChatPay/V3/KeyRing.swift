package import NetworkClient
internal import Synchronization
package import Timing

/// The keys that the platform signs with, by their serials, old and new ones side by side.
package final class KeyRing: Sendable {
  /// The platform has two certificates at a change; this is far more than it ever shows.
  static let limit = 16

  private let keys: Mutex<[String: PlatformKey]>
  /// Those that a person has put there: they stay, since a clock may be wrong for a while.
  private let pinned: Set<String>

  init(_ keys: [PlatformKey]) {
    pinned = Set(keys.map(\.serial))
    self.keys = Mutex(
      Dictionary(keys.map { ($0.serial, $0) }, uniquingKeysWith: { first, _ in first }))
  }

  /// The key of a serial, if it may still vouch for something.
  package func key(_ serial: String, at moment: WallTime) -> VerifyingKey? {
    keys.withLock { $0[serial] }.flatMap { $0.isCurrent(at: moment) ? $0.key : nil }
  }

  /// Whether certificates have to be fetched: there is no public key, and none that is in its time.
  func needsCertificates(at moment: WallTime) -> Bool {
    keys.withLock { keys in !keys.values.contains { $0.isPublicKey || $0.isCurrent(at: moment) } }
  }

  /// Whether the platform's public key is there: then certificates are a thing of the past.
  var hasPublicKey: Bool { keys.withLock { keys in keys.values.contains(where: \.isPublicKey) } }

  /// Adds certificates, and drops fetched ones that have run out; no other is dropped.
  ///
  /// Facts: WeChat Pay B.8.
  func add(_ new: [PlatformKey], at moment: WallTime) {
    keys.withLock { keys in
      keys = keys.filter { pinned.contains($0.key) || moment <= $0.value.end }
      for key in new where keys.count < Self.limit || keys[key.serial] != nil {
        // What a person has put there is not replaced by what comes over the wire.
        if keys[key.serial] == nil { keys[key.serial] = key }
      }
    }
  }

  /// The serial under which we ask for answers; nil when any will do.
  ///
  /// With the public key named, answers come signed by it even while the merchant changes over.
  func preferred(at moment: WallTime) -> String? {
    let current = keys.withLock { $0.values.filter { $0.isCurrent(at: moment) } }
    if let key = current.first(where: \.isPublicKey) { return key.serial }
    return current.max { $0.end < $1.end }?.serial
  }
}

extension PlatformKey {
  /// When a certificate runs out.
  var end: WallTime { key.certificate?.notAfter ?? WallTime(milliseconds: .max) }
}
