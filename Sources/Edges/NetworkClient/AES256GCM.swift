internal import COpenSSL

/// AES-256-GCM: what hides notices and platform certificates of v3 (facts: WeChat Pay B.8, B.9).
public enum AES256GCM {
  /// The length of a key in bytes, of a nonce, and of the tag that ends the cipher text.
  public static let keyCount = 32
  public static let nonceCount = 12
  public static let tagCount = 16

  /// Decrypts a cipher text that ends with its tag.
  ///
  /// Nil when a length is not what it must be, or when the tag does not vouch for key, nonce,
  /// associated data and text. Other lengths of keys and nonces are GCM too, and refused: a key of
  /// 16 bytes would be AES-128, and odd nonces have crashed others (facts: WeChat Pay B.9, B.12).
  public static func open(
    _ sealed: [UInt8], key: [UInt8], nonce: [UInt8], associatedData: [UInt8]
  ) -> [UInt8]? {
    guard key.count == keyCount, nonce.count == nonceCount, sealed.count >= tagCount,
      sealed.count < 1 << 24, associatedData.count < 1 << 16
    else { return nil }
    defer { ERR_clear_error() }
    guard let context = unsafe EVP_CIPHER_CTX_new() else { return nil }
    defer { unsafe EVP_CIPHER_CTX_free(context) }
    let text = Array(sealed.dropLast(tagCount))
    var tag = Array(sealed.suffix(tagCount))
    var plain = [UInt8](repeating: 0, count: text.count + 16)
    var written: Int32 = 0
    guard
      unsafe EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce) == 1,
      unsafe EVP_DecryptUpdate(
        context, nil, &written, associatedData, Int32(associatedData.count)) == 1,
      unsafe EVP_DecryptUpdate(context, &plain, &written, text, Int32(text.count)) == 1,
      unsafe EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tagCount), &tag) == 1
    else { return nil }
    // Nothing was vouched for up to here.
    var last = [UInt8](repeating: 0, count: 16)
    var lastCount: Int32 = 0
    guard unsafe EVP_DecryptFinal_ex(context, &last, &lastCount) == 1 else { return nil }
    return Array(plain.prefix(Int(written))) + last.prefix(Int(lastCount))
  }
}
