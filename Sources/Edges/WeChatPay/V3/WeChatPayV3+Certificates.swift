internal import NetworkClient
internal import Ordering
internal import Synchronization
internal import Timing

// The platform's certificates, which it gives out hidden by the APIv3 key (facts: WeChat Pay B.8).
extension WeChatPayV3 {
  /// Certificates are asked for no more often than this, however many strange serials come.
  static let fetchPause: Duration = .seconds(600)
  /// Without any key nothing can be believed and nothing sold: then they are asked for more often.
  static let firstFetchPause: Duration = .seconds(15)
  /// And no more seldom than this, so that a new one is known before it signs.
  static let fetchAge: Duration = .seconds(11 * 3600)

  /// Whether the certificates that we have may have successors.
  var isFetchDue: Bool {
    guard !ring.hasPublicKey else { return false }
    let last = fetched.withLock { $0 }
    return last.map { now() - $0.at >= ($0.succeeded ? Self.fetchAge : Self.fetchPause) } ?? true
  }

  /// Fetches the certificates, unless that was tried a short while ago; false when none came.
  ///
  /// An answer is verified by a key that we have or, the first time, by a certificate within it:
  /// only who knows the APIv3 key could have hidden that one so that it opens.
  @discardableResult
  package func fetchCertificates() -> Bool {
    let start = now()
    let pause = ring.needsCertificates(at: wallTime()) ? Self.firstFetchPause : Self.fetchPause
    let mayFetch = fetched.withLock { fetched in
      if let last = fetched?.at, start - last < pause { return false }
      fetched = (start, false)
      return true
    }
    guard mayFetch else { return false }
    // This answer may be probed with a wrong signature like any other.
    for _ in 0..<2 where now() - start < Self.patience {
      guard
        case .answered(let response) = courier.carry(
          .other, { authorized(.get("/v3/certificates")) }),
        response.status == 200
      else { return false }
      guard let keys = certificates(in: response), !keys.isEmpty else { continue }
      ring.add(keys, at: wallTime())
      fetched.withLock { $0 = (start, true) }
      return true
    }
    return false
  }

  /// The certificates of an answer that is proved; nil when it is not.
  private func certificates(in response: HTTPResponse) -> [PlatformKey]? {
    let moment = wallTime()
    guard let seal = try? PlatformSeal(response.headers, repeated: response.repeatedHeaders),
      (try? seal.moment(near: moment)) != nil, let body = try? JSONReader.read(response.body),
      let list = body["data"]?.list
    else { return nil }
    let opened = list.prefix(KeyRing.limit).compactMap(openCertificate)
    let known = ring.key(seal.serial, at: moment)
    let own = opened.first { $0.serial == seal.serial && $0.isCurrent(at: moment) }?.key
    // A key that we have goes before one that comes along.
    guard let key = known ?? own, (try? seal.check(response.body, key)) != nil else { return nil }
    return opened
  }

  private func openCertificate(_ entry: JSONValue) -> PlatformKey? {
    let hidden = entry["encrypt_certificate"] ?? .null
    guard let pem = Resource.open(hidden, account.keys.secret),
      let verifying = try? VerifyingKey(pem: pem, named: "a certificate of the platform"),
      let key = PlatformKey(certificate: verifying), entry["serial_no"]?.text == key.serial
    else { return nil }
    return key
  }
}

/// What AES-256-GCM hides in a notice or in the list of certificates.
package enum Resource {
  static let algorithm = "AEAD_AES_256_GCM"

  /// Opens a resource; nil when any part of it is not what it must be.
  package static func open(_ object: JSONValue, _ secret: APIKey) -> [UInt8]? {
    // May be absent, or empty (facts: WeChat Pay B.9).
    let data: String? =
      switch object["associated_data"] {
      case nil, .null: ""
      case .text(let text): text
      case .flag, .number, .list, .object: nil
      }
    guard object["algorithm"]?.text == algorithm, let data,
      let nonce = object["nonce"]?.text, nonce.utf8.count == AES256GCM.nonceCount,
      let sealed = object["ciphertext"]?.text.flatMap(Base64.decode)
    else { return nil }
    return AES256GCM.open(
      sealed, key: secret.bytes, nonce: Array(nonce.utf8), associatedData: Array(data.utf8))
  }
}
