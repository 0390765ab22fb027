import Foundation
import Glibc

/// A PostgreSQL server of a soak's own, which is killed now and then.
final class SoakDatabase {
  private static let nobody: uid_t = 65_534
  private let folder: String
  private let programs: String
  private var server: Foundation.Process?
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
    let made = Self.command([
      "\(programs)/initdb", "-D", "\(folder)/data", "-U", "vend", "--auth=trust",
      "--encoding=UTF8", "--locale=C", "--no-instructions",
    ])
    try made.run()
    made.waitUntilExit()
    guard made.terminationStatus == 0 else { throw HTTPLoad.Failure(words: "initdb failed") }
  }

  /// Starts it and waits until it answers: after a kill it first replays its journal.
  func start() throws {
    starts += 1
    let deadline = Date() + 120
    while Date() < deadline {
      if server?.isRunning != true {
        let process = Self.command([
          "\(programs)/postgres", "-D", "\(folder)/data", "-k", folder, "-c",
          "listen_addresses=", "-c", "max_connections=100", "-c", "shared_buffers=256MB",
          "-c", "log_min_messages=fatal",
        ])
        try process.run()
        server = process
      }
      let ready = Self.command(["\(programs)/pg_isready", "-q", "-h", folder])
      try ready.run()
      ready.waitUntilExit()
      if ready.terminationStatus == 0 { return }
      // What the killed one left behind may still hold its shared memory.
      usleep(100_000)
    }
    throw HTTPLoad.Failure(words: "the database does not come back")
  }

  /// Kills it without a word.
  func kill() {
    guard let server else { return }
    Glibc.kill(server.processIdentifier, SIGKILL)
    server.waitUntilExit()
    self.server = nil
  }

  /// Ends it in good order.
  func stop() {
    guard let server else { return }
    Glibc.kill(server.processIdentifier, SIGINT)
    server.waitUntilExit()
    self.server = nil
  }

  private static func command(_ words: [String]) -> Foundation.Process {
    let process = Foundation.Process()
    let whole =
      geteuid() == 0
      ? ["/usr/bin/setpriv", "--reuid=\(nobody)", "--regid=\(nobody)", "--clear-groups"] + words
      : words
    process.executableURL = URL(fileURLWithPath: whole[0])
    process.arguments = Array(whole.dropFirst())
    process.currentDirectoryURL = URL(fileURLWithPath: "/")
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    return process
  }
}
