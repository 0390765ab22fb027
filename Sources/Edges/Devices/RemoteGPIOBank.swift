internal import Platform

/// Lines of a board that is reached by remote I/O (see `RemoteIO`).
///
/// All lines share one connection. When it is lost, every line says `.disconnected` from then on;
/// the board has switched the outputs off. A new bank is the way back.
public final class RemoteGPIOBank: GPIOBank {
  private let connection: RemoteConnection

  /// Connects; `consumer` names us to others who want our lines.
  public init(socket: String, consumer: String = "vendd") throws(GPIOError) {
    connection = try RemoteConnection(socket: socket, consumer: consumer)
  }

  public func output(
    _ line: LineSettings, initially: Bool
  ) throws(GPIOError) -> any OutputLine {
    let address = try address(of: line)
    try connection.tell(
      .output(address, initially: initially, isActiveLow: line.isActiveLow, line.drive))
    return RemoteOutputLine(address: address, connection: connection)
  }

  public func input(_ line: LineSettings) throws(GPIOError) -> any InputLine {
    let address = try address(of: line)
    let mailbox = try connection.makeMailbox(for: address)
    do throws(GPIOError) {
      try connection.tell(.input(address, isActiveLow: line.isActiveLow, line.bias))
    } catch {
      connection.discardMailbox(for: address)
      throw error
    }
    return RemoteInputLine(address: address, connection: connection, mailbox: mailbox)
  }

  private func address(of line: LineSettings) throws(GPIOError) -> String {
    let address = RemoteIO.address(chip: line.chip, name: line.name)
    guard RemoteIO.isName(address) else { throw .noLine(line.name) }
    return address
  }
}

private final class RemoteOutputLine: OutputLine {
  let name: String
  private let connection: RemoteConnection

  init(address: String, connection: RemoteConnection) {
    (name, self.connection) = (address, connection)
  }

  // A board that is not there any more has let the line go already.
  deinit { try? connection.tell(.free(name)) }

  func set(_ active: Bool) throws(GPIOError) { try connection.tell(.set(name, active)) }

  func get() throws(GPIOError) -> Bool { try connection.askLevel(name) }
}

private final class RemoteInputLine: InputLine {
  let name: String
  private let connection: RemoteConnection
  private let mailbox: EdgeMailbox

  init(address: String, connection: RemoteConnection, mailbox: EdgeMailbox) {
    (name, self.connection, self.mailbox) = (address, connection, mailbox)
  }

  deinit {
    try? connection.tell(.free(name))
    connection.discardMailbox(for: name)
  }

  var descriptor: Int32 { mailbox.readiness.number }

  func get() throws(GPIOError) -> Bool { try connection.askLevel(name) }

  func takeEdges() throws(GPIOError) -> [Edge] {
    try connection.receiveWhatWaits()
    return mailbox.take()
  }
}
