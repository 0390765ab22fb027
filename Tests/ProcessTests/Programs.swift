import Glibc
import Platform
import Simulation

/// The programs as they were built, beside the test bundle that runs.
enum Programs {
  static let daemon = path("vendd")
  static let control = path("vendctl")
  static let telemetry = path("vendtelemetry")
  /// Other people's MQTT broker and client; Debian keeps the broker where only root looks.
  static let broker = inPath("mosquitto") ?? "/usr/sbin/mosquitto"
  static let listener = "mosquitto_sub"
  static let hasBroker =
    access(broker, X_OK) == 0 && isInPath("mosquitto_sub") && isInPath("mosquitto_passwd")
  static let paint = path("paint")
  static let service = path("vendpay")

  /// The board file of the simulated board, in the checkout that the tests were built from.
  static let boardFile = "\(Files.directory(of: #filePath))/../../board/boards/simulated.toml"

  /// Whether a foreign QR reader is here; `board/setup` installs it.
  static let canReadCodes = isInPath("zbarimg") && isInPath("setpriv")

  private static func path(_ name: String) -> String {
    let own = (try? Links.target(of: "/proc/self/exe")) ?? ""
    // The bundle is the running program, or an argument of the one that loads it.
    let places = [own] + CommandLine.arguments.filter { $0.contains(".xctest") }
    let folders = places.map { Files.directory(of: $0) }
    return folders.map { "\($0)/\(name)" }.first { Files.exists($0) } ?? "\(name)-was-not-built"
  }

  private static func isInPath(_ name: String) -> Bool { inPath(name) != nil }

  private static func inPath(_ name: String) -> String? {
    let folders = (Environment["PATH"] ?? "").split(separator: ":")
    return folders.map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
  }
}

/// Symbolic links.
enum Links {
  static func target(of path: String) throws -> String {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = readlink(path, &buffer, buffer.count)
    guard count > 0 else { throw SystemError.last("readlink", path) }
    return String(decoding: buffer[..<count], as: UTF8.self)
  }
}
