package import NetworkClient
package import Ordering
package import Timing

/// What an answer of v3 comes to, its layers read from the outside in.
///
/// Facts: WeChat Pay B.4 and B.10.
package enum SealedAnswer {
  /// A 200 with its JSON, or a 204 with nothing; the signature verified.
  case success(status: Int, JSONValue)
  /// A refusal with its code and words.
  case failure(Failure)
  case unknown(Doubt)
  /// A signature that is not there or not good: nothing is known, and the call may be repeated.
  case flawed(SealFlaw)

  /// A refusal of the platform.
  package struct Failure: Equatable {
    var status: Int
    /// As the platform wrote it, with or without underscores.
    package var code: String
    var words: String
    /// Whether a signature vouches for it, which is seldom so: then it is more than a hint.
    var isSigned: Bool
  }

  package static func read(_ response: HTTPResponse, ring: KeyRing, at now: WallTime) -> Self {
    switch response.status {
    case 200, 204: return success(response, ring, now)
    case 202: return .unknown(Doubt(.tryLater, "HTTP 202: the platform is still at it"))
    case 400...599: return failure(response, ring, now)
    default: return .unknown(Doubt(.notAnAnswer, "HTTP \(response.status)"))
    }
  }

  private static func success(_ response: HTTPResponse, _ ring: KeyRing, _ now: WallTime) -> Self {
    do throws(SealFlaw) {
      let seal = try PlatformSeal(response.headers, repeated: response.repeatedHeaders)
      try seal.check(response.body, ring, at: now)
    } catch {
      return .flawed(error)
    }
    if response.status == 204 {
      guard response.body.isEmpty else {
        return .unknown(Doubt(.notAnAnswer, "HTTP 204 with a body"))
      }
      return .success(status: 204, .null)
    }
    do throws(JSONRefusal) {
      return .success(status: 200, try JSONReader.read(response.body))
    } catch {
      return .unknown(Doubt(.notAnAnswer, "\(error) (signed, \(response.body.count) bytes)"))
    }
  }

  // MARK: Refusals

  private static func failure(_ response: HTTPResponse, _ ring: KeyRing, _ now: WallTime) -> Self {
    // Refusals come unsigned; one that bears a signature must bear a good one.
    let isSigned = PlatformSeal.isThere(response.headers)
    if isSigned {
      do throws(SealFlaw) {
        let seal = try PlatformSeal(response.headers, repeated: response.repeatedHeaders)
        try seal.check(response.body, ring, at: now)
      } catch {
        return .flawed(error)
      }
    }
    guard let body = try? JSONReader.read(response.body), let code = body["code"]?.text,
      (1...64).contains(code.utf8.count)
    else {
      // A cap on calls may answer before the API does.
      if response.status == 429 { return .unknown(Doubt(.tryLater, "HTTP 429")) }
      return .unknown(Doubt(.notAnAnswer, "HTTP \(response.status), \(response.body.count) bytes"))
    }
    let failure = Failure(
      status: response.status, code: PayerText.line(code, limit: 64),
      words: words(of: body, response), isSigned: isSigned)
    return response.status == 401 ? .unknown(setUp(failure)) : .failure(failure)
  }

  /// The platform's message with the number of its inner error, by which its support finds it.
  private static func words(of body: JSONValue, _ response: HTTPResponse) -> String {
    let message = PayerText.line(body["message"]?.text ?? "")
    let inner = response.headers["request-id"]?.split(separator: "-").last ?? ""
    guard (2...12).contains(inner.utf8.count), inner.utf8.allSatisfy({ (48...57).contains($0) })
    else { return message }
    return message.isEmpty ? "\(inner)" : "\(message), \(inner)"
  }

  /// "You are not who you say": the set-up is wrong or the clock is, and nothing was done (B.3).
  private static func setUp(_ failure: Failure) -> Doubt {
    let hint =
      hints.first { failure.words.contains($0.mark) }?.words
      ?? "check the merchant's private key, its serial and the merchant ID"
    let words = failure.words.isEmpty ? failure.code : failure.words
    return Doubt(.unsigned, "\(UnsignedFailure.setUpPrefix)\(words) (\(hint))")
  }

  /// Parts of the platform's words, and what to look at.
  private static let hints: [(mark: String, words: String)] = [
    ("timestamp", "set the clock"),
    ("序列号", "the serial is not that of the merchant's private key"),
    ("过期", "the merchant's certificate has run out: get a new one"),
    ("作废", "the merchant's certificate was revoked: get a new one"),
    ("已更换证书", "the merchant has a newer certificate: use it"),
    ("APIv3", "set the APIv3 key in the merchant console"),
    ("未申请过证书", "request a certificate in the merchant console"),
  ]
}
