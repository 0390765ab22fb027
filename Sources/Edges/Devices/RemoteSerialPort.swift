internal import Glibc
internal import Platform
public import Timing

/// A serial port of a board that is reached by remote I/O.
public final class RemoteSerialPort: SerialPort {
  private static let openingLimit = Duration.seconds(2)
  private let pipe: DeadlinePipe

  /// Connects to the board and asks for the port of that name.
  public init(socket: String, name: String) throws(SerialError) {
    guard RemoteIO.isName(name) else { throw .refused("\(name) is no name of a port") }
    do throws(SystemError) {
      let descriptor = try UnixSocket.connect(to: socket)
      pipe = DeadlinePipe(adopting: descriptor, kind: .socket, name: "\(socket) \(name)")
    } catch {
      switch error.code {
      case ENOENT, ECONNREFUSED: throw .notThere(error.description)
      default: throw .refused(error.description)
      }
    }
    let deadline = Clock.now() + Self.openingLimit
    let purpose = RemoteIO.Purpose.serial(name: name)
    try pipe.write(Array("\(purpose.text)\n".utf8), deadline: deadline)
    let line = try readLine(deadline)
    switch RemoteIO.Answer(line) {
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

  /// Reads one byte at a time: what follows the line's end belongs to the port.
  private func readLine(_ deadline: Instant) throws(SerialError) -> String {
    var assembler = LineAssembler()
    while true {
      let byte = try pipe.read(upTo: 1, deadline: deadline)
      guard !byte.isEmpty else { throw .refused("remote I/O does not answer") }
      do throws(LineAssembler.Nonsense) {
        if let line = try assembler.append(byte).first { return line }
      } catch {
        throw .refused("does not speak remote I/O")
      }
    }
  }
}
