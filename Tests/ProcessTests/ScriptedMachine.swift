import Core
import Money
import NetworkClient
import Ordering
import Platform
import Storage
import Timing

/// A machine that says to a payment service what a test tells it to, over HTTPS, with a thread of
/// its own for each of a few calls at a time.
final class ScriptedMachine: Sendable {
  let name: String
  /// What its display shows, before it is taken in.
  let code: String
  private let token = RandomBits.text(count: 40)
  private let origin: String
  private let authority: String
  private let certificate: HTTPClient.ClientCertificate?
  private let crew = Crew(name: "machine", count: 6)

  init(
    _ name: String, origin: String, authority: String,
    certificate: HTTPClient.ClientCertificate? = nil
  ) {
    (self.name, self.origin, self.authority) = (name, origin, authority)
    self.certificate = certificate
    let alphabet = EnrolmentCode.alphabet
    let letters = (0..<EnrolmentCode.count).map { _ in
      alphabet[Int(RandomBits.next() % UInt64(alphabet.count))]
    }
    code = String(decoding: letters, as: UTF8.self)
  }

  /// Posts JSON and reads JSON; throws where there is no answer, or one that is not 200.
  func call<Answer: Decodable & Sendable>(
    _ path: String, _ body: some Encodable & Sendable, _ type: Answer.Type = CoreReply.self
  ) async throws -> Answer {
    let text = try JSONText.encode(body)
    let response = try await send(path, text)
    guard response.status == 200 else {
      throw Refused(status: response.status, body: String(decoding: response.body, as: UTF8.self))
    }
    return try JSONText.decode(type, from: String(decoding: response.body, as: UTF8.self))
  }

  struct Refused: Error {
    var status: Int
    var body: String
  }

  private func send(_ path: String, _ text: String) async throws -> HTTPResponse {
    let (origin, token, authority, certificate) = (origin, token, authority, certificate)
    return try await crew.run { () -> Result<HTTPResponse, HTTPFailure> in
      let client = HTTPClient(
        HTTPClient.Configuration(
          totalDeadline: .seconds(40), caFile: authority, clientCertificate: certificate))
      do throws(HTTPFailure) {
        return .success(
          try client.post(
            origin + path, contentType: "application/json", body: Array(text.utf8),
            headers: ["Authorization": "Bearer \(token)"]))
      } catch {
        return .failure(error)
      }
    }.get()
  }

  // MARK: Calls

  func enrol() async throws -> CoreCall.EnrolmentReply {
    try await call(
      CoreCall.enrolments, CoreCall.Enrolment(machine: name, code: code, token: token),
      CoreCall.EnrolmentReply.self)
  }

  func beat(boots: Int64 = 1) async throws -> CoreCall.HeartbeatReply {
    try await call(
      CoreCall.heartbeat,
      CoreCall.Heartbeat(
        boots: boots, program: "test", state: "ready", faults: ["L1"], pricesVersion: nil),
      CoreCall.HeartbeatReply.self)
  }

  /// A new order of so many fen.
  func request(_ fen: Int64 = 350, lane: String = "11") -> OrderRequest {
    let now = Clock.wallTime()
    return OrderRequest(
      number: OrderNumber(machine: name, at: now, random: RandomBits.next()), machine: name,
      lane: lane, title: "Tea", amount: Amount(fen: fen), madeAt: now,
      expiresAt: now + .seconds(120))
  }

  func open(_ request: OrderRequest) async throws -> CoreReply {
    try await call(CoreCall.orders, request)
  }

  func status(_ number: OrderNumber, wait: Duration = .zero) async throws -> CoreReply {
    try await call(
      CoreCall.path(number, .status), CoreCall.Status(permit: nil, wait: wait))
  }

  func permit(_ number: OrderNumber, nonce: UInt64) async throws -> CoreReply {
    try await call(
      CoreCall.path(number, .permit), CoreCall.Permit(nonce: CoreCall.PermitNonce(nonce)))
  }

  func settle(_ number: OrderNumber, _ outcome: Outcome) async throws -> CoreReply {
    try await call(CoreCall.path(number, .settle), outcome)
  }
}
