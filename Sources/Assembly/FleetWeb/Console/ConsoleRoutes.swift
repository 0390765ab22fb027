public import CoreService
internal import FleetStorage
internal import NetworkClient
internal import Synchronization
internal import Timing
internal import Vending

/// The operators' side of the service: the web console below `/console`, the API for scripts below
/// `/api/v1`, and `/metrics` for what watches the service.
///
/// Routes are data (`table`): who may use one is decided in one place, before it runs.
public struct ConsoleRoutes: Sendable {
  let core: FleetCore
  let people: OperatorRegister
  let gate: any MachineGate
  let options: ConsoleOptions
  let tally: FleetTally

  /// The console of a service; `gate` takes machines in and puts them out.
  public init(
    core: FleetCore, people: OperatorRegister, gate: any MachineGate, options: ConsoleOptions
  ) {
    (self.core, self.people, self.gate, self.options) = (core, people, gate, options)
    tally = FleetTally(core, options)
  }

  /// The largest body of a request, in bytes.
  static let bodyMax = 16 << 10

  /// Who may use a route.
  enum Access: Equatable, Sendable {
    case anybody
    /// As the options say.
    case metrics
    case right(OperatorRole.Right)
  }

  /// One method of one path.
  struct Route: Sendable {
    var method: Visit.Method
    /// Parts of the path; `*` stands for any one.
    var path: [String]
    var access: Access
    var run: @Sendable (ConsoleRoutes, Talk) async -> Reply

    init(
      _ method: Visit.Method, _ path: String, _ access: Access,
      _ run: @escaping @Sendable (ConsoleRoutes, Talk) async -> Reply
    ) {
      (self.method, self.access, self.run) = (method, access, run)
      self.path = path.split(separator: "/").map(String.init)
    }

    /// Whether it is for programs: it answers JSON, and takes a name and a password.
    var isForPrograms: Bool { path.first != "console" }

    func matches(_ parts: [String]) -> Bool {
      parts.count == path.count && zip(path, parts).allSatisfy { $0 == "*" || $0 == $1 }
    }
  }

  /// All there is.
  static let table = pages + orderPages + machinePages + pricePages + peoplePages + api + watching

  // MARK: From a request to an answer

  /// Answers a request.
  func answer(_ visit: Visit) async -> Reply {
    var reply = await reply(to: visit)
    decorate(&reply, visit)
    return reply
  }

  /// Refuses a body that is too large to be read.
  func answer(tooLarge visit: Visit) -> Reply {
    let talk = Talk(visit: visit)
    var reply = Self.refusal(talk, visit.path?.first != "console", 413, talk.say.tooLarge)
    decorate(&reply, visit)
    return reply
  }

  private func reply(to visit: Visit) async -> Reply {
    var talk = Talk(visit: visit)
    let isForPrograms = visit.path?.first != "console"
    guard let parts = visit.path else { return Self.missing(talk, isForPrograms) }
    let found = Self.table.filter { $0.matches(parts) }
    guard let route = found.first(where: { $0.method == visit.method }) else {
      guard let other = found.first else { return Self.missing(talk, isForPrograms) }
      var reply = Self.refusal(talk, isForPrograms, 405, talk.say.wrongMethod)
      reply.headers.append(("Allow", other.method.rawValue))
      return reply
    }
    talk.places = zip(route.path, parts).filter { $0.0 == "*" }.map(\.1)
    if let refusal = await meet(&talk, route) { return refusal }
    if visit.method == .post, let refusal = refuseForgery(talk, route) { return refusal }
    return await route.run(self, talk)
  }

  /// Finds out who it is; a refusal when the route is not for that person.
  private func meet(_ talk: inout Talk, _ route: Route) async -> Reply? {
    talk.secret = talk.visit.cookies[secretCookie] ?? ""
    if route.isForPrograms, talk.visit.headers["authorization"] != nil, route.access != .anybody {
      if let refusal = await meetProgram(&talk) { return refusal }
    } else if let token = talk.visit.cookies[sessionCookie], route.access != .anybody {
      do throws(FleetFailure) {
        talk.session = try await people.session(token)
        talk.person = talk.session?.person
      } catch {
        return route.isForPrograms
          ? Self.refusal(talk, true, 503, "\(error)") : talk.storeFails(error)
      }
    }
    let right: OperatorRole.Right
    switch route.access {
    case .anybody: return nil
    case .metrics:
      if options.areMetricsPublic { return nil }
      right = .look
    case .right(let wanted): right = wanted
    }
    guard talk.person != nil else { return askIn(talk, route) }
    return talk.may(right)
      ? nil : Self.refusal(talk, route.isForPrograms, 403, talk.say.forbidden)
  }

