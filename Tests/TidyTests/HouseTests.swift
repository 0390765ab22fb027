import Testing

/// The project as it stands, held against each rule.
@Suite("The house")
struct HouseTests {
  private let tree = SourceTree.shared

  private func manifest() throws -> Manifest {
    Manifest(try #require(tree.file("Package.swift")))
  }

  /// `Sources/LAYER/MODULE`, every one that is there.
  private var moduleFolders: [String] {
    tree.folders(in: "Sources").flatMap { layer in
      tree.folders(in: "Sources/\(layer)").map { "Sources/\(layer)/\($0)" }
    }
  }

  /// The layer of each module that has a folder.
  private var layers: [String: String] {
    Dictionary(
      moduleFolders.map { $0.split(separator: "/").map(String.init) }.map { ($0[2], $0[1]) },
      uniquingKeysWith: { first, _ in first })
  }

  private func expectNone(_ offences: [Offence]) {
    #expect(offences.isEmpty, Comment(rawValue: offences.report))
  }

  @Test("the tree that the rules read is this project's, and not empty")
  func treeIsRead() {
    #expect(tree.file("Tests/TidyTests/HouseTests.swift") != nil)
    #expect(tree.sources.count > 20)
    #expect(tree.scripts.count > 3)
    #expect(tree.swiftFiles.flatMap(\.swift.functions).count > 100)
  }

  @Test("the layers are the folders of Sources, and no others")
  func layersAreKnown() {
    #expect(Set(tree.folders(in: "Sources")).isSubset(of: Set(House.layers)))
  }

  @Test("no module imports what the table does not allow")
  func imports() {
    expectNone(tree.sources.flatMap { ImportRule.offences(in: $0, layers: layers) })
  }

  @Test("every import is declared by its own target")
  func declarations() throws {
    let manifest = try manifest()
    expectNone(
      (tree.sources + tree.tests).flatMap { DeclarationRule.offences(in: $0, manifest: manifest) })
  }

  @Test("every folder of a module is a target, and every target has its folder")
  func targets() throws {
    let tests = tree.folders(in: "Tests").map { "Tests/\($0)" }.filter { folder in
      tree.tests.contains { $0.path.hasPrefix("\(folder)/") }
    }
    expectNone(LayoutRule.modules(folders: moduleFolders + tests, manifest: try manifest()))
  }

  @Test("the daemon links no web server, no simulator and no argument parser")
  func daemonIsLean() throws {
    let linked = try manifest().closure(of: "vendd")
    #expect(linked.contains("Daemon"))
    #expect(linked.intersection(House.neverInDaemon).isEmpty)
  }

  @Test("every file is shorter than 500 lines")
  func fileLengths() {
    let read = tree.files.filter { !$0.path.contains("/Resources/") && !$0.path.hasSuffix(".txt") }
    expectNone(read.flatMap(SizeRule.longFiles))
  }

  @Test("every line has at most 100 columns")
  func lineLengths() {
    let endings = [".swift", ".h", ".toml", ".service", ".timer", ".rules", ".conf"]
    let read = tree.files.filter { file in endings.contains { file.path.hasSuffix($0) } }
    expectNone((read + tree.scripts).flatMap(SizeRule.longLines))
  }

  @Test("every function has at most 70 lines, but for a reducer's switch")
  func functionLengths() {
    expectNone(tree.swiftFiles.flatMap { SizeRule.longFunctions($0) })
    expectNone(SizeRule.idleExcuses(tree.swiftFiles))
  }

  @Test("no banned call is made where it is banned")
  func bannedCalls() {
    expectNone(tree.swiftFiles.flatMap { WordRule.bannedCalls($0) })
  }

  @Test("no switch on a money path has a default")
  func defaults() { expectNone(tree.sources.flatMap(WordRule.defaults)) }

  @Test("no comment leaves work open without a reason")
  func openEnds() { expectNone(tree.swiftFiles.flatMap(WordRule.openEnds)) }

  @Test("no code is commented out")
  func deadCode() { expectNone(tree.swiftFiles.flatMap(WordRule.deadCode)) }

  @Test("no type has a name that means nothing")
  func vagueNames() { expectNone(tree.swiftFiles.flatMap(WordRule.vagueNames)) }

  @Test("no file holds a path of one computer")
  func machinePaths() {
    let own = "Tests/TidyTests/"
    expectNone(tree.files.filter { !$0.path.hasPrefix(own) }.flatMap(WordRule.machinePaths))
  }

  @Test("no file has tabs, blanks at a line's end, or a torn last line")
  func looseEnds() {
    expectNone(
      tree.files.filter { !$0.path.contains("/Resources/") }.flatMap(WordRule.looseEnds))
  }

  @Test("a file of public types is named after one of them")
  func fileNames() { expectNone(tree.sources.flatMap(NameRule.files)) }

  @Test("the name of every test is a statement")
  func testNames() { expectNone(tree.tests.flatMap(NameRule.tests)) }

  @Test("the configuration reads every key of every board and sample")
  func configurationKeys() {
    let readers = tree.sources.filter { ["FleetService", "MachineFiles"].contains($0.module) }
    let files = tree.files.filter { $0.path.hasPrefix("board/") && $0.path.hasSuffix(".toml") }
    expectNone(files.flatMap { LayoutRule.keys($0, knownTo: readers) })
  }

  private var mutationFiles: [SourceFile] {
    tree.files.filter { $0.path.hasSuffix(".mutation") }
  }

  @Test("every mistake that board/mutate makes can be made in the code that ships")
  func mutationsApply() {
    expectNone(
      mutationFiles.compactMap { file in
        guard let mutation = Mutation(file) else { return file.offence(line: 0, "not understood") }
        return mutation.objection(to: tree.file(mutation.file)?.text)
          .map { file.offence(line: 0, $0) }
      })
  }

  @Test("the mistakes are many, no two alike, and break every invariant")
  func mutationsAreWide() {
    let mutations = mutationFiles.compactMap(Mutation.init)
    #expect(mutations.count >= 40)
    let changes = mutations.map { [$0.file, $0.before, $0.after] }
    #expect(Set(changes).count == mutations.count)
    #expect(Set(mutations.map(\.mistake)).count == mutations.count)
    #expect(Set(mutations.flatMap(\.breaks)) == Set(Mutation.invariants))
  }

  @Test("the list of what was caught has every mistake, each by an invariant that it names")
  func mutationsAreCaught() throws {
    let report = try #require(tree.file("Tests/Mutations/caught.txt"))
    let caught = report.lines.filter { !$0.hasPrefix("#") && !$0.isEmpty }
      .map { $0.split(separator: " ").map(String.init) }
    let mutations = mutationFiles.compactMap(Mutation.init)
    #expect(caught.compactMap(\.first).sorted() == mutations.map(\.name).sorted())
    for line in caught {
      let mutation = mutations.first { $0.name == line[0] }
      #expect(mutation?.breaks.contains(line[1]) == true, "\(line)")
      #expect(mutation?.grounds.contains(line[2]) == true, "\(line)")
    }
  }

  @Test("the README names every module, and no path that is not there")
  func readme() {
    guard let readme = tree.file("README.md") else { return }
    let modules = moduleFolders.compactMap { $0.split(separator: "/").last.map(String.init) }
    expectNone(LayoutRule.readme(readme, modules: modules, exists: tree.exists))
  }
}
