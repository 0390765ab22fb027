internal import Glibc
internal import Platform
public import Timing

/// A connection to a board on which whatever is asked has one line for an answer.
///
/// After an error nobody knows which answer belongs to which question; it is closed then.
public final class RemoteDialogue: Sendable {
  let pipe: DeadlinePipe
  private let name: String

  /// Connects to the board; `name` is for messages.
  public init(socket: String, name: String) throws(SerialError) {
    self.name = "\(socket) \(name)"
    do throws(SystemError) {
      let descriptor = try UnixSocket.connect(to: socket)
      pipe = DeadlinePipe(adopting: descriptor, kind: .socket, name: self.name)
    } catch {
      switch error.code {
      case ENOENT, ECONNREFUSED: throw .notThere(error.description)
      case EAGAIN: throw .timeout(error.description)
      default: throw .refused(error.description)
      }
    }
  }

  /// Asks with one line; nil when the answer is none.
  public func ask(_ line: String, deadline: Instant) throws(SerialError) -> RemoteIO.Answer? {
    try ask(CollectionOfOne(Array("\(line)\n".utf8)), deadline: deadline)
  }

  /// Asks with bytes in pieces; nil when the answer is none.
  public func ask(
    _ pieces: some Sequence<[UInt8]>, deadline: Instant
  ) throws(SerialError) -> RemoteIO.Answer? {
    guard try pipe.read(upTo: 1, deadline: .zero).isEmpty else {
      throw .refused("\(name): an answer without a question")
    }
    for piece in pieces { try pipe.write(piece, deadline: deadline) }
    return try answer(deadline)
  }

  /// Ends the connection; later questions throw `.gone`.
  public func close() { pipe.close() }

  /// Reads one byte at a time: what follows the line's end may be no answer.
  private func answer(_ deadline: Instant) throws(SerialError) -> RemoteIO.Answer? {
    var assembler = LineAssembler()
    while true {
      let byte = try pipe.read(upTo: 1, deadline: deadline)
      guard !byte.isEmpty else { throw .timeout("\(name): no answer") }
      do throws(LineAssembler.Nonsense) {
        if let line = try assembler.append(byte).first { return RemoteIO.Answer(line) }
      } catch {
        return nil
      }
    }
  }
}
