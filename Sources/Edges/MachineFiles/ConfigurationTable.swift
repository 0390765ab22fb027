internal import Money
internal import TOMLKit

/// One table of a file.
///
/// Every getter notes what is wrong and then answers with its fallback, so that one pass finds
/// everything. At the end every key that nobody asked for is unknown.
package final class ConfigurationTable {
  let path: String
  package let reader: ConfigurationReader
  private let table: TOMLTable
  private var asked: Set<String> = []

  init(_ table: TOMLTable, path: String, reader: ConfigurationReader) {
    (self.table, self.path, self.reader) = (table, path, reader)
  }

  /// The path of a key of this table, from the file's root.
  func path(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  /// Notes a problem with a key of this table.
  package func note(_ key: String, _ words: String) { reader.note(path(key), words) }

  /// Notes every key that was not asked for, with the nearest one that exists.
  package func refuseOthers() {
    for key in table.keys where !asked.contains(key) {
      let near = asked.sorted().min { $0.distance(to: key) < $1.distance(to: key) }
      let isNear = near.map { $0.distance(to: key) <= max(2, key.count / 3) } ?? false
      note(key, "unknown key" + (isNear ? "; did you mean \(near ?? "")?" : ""))
    }
  }

  /// Whether the key is there; asking makes it known.
  package func has(_ key: String) -> Bool { value(key) != nil }

  private func value(_ key: String) -> (any TOMLValueConvertible)? {
    asked.insert(key)
    return table[key]
  }

  // MARK: Texts

  package func text(_ key: String, default fallback: String? = nil) -> String {
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

  package func optionalText(_ key: String) -> String? { has(key) ? text(key) : nil }

  /// Text of which every character is allowed, within a count of characters.
  package func word(
    _ key: String, count: ClosedRange<Int>, _ words: String, default fallback: String? = nil,
    where isAllowed: (Character) -> Bool
  ) -> String {
    let wasGood = reader.problems.count
    let text = text(key, default: fallback)
    guard reader.problems.count == wasGood else { return text }
    if !count.contains(text.count) || !text.allSatisfy(isAllowed) {
      note(key, "must be \(words)")
    }
    return text
  }

  package func choice<Choice: RawRepresentable & CaseIterable>(
    _ key: String, default fallback: Choice
  ) -> Choice where Choice.RawValue == String {
    guard let value = value(key) else { return fallback }
    if let choice = value.string.flatMap(Choice.init(rawValue:)) { return choice }
    let words = Choice.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
    note(key, "must be one of \(words)")
    return fallback
  }

  /// A file's path: `${NAME}` and `${NAME:-default}` are replaced, and a relative path begins at
  /// the folder of the file that holds it.
  package func filePath(_ key: String, default fallback: String? = nil) -> String {
    let wasGood = reader.problems.count
    let text = text(key, default: fallback)
    guard reader.problems.count == wasGood else { return "" }
    return expanded(text, key) ?? ""
  }

  package func optionalFilePath(_ key: String) -> String? { has(key) ? filePath(key) : nil }

  /// A list of files' paths; an empty one when it is not there.
  func filePaths(_ key: String, limit: Int = 16) -> [String] {
    guard let value = value(key) else { return [] }
    let texts = value.array.map(Array.init)?.map(\.string) ?? [nil]
    guard texts.count <= limit, !texts.contains(nil) else {
      note(key, "must be a list of at most \(limit) texts")
      return []
    }
    return texts.compactMap(\.self).compactMap { expanded($0, key) }
  }

  private func expanded(_ text: String, _ key: String) -> String? {
    do throws(PathExpansion.Failure) {
      return try PathExpansion.path(text, besides: reader.file)
    } catch {
      note(key, error.words)
      return nil
    }
  }

  // MARK: Numbers

  package func flag(_ key: String, default fallback: Bool) -> Bool {
    guard let value = value(key) else { return fallback }
    guard let flag = value.bool else {
      note(key, "must be true or false, without quotes")
      return fallback
    }
    return flag
  }

  package func number(
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

  package func optionalNumber(_ key: String, in range: ClosedRange<Int>) -> Int? {
    has(key) ? number(key, in: range) : nil
  }

  func duration(
    _ key: String, in range: ClosedRange<Duration>, default fallback: Duration
  ) -> Duration {
    guard let value = value(key) else { return fallback }
    if let duration = value.string.flatMap(Duration.init(configurationText:)),
      range.contains(duration)
    {
      return duration
    }
    let bounds = "\(range.lowerBound.configurationText) to \(range.upperBound.configurationText)"
    note(key, "must be a time in quotes with its unit (ms, s, min), from \(bounds)")
    return fallback
  }

  /// A price in yuan; only decimal text, since a binary fraction has lost its fen already.
  func price(_ key: String) -> Amount {
    let bounds = Amount(fen: 1)...Amount(fen: 500_000)
    guard let value = value(key) else {
      note(key, "is missing")
      return bounds.lowerBound
    }
    guard let text = value.string else {
      note(key, "must be yuan in quotes, as \"4.35\": the number 4.35 loses a fen")
      return bounds.lowerBound
    }
    do throws(AmountError) {
      let amount = try Amount(yuan: text)
      if bounds.contains(amount) { return amount }
      note(key, "must be from \(bounds.lowerBound.yuan) to \(bounds.upperBound.yuan) yuan")
    } catch {
      note(key, "\(error)")
    }
    return bounds.lowerBound
  }

  // MARK: Tables and lists

  /// A table below; nil when it is not there, and noted when it is something else.
  package func optionalTable(_ key: String) -> ConfigurationTable? {
    guard let value = value(key) else { return nil }
    guard let table = value.table else {
      note(key, "must be a table")
      return nil
    }
    return ConfigurationTable(table, path: path(key), reader: reader)
  }

  /// A table below; an empty one when it is not there, so that its defaults hold and what it lacks
  /// is noted key by key.
  package func table(_ key: String) -> ConfigurationTable {
    optionalTable(key) ?? ConfigurationTable(TOMLTable(), path: path(key), reader: reader)
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
    return Array(array).enumerated().compactMap { index, element in
      let place = "\(key)[\(index)]"
      guard let table = element.table else {
        note(place, "must be a table")
        return nil
      }
      return ConfigurationTable(table, path: path(place), reader: reader)
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
      guard !texts.contains(nil) else {
        note(key, "must be a list of rows, each a list of texts")
        return []
      }
      rows.append(texts.compactMap(\.self))
    }
    if rows.isEmpty { note(key, "must be a list of rows, each a list of texts") }
    return rows
  }
}
