internal import Platform
internal import TOMLKit

/// Reads one file's tables key by key and notes every problem with its line.
package final class ConfigurationReader {
  /// The file's absolute path: what it names is looked for beside it.
  package let file: String
  package private(set) var problems: [ConfigurationError.Problem] = []
  private var lines = SourceLines("")

  /// No machine needs a tenth of this; a wrong path may name anything.
  private static let sizeMax = 256 << 10

  /// Notes problems under the name of `file`.
  package init(file: String) { self.file = file }

  /// The file's root table; nil, with the problem noted, when it cannot be read as TOML.
  package func root() -> ConfigurationTable? {
    do throws(SystemError) {
      return root(of: try Files.readText(file, limit: Self.sizeMax))
    } catch {
      note("", error.words)
      return nil
    }
  }

  /// The root table of a text; nil, with the problem noted, when it cannot be read as TOML.
  func root(of text: String) -> ConfigurationTable? {
    do {
      guard Self.isWithoutNUL(text) else {
        note("", "holds a NUL character")
        return nil
      }
      lines = SourceLines(text)
      if let (line, words) = lines.deadly {
        note("", words, line: line)
        return nil
      }
      return ConfigurationTable(try TOMLTable(string: text), path: "", reader: self)
    } catch let error as TOMLParseError {
      note("", error.description, line: error.source.begin.line)
    } catch {
      note("", "\(error)")
    }
    return nil
  }

  /// Notes a problem with a key, or with the whole file when `path` is empty.
  package func note(_ path: String, _ words: String, line: Int? = nil) {
    problems.append(
      ConfigurationError.Problem(
        file: file, line: line ?? lines[path], path: path, words: words))
  }

  /// The parser takes C strings, so a NUL, also an escaped one, would hide what follows.
  private static func isWithoutNUL(_ text: String) -> Bool {
    !text.utf8.contains(0) && !text.contains("\\u0000") && !text.contains("\\U00000000")
  }
}
