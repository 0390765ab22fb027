import Glibc
import LoopbackTLS
import NetworkClient
import Platform
import Testing
import Timing

@Suite struct CertificateTests {
  private let authority: CertificateAuthority

  init() throws { authority = try CertificateAuthority(name: "可乐 Authority") }

  @Test func aCertificateSaysWhoseItIsAndHowLongItHolds() throws {
    let issued = try authority.issue(name: "1900000109", from: -3600, until: 7200)
    let certificate = try Certificate(pemFile: issued.certificateFile)
    #expect(certificate.subject == "CN=1900000109")
    #expect(certificate.issuer == "CN=可乐 Authority")
    #expect(!certificate.serial.isEmpty)
    #expect(certificate.notAfter - certificate.notBefore == .seconds(10_800))
    let now = Clock.wallTime()
    #expect(certificate.isCurrent(at: now))
    #expect(!certificate.isCurrent(at: now + .seconds(7300)))
    #expect(!certificate.isCurrent(at: now + .seconds(-3700)))
  }

  @Test func aKeyBelongsToItsOwnCertificateOnly() throws {
    let one = try authority.issue()
    let two = try authority.issue()
    #expect(try Certificate.keyFile(one.keyFile, belongsTo: one.certificateFile))
    #expect(try !Certificate.keyFile(two.keyFile, belongsTo: one.certificateFile))
  }

  @Test func filesThatAreSomethingElseAreNamed() throws {
    let issued = try authority.issue()
    #expect(throws: CertificateError.notCertificate(issued.keyFile)) {
      try Certificate(pemFile: issued.keyFile)
    }
    #expect(throws: CertificateError.notKey(issued.certificateFile)) {
      try Certificate.keyFile(issued.certificateFile, belongsTo: issued.certificateFile)
    }
    #expect(throws: CertificateError.unreadable(SystemError("open", "/nonexistent", code: ENOENT)))
    {
      try Certificate(pemFile: "/nonexistent")
    }
  }

  @Test func aDamagedCertificateNeverCrashesTheReader() throws {
    let issued = try authority.issue()
    let whole = try Files.read(issued.certificateFile)
    let path = "\(issued.certificateFile).damaged"
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<300 {
      var bytes = whole
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        bytes[Int.random(in: bytes.indices, using: &generator)] = .random(
          in: 0...255, using: &generator)
      }
      try Files.replace(path, with: bytes, durable: false)
      // Whatever it says, it says it; a certificate whose signature is broken is still readable.
      if let certificate = try? Certificate(pemFile: path) {
        #expect(certificate.notBefore <= certificate.notAfter)
      }
    }
  }

  // MARK: Probe

  private func look(
    _ server: LoopbackServer, host: String = "localhost", caFile: String? = nil
  ) throws(HTTPFailure) -> TLSProbe {
    try TLSProbe.look(
      at: host, port: server.port, caFile: caFile ?? authority.caFile, deadline: .seconds(2))
  }

  @Test func aGoodServerIsTrustedUnderItsNameAndItsAddress() throws {
    let server = try LoopbackServer(try authority.issue()) { _ in [] }
    for host in ["localhost", "127.0.0.1"] {
      let probe = try look(server, host: host)
      #expect(probe.isTrusted, "\(probe)")
      #expect(probe.protocolVersion == "TLSv1.3")
      #expect(probe.address == "127.0.0.1:\(server.port)")
      #expect(probe.chain.first?.subject == "CN=localhost")
    }
    #expect(server.requests.isEmpty)
  }

  @Test func aServerThatIsNotTrustedIsDescribedAllTheSame() throws {
    let expired = try authority.issue(from: -7200, until: -3600)
    let misnamed = try authority.issue(name: "pay.example", alternatives: "DNS:pay.example")
    let good = try authority.issue()
    let stranger = try CertificateAuthority(name: "Stranger")
    for (identity, caFile, word) in [
      (expired, authority.caFile, "expired"), (misnamed, authority.caFile, "hostname mismatch"),
      (good, stranger.caFile, "unable to get local issuer"),
    ] {
      let server = try LoopbackServer(identity) { _ in [] }
      let probe = try look(server, caFile: caFile)
      #expect(probe.refusal?.contains(word) == true, "\(probe)")
      #expect(probe.chain.count == 1)
    }
  }

  @Test func aServerThatCannotBeLookedAtIsAFailureWithItsLeg() throws {
    var manner = LoopbackServer.Manner()
    manner.greeting = .plain(Array("hello\r\n".utf8))
    let plain = try LoopbackServer(try authority.issue(), manner: manner) { _ in [] }
    #expect(throws: HTTPFailure.self) { try look(plain) }
    manner.greeting = .silence
    let silent = try LoopbackServer(try authority.issue(), manner: manner) { _ in [] }
    do throws(HTTPFailure) {
      _ = try TLSProbe.look(
        at: "localhost", port: silent.port, caFile: authority.caFile, deadline: .milliseconds(200))
      Issue.record("a silent server was looked at")
    } catch {
      #expect(error.cause == .unreachable)
    }
    let gone = try LoopbackServer(try authority.issue()) { _ in [] }
    gone.stop()
    do throws(HTTPFailure) {
      _ = try look(gone)
      Issue.record("a stopped server was looked at")
    } catch {
      #expect(error.cause == .unreachable)
    }
    do throws(HTTPFailure) {
      _ = try look(plain, caFile: "/nonexistent")
      Issue.record("a CA file that is not there was used")
    } catch {
      #expect(error.cause == .unusableFile)
    }
  }
}
