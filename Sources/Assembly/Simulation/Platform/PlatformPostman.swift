internal import PaymentPlatform
internal import NIOCore
internal import NIOPosix
internal import Timing

/// Sends notices to merchants that are reachable on the loopback over plain HTTP.
struct PlatformPostman {
  let desk: PlatformDesk
  let speed: Int64

  /// Runs until its task is cancelled.
  func run() async {
    await withTaskGroup { group in
      while !Task.isCancelled {
        let due = desk.withModel { model, now in model.takeDueNotices(at: now) }
        for notice in due { group.addTask { await deliver(notice) } }
        await pause(.milliseconds(50))
      }
      group.cancelAll()
    }
  }

  private func deliver(_ notice: PlatformNotice) async {
    let answer = await Self.post(notice)
    desk.withModel { model, now in
      model.noticeSent(
        notice.id, status: answer?.status, answer: answer?.body ?? [], speed: speed, at: now)
    }
  }

  /// Posts to `http://127.0.0.1:PORT/PATH` or `http://localhost:PORT/PATH`, and to nothing else;
  /// nil without an answer within the platform's 5 s.
  static func post(_ notice: PlatformNotice) async -> (status: Int, body: [UInt8])? {
    let (url, body) = (notice.url, notice.body)
    guard url.hasPrefix("http://") else { return nil }
    let rest = url.dropFirst(7)
    let path = rest.firstIndex(of: "/").map { String(rest[$0...]) } ?? "/"
    let place = rest.prefix { $0 != "/" }.split(separator: ":")
    guard let host = place.first, host == "127.0.0.1" || host == "localhost" else { return nil }
    let port = place.count == 2 ? Int(place[1]) ?? 80 : 80
    let type = notice.api == .v2 ? "text/xml" : "application/json"
    let more = notice.headers.map { "\r\n\($0.name): \($0.value)" }.joined()
    let head = """
      POST \(path) HTTP/1.1\r
      Host: \(host):\(port)\r
      Content-Type: \(type)\(more)\r
      Accept: */*\r
      User-Agent: Mozilla/4.0\r
      Content-Length: \(body.count)\r
      Connection: close\r
      \r

      """
    return await withTaskGroup(of: [UInt8]?.self) { group in
      group.addTask { try? await exchange(Array(head.utf8) + body, port: port) }
      group.addTask {
        await pause(.seconds(5))
        return nil
      }
      let answer = await group.next() ?? nil
      group.cancelAll()
      return answer.flatMap(parse)
    }
  }

  private static func exchange(_ request: [UInt8], port: Int) async throws -> [UInt8] {
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connect(host: "127.0.0.1", port: port) { channel in
        channel.eventLoop.makeCompletedFuture {
          try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
        }
      }
    return try await channel.executeThenClose { inbound, outbound in
      try await outbound.write(ByteBuffer(bytes: request))
      var answer: [UInt8] = []
      for try await part in inbound {
        answer += part.readableBytesView
        if answer.count > 65_536 { break }
      }
      return answer
    }
  }

  /// Status and body of an answer that ended with its connection.
  private static func parse(_ answer: [UInt8]) -> (status: Int, body: [UInt8])? {
    let text = String(decoding: answer, as: UTF8.self)
    let parts = text.split(separator: "\r\n\r\n", maxSplits: 1)
    guard let status = text.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
      return nil
    }
    return (status, parts.count == 2 ? Array(parts[1].utf8) : [])
  }
}
