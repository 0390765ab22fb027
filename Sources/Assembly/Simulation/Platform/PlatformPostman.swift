internal import PaymentPlatform
internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import Timing

/// Sends notices to merchants that are reachable on the loopback, over plain HTTP or by TLS with a
/// certificate of the platform's own authority.
struct PlatformPostman {
  let desk: PlatformDesk
  let speed: Int64
  /// Trusts the platform's authority.
  let tls: NIOSSLContext

  init(desk: PlatformDesk, speed: Int64, authority: PlatformAuthority) throws {
    (self.desk, self.speed) = (desk, speed)
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.trustRoots = .file(authority.authorityFile)
    tls = try NIOSSLContext(configuration: configuration)
  }

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
    let answer = await post(notice)
    desk.withModel { model, now in
      model.noticeSent(
        notice.id, status: answer?.status, answer: answer?.body ?? [], speed: speed, at: now)
    }
  }

  /// Posts to a port of `127.0.0.1` or `localhost`, and to nothing else; nil without an answer
  /// within the platform's 5 s.
  private func post(_ notice: PlatformNotice) async -> (status: Int, body: [UInt8])? {
    let (url, body) = (notice.url, notice.body)
    let schemes = ["http://", "https://"]
    guard let scheme = schemes.first(where: { url.hasPrefix($0) }) else { return nil }
    let isSecret = scheme == "https://"
    let rest = url.dropFirst(scheme.count)
    let path = rest.firstIndex(of: "/").map { String(rest[$0...]) } ?? "/"
    let place = rest.prefix { $0 != "/" }.split(separator: ":")
    guard let host = place.first, host == "127.0.0.1" || host == "localhost" else { return nil }
    let usual = isSecret ? 443 : 80
    let port = place.count == 2 ? Int(place[1]) ?? usual : usual
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
      group.addTask {
        try? await exchange(Array(head.utf8) + body, port: port, isSecret: isSecret)
      }
      group.addTask {
        await pause(.seconds(5))
        return nil
      }
      let answer = await group.next() ?? nil
      group.cancelAll()
      return answer.flatMap(Self.parse)
    }
  }

  private func exchange(
    _ request: [UInt8], port: Int, isSecret: Bool
  ) async throws -> [UInt8] {
    let tls = tls
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connect(host: "127.0.0.1", port: port) { channel in
        channel.eventLoop.makeCompletedFuture {
          if isSecret {
            try channel.pipeline.syncOperations.addHandler(
              NIOSSLClientHandler(context: tls, serverHostname: nil))
          }
          return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
        }
      }
    return try await channel.executeThenClose { inbound, outbound in
      try await outbound.write(ByteBuffer(bytes: request))
      var answer: [UInt8] = []
      do {
        for try await part in inbound {
          answer += part.readableBytesView
          if answer.count > 65_536 { break }
        }
      } catch {
        // Many servers end TLS by ending the connection; what came before that is the answer.
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
