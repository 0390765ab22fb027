internal import COpenSSL

/// Reads OpenSSL's objects out of PEM text that may hold several blocks.
enum PEM {
  /// The first certificate; nil when there is none.
  static func certificate(_ bytes: [UInt8]) -> OpaquePointer? {
    unsafe withSource(bytes) { unsafe PEM_read_bio_X509($0, nil, nil, nil) }
  }

  /// The first private key without a passphrase; nil when there is none.
  static func privateKey(_ bytes: [UInt8]) -> OpaquePointer? {
    // The callback says "no passphrase"; without it OpenSSL would ask on the terminal.
    unsafe withSource(bytes) { unsafe PEM_read_bio_PrivateKey($0, nil, { _, _, _, _ in -1 }, nil) }
  }

  /// The first public key; nil when there is none.
  static func publicKey(_ bytes: [UInt8]) -> OpaquePointer? {
    unsafe withSource(bytes) { unsafe PEM_read_bio_PUBKEY($0, nil, nil, nil) }
  }

  private static func withSource(
    _ bytes: [UInt8], _ read: (OpaquePointer) -> OpaquePointer?
  ) -> OpaquePointer? {
    defer { ERR_clear_error() }
    return unsafe bytes.withUnsafeBytes { bytes in
      guard
        let source = unsafe BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: bytes.count))
      else { return nil }
      defer { unsafe BIO_free(source) }
      return unsafe read(source)
    }
  }
}
