public import BackOffice
public import CoreService
internal import FleetStorage
internal import Hummingbird
internal import HummingbirdCore
internal import Ordering

/// The service's ports: one for machines, one for the payment platform's notices, and one for
/// people, each optional.
public final class VendpayServer: Sendable {
  /// The ports that were taken; zero for one that is not served.
  public let machinesPort: Int
  public let noticesPort: Int
  public let consolePort: Int
  private let servers: [WebServer]

  /// Begins to serve.
  ///
  /// Throws when a port cannot be had.
  public init(
    core: FleetCore, register: MachineRegister, vitals: ServiceVitals,
    merchants: [String: any WeChatMerchant], machines: WebListener?, notices: WebListener?,
    console: (routes: ConsoleRoutes, listener: WebListener)? = nil
  ) async throws {
    var servers: [WebServer] = []
    func serve<Context: RequestContext & InitializableFromSource>(
      _ listener: WebListener?, isForMany: Bool = false, _ context: Context.Type,
      _ fill: (Router<Context>) -> Void
    ) async throws -> Int where Context.Source == ApplicationRequestContextSource {
      guard let listener else { return 0 }
      let router = Router(context: context)
      Self.addHealth(to: router, core)
      fill(router)
      let server = try await WebServer(router, on: listener, isForMany: isForMany)
      servers.append(server)
      return server.port
    }
    do {
      machinesPort = try await serve(machines, isForMany: true, BasicRequestContext.self) {
        MachineRoutes(core: core, register: register, vitals: vitals).add(to: $0)
      }
      noticesPort = try await serve(notices, BasicRequestContext.self) {
        NoticeRoutes(core: core, merchants: merchants).add(to: $0)
      }
      consolePort = try await serve(console?.listener, ConsoleContext.self) { router in
        console?.routes.add(to: router)
        router.get("/") { _, _ in Response.redirect(to: "/console", type: .normal) }
      }
    } catch {
      for server in servers { await server.stop() }
      throw error
    }
    self.servers = servers
  }

  /// Ends all ports and waits until they have ended.
  public func stop() async {
    await withDiscardingTaskGroup { group in
      for server in servers { group.addTask { await server.stop() } }
    }
  }

  /// Waits until one of the ports has ended; why, if it failed.
  public func ended() async -> String? {
    await withTaskGroup(of: String?.self) { group in
      for server in servers { group.addTask { await server.ended() } }
      return await group.next() ?? nil
    }
  }

  /// For whoever spreads the load: whether the process lives, and whether it is of use.
  private static func addHealth<Context: RequestContext>(
    to router: Router<Context>, _ core: FleetCore
  ) {
    router.get("healthz") { _, _ in WebAnswer.bytes(Array("ok\n".utf8), type: "text/plain") }
    router.get("readyz") { _, _ in
      do throws(FleetError) {
        // A look at the orders' index: a store that opens but cannot be read is not ready.
        _ = try await core.onStore { store throws(FleetError) in try store.nextDue() }
        return WebAnswer.bytes(Array("ready\n".utf8), type: "text/plain")
      } catch {
        return WebAnswer.bytes(
          Array("\(error)\n".utf8), type: "text/plain", status: .serviceUnavailable)
      }
    }
  }
}
