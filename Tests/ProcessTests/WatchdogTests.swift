import Glibc
import Platform
import Synchronization
import Testing

@testable import Simulation

/// What systemd sees of an idle daemon, and what the disk sees.
@Suite(
  "An idle daemon", .serialized, .timeLimit(.minutes(2)),
  .enabled(if: Programs.canReadCodes, "zbarimg or setpriv is not here"))
struct WatchdogTests {
  @Test("feeds the watchdog in time, and no longer when it is stopped")
  func feeds() async throws {
    var plan = Shop.Plan()
    let fed = Mutex<[ContinuousClock.Instant]>([])
    plan.wrapper = """
      export WATCHDOG_USEC=1500000 NOTIFY_SOCKET="$(dirname "$0")/systemd"
      exec "$VENDD" "$@"
      """
    try await withShop(plan) { shop in
      let isReady = Atomic(false)
      let systemd = try NotifySocket(at: "\(shop.folder)/systemd") { name, _ in
        if name == "READY" { isReady.store(true, ordering: .releasing) }
        if name == "WATCHDOG" { fed.withLock { $0.append(.now) } }
      }
      try await shop.machine.powerOn()
      try await shop.until("READY") { isReady.load(ordering: .acquiring) }
      try await shop.untilSelling()
      let start = ContinuousClock.now
      try await shop.until("six signs of life") { fed.withLock { $0.count >= 6 } }
      let times = fed.withLock { $0 }
      let gaps = zip(times, times.dropFirst()).map { $1 - $0 }
      #expect(gaps.allSatisfy { $0 < .milliseconds(1500) }, "\(gaps)")
      #expect(ContinuousClock.now - start > .seconds(1), "it feeds without need")

      let number = try #require(shop.machine.daemon.number)
      kill(number, SIGSTOP)
      await pause(.milliseconds(300))
      let count = fed.withLock { $0.count }
      await pause(.seconds(2))
      #expect(fed.withLock { $0.count } == count)
      kill(number, SIGCONT)
      try await shop.until("life again") { fed.withLock { $0.count > count } }
      withExtendedLifetime(systemd) {}
    }
  }

  @Test("writes nothing to the disk and hardly wakes")
  func rests() async throws {
    try await withShop { shop in
      try await shop.startSelling()
      try await shop.buy("A1")
      try await shop.untilSettled()
      // What a sale leaves behind is written by now.
      await pause(.seconds(2))
      let number = try #require(shop.machine.daemon.number)
      let before = try Self.counters(of: number)
      await pause(.seconds(4))
      let after = try Self.counters(of: number)
      #expect(before.written == after.written)
      #expect(after.switches - before.switches <= 40, "\(before.switches) to \(after.switches)")
    }
  }

  private struct Counters {
    var written: Int
    var switches: Int
  }

  /// Bytes that reached the disk's cache, and voluntary waits of all threads (proc(5)).
  private static func counters(of process: Int32) throws -> Counters {
    let written = try number("write_bytes", in: "/proc/\(process)/io")
    var switches = 0
    guard let folder = opendir("/proc/\(process)/task") else {
      throw SystemError.last("opendir", "/proc/\(process)/task")
    }
    defer { closedir(folder) }
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      guard Int(name) != nil else { continue }
      switches += try number("voluntary_ctxt_switches", in: "/proc/\(process)/task/\(name)/status")
    }
    return Counters(written: written, switches: switches)
  }

  private static func number(_ key: String, in path: String) throws -> Int {
    let line = try Files.readText(path).split(separator: "\n").first { $0.hasPrefix("\(key):") }
    let word = try #require(line?.split { $0 == " " || $0 == "\t" }.last)
    return try #require(Int(word))
  }
}
