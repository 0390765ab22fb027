import Foundation
import Glibc

/// A PostgreSQL server of a soak's own, which is killed now and then.
final class SoakDatabase {
  private static let nobody: uid_t = 65_534
  private let folder: String
  private let programs: String
  private var server: Child?
  private(set) var starts = 0

  /// How libpq finds it.
  var parameters: String { "host=\(folder) dbname=postgres user=vend" }

  /// Makes a server's files in a folder that is there; its journal is synced, as in earnest.
  init(in folder: String) throws {
    self.folder = folder
    let root = "/usr/lib/postgresql"
    let versions = try FileManager.default.contentsOfDirectory(atPath: root).compactMap { Int($0) }
    guard let newest = versions.max() else { throw HTTPLoad.Failure(words: "no PostgreSQL") }
    programs = "\(root)/\(newest)/bin"
    if geteuid() == 0 { chown(folder, Self.nobody, Self.nobody) }
    guard access("\(folder)/data", F_OK) != 0 else { return }
    let made = try Child(
      Self.command([
        "\(programs)/initdb", "-D", "\(folder)/data", "-U", "vend", "--auth=trust",
        "--encoding=UTF8", "--locale=C", "--no-instructions",
      ]))
    guard made.wait() == 0 else { throw HTTPLoad.Failure(words: "initdb failed") }
  }

  /// Starts it and waits until it answers: after a kill it first replays its journal.
  func start() throws {
    starts += 1
    let deadline = Date() + 120
    while Date() < deadline {
      if server?.isRunning != true {
        server = try Child(
          Self.command([
            "\(programs)/postgres", "-D", "\(folder)/data", "-k", folder, "-c",
            "listen_addresses=", "-c", "max_connections=100", "-c", "shared_buffers=256MB",
            "-c", "log_min_messages=fatal",
          ]))
      }
      let ready = try Child(
        Self.command(["\(programs)/pg_isready", "-q", "-h", folder, "-U", "vend", "-d", "postgres"])
      )
      if ready.wait() == 0 { return }
      // What the killed one left behind may still hold its shared memory.
      usleep(100_000)
    }
    throw HTTPLoad.Failure(words: "the database does not come back")
  }

  /// Kills it without a word.
  func kill() {
    server?.signal(SIGKILL)
    server?.wait()
    server = nil
  }

  /// Ends it in good order.
  func stop() {
    server?.signal(SIGINT)
    server?.wait()
    server = nil
  }

  private static func command(_ words: [String]) -> [String] {
    guard geteuid() == 0 else { return words }
    return [
      "/usr/bin/setpriv", "--reuid=\(nobody)", "--regid=\(nobody)", "--clear-groups",
    ] + words
  }
}
