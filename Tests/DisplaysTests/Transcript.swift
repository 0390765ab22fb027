import COpenSSL
import Foundation
import Testing

/// What somebody else's sender said to a panel (`Resources`: see the head of each file for whose).
struct Transcript {
  /// One call of the sender's, and what went out for it.
  struct Segment {
    var label: String
    var count: Int
    /// All bytes, or the first ones of a long segment.
    var bytes: [UInt8]
    /// SHA-256 of a long segment.
    var digest: String?
  }

  let segments: [Segment]

  init(_ name: String) throws {
    let url = try #require(
      Bundle.module.url(forResource: name, withExtension: "txt", subdirectory: "Resources"))
    let text = try String(contentsOf: url, encoding: .utf8)
    var segments: [Segment] = []
    var label = ""
    var isOutgoing = false
    var isHead = true
    for line in text.split(separator: "\n") {
      if line.hasPrefix("# ") {
        label = String(line.dropFirst(2))
      } else if line.hasPrefix(">") || line.hasPrefix("<") {
        isOutgoing = line.hasPrefix(">")
        isHead = true
        let words = line.split(separator: " ")
        let count = Int(words[1]) ?? 0
        let digest = words.count == 5 && words[3] == "sha256" ? String(words[4]) : nil
        if isOutgoing {
          segments.append(Segment(label: label, count: count, bytes: [], digest: digest))
        }
      } else if isOutgoing, line.hasPrefix("   ") {
        let words = line.split(separator: " ")
        if line.hasPrefix("   (") {
          segments[segments.count - 1].digest = words.last.map { String($0.dropLast()) }
        } else if words == ["..."] {
          isHead = false
        } else if isHead {
          segments[segments.count - 1].bytes += words.compactMap { UInt8($0, radix: 16) }
        }
      }
    }
    self.segments = segments
  }

  /// The segment whose label begins so.
  func segment(_ label: String) throws -> Segment {
    try #require(segments.first { $0.label.hasPrefix(label) }, "no segment \(label)")
  }
}

extension Transcript.Segment {
  /// Whether these bytes are the segment, byte for byte.
  func matches(_ bytes: [UInt8]) -> Bool {
    guard bytes.count == count, bytes.starts(with: self.bytes) else { return false }
    return digest.map { $0 == sha256(bytes) } ?? (bytes == self.bytes)
  }
}

/// SHA-256 in hexadecimal digits.
func sha256(_ bytes: [UInt8]) -> String {
  var digest = [UInt8](repeating: 0, count: 32)
  var length: UInt32 = 32
  guard EVP_Digest(bytes, bytes.count, &digest, &length, EVP_sha256(), nil) == 1 else { return "" }
  return digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}
