internal import Glibc
internal import Platform
internal import Synchronization

/// A PostgreSQL server of one's own: in a folder of its own, on a UNIX socket there.
///
/// It ends with this process, however that ends: its guardian listens at a socket whose other end
/// only we hold open.
public final class DatabaseServer: Sendable {
  /// What a server is made of.
  public struct Settings: Sendable {
    /// Where its data and its socket are; nil for a folder that goes with the server, in memory
    /// where there is such a place.
    public var folder: String?
    /// Whether commits wait for the disk, as in earnest; a server that is killed needs none of it.
    public var syncs = false
    /// Further settings of the server's.
    public var parameters = ["deadlock_timeout=100ms"]

    /// As a test wants it.
    public init() {}
  }

  /// Why there is no server.
  public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
    public var words: String
    public var description: String { words }
  }

  /// Where Debian puts the programs; nil when none are installed.
  public static let programs: String? = {
    let root = "/usr/lib/postgresql"
    guard let folder = opendir(root) else { return nil }
    defer { closedir(folder) }
    var newest = 0
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      newest = max(newest, Int(name) ?? 0)
    }
    let programs = "\(root)/\(newest)/bin"
    return access("\(programs)/initdb", X_OK) == 0 ? programs : nil
  }()

  /// Where its data and its socket are.
  public let folder: String
  private let settings: Settings
  private let guardian = Mutex<Guardian?>(nil)

  private struct Guardian {
    var process: ChildProcess
    var line: Descriptor
  }

  /// How libpq finds it.
  public var parameters: String { "host=\(folder) dbname=postgres user=vend" }

  /// Makes its files where they are missing, and starts it.
  public init(_ settings: Settings = Settings()) throws(Failure) {
    self.settings = settings
    if let folder = settings.folder {
      self.folder = folder
    } else {
      // The socket's path must be short.
      let place = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
      var template = Array("\(place)/vend-pg-XXXXXX".utf8CString)
      guard let made = mkdtemp(&template) else { throw Failure(words: "no folder in \(place)") }
      folder = String(cString: made)
    }
    if geteuid() == 0 { chown(folder, Self.nobody, Self.nobody) }
    try start()
  }

  /// Starts it, and waits until it answers: after a kill it first replays its journal.
  public func start() throws(Failure) {
    guard let programs = Self.programs else { throw Failure(words: "PostgreSQL is not installed") }
    let defaults = [
      "listen_addresses=", "unix_socket_directories=\(folder)", "max_connections=200",
      "log_min_messages=fatal", "fsync=\(settings.syncs ? "on" : "off")",
    ]
    let options = (defaults + settings.parameters).flatMap { ["-c", $0] }
    let removal = settings.folder == nil ? "yes" : "no"
    let found = try Self.appoint([programs, folder, removal] + options)
    guardian.withLock { $0 = found }
    try awaitWord(found.line)
  }

  private static func appoint(_ arguments: [String]) throws(Failure) -> Guardian {
    var ends: [Int32] = [0, 0]
    // Every other child of ours would keep the line open, and so would we.
    let kind = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue
    guard socketpair(AF_UNIX, Int32(kind), 0, &ends) == 0 else {
      throw Failure(words: "\(SystemError.last("socketpair"))")
    }
    defer { close(ends[1]) }
    let line = Descriptor(adopting: ends[0])
    let command = asNobody(["/bin/bash", "-c", script, "guardian"] + arguments)
    do throws(ChildProcess.Failure) {
      let process = try ChildProcess(command, input: ends[1], output: ends[1])
      return Guardian(process: process, line: line)
    } catch {
      throw Failure(words: "\(error)")
    }
  }

  /// What the guardian does: it makes the files, starts the server, says so, and waits for a word.
  ///
  /// What a killed server has left behind may hold its memory for a moment, and keep a new one from
  /// starting.
  private static let script = """
    programs=$1 folder=$2 removal=$3 data=$2/data
    shift 3
    cd "$folder" || exit 1
    if [ ! -e "$data/PG_VERSION" ]; then
      "$programs/initdb" -D "$data" -U vend --auth=trust --encoding=UTF8 --locale=C --no-sync \\
        --no-instructions </dev/null >/dev/null 2>&1 || exit 1
    fi
    server=
    for attempt in {1..1200}; do
      if [ -z "$server" ] || ! kill -0 "$server" 2>/dev/null; then
        "$programs/postgres" -D "$data" "$@" </dev/null >/dev/null 2>&1 &
        server=$!
      fi
      "$programs/pg_isready" -q -h "$folder" -U vend -d postgres </dev/null && break
      if [ "$attempt" = 1200 ]; then kill -KILL "$server"; exit 1; fi
      sleep 0.1
    done
    echo ready
    read -r word
    if [ "$word" = kill ]; then
      # Stopped first, so that it cannot answer its children's ends.
      kill -STOP "$server"
      kill -KILL "$server" $(cat "/proc/$server/task/$server/children")
    else
      kill -INT "$server"
    fi
    wait "$server" 2>/dev/null
    if [ -z "$word" ] && [ "$removal" = yes ]; then rm -rf "$folder"; fi
    """

  private func awaitWord(_ line: Descriptor) throws(Failure) {
    let said: [UInt8]?
    do throws(SystemError) {
      said = try line.read(upTo: 64)
    } catch {
      throw Failure(words: "the database's guardian: \(error)")
    }
    guard let said, !said.isEmpty else { throw Failure(words: "the database does not start") }
  }

  /// Ends it as a crash would, every process of it at once (`kill -9`), or in good order; the
  /// files stay.
  public func stop(killing: Bool) { end(killing ? "kill\n" : "stop\n") }

  /// Tells the guardian a word, or by none that nobody needs the server any more.
  private func end(_ word: String) {
    guardian.withLock { guardian in
      guard let present = guardian else { return }
      _ = send(present.line.number, word, word.utf8.count, Int32(MSG_NOSIGNAL))
      _ = shutdown(present.line.number, Int32(SHUT_WR))
      present.process.awaitEnd()
      guardian = nil
    }
  }

  deinit {
    end("")
    // A guardian that was told to stop has left the files.
    guard settings.folder == nil else { return }
    (try? ChildProcess(["rm", "-rf", "--", folder]))?.awaitEnd()
  }

  private static let nobody: UInt32 = 65_534

  /// A command as it is run where the server refuses to be root's.
  private static func asNobody(_ command: [String]) -> [String] {
    guard geteuid() == 0 else { return command }
    return [
      "/usr/bin/setpriv", "--reuid=\(nobody)", "--regid=\(nobody)", "--clear-groups",
    ] + command
  }
}
