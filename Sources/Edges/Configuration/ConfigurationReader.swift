internal import Money
internal import Platform
internal import TOMLKit

/// Reads one file's tables key by key, notes every problem, and at the end every key that nobody
/// asked for.
final class ConfigurationReader {
  let file: String
  private(set) var problems: [ConfigurationError.Problem] = []

  /// Notes problems under the name of `file`.
  init(file: String) { self.file = file }

  /// The file's root table; nil, with the problem noted, when it cannot be read as TOML.
  func root() -> ConfigurationTable? {
    do {
      let text = try Files.readText(file, limit: 256 << 10)
      return ConfigurationTable(try TOMLTable(string: text), path: "", reader: self)
    } catch let error as SystemError {
      note("", error.words)
    } catch let error as TOMLParseError {
      note("", error.description, line: error.source.begin.line)
    } catch {
      note("", "\(error)")
    }
    return nil
  }

  func note(_ path: String, _ words: String, line: Int? = nil) {
    problems.append(
      ConfigurationError.Problem(file: file, line: line, path: path, words: words))
  }
}

/// One table of a file. Every getter notes what is wrong and then answers with its fallback, so that
/// one pass finds everything.
final class ConfigurationTable {
  let path: String
  let reader: ConfigurationReader
  private let table: TOMLTable
  private var asked: Set<String> = []

  init(_ table: TOMLTable, path: String, reader: ConfigurationReader) {
    (self.table, self.path, self.reader) = (table, path, reader)
  }

  func path(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  func note(_ key: String, _ words: String) { reader.note(path(key), words) }

  /// Notes every key that was not asked for, with the nearest one that exists.
  func refuseOthers() {
    for key in table.keys where !asked.contains(key) {
      let near = asked.sorted().min { $0.distance(to: key) < $1.distance(to: key) }
      let isNear = near.map { $0.distance(to: key) <= max(2, key.count / 3) } ?? false
      note(key, "unknown key" + (isNear ? "; did you mean \(near ?? "")?" : ""))
    }
  }

  // MARK: Values

  func has(_ key: String) -> Bool { table[key] != nil }

  private func value(_ key: String) -> (any TOMLValueConvertible)? {
    asked.insert(key)
    return table[key]
  }

  func text(_ key: String, default fallback: String? = nil) -> String {
    guard let value = value(key) else {
      if fallback == nil { note(key, "is missing") }
      return fallback ?? ""
    }
    guard let text = value.string else {
      note(key, "must be text in quotes")
      return fallback ?? ""
    }
    return text
  }

  func optionalText(_ key: String) -> String? {
    asked.insert(key)
    return has(key) ? text(key) : nil
  }

  func flag(_ key: String, default fallback: Bool) -> Bool {
    guard let value = value(key) else { return fallback }
    guard let flag = value.bool else {
      note(key, "must be true or false")
      return fallback
    }
    return flag
  }

  func number(
    _ key: String, in range: ClosedRange<Int>, default fallback: Int? = nil
  ) -> Int {
    guard let value = value(key) else {
      if fallback == nil { note(key, "is missing") }
      return fallback ?? range.lowerBound
    }
    guard let number = value.int, range.contains(number) else {
      note(key, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
      return fallback ?? range.lowerBound
    }
    return number
  }

  func optionalNumber(_ key: String, in range: ClosedRange<Int>) -> Int? {
    asked.insert(key)
    return has(key) ? number(key, in: range) : nil
  }

  func choice<Choice: RawRepresentable & CaseIterable>(
    _ key: String, default fallback: Choice
  ) -> Choice where Choice.RawValue == String {
    guard has(key) else {
      asked.insert(key)
      return fallback
    }
    let text = text(key)
    if let choice = Choice(rawValue: text) { return choice }
    let words = Choice.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
    note(key, "must be one of \(words)")
    return fallback
  }

  func duration(
    _ key: String, in range: ClosedRange<Duration>, default fallback: Duration? = nil
  ) -> Duration {
    guard has(key) else {
      asked.insert(key)
      if fallback == nil { note(key, "is missing") }
      return fallback ?? range.lowerBound
    }
    let text = text(key)
    guard let duration = Duration(configurationText: text), range.contains(duration) else {
      let bounds = "\(range.lowerBound.configurationText) to \(range.upperBound.configurationText)"
      note(key, "must be a time with a unit (ms, s, min), from \(bounds)")
      return fallback ?? range.lowerBound
    }
    return duration
  }

  /// A price in yuan; only decimal text, since a binary fraction has lost its fen already.
  func price(_ key: String) -> Amount {
    let least = Amount(fen: 1)
    guard let value = value(key) else {
      note(key, "is missing")
      return least
    }
    guard let text = value.string else {
      note(key, "must be yuan in quotes, as \"4.35\": 4.35 without quotes loses a fen")
      return least
    }
    do throws(AmountError) {
      let amount = try Amount(yuan: text)
      guard (least...Amount(fen: 500_000)).contains(amount) else {
        note(key, "must be from 0.01 to 5000.00 yuan")
        return least
      }
      return amount
    } catch {
      note(key, "\(error)")
      return least
    }
  }

  /// A table below; nil when it is missing, noted unless `isOptional`.
  func table(_ key: String, isOptional: Bool = false) -> ConfigurationTable? {
    guard let value = value(key) else {
      if !isOptional { note(key, "is missing") }
      return nil
    }
    guard let table = value.table else {
      note(key, "must be a table")
      return nil
    }
    return ConfigurationTable(table, path: path(key), reader: reader)
  }

  /// A table that is not there: every key has its default, or is noted as missing.
  func empty(_ key: String) -> ConfigurationTable {
    ConfigurationTable(TOMLTable(), path: path(key), reader: reader)
  }

  /// A list of tables.
  func tables(_ key: String, count range: ClosedRange<Int>) -> [ConfigurationTable] {
    guard let value = value(key) else {
      note(key, "is missing")
      return []
    }
    guard let array = value.array, range.contains(array.count) else {
      note(key, "must be a list of \(range.lowerBound) to \(range.upperBound) tables")
      return []
    }
    return array.enumerated().compactMap { index, element in
      guard let table = element.table else {
        note("\(key)[\(index)]", "must be a table")
        return nil
      }
      return ConfigurationTable(table, path: path("\(key)[\(index)]"), reader: reader)
    }
  }

  /// A list of lists of text.
  func textRows(_ key: String) -> [[String]] {
    guard let value = value(key) else {
      note(key, "is missing")
      return []
    }
    var rows: [[String]] = []
    for row in value.array.map(Array.init) ?? [] {
      let texts = row.array.map(Array.init)?.map(\.string) ?? [nil]
      rows.append(texts.compactMap(\.self))
      guard !texts.contains(nil) else {
        note(key, "must be a list of rows, each a list of texts")
        return []
      }
    }
    return rows
  }
}
