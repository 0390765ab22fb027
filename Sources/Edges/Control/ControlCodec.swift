internal import CLinux
internal import FoundationEssentials
internal import Glibc
internal import Platform

/// Lines of JSON, and the one way to send them.
enum ControlCodec {
  /// A value as one line: sorted keys, UTF-8, a line feed at its end.
  static func line(_ value: some Encodable) -> [UInt8]? {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(value) else { return nil }
    return Array(data) + [UInt8(ascii: "\n")]
  }

  /// A line as a request; nil when it is none.
  static func request(_ line: [UInt8]) -> ControlRequest? {
    try? JSONDecoder().decode(ControlRequest.self, from: Data(line))
  }

  /// A line as an answer; nil when it is none.
  static func reply(_ line: [UInt8]) -> ControlReply? {
    try? JSONDecoder().decode(ControlReply.self, from: Data(line))
  }

  /// Sends what fits without waiting and without a signal; nil when the other end has gone.
  static func send(_ bytes: ArraySlice<UInt8>, to socket: Descriptor) -> Int? {
    let sent = unsafe bytes.withUnsafeBytes {
      unsafe vend_send(socket.number, $0.baseAddress, $0.count)
    }
    if sent >= 0 { return sent }
    return sent == -Int(EAGAIN) || sent == -Int(EINTR) ? 0 : nil
  }
}
