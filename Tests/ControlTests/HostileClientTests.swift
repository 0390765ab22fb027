import Glibc
import Platform
import Synchronization
import Testing
import Timing

@testable import Control

@Suite("A hostile or dead client does not hurt the control socket")
struct HostileClientTests {
  private static func desk(
    idle: Duration = .seconds(30), clients: Int = 8, answerBytes: Int = 4 << 20
  ) throws -> Desk {
    var limits = ControlServer.Limits()
    (limits.idle, limits.clients, limits.answerBytes) = (idle, clients, answerBytes)
    return try Desk(limits: limits) { request, responder in
      if case .orders(_, let limit) = request {
        responder.reply(.done(String(repeating: "x", count: limit)))
      } else {
        responder.reply(.done("well"))
      }
    }
  }

  @Test(
    "garbage is refused in words, and the next client is served",
    arguments: [
      "\n", "{}\n", "null\n", "[]\n", "{\"status\":1}\n", "{\"nothing\":{}}\n",
      "{\"status\":{}}garbage\n", "\u{0}\u{0}\n", "GET / HTTP/1.1\r\n\r\n",
      "{\"order\":{\"_0\":7}}\n", "{\"service\":{}}\n",
      "{\"orders\":{\"openOnly\":true,\"limit\":1e400}}\n",
    ])
  func garbage(text: String) throws {
    let desk = try Self.desk()
    let raw = try RawClient(desk.path)
    raw.send(Array(text.utf8))
    #expect(raw.readToEnd() == "{\"refused\":{\"_0\":\"not a request\"}}\n")
    #expect(try desk.client.ask(.status) == .done("well"))
  }

  @Test("bytes that are no UTF-8, and nesting without end, are refused")
  func bytes() throws {
    let desk = try Self.desk()
    let nested = Array(repeating: UInt8(ascii: "["), count: 60_000)
    for bytes: [UInt8] in [[0xFF, 0xFE, 0xC0, 0x0A], nested + [0x0A]] {
      let raw = try RawClient(desk.path)
      raw.send(bytes)
      #expect(raw.readToEnd().contains("refused"))
    }
    #expect(try desk.client.ask(.status) == .done("well"))
  }

  @Test("a line without an end is cut off at 64 KiB")
  func endless() throws {
    let desk = try Self.desk()
    let raw = try RawClient(desk.path)
    raw.send(Array(repeating: UInt8(ascii: " "), count: 70_000))
    #expect(raw.readToEnd().contains("too long"))
    #expect(try desk.client.ask(.status) == .done("well"))
  }

