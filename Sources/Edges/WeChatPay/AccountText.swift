internal import Glibc

/// What the texts of an account must be like, in both versions of the API.
enum AccountText {
  static func isAppID(_ text: String) -> Bool {
    text.hasPrefix("wx") && (3...32).contains(text.utf8.count)
      && text.utf8.allSatisfy {
        (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
      }
  }

  static func isMerchantID(_ text: String) -> Bool {
    (1...32).contains(text.utf8.count) && text.utf8.allSatisfy { (48...57).contains($0) }
  }

  /// "No query string": the platform drops such an address (facts: WeChat Pay A.5, D.4).
  static func isNotifyURL(_ text: String, schemes: [String], limit: Int) -> Bool {
    schemes.contains { text.hasPrefix($0) && text != $0 } && text.utf8.count <= limit
      && text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x3F && $0 != 0x23 }
  }

  static func isEndpoint(_ text: String) -> Bool {
    let host = text.utf8.dropFirst("https://".utf8.count)
    return text.hasPrefix("https://") && !host.isEmpty
      && host.allSatisfy { (0x21...0x7E).contains($0) && !"/?#@\\".utf8.contains($0) }
  }

  static func isAddress(_ text: String) -> Bool {
    var address = in6_addr()
    let isAddress =
      unsafe inet_pton(AF_INET, text, &address) == 1 || inet_pton(AF_INET6, text, &address) == 1
    return isAddress && text.utf8.count <= 64
  }
}
