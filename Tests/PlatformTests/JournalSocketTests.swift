import Glibc
import Platform
import Testing

@Suite struct JournalSocketTests {
  @Test func aFieldIsALineAndOneOfSeveralLinesHasItsLength() {
    #expect(
      JournalSocket.encode(["MESSAGE": "fault N1", "PRIORITY": "3"])
        == Array("MESSAGE=fault N1\nPRIORITY=3\n".utf8))
    #expect(
      JournalSocket.encode(["A": "x\ny"])
        == Array("A\n".utf8) + [3, 0, 0, 0, 0, 0, 0, 0] + Array("x\ny\n".utf8))
  }

  @Test func anEntryArrivesAsOneDatagram() throws {
    let scratch = try Scratch()
    let path = scratch.file("journal")
    let server = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    defer { close(server) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(server, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(bound == 0)
    #expect(JournalSocket(path: path).send(["MESSAGE": "门开", "MESSAGE_ID": "8c1f"]))
    var bytes = [UInt8](repeating: 0, count: 200)
    let count = recv(server, &bytes, bytes.count, Int32(MSG_DONTWAIT))
    #expect(
      String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
        == "MESSAGE=门开\nMESSAGE_ID=8c1f\n")
  }

  @Test func withoutAJournalNothingIsSaidToBeWritten() throws {
    let scratch = try Scratch()
    #expect(!JournalSocket(path: scratch.file("none")).send(["MESSAGE": "x"]))
    let long = String(repeating: "x", count: 70_000)
    #expect(!JournalSocket(path: scratch.file("none")).send(["MESSAGE": long]))
  }
}
