internal import Vending

/// A request as the console sees it.
struct Visit: Sendable {
  enum Method: String, Sendable, CaseIterable { case get = "GET", post = "POST" }

  var method: Method
  /// The path's parts, decoded; nil for one that is no text.
  var path: [String]?
  /// The path with its query, as it came.
  var target: String
  var query: [String: String]
  /// The body's fields, of a form.
  var form: [String: String] = [:]
  var cookies: [String: String] = [:]
  /// `Authorization`, `Origin` and so on, by name in small letters.
  var headers: [String: String] = [:]
  /// Where it comes from.
  var address: String

  /// A request for `target`.
  init(_ method: Method, _ target: String, headers: [String: String] = [:], address: String) {
    (self.method, self.target, self.headers) = (method, target, headers)
    self.address = address
    let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    query = parts.count == 2 ? FormText.fields(String(parts[1])) : [:]
    var path: [String]? = []
    for part in (parts.first ?? "").split(separator: "/") {
      guard let text = FormText.decoded(String(part)) else {
        path = nil
        break
      }
      path?.append(text)
    }
    self.path = path
    cookies = Self.cookies(headers["cookie"] ?? "")
  }

  private static func cookies(_ text: String) -> [String: String] {
    var cookies: [String: String] = [:]
    for pair in text.split(separator: ";", maxSplits: FormText.fieldsMax) {
      let parts = pair.split(separator: "=", maxSplits: 1)
      guard parts.count == 2 else { continue }
      let name = String(parts[0].drop { $0 == " " })
      if cookies[name] == nil { cookies[name] = String(parts[1]) }
    }
    return cookies
  }

  /// The name of the cookie that holds the language.
  static let languageCookie = "vendpay-language"

  /// The visitor's language: what was just chosen, else what was chosen before, else the browser's.
  var language: Bilingual.Language {
    let chosen = query["lang"] ?? cookies[Self.languageCookie]
    if let chosen = chosen.flatMap(Bilingual.Language.init) { return chosen }
    return Self.language(accepted: headers["accept-language"] ?? "")
  }

  /// The better of the two by `Accept-Language` (RFC 9110, section 12.5.4).
  private static func language(accepted text: String) -> Bilingual.Language {
    var best: (language: Bilingual.Language, weight: Double) = (.english, 0)
    for part in text.lowercased().split(separator: ",", maxSplits: 16) {
      let words = part.filter { $0 != " " }.split(separator: ";")
      guard let tag = words.first,
        let language = Bilingual.Language(rawValue: String(tag.prefix { $0 != "-" }))
      else { continue }
      let weight =
        words.dropFirst().first { $0.hasPrefix("q=") }
        .flatMap { Double($0.dropFirst(2)) } ?? 1
      if weight > best.weight { best = (language, weight) }
    }
    return best.language
  }

  /// Name and password of `Authorization: Basic`; nil without.
  func basic(decode: (String) -> [UInt8]?) -> (name: String, password: String)? {
    let parts = (headers["authorization"] ?? "").split(separator: " ")
    guard parts.count == 2, parts[0].lowercased() == "basic", let bytes = decode(String(parts[1])),
      let text = String(validating: bytes, as: UTF8.self), let colon = text.firstIndex(of: ":")
    else { return nil }
    return (String(text[..<colon]), String(text[text.index(after: colon)...]))
  }

  /// Whether another site's page made the browser send this.
  ///
  /// The browser says so itself by one of two headers; programs send neither.
  var isFromElsewhere: Bool {
    if let site = headers["sec-fetch-site"], site != "same-origin", site != "none" { return true }
    guard let origin = headers["origin"] else { return false }
    guard let scheme = origin.firstRange(of: "://"), let host = headers["host"] else { return true }
    return origin[scheme.upperBound...].lowercased() != host.lowercased()
  }
}

/// An answer of the console's.
struct Reply: Sendable {
  var status: Int
  var type: String
  var body: String
  var headers: [(name: String, value: String)] = []

  /// A page.
  static func page(_ page: HTML, status: Int = 200) -> Reply {
    Reply(status: status, type: "text/html; charset=utf-8", body: "<!DOCTYPE html>\n\(page.text)")
  }

  /// Leads the browser elsewhere on this server, by a GET.
  static func seeOther(_ target: String) -> Reply {
    var reply = Reply(status: 303, type: "text/plain; charset=utf-8", body: "")
    reply.headers = [("Location", target)]
    return reply
  }

  static func plain(_ text: String, status: Int = 200) -> Reply {
    Reply(status: status, type: "text/plain; charset=utf-8", body: text)
  }

  static func json(_ text: String, status: Int = 200) -> Reply {
    Reply(status: status, type: "application/json", body: text)
  }

  /// The first header of that name.
  func header(_ name: String) -> String? {
    headers.first { $0.name.lowercased() == name.lowercased() }?.value
  }
}
