import COpenSSL
import LoopbackTLS
import NetworkClient
import Testing

/// RSA keys against the vendor's own signatures and ours.
@Suite struct KeyTests {
  private let vectors: Vectors

  init() throws { vectors = try Vectors.load() }

  private func signing(_ pem: String) throws -> SigningKey {
    try SigningKey(pem: Array(pem.utf8), named: "key")
  }

  private func verifying(_ pem: String) throws -> VerifyingKey {
    try VerifyingKey(pem: Array(pem.utf8), named: "key")
  }

  @Test func theVendorsPrintedSignaturesAreReproduced() throws {
    let key = try signing(vectors.official.private_key_pem)
    #expect(vectors.official.signatures.count == 4)
    for vector in vectors.official.signatures {
      let signature = try #require(key.sign(Array(vector.message.utf8)))
      #expect(Base64.encode(signature) == vector.signature, "\(vector.name)")
    }
  }

  @Test func theVendorsPrintedAnswerVerifies() throws {
    let vector = vectors.official.response_verify
    let key = try verifying(vector.public_key_pem)
    let signature = try #require(Base64.decode(vector.signature))
    #expect(key.verify(Array(vector.message.utf8), signature: signature))
    #expect(key.certificate == nil)
  }

  @Test func ourRequestsSignAsTheVectorsDo() throws {
    let key = try signing(vectors.v3_keys.merchant_key_pem)
    for vector in vectors.v3_requests {
      let signature = try #require(key.sign(Array(vector.message.utf8)))
      #expect(Base64.encode(signature) == vector.signature, "\(vector.name)")
    }
  }

  @Test func aCertificatesKeyVerifiesAndItsFactsAreKnown() throws {
    let key = try verifying(vectors.v3_keys.platform_cert_pem)
    #expect(key.certificate?.serial == vectors.v3_keys.platform_serial)
    let message = Array("x".utf8)
    let signature = try #require(try signing(vectors.v3_keys.platform_key_pem).sign(message))
    #expect(key.verify(message, signature: signature))
    #expect(
      !(try verifying(vectors.v3_keys.wxp_public_key_pem)).verify(message, signature: signature))
  }

  @Test func nothingButTheSignatureVerifies() throws {
    let key = try verifying(vectors.v3_keys.platform_cert_pem)
    let message = Array("timestamp\nnonce\nbody\n".utf8)
    let signature = try #require(try signing(vectors.v3_keys.platform_key_pem).sign(message))
    for index in signature.indices {
      var other = signature
      other[index] ^= 1
      #expect(!key.verify(message, signature: other))
    }
    for wrong in [
      [], [0], Array(signature.dropLast()), signature + [0], [UInt8](repeating: 0, count: 256),
    ] {
      #expect(!key.verify(message, signature: wrong))
    }
    #expect(!key.verify([], signature: signature))
    #expect(ERR_peek_error() == 0, "nothing is left for the next reader of the error queue")
  }

  @Test func anEmptyMessageCanBeSigned() throws {
    let signature = try #require(try signing(vectors.v3_keys.platform_key_pem).sign([]))
    #expect(try verifying(vectors.v3_keys.platform_cert_pem).verify([], signature: signature))
  }

  @Test func whatIsNoKeyIsNamed() throws {
    let keys = vectors.v3_keys
    for pem in [
      "", "hello", keys.merchant_cert_pem, keys.wxp_public_key_pem,
      String(keys.merchant_key_pem.dropLast(60)),
    ] {
      #expect(throws: CertificateError.notKey("key")) { try signing(pem) }
    }
    for pem in ["", "hello", keys.merchant_key_pem, String(keys.wxp_public_key_pem.dropLast(60))] {
      #expect(throws: CertificateError.notPublicKey("key")) { try verifying(pem) }
    }
    // An elliptic key is a good key, and not one that the platform takes.
    let authority = try CertificateAuthority()
    let elliptic = try authority.issue()
    #expect(throws: CertificateError.notRSA(elliptic.keyFile)) {
      try SigningKey(pemFile: elliptic.keyFile)
    }
    #expect(throws: CertificateError.notRSA(elliptic.certificateFile)) {
      try VerifyingKey(pemFile: elliptic.certificateFile)
    }
    withExtendedLifetime(authority) {}
    #expect(throws: CertificateError.self) { try SigningKey(pemFile: "/nonexistent") }
    #expect(ERR_peek_error() == 0)
  }

  @Test func noDescriptionShowsAKey() throws {
    let key = try signing(vectors.v3_keys.merchant_key_pem)
    var text = "\(key)\(String(reflecting: key))"
    dump(key, to: &text)
    #expect(!text.contains("MII") && !text.contains("0x"))
  }
}
