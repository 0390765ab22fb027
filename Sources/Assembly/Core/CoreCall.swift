public import Ordering
public import Timing

/// What a board says to a payment core that is a service: HTTP/1.1, JSON, one call a request.
///
/// Every call carries `Authorization: Bearer TOKEN`, the enrolment alone excepted, and may be
/// repeated: the order's number is its key. Moments are milliseconds since 1970, money is in fen.
public enum CoreCall {
  /// `POST`, an `OrderRequest`: opens an order or says again what was answered.
  public static let orders = "/v1/orders"
  /// `POST`, a `Heartbeat`.
  public static let heartbeat = "/v1/heartbeat"
  /// `GET`, a `DocumentName` behind it: the machine's document, a `SignedDocument`; 404 when there
  /// is none, 204 when `?have=VERSION` is still the newest.
  public static let documents = "/v1/documents"
  /// `POST`, an `Enrolment`, without a token.
  public static let enrolments = "/v1/enrolments"
  /// `POST`, a `Rotation`: the machine's next token.
  public static let token = "/v1/token"

  /// The longest that a status call is held.
  public static let longestWait: Duration = .seconds(30)
  /// The largest body of a call, in bytes.
  public static let byteLimit = 16_384

  /// Where an order's calls go.
  public static func path(_ number: OrderNumber, _ act: Act) -> String {
    "\(orders)/\(number)/\(act.rawValue)"
  }

  /// Where a document is asked for by whoever has that version of it, or none.
  public static func path(_ name: DocumentName, have version: Int64?) -> String {
    "\(documents)/\(name.rawValue)" + (version.map { "?have=\($0)" } ?? "")
  }

  /// What can be asked of an order that stands; all are `POST`.
  public enum Act: String, Hashable, Sendable, CaseIterable {
    /// A `Status`.
    case status
    /// A `Permit`.
    case permit
    /// An `Outcome`.
    case settle
    /// Without a body.
    case cancel
  }

  /// Asks what became of an order.
  public struct Status: Equatable, Sendable, Codable {
    /// Permits a paid order in the same step.
    public var permit: PermitNonce?
    /// How long the answer may be held while nothing changes.
    public var waitMilliseconds: Int64

    /// Asks for an order's state.
    public init(permit: PermitNonce?, wait: Duration) {
      (self.permit, waitMilliseconds) = (permit, wait.wholeMilliseconds)
    }
  }

  /// Asks whether to dispense.
  public struct Permit: Equatable, Sendable, Codable {
    public var nonce: PermitNonce

    /// Asks for an order's one permit.
    public init(nonce: PermitNonce) { self.nonce = nonce }
  }

  /// A permit's nonce: decimal digits in a text, since many readers of JSON lose the low bits of a
  /// number.
  public struct PermitNonce: Equatable, Sendable, Codable {
    public var value: UInt64

    /// The nonce of that value.
    public init(_ value: UInt64) { self.value = value }

    /// Reads the digits.
    public init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      let text = try container.decode(String.self)
      guard let value = UInt64(text) else {
        throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a nonce")
      }
      self.value = value
    }

