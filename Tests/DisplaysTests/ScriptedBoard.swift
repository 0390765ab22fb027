import CLinux
import Glibc
import Platform
import Synchronization

/// A board that hears so many bytes, says its next words, and at last hangs up or falls silent.
final class ScriptedBoard: Sendable {
  /// What is heard, and what is said to it.
  struct Step: Sendable {
    var hears: [UInt8]
    var says: String

    init(_ line: String, _ pixels: [UInt8] = [], says: String = "ok") {
      (hears, self.says) = (Array("\(line)\n".utf8) + pixels, "\(says)\n")
    }
  }

  let path = "@vend-scripted-\(RandomBits.text(count: 12))"
  private let worker = Worker(name: "scripted")
  private let received = Mutex<[UInt8]>([])

  /// Everything that was heard.
  var heard: [UInt8] { received.withLock { $0 } }

  init(_ steps: [Step], thenHangsUp: Bool = false) throws {
    let listener = try UnixSocket.listen(at: path)
    worker.enqueue { [self] in
      guard Self.waits(listener), let client = UnixSocket.accept(listener) else { return }
      for step in steps {
        guard hear(step.hears.count, from: client) else { return }
        let words = Array(step.says.utf8)
        _ = words.withUnsafeBytes { vend_send(client.number, $0.baseAddress, $0.count) }
      }
      // Silent until the client has had enough.
      if !thenHangsUp { _ = hear(.max, from: client) }
    }
  }

  private static func waits(_ descriptor: Descriptor) -> Bool {
    var entry = pollfd(fd: descriptor.number, events: Int16(POLLIN), revents: 0)
    return poll(&entry, 1, 5000) > 0
  }

  /// Hears so many bytes; false when the client has gone before.
  private func hear(_ count: Int, from client: Descriptor) -> Bool {
    var missing = count
    while missing > 0 {
      guard Self.waits(client), let bytes = try? client.read(upTo: min(missing, 4096)) else {
        return false
      }
      guard !bytes.isEmpty else { return false }
      received.withLock { $0 += bytes }
      missing -= bytes.count
    }
    return true
  }
}
