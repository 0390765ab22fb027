internal import COpenSSL

/// AES-256 in ECB mode with PKCS#7 padding: what hides v2 refund notices (facts: WeChat Pay A.12).
///
/// It authenticates nothing: whoever can change the cipher text can change the plain text.
public enum AES256ECB {
  /// Decrypts; nil when the key is not 32 bytes, the text no whole blocks or the padding wrong.
  public static func decrypt(_ cipherText: [UInt8], key: [UInt8]) -> [UInt8]? {
    guard key.count == 32, !cipherText.isEmpty, cipherText.count % 16 == 0,
      cipherText.count < 1 << 24, let context = unsafe EVP_CIPHER_CTX_new()
    else { return nil }
    defer { unsafe EVP_CIPHER_CTX_free(context) }
    guard unsafe EVP_DecryptInit_ex(context, EVP_aes_256_ecb(), nil, key, nil) == 1 else {
      return nil
    }
    var plain = [UInt8](repeating: 0, count: cipherText.count + 16)
    var written: Int32 = 0
    guard
      unsafe EVP_DecryptUpdate(context, &plain, &written, cipherText, Int32(cipherText.count)) == 1
    else { return nil }
    var last = [UInt8](repeating: 0, count: 32)
    var lastCount: Int32 = 0
    guard unsafe EVP_DecryptFinal_ex(context, &last, &lastCount) == 1 else {
      // Wrong padding leaves an entry in this thread's queue, which would puzzle the next reader.
      ERR_clear_error()
      return nil
    }
    return Array(plain.prefix(Int(written))) + last.prefix(Int(lastCount))
  }
}
