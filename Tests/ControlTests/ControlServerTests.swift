import CLinux
import Glibc
import Platform
import Synchronization
import Testing
import Timing

@testable import Control

@Suite("The control socket")
struct ControlServerTests {
  @Test("answers what the client asks")
  func answers() throws {
    let desk = try Desk { request, responder in
      responder.reply(request == .clearFaults ? .done("cleared") : .refused("what?"))
    }
    let reply = try desk.client.ask(.clearFaults)
    #expect(reply == .done("cleared"))
  }

  @Test("streams the progress of a test before its end")
  func streams() throws {
    let desk = try Desk { _, responder in
      for line in ["one", "two", "three"] { responder.progress(line) }
      responder.reply(.done("end"))
    }
    var lines: [String] = []
    let reply = try desk.client.ask(.testSensor(seconds: 1)) { lines.append($0) }
    #expect(reply == .done("end"))
    #expect(lines == ["one", "two", "three"])
  }

  @Test("turns a refusal into an error that carries the daemon's words")
  func refuses() throws {
    let desk = try Desk { _, responder in responder.reply(.refused("no such order")) }
    #expect(throws: ControlError.refused("no such order")) { try desk.client.ask(.order("X")) }
  }

  @Test("refuses a request whose responder was let go without an answer")
  func letGo() throws {
    let desk = try Desk { _, _ in }
    #expect(throws: ControlError.refused("the daemon dropped the request")) {
      try desk.client.ask(.status)
    }
  }

  @Test("counts only the first answer")
  func firstAnswer() throws {
    let desk = try Desk { _, responder in
      responder.reply(.done("first"))
      responder.reply(.done("second"))
      responder.progress("third")
    }
    #expect(try desk.client.ask(.status) == .done("first"))
    #expect(try desk.client.ask(.status) == .done("first"))
  }

  @Test("times out when no answer comes")
  func timesOut() throws {
    let kept = Kept()
    let desk = try Desk { _, responder in kept.keep(responder) }
    #expect(throws: ControlError.timeout(desk.path)) {
      try desk.client.ask(.status, within: .milliseconds(60))
    }
    kept.release(on: desk)
  }

  @Test("says that nobody listens")
  func nobody() {
    let path = Desk.freePath()
    #expect {
      try ControlClient(path: path).ask(.status)
    } throws: { error in
      if case ControlError.notRunning = error { true } else { false }
    }
  }

  @Test("says that the socket may not be used", .enabled(if: geteuid() != 0))
  func notPermitted() throws {
    let desk = try Desk { _, responder in responder.reply(.done("")) }
    chmod(desk.path, 0)
    #expect {
      try desk.client.ask(.status)
    } throws: { error in
      if case ControlError.notPermitted = error { true } else { false }
    }
  }

  @Test("is closed to strangers: mode 0660")
  func mode() throws {
    let desk = try Desk { _, responder in responder.reply(.done("")) }
    var status = stat()
    #expect(stat(desk.path, &status) == 0)
    #expect(status.st_mode & 0o777 == 0o660)
  }

  @Test("does not take the socket of a daemon that lives, and takes that of one that died")
  func twoDaemons() throws {
    let desk = try Desk { _, responder in responder.reply(.done("first")) }
    let loop = try EventLoop()
    #expect {
      _ = try ControlServer(path: desk.path, loop: loop) { _, _ in }
    } throws: { error in (error as? SystemError)?.code == EADDRINUSE }
    #expect(try desk.client.ask(.status) == .done("first"))

    let path = Desk.freePath()
    _ = try UnixSocket.listen(at: path)  // Listened at, and left behind.
    #expect(Files.exists(path))
    let second = try Desk(path: path) { _, responder in responder.reply(.done("second")) }
    #expect(try second.client.ask(.status) == .done("second"))
  }

  @Test("removes its socket when it closes")
  func closes() throws {
    let desk = try Desk { _, responder in responder.reply(.done("")) }
    _ = try desk.client.ask(.status)
    desk.onLoop { $0.close() }
    #expect(!Files.exists(desk.path))
  }
}