    /// Writes the digits.
    public func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      try container.encode(String(value))
    }
  }

  /// I am here, and this is how I am.
  public struct Heartbeat: Equatable, Sendable, Codable {
    /// How often the daemon was started, 0 while it has not read that yet; one that goes backwards
    /// is a board that exists twice.
    public var boots: Int64
    /// The program's version.
    public var program: String
    /// `ready`, `selling`, `outOfService`, ...: the machine's own word.
    public var state: String
    /// Codes of the faults that stand.
    public var faults: [String]
    /// The version of the price list that the machine sells by; nil for its own prices.
    public var pricesVersion: Int64?
    /// The version of the service's settings that the machine has seen last; nil for none.
    public var settingsVersion: Int64?
    /// Why it does not go by them; nil when it does.
    public var settingsTrouble: String?

    /// Puts a heartbeat together.
    public init(
      boots: Int64, program: String, state: String, faults: [String], pricesVersion: Int64?,
      settingsVersion: Int64? = nil, settingsTrouble: String? = nil
    ) {
      (self.boots, self.program, self.state) = (boots, program, state)
      (self.faults, self.pricesVersion) = (faults, pricesVersion)
      (self.settingsVersion, self.settingsTrouble) = (settingsVersion, settingsTrouble)
    }
  }

  /// The answer to a heartbeat.
  public struct HeartbeatReply: Equatable, Sendable, Codable {
    /// The service's clock.
    public var time: WallTime
    /// The newest version of each document that there is for the machine, by `DocumentName`.
    public var documents: [String: Int64]
    /// Why no order would be taken now; nil when one would.
    public var doubt: CoreReply?

    /// Puts a reply together.
    public init(time: WallTime, documents: [String: Int64], doubt: CoreReply?) {
      (self.time, self.documents, self.doubt) = (time, documents, doubt)
    }
  }

  /// What documents a machine may ask for.
  public enum DocumentName: String, Hashable, Sendable, CaseIterable {
    /// A `PriceList`.
    case prices
    /// The operator's settings for the machine, TOML as in its machine file: language and policy.
    case configuration
  }

  /// A document with the proof that it comes from who knows the machine's token.
  public struct SignedDocument: Equatable, Sendable, Codable {
    public var name: String
    /// Grows by one; a machine takes none below the one that it has.
    public var version: Int64
    public var body: String
    /// HMAC-SHA256 in upper-case hexadecimal digits over `signedText`, its key those of the
    /// token's SHA-256: whoever stands between (a proxy that ends TLS) cannot make one.
    public var signature: String

    /// Puts a document together.
    public init(name: String, version: Int64, body: String, signature: String) {
      (self.name, self.version, self.body, self.signature) = (name, version, body, signature)
    }

    /// What the signature is over.
    public static func signedText(
      machine: String, name: String, version: Int64, body: String
    ) -> String { "\(machine)\n\(name)\n\(version)\n\(body)" }
  }

  /// The prices of a machine's lanes, which are the core's to say where it has a list.
  public struct PriceList: Equatable, Sendable, Codable {
    /// Fen by lane code; a lane that is not in it is not sold.
    public var lanes: [String: Int64]

    /// A list of prices in fen.
    public init(lanes: [String: Int64]) { self.lanes = lanes }
  }

  /// A new board asks to be taken in: it shows `code`, and an operator who stands there types it.
  ///
  /// Repeated until the answer is `enrolled`.
  public struct Enrolment: Equatable, Sendable, Codable {
    /// The machine's name.
    public var machine: String
    /// What the display shows; 8 characters of `EnrolmentCode.alphabet`.
    public var code: String
    /// The token that the board made for itself, at least 32 characters of `[0-9A-Za-z]`.
    public var token: String

    /// Asks to be taken in.
    public init(machine: String, code: String, token: String) {
      (self.machine, self.code, self.token) = (machine, code, token)
    }
  }

  /// The answer to an enrolment.
  public struct EnrolmentReply: Equatable, Sendable, Codable {
    /// `waiting` for an operator, `enrolled`, or `refused` with the reason in words.
    public var answer: String
    public var words: String

    /// Puts a reply together.
    public init(answer: String, words: String) { (self.answer, self.words) = (answer, words) }
  }

  /// From now on I have this token; the one before is good until the new one was used.
  public struct Rotation: Equatable, Sendable, Codable {
    /// As in `Enrolment`.
    public var token: String

    /// Asks for a change of tokens.
    public init(token: String) { self.token = token }
  }
}

/// The code that a new board shows.
public enum EnrolmentCode {
  /// Digits and letters that nobody mistakes for one another on a bad display.
  public static let alphabet = Array("234679ACDEFGHJKMNPQRTUVWXYZ".utf8)
  public static let count = 8

  /// A code as it was typed, without spaces and dashes and in upper case; nil when it is none.
  public static func read(_ text: String) -> String? {
    let typed = text.uppercased().utf8.filter { $0 != 0x20 && $0 != 0x2D }
    guard typed.count == count, typed.allSatisfy(alphabet.contains) else { return nil }
    return String(decoding: typed, as: UTF8.self)
  }

  /// A code as it is shown: `ABCD-EFGH`.
  public static func shown(_ code: String) -> String { "\(code.prefix(4))-\(code.dropFirst(4))" }
}
