import Glibc
import Platform
import Testing

@Suite struct ProgramPagesTests {
  /// Resident pages of this process.
  private static var resident: Int {
    guard let text = try? Files.read("/proc/self/statm", limit: 4096) else { return 0 }
    let words = String(decoding: text, as: UTF8.self).split(separator: " ")
    return words.count > 1 ? Int(words[1]) ?? 0 : 0
  }

  @Test func pagesThatAreGivenBackAreNotResidentAndCanBeUsedAgain() async {
    await #expect(processExitsWith: .success) {
      let before = Self.resident
      ProgramPages.release()
      let after = Self.resident
      precondition(after < before * 3 / 4, "\(before) pages, then \(after)")
      // Relocated pointers and code are as they were: this prints through all of them.
      precondition("\([1: "one"])" == "[1: \"one\"]")
    }
  }
}
