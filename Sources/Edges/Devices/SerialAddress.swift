/// Where a serial port is, so that it can be opened again after it was gone.
public enum SerialAddress: Equatable, Sendable, CustomStringConvertible {
  /// A device of this computer, best by its `/dev/serial/by-id` path.
  case device(path: String, baud: Int)
  /// A port of a board that is reached by remote I/O.
  case remote(socket: String, name: String)

  /// Opens the port, for us alone.
  public func open() throws(SerialError) -> any SerialPort {
    switch self {
    case .device(let path, let baud): try TTYSerialPort(path: path, baud: baud)
    case .remote(let socket, let name): try RemoteSerialPort(socket: socket, name: name)
    }
  }

  public var description: String {
    switch self {
    case .device(let path, _): path
    case .remote(let socket, let name): "\(name) at \(socket)"
    }
  }
}
