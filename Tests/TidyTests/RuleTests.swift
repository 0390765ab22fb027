import Testing

/// Each rule on samples that break it and samples that keep it: a rule that cannot fail is none.
@Suite("The rules themselves")
struct RuleTests {
  private static let layers = [
    "Money": "Rules", "Vending": "Rules", "Platform": "Edges", "Devices": "Edges",
    "Displays": "Edges", "Storage": "Edges", "Control": "Edges", "NetworkClient": "Edges",
    "Core": "Assembly", "Daemon": "Assembly", "Simulation": "Assembly",
  ]

  private func file(_ path: String, _ text: String) -> SourceFile {
    SourceFile(path: path, text: text)
  }

  @Test(
    "an import against the arrows is an offence",
    arguments: [
      ("Rules/Money", "import Platform"), ("Rules/Money", "internal import Glibc"),
      ("Rules/Vending", "import FoundationEssentials"), ("Rules/Vending", "import Daemon"),
      ("Edges/Storage", "import Devices"), ("Edges/Devices", "public import Displays"),
      ("Edges/Devices", "import Core"), ("Edges/Storage", "import CGPIO"),
      ("Edges/Storage", "@preconcurrency import struct CCurl.CURL"),
      ("Edges/Devices", "import Foundation"), ("Edges/Devices", "import FoundationEssentials"),
      ("Edges/Devices", "import TOMLKit"), ("Assembly/Core", "import Daemon"),
      ("Assembly/Daemon", "import Simulation"), ("Assembly/Daemon", "import Hummingbird"),
      ("Assembly/Daemon", "import CSQLite"), ("Programs/vendd", "import ArgumentParser"),
      ("Edges/Devices", "import Nobody"),
    ])
  func badImports(module: String, line: String) {
    let offences = ImportRule.offences(
      in: file("Sources/\(module)/A.swift", "// why\n\(line)\n"), layers: Self.layers)
    #expect(offences.map(\.line) == [2])
  }

  @Test("an import along the arrows is none")
  func goodImports() {
    let good = [
      ("Rules/Vending", "public import Money"), ("Edges/Displays", "import Devices"),
      ("Edges/Devices", "internal import CGPIO\nimport Platform\nimport Vending"),
      ("Edges/Control", "import FoundationEssentials"),
      ("Assembly/Daemon", "import Core\nimport Glibc\nimport Storage"),
      ("Assembly/Simulation", "import Hummingbird\nimport NIOCore"),
      ("Programs/vendd", "import Daemon\nimport Platform"),
      ("Rules/Money", "// import Platform\nlet a = \"import Daemon\""),
    ]
    for (module, text) in good {
      let offences = ImportRule.offences(
        in: file("Sources/\(module)/A.swift", text), layers: Self.layers)
      #expect(offences.isEmpty, Comment(rawValue: offences.report))
    }
  }

  private static let manifest = """
    func edge(_ name: String) -> Target { .target(name: name, path: "Sources/Edges/\\(name)") }
    let package = Package(targets: [
      system("CGPIO", pkgConfig: "libgpiod", apt: "libgpiod-dev"),
      // edge("Gone", ["Money"]),
      rules("Money"),
      edge(
        "Devices",
        ["CGPIO", "Platform",
         .product(name: "TOMLKit", package: "TOML")]),
      assembly("Simulation", [.product(name: "Hummingbird", package: "hummingbird")]),
      program("vendd", ["Devices"]),
      tests("Devices", ["Devices", "Bench"], resources: [.copy("Golden")]),
      .target(name: "Bench", dependencies: ["Money"], path: "Tests/Bench"),
    ])
    """

