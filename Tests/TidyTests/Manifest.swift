/// What `Package.swift` declares, read from its text: the helper functions of this manifest, such
/// as `edge("Devices", ["Platform"])`, and nothing else.
struct Manifest {
  /// One target.
  struct Target: Hashable {
    var name: String
    var path: String
    /// Modules and products, by name.
    var dependencies: Set<String>
    /// Debian packages that bring a system library.
    var debianPackages: Set<String>
  }

  let targets: [Target]

  /// The helper functions, and the folder that each puts its targets in.
  private static let folders = [
    "rules": "Sources/Rules", "edge": "Sources/Edges", "assembly": "Sources/Assembly",
    "program": "Sources/Programs", "system": "Sources/System", "tests": "Tests",
  ]

  init(_ file: SourceFile) {
    let bytes = Array(file.text.utf8)
    var targets: [Target] = []
    for (helper, folder) in Self.folders {
      for start in file.swift.occurrences(of: "\(helper)(") {
        guard let end = file.swift.closing(of: start + helper.utf8.count) else { continue }
        let call = String(decoding: bytes[start...end], as: UTF8.self)
        if let target = Self.target(call, folder: folder, isTest: helper == "tests") {
          targets.append(target)
        }
      }
    }
    // A target that is written out, with its name and its folder.
    for helper in [".target(", ".testTarget(", ".executableTarget("] {
      for start in file.swift.occurrences(of: helper) {
        guard let end = file.swift.closing(of: start + helper.utf8.count - 1) else { continue }
        let call = String(decoding: bytes[start...end], as: UTF8.self)
        if let target = Self.target(writtenOut: call) { targets.append(target) }
      }
    }
    self.targets = targets.sorted { $0.path < $1.path }
  }

  func target(at path: String) -> Target? { targets.first { $0.path == path } }
  func target(named name: String) -> Target? { targets.first { $0.name == name } }

  /// Everything that a target is linked with, by whatever road.
  func closure(of name: String) -> Set<String> {
    var known: Set<String> = []
    var waiting = [name]
    while let next = waiting.popLast() {
      guard known.insert(next).inserted else { continue }
      waiting += target(named: next)?.dependencies ?? []
    }
    return known
  }

  /// Reads one call; nil for the helper's own definition, which names no target.
  private static func target(_ call: String, folder: String, isTest: Bool) -> Target? {
    guard let name = call.firstMatch(of: /^\w+\(\s*"(\w+)"/)?.1 else { return nil }
    let rest = call.replacing("\"\(name)\"", with: "", maxReplacements: 1)
    let target = isTest ? "\(name)Tests" : String(name)
    return Self.target(target, path: "\(folder)/\(target)", rest: rest)
  }

  private static func target(writtenOut call: String) -> Target? {
    guard let name = call.firstMatch(of: /\bname:\s*"(\w+)"/)?.1,
      let path = call.firstMatch(of: /\bpath:\s*"([^"]+)"/)?.1
    else { return nil }
    return target(String(name), path: String(path), rest: call)
  }

  private static func target(_ name: String, path: String, rest: String) -> Target {
    var rest = rest
    let debian = rest.matches(of: /apt:\s*"([^"]+)"/).map { String($0.1) }
    let products = rest.matches(of: /\.product\(\s*name:\s*"([^"]+)"/).map { String($0.1) }
    rest.replace(/\.product\([^)]*\)/, with: "")
    rest.replace(/resources:.*/.dotMatchesNewlines(), with: "")
    rest.replace(/\w+:\s*"[^"]*"/, with: "")
    let modules = rest.matches(of: /"(\w+)"/).map { String($0.1) }
    return Target(
      name: name, path: path, dependencies: Set(modules + products),
      debianPackages: Set(debian))
  }
}

extension SwiftText {
  /// The offset of the bracket that closes the one at `open`; nil when it is never closed.
  func closing(of open: Int) -> Int? {
    let pairs: [UInt8: UInt8] = [
      UInt8(ascii: "("): UInt8(ascii: ")"), UInt8(ascii: "["): UInt8(ascii: "]"),
      UInt8(ascii: "{"): UInt8(ascii: "}"),
    ]
    guard open < code.count, let closer = pairs[code[open]] else { return nil }
    var depth = 0
    for offset in open..<code.count {
      if code[offset] == code[open] { depth += 1 }
      if code[offset] == closer {
        depth -= 1
        if depth == 0 { return offset }
      }
    }
    return nil
  }
}
