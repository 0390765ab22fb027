/// A header of a request or an answer.
public struct PlatformHeader: Hashable, Sendable {
  public var name: String
  public var value: String

  /// Makes a header.
  public init(_ name: String, _ value: String) { (self.name, self.value) = (name, value) }
}

/// A request of v3 as it came: every byte may be signed.
public struct PlatformRequest: Hashable, Sendable {
  public var method: String
  /// Path and query, as they were sent.
  public var target: String
  public var headers: [PlatformHeader]
  public var body: [UInt8]

  /// Describes a request.
  public init(method: String, target: String, headers: [PlatformHeader], body: [UInt8] = []) {
    (self.method, self.target) = (method, target)
    (self.headers, self.body) = (headers, body)
  }

  /// The value of a header, whatever the case of its name; nil when it is not there.
  public subscript(name: String) -> String? {
    headers.first { $0.name.lowercased() == name.lowercased() }?.value
  }

  /// The path without the query.
  var path: Substring { target.prefix { $0 != "?" } }

  /// A parameter of the query, decoded; nil when it is not there.
  func parameter(_ name: String) -> String? {
    guard let start = target.firstIndex(of: "?") else { return nil }
    for pair in target[target.index(after: start)...].split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts[0] == name { return parts.count == 2 ? Self.decoded(parts[1]) : "" }
    }
    return nil
  }

  /// A text without its percent-encoding (RFC 3986 section 2.1); nil when it is broken.
  static func decoded(_ text: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      let digits = String(decoding: rest.prefix(2), as: UTF8.self)
      guard digits.utf8.count == 2, digits.first?.isHexDigit == true,
        let value = UInt8(digits, radix: 16)
      else { return nil }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    return String(validating: bytes, as: UTF8.self)
  }
}

/// A call of the v3 API that the platform answers (facts: WeChat Pay B.2).
public enum PlatformV3Call: String, Hashable, Sendable, Codable, CaseIterable {
  case create, query, queryByTransaction, close, refund, refundQuery
  case tradeBill, fundFlowBill, billFile, certificates

  /// The call of v2 that does the same; nil when there is none.
  var kin: PlatformCall? {
    switch self {
    case .create: .create
    case .query, .queryByTransaction: .query
    case .close: .close
    case .refund: .refund
    case .refundQuery: .refundQuery
    case .tradeBill: .bill
    case .fundFlowBill, .billFile, .certificates: nil
    }
  }

  /// Whether the front server of this path wants `Accept` and `User-Agent` (facts: B.2).
  var wantsCourtesy: Bool {
    switch self {
    case .certificates, .refund, .refundQuery: true
    case .create, .query, .queryByTransaction, .close, .tradeBill, .fundFlowBill, .billFile: false
    }
  }

  /// Whether this is below `/v3/pay/transactions/`, which has words of its own for a header that is
  /// missing.
  var isOfTransactions: Bool {
    switch self {
    case .create, .query, .queryByTransaction, .close: true
    case .refund, .refundQuery, .tradeBill, .fundFlowBill, .billFile, .certificates: false
    }
  }
}

/// What a request asks for.
struct PlatformRoute: Hashable {
  var call: PlatformV3Call
  /// The number within the path, decoded.
  var number = ""

  /// What there is of a path.
  enum Finding: Hashable {
    case found(PlatformRoute)
    case wrongMethod
    case nowhere
  }

  /// The path of bill files.
  static let billFile = "/v3/billdownload/file"

  static func find(_ request: PlatformRequest) -> Finding {
    let parts = request.path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
    let names = parts.map { PlatformRequest.decoded($0) ?? "" }
    let (method, route): (String, PlatformRoute)
    switch (names.count, names.first) {
    case (4, "v3") where names[1...] == ["pay", "transactions", "native"]:
      (method, route) = ("POST", PlatformRoute(call: .create))
    case (5, "v3") where names[1...3] == ["pay", "transactions", "out-trade-no"]:
      (method, route) = ("GET", PlatformRoute(call: .query, number: names[4]))
    case (5, "v3") where names[1...3] == ["pay", "transactions", "id"]:
      (method, route) = ("GET", PlatformRoute(call: .queryByTransaction, number: names[4]))
    case (6, "v3")
    where names[1...3] == ["pay", "transactions", "out-trade-no"]
      && names[5] == "close":
      (method, route) = ("POST", PlatformRoute(call: .close, number: names[4]))
    case (4, "v3") where names[1...] == ["refund", "domestic", "refunds"]:
      (method, route) = ("POST", PlatformRoute(call: .refund))
    case (5, "v3") where names[1...3] == ["refund", "domestic", "refunds"]:
      (method, route) = ("GET", PlatformRoute(call: .refundQuery, number: names[4]))
    case (3, "v3") where names[1...] == ["bill", "tradebill"]:
      (method, route) = ("GET", PlatformRoute(call: .tradeBill))
    case (3, "v3") where names[1...] == ["bill", "fundflowbill"]:
      (method, route) = ("GET", PlatformRoute(call: .fundFlowBill))
    case (3, "v3") where names[1...] == ["billdownload", "file"]:
      (method, route) = ("GET", PlatformRoute(call: .billFile))
    case (2, "v3") where names[1] == "certificates":
      (method, route) = ("GET", PlatformRoute(call: .certificates))
    default: return .nowhere
    }
    return request.method == method ? .found(route) : .wrongMethod
  }
}
