import MachineFiles
import FoundationEssentials
import Glibc
import Platform
import Testing

/// A folder with a machine file and a board file that are right until a test breaks them.
final class Workbench {
  let path: String

  init() {
    var template = Array("/tmp/vend-config-XXXXXX".utf8CString)
    path = mkdtemp(&template).map { String(cString: $0) } ?? "/nowhere"
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  var machineFile: String { "\(path)/machine.toml" }
  var boardFile: String { "\(path)/bench.toml" }

  func write(_ text: String, _ file: String) throws(SystemError) {
    try Files.replace(file, with: Array(text.utf8), durable: false)
  }

  func load(
    machine: String = Workbench.machine, board: String = Workbench.board
  ) throws -> MachineConfiguration {
    try write(machine, machineFile)
    try write(board, boardFile)
    return try MachineConfiguration.load(path: machineFile)
  }

  /// What is wrong with the two files; empty when nothing is.
  func problems(
    machine: String = Workbench.machine, board: String = Workbench.board
  ) throws -> [ConfigurationError.Problem] {
    do {
      _ = try load(machine: machine, board: board)
      return []
    } catch let error as ConfigurationError {
      return error.problems
    }
  }

  static let machine = """
    name = "SHOP1"
    board = "bench"
    language = "en"
    drop_sensor = true
    state_directory = "state"
    control_socket = "@vend"
    font = "/usr/share/fonts/font.ttf"

    [policy]
    payment_timeout = "2min"
    unsure = "hold"

    [payment]
    app_id = "wx0123456789abcdef"
    merchant_id = "1900000109"
    key_file = "api-key"
    certificate_file = "certificate.pem"
    certificate_key_file = "certificate-key.pem"
    notify_url = "https://pay.example.com/notify"
    endpoint = "https://127.0.0.1:8443"

    [[lanes]]
    code = "11"
    channel = "relay1"
    name = "可乐"
    price = "4.35"

    [[lanes]]
    code = "A2"
    channel = "relay2"
    name = "Tea"
    price = "3"
    pulse = "1s"
    capacity = 8

    """

  static let board = """
    name = "Bench"
    chip = "gpiochip0"

    [keypad]
    rows = [
      { line = "R1", active_low = true },
      { line = "R2", active_low = true },
    ]
    columns = [{ line = "C1", bias = "pull-up" }, { line = "C2" }, { line = "C3" }]
    keys = [["1", "2", "A"], ["*", "", "#"]]

    [drop_sensor]
    line = "DROP"

    [display]
    driver = "weact-fs-v1"
    port = "/dev/serial/by-id/usb-panel"

    [[relays]]
    channel = "relay1"
    line = "K1"

    [[relays]]
    channel = "relay2"
    line = "17"
    cap = "2s"

    """
}
