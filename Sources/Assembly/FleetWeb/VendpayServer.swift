public import BackOffice
public import CoreService
internal import Hummingbird
internal import HummingbirdCore
internal import Ordering

/// The service's ports: one for machines, one for the payment platform's notices, and one for
/// people, each optional.
public final class VendpayServer: Sendable {
  /// The ports that were taken, in the order machines, notices; zero for one that is not served.
  public let machinesPort: Int
  public let noticesPort: Int
  private let servers: [WebServer]

  /// Begins to serve.
  ///
  /// Throws when a port cannot be had.
  public init(
    core: FleetCore, register: MachineRegister, vitals: ServiceVitals,
    merchants: [String: any WeChatMerchant], machines: WebListener?, notices: WebListener?
  ) async throws {
    var servers: [WebServer] = []
    func serve(
      _ listener: WebListener?, _ fill: (Router<BasicRequestContext>) -> Void
    ) async throws -> Int {
      guard let listener else { return 0 }
      let router = Router()
      Self.addHealth(to: router, vitals)
      fill(router)
      let server = try await WebServer(router, on: listener)
      servers.append(server)
      return server.port
    }
    do {
      machinesPort = try await serve(machines) {
        MachineRoutes(core: core, register: register, vitals: vitals).add(to: $0)
      }
      noticesPort = try await serve(notices) {
        NoticeRoutes(core: core, merchants: merchants).add(to: $0)
      }
    } catch {
      for server in servers { await server.stop() }
      throw error
    }
    self.servers = servers
  }

  /// Ends all ports and waits until they have ended.
  public func stop() async {
    for server in servers { await server.stop() }
  }

  /// For whoever spreads the load: whether the process lives, and whether it is of use.
  private static func addHealth(to router: Router<BasicRequestContext>, _ vitals: ServiceVitals) {
    router.get("healthz") { _, _ in WebAnswer.bytes(Array("ok\n".utf8), type: "text/plain") }
    router.get("readyz") { _, _ in
      guard let doubt = vitals.storeDoubt else {
        return WebAnswer.bytes(Array("ready\n".utf8), type: "text/plain")
      }
      return WebAnswer.bytes(
        Array("store: \(doubt.detail)\n".utf8), type: "text/plain", status: .serviceUnavailable)
    }
  }
}
