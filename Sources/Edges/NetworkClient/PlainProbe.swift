internal import Glibc
internal import Platform
internal import Timing

/// One plain HTTP request, to see who answers it: a network that wants a login sends it elsewhere.
public enum PlainProbe {
  /// The most that is read of an answer's head.
  private static let limit = 4096

  /// Where `http://HOST/` is sent on to: the `Location` of a redirection.
  ///
  /// Nil when nobody answers, or with something else.
  public static func destination(
    of host: String, port: UInt16 = 80, deadline: Duration = .seconds(1)
  ) throws(HTTPFailure) -> String? {
    let end = Clock.now() + deadline
    guard let address = try TCPAddress.resolve(host, port: port).first else { return nil }
    let socket = try address.connect(until: end)
    let request = "GET / HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\nAccept: */*\r\n\r\n"
    var head: [UInt8] = []
    do throws(SystemError) {
      _ = try socket.write(Array(request.utf8)[...])
      while head.count < limit, TCPAddress.wait(for: POLLIN, on: socket, until: end) {
        guard let more = try socket.read(upTo: limit) else { continue }
        if more.isEmpty { break }
        head += more
        if String(decoding: head, as: UTF8.self).contains("\r\n\r\n") { break }
      }
    } catch {
      throw HTTPFailure(.broken, "\(error)")
    }
    return destination(inHead: String(decoding: head, as: UTF8.self))
  }

  /// The place that an answer's head names.
  static func destination(inHead head: String) -> String? {
    let lines = head.split(separator: "\r\n", omittingEmptySubsequences: false)
    let status = lines.first?.split(separator: " ") ?? []
    guard status.count > 1, status[0].hasPrefix("HTTP/"), status[1].hasPrefix("3") else {
      return nil
    }
    for line in lines.dropFirst() {
      let pieces = line.split(separator: ":", maxSplits: 1)
      guard pieces.count == 2, pieces[0].lowercased() == "location" else { continue }
      return String(pieces[1].drop { $0 == " " }.prefix { $0 > " " && $0 < "\u{7F}" }.prefix(200))
    }
    return nil
  }
}
