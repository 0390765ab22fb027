internal import Glibc
internal import Platform

/// The folder of a simulated machine: its files, its keys, its state, and a log.
struct MachineFolder: Sendable {
  /// Where it is; short, since sockets have short names.
  let path: String

  var machineFile: String { "\(path)/machine.toml" }
  var boardFile: String { "\(path)/board.toml" }
  var keyFile: String { "\(path)/credentials/api-key" }
  var credentials: String { "\(path)/credentials" }
  var state: String { "\(path)/state" }
  var boardSocket: String { "\(path)/board.sock" }
  var controlSocket: String { "\(path)/control.sock" }
  var notifySocket: String { "\(path)/notify.sock" }
  var daemonLog: String { "\(path)/vendd.log" }
  var pictures: String { "\(path)/pictures" }

  /// Makes the folders that are missing.
  init(at path: String) throws(SystemError) {
    self.path = path
    for folder in [path, credentials, state, pictures] { try Self.make(folder) }
  }

  /// Makes a folder that only its owner may enter, unless it is there.
  static func make(_ folder: String) throws(SystemError) {
    if mkdir(folder, 0o700) != 0, errno != EEXIST { throw .last("mkdir", folder) }
  }

  /// A folder of a random name under the system's temporary one.
  static func temporary() -> String {
    let base = Environment["TMPDIR"].flatMap { $0.utf8.count < 40 ? $0 : nil } ?? "/tmp"
    return "\(base)/vendsim-\(RandomBits.text(count: 8))"
  }
}
