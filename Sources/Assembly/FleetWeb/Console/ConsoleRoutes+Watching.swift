internal import CoreService
internal import FleetStorage

// For whoever watches the service.
extension ConsoleRoutes {
  static let watching: [Route] = [
    Route(.get, "/metrics", .metrics) { console, _ in
      Reply(
        status: 200, type: "text/plain; version=0.0.4; charset=utf-8",
        body: MetricsText.text(console.core.counters, heldPolls: console.core.heldPolls))
    },
    Route(.get, "/healthz", .anybody) { _, _ in .plain("ok\n") },
    Route(.get, "/readyz", .anybody) { console, _ in await console.readiness() },
  ]

  /// Whether the store answers now.
  private func readiness() async -> Reply {
    do throws(FleetError) {
      // A look at the orders' index: a store that only opens, but cannot read, is not ready.
      _ = try await core.onStore { store throws(FleetError) in try store.nextDue() }
      return .plain("ready\n")
    } catch {
      return .plain("\(error)\n", status: 503)
    }
  }
}