  private func meetProgram(_ talk: inout Talk) async -> Reply? {
    guard options.transport == .tls else {
      return Self.refusal(talk, true, 401, "a password is taken by TLS alone")
    }
    guard let (name, password) = talk.visit.basic(decode: Base64.decode) else {
      return Self.refusal(talk, true, 401, "not Basic with a name and a password")
    }
    switch await people.identify(name, password: password, address: talk.visit.address) {
    case .known(let person): talk.person = person
    case .wrong: return Self.refusal(talk, true, 401, "name or password is wrong")
    case .wait(let time):
      var reply = Self.refusal(talk, true, 429, "too many failures")
      reply.headers.append(("Retry-After", "\(time.wholeSeconds + 1)"))
      return reply
    case .busy: return Self.refusal(talk, true, 503, "too many log in at once")
    case .failed(let failure): return Self.refusal(talk, true, 503, "\(failure)")
    }
    return nil
  }

  private func askIn(_ talk: Talk, _ route: Route) -> Reply {
    if route.isForPrograms {
      var reply = Self.refusal(talk, true, 401, "log in first")
      // Not `Basic`: a browser would keep the password and add it to other sites' requests.
      reply.headers.append(("WWW-Authenticate", "Session"))
      return reply
    }
    let next = talk.visit.method == .get ? talk.visit.target : ""
    return .seeOther("/console/login" + FormText.query([("next", next)]))
  }

  /// A change must come from a form that was made for this very session, or from a program.
  private func refuseForgery(_ talk: Talk, _ route: Route) -> Reply? {
    let refusal = Self.refusal(talk, route.isForPrograms, 403, talk.say.staleForm)
    if talk.visit.isFromElsewhere { return refusal }
    // Whoever sends a password by himself is no browser that was led here.
    if route.isForPrograms, talk.person != nil, talk.session == nil { return nil }
    let secret = talk.session?.token ?? talk.secret
    let token =
      route.isForPrograms ? talk.visit.headers["x-csrf-token"] ?? "" : talk.field("token")
    guard !secret.isEmpty, OperatorRegister.isFormToken(token, for: secret) else { return refusal }
    return nil
  }

  private static func missing(_ talk: Talk, _ isForPrograms: Bool) -> Reply {
    refusal(talk, isForPrograms, 404, talk.say.notFound)
  }

  static func refusal(
    _ talk: Talk, _ isForPrograms: Bool, _ status: Int, _ words: String
  ) -> Reply {
    isForPrograms
      ? problem(words, status)
      : talk.notice(
        talk.say.trouble, "\(words)", back: "/console",
        status: status)
  }

  // MARK: Cookies and headers

  var sessionCookie: String { options.transport == .tls ? "__Host-vendpay" : "vendpay" }
  var secretCookie: String { sessionCookie + "-form" }

  func cookie(_ name: String, _ value: String, seconds: Int64?) -> (name: String, value: String) {
    let age = seconds.map { "; Max-Age=\($0)" } ?? ""
    let secure = options.transport == .tls ? "; Secure" : ""
    return ("Set-Cookie", "\(name)=\(value); Path=/; HttpOnly; SameSite=Strict\(secure)\(age)")
  }

  private func decorate(_ reply: inout Reply, _ visit: Visit) {
    if reply.header("Cache-Control") == nil {
      reply.headers.append(("Cache-Control", "no-store"))
    }
    reply.headers += Self.guards
    if options.transport == .tls {
      reply.headers.append(("Strict-Transport-Security", "max-age=31536000"))
    }
    // A choice of language is kept, on whatever page it was made.
    if visit.query["lang"] == visit.language.rawValue, visit.path?.first == "console" {
      reply.headers.append(
        cookie(Visit.languageCookie, visit.language.rawValue, seconds: 31_536_000))
    }
  }

  private static let guards: [(name: String, value: String)] = [
    (
      "Content-Security-Policy",
      "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; "
        + "base-uri 'none'"
    ),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    // With `no-referrer` a browser would call the origin of our own forms "null".
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()"),
  ]
}
