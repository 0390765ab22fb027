internal import Foundation
internal import Glibc
internal import Synchronization

/// A PostgreSQL server of the tests' own: in a folder of its own, on a UNIX socket there.
///
/// It ends with the test process, however that ends: its guardian reads from a pipe that only the
/// tests hold open.
public final class DatabaseServer: Sendable {
  /// Where Debian puts the programs; nil when none are installed.
  public static let programs: String? = {
    let root = "/usr/lib/postgresql"
    let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
    guard let newest = versions.compactMap({ Int($0) }).max() else { return nil }
    let folder = "\(root)/\(newest)/bin"
    return access("\(folder)/initdb", X_OK) == 0 ? folder : nil
  }()

  /// The one server that the tests share.
  public static let shared = DatabaseServer()

  /// Where its data and its socket are.
  public let folder: String
  private let guardian = Mutex<Guardian?>(nil)

  private struct Guardian {
    var process: Foundation.Process
    var line: Pipe
  }

  /// How libpq finds it.
  public var parameters: String { "host=\(folder) dbname=postgres user=vend" }

  /// Makes the folder and starts the server.
  public init() {
    // In memory where there is such a place; the socket's path must be short.
    let place = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
    var template = Array("\(place)/vend-pg-XXXXXX".utf8CString)
    folder = mkdtemp(&template).map { String(cString: $0) } ?? "/nowhere"
    if geteuid() == 0 { chown(folder, Self.nobody, Self.nobody) }
    let made = Self.run([
      "\(Self.programs ?? "")/initdb", "-D", "\(folder)/data", "-U", "vend", "--auth=trust",
      "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions",
    ])
    precondition(made == 0, "initdb failed")
    start()
  }

  /// Starts it, and waits until it answers.
  public func start() {
    // Nothing here survives the test: what is tried is a server that is killed, not a power cut.
    let command = [
      "\(Self.programs ?? "")/postgres", "-D", "\(folder)/data", "-k", folder, "-c",
      "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=200", "-c",
      "deadlock_timeout=100ms", "-c", "log_min_messages=fatal",
    ]
    let script = """
      "$@" </dev/null >/dev/null 2>&1 &
      read -r word
      if [ "$word" = kill ]; then kill -QUIT $!; else kill -INT $!; fi
      wait
      if [ -z "$word" ]; then rm -rf '\(folder)'; fi
      """
    // Not the plain shell, which waits for a signal that the test process has blocked.
    let (process, line) = (Foundation.Process(), Pipe())
    let whole = Self.asNobody(["/bin/bash", "-c", script, "guardian"] + command)
    process.executableURL = URL(fileURLWithPath: whole[0])
    process.arguments = Array(whole.dropFirst())
    process.standardInput = line
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    // Every child of the test process would keep the line open.
    _ = fcntl(line.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
    do {
      try process.run()
    } catch {
      preconditionFailure("the guardian does not start: \(error)")
    }
    guardian.withLock { $0 = Guardian(process: process, line: line) }
    let isReady = (0..<200).contains { _ in
      if Self.run(["\(Self.programs ?? "")/pg_isready", "-q", "-h", folder]) == 0 { return true }
      usleep(50_000)
      return false
    }
    precondition(isReady, "the server does not answer")
  }

  /// Ends it at once, as a crash would, or in good order; the folder stays.
  public func stop(killing: Bool) {
    guardian.withLock { guardian in
      let word = killing ? "kill\n" : "stop\n"
      try? guardian?.line.fileHandleForWriting.write(contentsOf: Data(word.utf8))
      guardian?.process.waitUntilExit()
      guardian = nil
    }
  }

  deinit {
    stop(killing: true)
    try? FileManager.default.removeItem(atPath: folder)
  }

  private static let nobody: UInt32 = 65_534

  /// A command as it is run where the server refuses to be root's.
  private static func asNobody(_ command: [String]) -> [String] {
    guard geteuid() == 0 else { return command }
    return [
      "/usr/bin/setpriv", "--reuid=\(nobody)", "--regid=\(nobody)", "--clear-groups",
    ] + command
  }

  private static func run(_ command: [String]) -> Int32 {
    let process = Foundation.Process()
    let whole = asNobody(command)
    process.executableURL = URL(fileURLWithPath: whole[0])
    process.arguments = Array(whole.dropFirst())
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    process.currentDirectoryURL = URL(fileURLWithPath: "/")
    do {
      try process.run()
    } catch {
      return -1
    }
    process.waitUntilExit()
    return process.terminationStatus
  }
}
