import Platform
import Testing

/// The README's table is what was tried, and nothing else.
@Suite("The README's table of faults")
struct InjectionTableTests {
  @Test("has every fault that is injected, and names what is expected")
  func table() throws {
    let path = "\(Files.directory(of: #filePath))/../../README.md"
    let text = try Files.readText(path)
    let all = Injection.beside + Injection.all
    for injection in all {
      #expect(text.contains("| \(injection.name) | `\(injection.cause)` |"), "\(injection.name)")
    }
    // Three are tests of their own: a held line, a clock apart, a daemon that does not run.
    #expect(all.count + 3 >= 30)
    #expect(text.matches(of: /\| `[a-z]+\.[\w.]+` (?=\|)/).count > 30)
  }
}
