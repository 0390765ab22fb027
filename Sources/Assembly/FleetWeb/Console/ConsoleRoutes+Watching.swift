internal import CoreService

// For whoever watches the service.
extension ConsoleRoutes {
  static let watching: [Route] = [
    Route(.get, "/metrics", .metrics) { console, _ in
      Reply(
        status: 200, type: "text/plain; version=0.0.4; charset=utf-8",
        body: MetricsText.text(console.core.counters, heldPolls: console.core.heldPolls))
    }
  ]
}
