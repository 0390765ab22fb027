// What a TJC panel says: a code, what goes with it, and three bytes FF. Codes with a fixed length
// are read by it, since their arguments may hold FF FF FF themselves.
extension TJCCodec {
  public func reply(in received: inout [UInt8]) -> PanelReply? {
    while let code = received.first {
      if let length = Self.lengths[code] {
        guard received.count >= length else { return nil }
        guard received[(length - 3)..<length].allSatisfy({ $0 == 0xFF }) else {
          // Noise that looks like a code: the reply begins later.
          received.removeFirst()
          continue
        }
        let frame = Array(received.prefix(length - 3))
        received.removeFirst(length)
        return Self.meaning(ofFixed: frame)
      }
      // A code of its own is none of these: what is left of somebody else's end.
      if code == 0xFF {
        received.removeFirst()
        continue
      }
      guard let end = Self.end(in: received) else {
        guard received.count <= Self.longestReply else {
          received = []
          return .lost("\(Self.longestReply) bytes without an end")
        }
        return nil
      }
      let frame = Array(received.prefix(end))
      received.removeFirst(end + 3)
      return Self.meaning(of: frame)
    }
    return nil
  }

  /// Codes with their whole lengths, ends included.
  private static let lengths: [UInt8: Int] = [
    0x24: 4, 0x65: 7, 0x66: 5, 0x67: 9, 0x68: 9, 0x71: 8, 0x86: 4, 0x87: 4, 0x88: 4, 0x89: 4,
    0xFD: 4, 0xFE: 4,
  ]
  private static let longestReply = 1200

  private static func end(in received: [UInt8]) -> Int? {
    guard received.count >= 3 else { return nil }
    return (0...(received.count - 3)).first { index in
      received[index] == 0xFF && received[index + 1] == 0xFF && received[index + 2] == 0xFF
    }
  }

  private static func meaning(ofFixed frame: [UInt8]) -> PanelReply {
    switch frame[0] {
    case 0x24: .lost("its buffer overflowed")
    case 0x66: .value(Array(frame.dropFirst()), of: pageNumber)
    case 0x71: .value(Array(frame.dropFirst()), of: 0x71)
    case 0x86: .lost("it fell asleep")
    case 0x87: .lost("it woke up")
    case 0x88: .lost("it has started")
    case 0x89: .lost("it loads a project from a card")
    default: .aside
    }
  }

  private static func meaning(of frame: [UInt8]) -> PanelReply {
    switch frame.first {
    case 0x01 where frame.count == 1: .done
    case 0x00 where frame == [0, 0, 0]: .lost("it starts")
    case UInt8(string): .value(Array(frame.dropFirst()), of: string)
    case 0x63 where frame.starts(with: "comok ".utf8):
      .name(name(String(decoding: frame.dropFirst(6).prefix(200), as: UTF8.self)))
    case let code? where frame.count == 1 && refusals[code] != nil:
      .refused(refusals[code] ?? "")
    default: .aside
    }
  }

  /// `touch,reserved-address,model,firmware,...`: the model and its firmware.
  private static func name(_ words: String) -> String {
    let fields = words.split(separator: ",", omittingEmptySubsequences: false)
    guard fields.count >= 4 else { return words }
    return "\(fields[2]), firmware \(fields[3])"
  }

  private static let refusals: [UInt8: String] = [
    0x00: "invalid instruction", 0x02: "no such component", 0x03: "no such page",
    0x04: "no such picture", 0x05: "no such font", 0x06: "no such file", 0x09: "wrong checksum",
    0x11: "no such rate", 0x12: "no such waveform", 0x1A: "no such component or attribute",
    0x1B: "invalid operation", 0x1C: "cannot be assigned", 0x1D: "EEPROM", 0x1E: "wrong parameters",
    0x1F: "input or output", 0x20: "invalid escape", 0x23: "name too long",
  ]
}
