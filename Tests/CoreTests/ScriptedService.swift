import Core
import FoundationEssentials
import Glibc
import LoopbackTLS
import NetworkClient
import Ordering
import Platform
import Storage
import Synchronization
import Testing
import Timing

/// A payment service that says what a test makes it say, over real TLS.
final class ScriptedService: Sendable {
  typealias Script = @Sendable (LoopbackServer.Request) -> [LoopbackServer.Act]

  static let token = "0123456789abcdefghijABCDEFGHIJ0123456789abc"

  let server: LoopbackServer
  let directory: String
  private let authority: CertificateAuthority

  var caFile: String { authority.caFile }
  var tokenFile: String { "\(directory)/core-token" }

  /// A service; a board that comes has a token already, unless it is a new one.
  init(isNew: Bool = false, _ script: @escaping Script) throws {
    authority = try CertificateAuthority()
    server = try LoopbackServer(try authority.issue(), script: script)
    var template = Array("/tmp/vend-service-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else { throw SystemError.last("mkdtemp") }
    directory = String(cString: made)
    if !isNew { try Files.replace(tokenFile, with: Array("\(Self.token)\n".utf8), durable: false) }
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  /// A board's side of it.
  func core(
    sale: OrderRequest? = nil, tokens: (any TokenStore)? = nil,
    surroundings: Surroundings = Surroundings()
  ) -> RemoteCore {
    RemoteCore(
      RemoteCore.Service(
        address: "https://localhost:\(server.port)", caFile: caFile, machine: "M01"),
      tokens: tokens ?? TokenFiles(path: tokenFile), sale: sale, surroundings: surroundings)
  }

  /// A service that answers everything with one reply.
  convenience init(always reply: CoreReply) throws {
    let text = try JSONText.encode(reply)
    try self.init { _ in [.respond(headers: Self.json, body: text)] }
  }

  static let json = ["Content-Type: application/json"]
}
