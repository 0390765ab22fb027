/// A piece of code that is banned from some places.
struct Ban: Sendable {
  /// What stands in the code.
  var code: String
  /// Why not, and what instead.
  var reason: String
  /// Beginnings of the paths where it is banned.
  var places: [String]
  /// Beginnings of the paths where it is allowed all the same.
  var except: [String] = []

  func applies(to path: String) -> Bool {
    places.contains { path.hasPrefix($0) } && !except.contains { path.hasPrefix($0) }
  }
}

/// Words that have no place in code, in comments, in names or in paths.
enum WordRule {
  private static let everywhere = ["Sources/", "Tests/"]
  private static let pure = ["Sources/Rules/", "Sources/Assembly/Core/"]
  private static let clocks = "time comes in as a value, and only Platform reads the clocks"
  private static let sleeps = "wait for an event or a timer of the loop"

  /// The calls that are banned, where, and why.
  static let bans: [Ban] =
    ["Date()", "Date.now", "ContinuousClock", "SuspendingClock", "clock_gettime(", "time("].map {
      Ban(
        code: $0, reason: clocks, places: ["Sources/"],
        except: ["Sources/Edges/Platform/", "Sources/Assembly/Simulation/"])
    }
    + ["Task.sleep", "Thread.sleep", "usleep(", "sleep(", "nanosleep("].map {
      // A panel that needs a pause between frames is paced by its own thread; and a service's
      // duties come round by themselves.
      Ban(
        code: $0, reason: sleeps, places: ["Sources/"],
        except: [
          "Sources/Edges/Displays/Quiet.swift", "Sources/Edges/Platform/Interval.swift",
        ])
    }
    + [".random(", ".randomElement(", ".shuffled(", "SystemRandomNumberGenerator", "UUID("].map {
      Ban(code: $0, reason: "chance comes in as a value", places: pure)
    }
    + ["print(", "debugPrint(", "dump("].map {
      Ban(
        code: $0, reason: "libraries do not print or log",
        places: ["Sources/Rules/", "Sources/Edges/"])
    }
    + [
      Ban(code: "try!", reason: "an error is handled", places: everywhere),
      Ban(code: "as!", reason: "a cast that fails is handled", places: everywhere),
      Ban(
        code: "fatalError(", reason: "use an event, a typed error, or a precondition",
        places: ["Sources/"]),
      Ban(
        code: "@unchecked Sendable", reason: "let the compiler prove it",
        places: pure + ["Sources/Assembly/Daemon/"]),
      Ban(
        code: "nonisolated(unsafe)", reason: "let the compiler prove it",
        places: pure + ["Sources/Assembly/Daemon/"]),
    ]

  static func bannedCalls(_ file: SourceFile, bans: [Ban] = bans) -> [Offence] {
    bans.filter { $0.applies(to: file.path) }.flatMap { ban in
      file.swift.occurrences(of: ban.code).filter { !isDeclaration(file.swift, at: $0) }.map {
        file.offence(line: file.swift.line(at: $0), "\(ban.code): \(ban.reason)")
      }
    }
  }

  /// Whether a `func` of that name is declared here, rather than called.
  private static func isDeclaration(_ text: SwiftText, at offset: Int) -> Bool {
    text.code[..<offset].suffix(5).elementsEqual("func ".utf8)
  }

  /// Where money is decided, a `switch` names every case.
  static let moneyPaths = [
    "Sources/Rules/Vending/Machine", "Sources/Rules/Ordering/OrderBook", "Sources/Assembly/Core/",
  ]

  static func defaults(_ file: SourceFile) -> [Offence] {
    guard moneyPaths.contains(where: { file.path.hasPrefix($0) }) else { return [] }
    return file.swift.codeLines.enumerated().compactMap { index, line in
      line.drop { $0 == " " }.hasPrefix("default:")
        ? file.offence(line: index + 1, "default: on a money path; name every case") : nil
    }
  }

  /// Marks of unfinished work must say why they may stay, in parentheses and in words.
  static func openEnds(_ file: SourceFile) -> [Offence] {
    file.swift.commentLines.enumerated().compactMap { index, line in
      if line.utf8.allSatisfy({ $0 == UInt8(ascii: " ") }) { return nil }
      for mark in ["TODO", "FIXME", "XXX", "HACK"] where words(line).contains(mark) {
        let reason = line.firstMatch(of: /(?:TODO|FIXME|XXX|HACK)\(([^)]*)\)/)?.1 ?? ""
        if reason.split(separator: " ").count < 3 {
          return file.offence(line: index + 1, "\(mark) without a reason in parentheses")
        }
      }
      return nil
    }
  }

  /// Comments that are code which was switched off.
  static func deadCode(_ file: SourceFile) -> [Offence] {
    // A pattern is read anew wherever it is written, so it is written outside the loop.
    let patterns: [Regex<Substring>] = [
      /^(?:let|var) \w+(?:: \w+)? = \S.*/, /^(?:func|init) ?\w*\(.*/, /^import \w+$/,
      /^(?:if|guard|for|while|switch) .*\{$/, /^\}/,
      /^(?:try |await |return )?[\w.]+\([^)]*\)$/,
    ]
    return file.swift.commentLines.enumerated().compactMap { index, line in
      let comment = line.drop { $0 == " " }
      guard comment.hasPrefix("//"), !comment.hasPrefix("///") else { return nil }
      let words = comment.drop { $0 == "/" || $0 == " " }
      let isCode = patterns.contains { words.contains($0) }
      return isCode ? file.offence(line: index + 1, "code that is commented out: \(words)") : nil
    }
  }

  private static let vagueEndings = [
    "Manager", "Helper", "Helpers", "Util", "Utils", "Handler", "Impl",
  ]

  /// Types are nouns of the trade.
  static func vagueNames(_ file: SourceFile) -> [Offence] {
    file.swift.declaredTypes.compactMap { type in
      let isVague = vagueEndings.contains { type.name.hasSuffix($0) }
      return isVague
        ? file.offence(line: type.line, "\(type.name) is not a noun of the trade") : nil
    }
  }

  /// A path of one person's computer says nothing on another.
  static func machinePaths(_ file: SourceFile) -> [Offence] {
    let roots = ["work", "home/\\w+", "Users", "opt/swift"].joined(separator: "|")
    guard let path = try? Regex("(^|[\\s\"'`=(:])/(\(roots))(/|\\b)") else { return [] }
    return file.lines.enumerated().compactMap { index, line in
      line.utf8.contains(UInt8(ascii: "/")) && line.contains(path)
        ? file.offence(line: index + 1, "a path of one computer: \(line.trimmed)") : nil
    }
  }

  /// Tabs, blanks at the end of a line, a last line without an end; Go's own formatter indents by
  /// tabs.
  static func looseEnds(_ file: SourceFile) -> [Offence] {
    let isGo = file.path.hasSuffix(".go")
    var offences = file.lines.enumerated().compactMap { index, line -> Offence? in
      let text = isGo ? line.drop { $0 == "\t" } : line[...]
      if text.utf8.contains(UInt8(ascii: "\t")) { return file.offence(line: index + 1, "a tab") }
      let isLoose = line.last == " " || line.last == "\r"
      return isLoose ? file.offence(line: index + 1, "blanks at the end") : nil
    }
    if !file.text.isEmpty, !file.text.hasSuffix("\n") {
      offences.append(file.offence(line: file.lines.count, "no newline at the end"))
    }
    return offences
  }

  private static func words(_ line: String) -> [String] {
    line.split { !$0.isLetter }.map(String.init)
  }
}

extension String {
  /// Without the blanks at both ends.
  var trimmed: String {
    String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}
