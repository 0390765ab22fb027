package import Ordering
internal import Timing

/// Why a signature of v3 is not taken.
package enum SealFlaw: Error, Equatable, Sendable {
  /// A header is not there.
  case missing(String)
  /// A header is there twice.
  case repeated(String)
  /// A header is not of its form.
  case header(String)
  /// So old, or with a minus so far ahead.
  case stale(Duration)
  /// Wrong on purpose: the platform looks whether we verify. The repetition is not probed.
  case probe
  case notBase64
  /// A key that we do not have, or one that has run out.
  case stranger(String)
  /// The signature is not that of these bytes.
  case wrong

  var words: String {
    switch self {
    case .missing(let name): "no \(name)"
    case .repeated(let name): "\(name) twice"
    case .header(let name): "\(name) is not of its form"
    case .stale(let age):
      "signed \(abs(age.wholeSeconds)) s \(age < .zero ? "ahead of" : "behind") our clock"
    case .probe: "a signature that the platform made wrong on purpose"
    case .notBase64: "the signature is not base64"
    case .stranger(let serial):
      "signed by \(PayerText.line(serial, limit: 60)), which we have no valid key for"
    case .wrong: "the signature is wrong"
    }
  }

  package var doubt: Doubt { Doubt(.badSignature, words) }

  /// Whether the same call again may come with a good signature.
  var mayPass: Bool {
    switch self {
    case .missing, .repeated, .header, .probe, .notBase64, .wrong: true
    case .stale, .stranger: false
    }
  }
}