  @Test("the manifest's calls are read with names, folders, dependencies and packages")
  func manifestIsRead() throws {
    let manifest = Manifest(file("Package.swift", Self.manifest))
    #expect(
      manifest.targets.map(\.path) == [
        "Sources/Assembly/Simulation", "Sources/Edges/Devices", "Sources/Programs/vendd",
        "Sources/Rules/Money", "Sources/System/CGPIO", "Tests/Bench", "Tests/DevicesTests",
      ])
    let devices = try #require(manifest.target(named: "Devices"))
    #expect(devices.dependencies == ["CGPIO", "Platform", "TOMLKit"])
    #expect(manifest.target(named: "CGPIO")?.debianPackages == ["libgpiod-dev"])
    #expect(manifest.target(named: "CGPIO")?.dependencies == [])
    #expect(manifest.target(named: "DevicesTests")?.dependencies == ["Devices", "Bench"])
    #expect(manifest.closure(of: "vendd").contains("TOMLKit"))
    #expect(!manifest.closure(of: "vendd").contains("Hummingbird"))
  }

  @Test("an import that the target does not declare is an offence")
  func undeclaredImports() {
    let manifest = Manifest(file("Package.swift", Self.manifest))
    func lines(_ path: String, _ text: String) -> [Int] {
      DeclarationRule.offences(in: file(path, text), manifest: manifest).map(\.line)
    }
    #expect(lines("Sources/Edges/Devices/A.swift", "import Money\nimport Platform") == [1])
    #expect(lines("Sources/Rules/Money/A.swift", "import NIOCore") == [1])
    #expect(lines("Sources/Assembly/Simulation/A.swift", "import NIOCore\nimport Glibc") == [])
    #expect(lines("Tests/DevicesTests/A.swift", "import Testing\nimport Platform") == [2])
    #expect(lines("Tests/Bench/A.swift", "import Foundation\nimport Devices") == [2])
  }

  @Test("a folder without a target and a target without a folder are offences")
  func strayFolders() {
    let manifest = Manifest(file("Package.swift", "[rules(\"Money\"), edge(\"Gone\")]"))
    let offences = LayoutRule.modules(
      folders: ["Sources/Rules/Money", "Sources/Rules/Stray"], manifest: manifest)
    #expect(offences.map(\.path).sorted() == ["Sources/Edges/Gone", "Sources/Rules/Stray"])
  }

  @Test("a file, a line or a function one past its limit is an offence, and at it is none")
  func limits() {
    func lines(_ count: Int) -> SourceFile {
      file("A.swift", String(repeating: "a\n", count: count))
    }
    #expect(SizeRule.longFiles(lines(House.longestFile - 1)).isEmpty)
    #expect(SizeRule.longFiles(lines(House.longestFile)).count == 1)
    let wide = String(repeating: "微", count: House.longestLine)
    #expect(SizeRule.longLines(file("A.swift", "\(wide)\n")).isEmpty)
    #expect(SizeRule.longLines(file("A.swift", "\n\(wide)x\n")).map(\.line) == [2])
    func function(_ count: Int) -> SourceFile {
      let body = String(repeating: "  a()\n", count: count - 2)
      return file("A.swift", "\nfunc handle() {\n\(body)}\n")
    }
    let limit = House.longestFunction
    #expect(SizeRule.longFunctions(function(limit)).isEmpty)
    #expect(SizeRule.longFunctions(function(limit + 1)).map(\.line) == [2])
    let excuse = ["A.swift": Set(["handle"])]
    #expect(SizeRule.longFunctions(function(limit + 1), excused: excuse).isEmpty)
    #expect(SizeRule.idleExcuses([function(limit + 1)], excused: excuse).isEmpty)
    #expect(SizeRule.idleExcuses([function(limit)], excused: excuse).count == 1)
  }

  @Test(
    "a banned call is an offence where it is banned",
    arguments: [
      ("Sources/Rules/Money/A.swift", "let a = Date()"),
      ("Sources/Edges/Storage/A.swift", "ContinuousClock().now"),
      ("Sources/Assembly/Daemon/A.swift", "try await Task.sleep(for: .seconds(1))"),
      ("Sources/Edges/Storage/A.swift", "usleep(10)"),
      ("Sources/Rules/Vending/A.swift", "let a = Int.random(in: 0..<3)"),
      ("Sources/Rules/Vending/A.swift", "fatalError(\"no\")"),
      ("Sources/Edges/Storage/A.swift", "print(1)"),
      ("Tests/MoneyTests/A.swift", "let a = try! b()"),
      ("Sources/Programs/vendd/A.swift", "let a = b as! C"),
      ("Sources/Assembly/Core/A.swift", "class A: @unchecked Sendable {}"),
    ])
  func bannedCalls(path: String, text: String) {
    #expect(WordRule.bannedCalls(file(path, "\n\(text)\n")).map(\.line) == [2])
  }

  @Test("what looks like a banned call and is none, or is elsewhere, is no offence")
  func allowedCalls() {
    let good = [
      ("Sources/Edges/Platform/A.swift", "clock_gettime(a, b)"),
      ("Sources/Programs/vendctl/A.swift", "print(1)"),
      ("Sources/Edges/Storage/A.swift", "func print(_ a: Int) {}\nlog.print(2)\n// print(3)"),
      ("Sources/Rules/Vending/A.swift", "let a = \"Date()\"\nlastDate()\nwallTime(b)"),
      ("Tests/MoneyTests/A.swift", "try await Task.sleep(for: .seconds(1))"),
    ]
    for (path, text) in good {
      let offences = WordRule.bannedCalls(file(path, text))
      #expect(offences.isEmpty, Comment(rawValue: offences.report))
    }
  }

  @Test("a default is an offence on a money path only, and not as a dictionary's")
  func defaults() {
    let text = "switch a {\ncase b: c[d, default: 0] = 1\n  default: e\n}"
    #expect(
      WordRule.defaults(file("Sources/Rules/Vending/Machine+A.swift", text)).map(\.line) == [3])
    #expect(WordRule.defaults(file("Sources/Edges/Storage/A.swift", text)).isEmpty)
  }

  @Test("open work without a reason and code in comments are offences")
  func comments() {
    let open = file(
      "A.swift", "// TODO: later\n// FIXME(until the panel is delivered) x\nlet todo = \"TODO\"")
    #expect(WordRule.openEnds(open).map(\.line) == [1])
    let dead = file(
      "A.swift",
      "// let a = b\n// if c {\n// Let a person decide = wait.\n/// let d = e\n// }\n//  send(x)\n"
        + "// if the port is gone, wait (see above)\n")
    #expect(WordRule.deadCode(dead).map(\.line) == [1, 2, 5, 6])
  }

  @Test("a vague name of a type is an offence")
  func vagueNames() {
    let text = "struct LaneManager {}\nfinal class Lane {}\nlet handler = 1\nenum DrawUtils {}"
    #expect(WordRule.vagueNames(file("A.swift", text)).map(\.line) == [1, 4])
  }

  @Test("a path of one computer, and loose ends of lines, are offences")
  func strayText() {
    let paths = file("a.toml", "a = \"/home/jo/b\"\nb = \"/var/lib/vend\"\nc = /work/x\nd/work/e\n")
    #expect(WordRule.machinePaths(paths).map(\.line) == [1, 3])
    let loose = file("a.toml", "a \n\tb\nc\r\nd")
    #expect(WordRule.looseEnds(loose).map(\.line).sorted() == [1, 2, 3, 4])
    #expect(WordRule.looseEnds(file("a.toml", "a\nb\n")).isEmpty)
    #expect(WordRule.looseEnds(file("a.go", "\t\ta\nb\tc\n")).map(\.line) == [2])
  }

  @Test("a file whose public types have nothing to do with its name is an offence")
  func fileNames() {
    func isGood(_ path: String, _ text: String) -> Bool {
      NameRule.files(file("Sources/Edges/Devices/\(path)", text)).isEmpty
    }
    #expect(isGood("Relay.swift", "public final class Relay {}"))
    #expect(isGood("Relay+Cap.swift", "extension Relay {}\npublic struct Cap {}"))
    #expect(isGood("Answers.swift", "public enum OpenAnswer {}"))
    #expect(isGood("Bits.swift", "struct Hidden {}"))
    #expect(!isGood("Bits.swift", "public struct Relay {}"))
  }

  @Test("a test whose name states nothing is an offence")
  func testNames() {
    let text = """
      @Test func ok() {}
      @Test("works") func b() {}
      @Test("a stuck key opens no order") func c() {}
      @Test func stuckKeyOpensNoOrder() {}
      @Test(.enabled(if: x)) func amountsAddUp() {}
      @Test("余额不足时不出货") func d() {}
      @Test(arguments: ["func a", "\(String(repeating: "x", count: 3000))"])
      func everyLaneHasAPrice(lane: String) {}
      """
    #expect(NameRule.tests(file("Tests/ATests/A.swift", text)).map(\.line) == [1, 2])
  }

  @Test("a key that no reader spells out is an offence")
  func unknownKeys() {
    let reader = file(
      "Sources/Edges/Configuration/A.swift", "[\"keypad\", \"rows\", \"line\", \"lane\", \"io\"]")
    let text = """
      # comment = 1
      io = "x = y, {z = 1}"
      [keypad]
      rows = [{ line = "a" }, { lime = "b" }]
      colums = ["a"]
      [[lane]]
        { wire = "c" },
      """
    let offences = LayoutRule.keys(file("board/boards/a.toml", text), knownTo: [reader])
    #expect(offences.map(\.line) == [4, 5, 7])
  }

  @Test("a README that forgets a module or names a path of nobody is an offence")
  func readme() {
    let text =
      "* `Money` counts\nSee `Sources/Rules/Money` and `board/gone`, `board/demo --once`.\n"
    let offences = LayoutRule.readme(
      file("README.md", text), modules: ["Money", "Vending"],
      exists: { ["Sources/Rules/Money", "board/demo"].contains($0) })
    #expect(
      offences.map(\.words).sorted() == [
        "does not name the module Vending", "there is no board/gone",
      ])
  }

  @Test("a line that udev would not read is an offence")
  func udev() {
    let text = "# a\nSUBSYSTEM==\"tty\", \\\n  MODE=\"0660\"\nSUBSYSTEM=tty\nA==\"b\" C=\"d\"\n"
    #expect(LayoutRule.udev(file("a.rules", text)).count == 2)
  }

  private func mutation(breaks: String = "I1", in path: String, after: String = "") -> Mutation? {
    Mutation(
      file(
        "Tests/Mutations/a-name.mutation",
        "mistake: it is forgotten\nbreaks: \(breaks)\nfile: \(path)\n--- instead of\n  b()\n"
          + "--- stands\n\(after)"))
  }

  @Test("a mistake that cannot be made, or that nobody could see, is an offence")
  func badMutations() throws {
    let path = "Sources/Rules/Vending/A.swift"
    let good = try #require(mutation(in: path))
    #expect(good.objection(to: "a()\n  b()\nc()\n") == nil)
    for text in [nil, "a()\n", "a()\nb()\n", "  b()\n  b()\n"] {
      #expect(good.objection(to: text) != nil, "\(text ?? "no file")")
    }
    let text = "a()\n  b()\n"
    #expect(mutation(in: path, after: "  b()\n")?.objection(to: text) != nil)
    #expect(mutation(breaks: "I13", in: path)?.objection(to: text) != nil)
    #expect(mutation(in: "Sources/Assembly/Audit/A.swift")?.objection(to: text) != nil)
    #expect(mutation(breaks: "", in: path) == nil)
    #expect(Mutation(file("Tests/Mutations/b.mutation", "mistake: it is forgotten\n")) == nil)
  }
}
