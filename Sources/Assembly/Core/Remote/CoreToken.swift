internal import NetworkClient

/// What a board proves itself with at a payment core that is a service.
public struct CoreToken: Hashable, Sendable, CustomStringConvertible {
  /// The token as it is sent.
  public let text: String

  /// The shortest token, in characters: 190 random bits.
  public static let shortest = 32
  /// The longest token.
  public static let longest = 256
  /// How long the tokens are that a board makes.
  public static let usual = 43

  /// A token from its text; nil when it is none: too short, or with other than `[0-9A-Za-z]`.
  public init?(_ text: String) {
    let isSpelt = text.utf8.allSatisfy {
      (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
    }
    guard (Self.shortest...Self.longest).contains(text.utf8.count), isSpelt else { return nil }
    self.text = text
  }

  /// Never the token: descriptions end up in logs.
  public var description: String { "a token of \(text.utf8.count) characters" }

  /// The hexadecimal digits of its SHA-256: what the service keeps, and the key of its documents.
  public var digest: String { Digest.hexadecimal(Digest.sha256(Array(text.utf8))) }

  /// What the display shows until an operator has taken the board in.
  ///
  /// It follows from the token, so that a restart shows the same one; it is 38 bits of a hash and
  /// tells nothing of a token of 190.
  public var enrolmentCode: String {
    let hash = Digest.sha256(Array("enrolment code of \(text)".utf8))
    let alphabet = EnrolmentCode.alphabet
    let code = (0..<EnrolmentCode.count).map { place in
      let bits = hash[place * 4..<place * 4 + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      return alphabet[Int(bits % UInt32(alphabet.count))]
    }
    return String(decoding: code, as: UTF8.self)
  }

  /// Whether a document is signed by somebody who knows this token, for the machine of that name.
  public func vouches(for document: CoreCall.SignedDocument, of machine: String) -> Bool {
    let text = CoreCall.SignedDocument.signedText(
      machine: machine, name: document.name, version: document.version, body: document.body)
    let wanted = Digest.hmacSHA256Hex(key: Array(digest.utf8), Array(text.utf8))
    return Digest.areEqual(Array(wanted.utf8), Array(document.signature.utf8))
  }
}