  @Test("random bytes in thousands end no loop")
  func random() throws {
    let desk = try Self.desk()
    var seed: UInt64 = 0x5EED
    for _ in 0..<200 {
      let raw = try RawClient(desk.path)
      let bytes = (0..<200).map { _ -> UInt8 in
        seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: seed >> 56)
      }
      raw.send(bytes + [0x0A])
    }
    // The last of them may not have been noticed to be gone yet, and they fill the places.
    var answer: ControlReply?
    for _ in 0..<200 where answer == nil {
      answer = try? desk.client.ask(.status)
      if answer == nil { usleep(20_000) }
    }
    #expect(answer == .done("well"))
  }

  @Test("a request sent byte by byte is answered")
  func byteByByte() throws {
    let desk = try Self.desk()
    let raw = try RawClient(desk.path)
    for byte in "{\"status\":{}}\n".utf8 { raw.send([byte]) }
    #expect(raw.readLine() == "{\"done\":{\"_0\":\"well\"}}")
  }

  @Test("many requests in one piece are answered in order")
  func pipelined() throws {
    let desk = try Self.desk()
    let raw = try RawClient(desk.path)
    let text = (1...20).map { "{\"orders\":{\"limit\":\($0),\"openOnly\":false}}\n" }.joined()
    raw.send(Array(text.utf8))
    for count in 1...20 {
      #expect(raw.readLine() == "{\"done\":{\"_0\":\"\(String(repeating: "x", count: count))\"}}")
    }
  }

  @Test("a client that stops sending after its question still gets its answer")
  func halfClosed() throws {
    let desk = try Self.desk()
    let raw = try RawClient(desk.path)
    raw.send(Array("{\"status\":{}}\n".utf8))
    raw.stopSending()
    #expect(raw.readToEnd() == "{\"done\":{\"_0\":\"well\"}}\n")
  }

  @Test("the ninth client is told that there are too many, and a place that is left is free")
  func tooMany() throws {
    let desk = try Self.desk(clients: 2)
    let first = try RawClient(desk.path)
    let second = try RawClient(desk.path)
    for client in [first, second] {
      client.send(Array("{\"status\":{}}\n".utf8))
      #expect(client.readLine() != "")
    }
    #expect {
      try desk.client.ask(.status)
    } throws: { error in
      if case ControlError.refused(let words) = error { words.contains("2 clients") } else { false }
    }
    first.close()
    desk.until { $0.clientCount < 2 }
    #expect(try desk.client.ask(.status) == .done("well"))
  }

  @Test("a client that says nothing is dropped")
  func silent() throws {
    let desk = try Self.desk(idle: .milliseconds(30))
    let raw = try RawClient(desk.path)
    #expect(raw.readToEnd() == "")
    desk.until { $0.clientCount == 0 }
  }

  @Test("a client that does not read its answers is dropped, and the memory for them is bounded")
  func deaf() throws {
    let desk = try Self.desk(idle: .milliseconds(50), answerBytes: 1 << 20)
    let raw = try RawClient(desk.path)
    let line = "{\"orders\":{\"limit\":900000,\"openOnly\":false}}\n"
    raw.send(Array(String(repeating: line, count: 8).utf8))
    desk.until { $0.clientCount == 0 }
    #expect(try desk.client.ask(.status) == .done("well"))
  }

  @Test("an answer that is too long becomes a refusal")
  func tooLong() throws {
    let desk = try Self.desk(answerBytes: 1000)
    #expect(throws: ControlError.refused("the answer is too long; ask for less")) {
      try desk.client.ask(.orders(openOnly: false, limit: 2000))
    }
  }

  @Test("a test is told that its client has gone")
  func gone() throws {
    let kept = Kept()
    let desk = try Desk { _, responder in kept.keep(responder) }
    let raw = try RawClient(desk.path)
    raw.send(Array("{\"testKeypad\":{\"seconds\":60}}\n".utf8))
    desk.until { _ in kept.count == 1 }
    desk.onLoop { _ in #expect(kept.isOpen) }
    raw.close()
    desk.until { _ in !kept.isOpen }
    desk.until { $0.clientCount == 0 }
    desk.onLoop { _ in kept.progress("to nobody") }
    kept.release(on: desk)
  }
}

@Suite("A daemon that is none")
struct HostileDaemonTests {
  private func answer(_ bytes: [UInt8]) throws -> ControlError? {
    let path = Desk.freePath()
    let listener = try UnixSocket.listen(at: path)
    let worker = Worker(name: "false daemon")
    worker.enqueue {
      var entry = pollfd(fd: listener.number, events: Int16(POLLIN), revents: 0)
      guard poll(&entry, 1, 5000) == 1, let socket = UnixSocket.accept(listener) else { return }
      socket.setNonBlocking(false)
      _ = try? socket.read(upTo: 1000)
      _ = try? socket.write(bytes[...])
    }
    var client = ControlClient(path: path)
    client.answerBytes = 1000
    do throws(ControlError) {
      _ = try client.ask(.status)
      return nil
    } catch {
      return error
    }
  }

  @Test(
    "is not believed",
    arguments: ["", "{\"done\":", "garbage\n", "{}\n", String(repeating: "y", count: 5000)])
  func notBelieved(text: String) throws {
    let error = try answer(Array(text.utf8))
    #expect(
      { if case .badAnswer = error { true } else { false } }(), "\(String(describing: error))")
  }
}
