internal import Platform
public import Timing

/// A serial port of a board that is reached by remote I/O.
public final class RemoteSerialPort: SerialPort {
  private static let openingLimit = Duration.seconds(2)
  private let pipe: DeadlinePipe

  /// Connects to the board and asks for the port of that name.
  public init(socket: String, name: String) throws(SerialError) {
    guard RemoteIO.isName(name) else { throw .refused("\(name) is no name of a port") }
    let dialogue = try RemoteDialogue(socket: socket, name: name)
    pipe = dialogue.pipe
    let purpose = RemoteIO.Purpose.serial(name: name)
    switch try dialogue.ask(purpose.text, deadline: Clock.now() + Self.openingLimit) {
    case .done: return
    case .refused(.noLine): throw .notThere("\(socket): no port \(name)")
    case .refused(let refusal): throw .refused("\(socket) \(name): \(refusal.text)")
    case .level, .edge, nil: throw .refused("\(socket): does not speak remote I/O")
    }
  }

  public func write(_ bytes: [UInt8], deadline: Instant) throws(SerialError) {
    try pipe.write(bytes, deadline: deadline)
  }

  public func read(upTo count: Int, deadline: Instant) throws(SerialError) -> [UInt8] {
    try pipe.read(upTo: count, deadline: deadline)
  }

  public func discardInput() throws(SerialError) { try pipe.drain() }

  public func close() { pipe.close() }
}
