import Foundation
import Testing

/// Scripts, units and licence, tried out rather than read where a tool is there to try them.
@Suite("The packaging")
struct PackagingTests {
  private let tree = SourceTree.shared

  /// The worst exposure that `systemd-analyze security` may tell of a unit.
  private static let worstExposure = 1.2
  private static let hasAnalyzer = Command.has("systemd-analyze")

  private func run(_ arguments: String...) throws -> Command {
    try Command(arguments, in: tree.root)
  }

  /// Installs dummy programs and the real rest into a fresh folder, and hands it to `body`.
  private func withInstallation(_ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("vend-tidy-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let programs = folder.appendingPathComponent("programs")
    try FileManager.default.createDirectory(at: programs, withIntermediateDirectories: true)
    for name in ["vendd", "vendctl"] {
      let program = programs.appendingPathComponent(name)
      try Data("#!/bin/sh\n".utf8).write(to: program)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program.path)
    }
    let root = folder.appendingPathComponent("root")
    let done = try run("board/install", "--root", root.path, "--programs", programs.path)
    try #require(done.status == 0, Comment(rawValue: done.output))
    try body(root)
    let again = try run("board/install", "--root", root.path, "--programs", programs.path)
    #expect(again.status == 0)
    #expect(!again.output.hasPrefix("/"), "a second installation changes nothing")
  }

  @Test("a server gets the payment service with its unit, user, folders and sample, and no board's")
  func serviceInstallation() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("vend-tidy-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let program = folder.appendingPathComponent("vendpay")
    try Data("#!/bin/sh\n".utf8).write(to: program)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program.path)
    let root = folder.appendingPathComponent("root")
    let options = ["--service", "--root", root.path, "--programs", folder.path]
    let done = try Command(["board/install"] + options, in: tree.root)
    #expect(done.status == 0, Comment(rawValue: done.output))
    let installed = FileManager.default.enumerator(atPath: root.path)?.compactMap { $0 as? String }
    for name in [
      "usr/bin/vendpay", "usr/lib/systemd/system/vendpay.service",
      "usr/lib/sysusers.d/vendpay.conf", "usr/lib/tmpfiles.d/vendpay.conf",
      "usr/share/vend/samples/vendpay.toml",
    ] {
      #expect(installed?.contains(name) == true, Comment(rawValue: name))
    }
    #expect(installed?.contains { $0.contains("vendd") || $0.contains("udev") } == false)
    guard Self.hasAnalyzer else { return }
    let units = root.appendingPathComponent("usr/lib/systemd/system")
    try lendSystemUnits(to: units)
    // Any system has it.
    let tools = root.appendingPathComponent("bin")
    try FileManager.default.createDirectory(at: tools, withIntermediateDirectories: true)
    try FileManager.default.copyItem(at: program, to: tools.appendingPathComponent("kill"))
    let check = try Command(
      ["systemd-analyze", "verify", "--man=no", "--root=\(root.path)", "vendpay.service"],
      in: root)
    #expect(check.status == 0 && check.output.isEmpty, Comment(rawValue: check.output))
  }

  @Test("every script can be run, stops at its first error, and is sound to bash")
  func scripts() throws {
    for path in ["board/setup", "board/build", "board/test", ".ci/run"] {
      #expect(tree.scripts.contains { $0.path == path }, "\(path) is there")
    }
    for script in tree.scripts {
      let path = tree.root.appendingPathComponent(script.path).path
      #expect(FileManager.default.isExecutableFile(atPath: path), "\(script.path) is executable")
      guard script.lines[0].contains("bash") else { continue }
      #expect(script.text.contains("\nset -euo pipefail\n"), "\(script.path) stops at an error")
      let check = try run("bash", "-n", path)
      #expect(check.status == 0, Comment(rawValue: check.output))
    }
  }

  @Test("setup installs every Debian package that the manifest names")
  func debianPackages() throws {
    let manifest = Manifest(try #require(tree.file("Package.swift")))
    let needed = manifest.targets.reduce(into: Set<String>()) { $0.formUnion($1.debianPackages) }
    let list = try run("board/setup", "--list")
    let listed = list.output.split(separator: "\n").filter { !$0.hasPrefix("#") }
    let names = listed.compactMap { $0.split(separator: " ").first.map(String.init) }
    #expect(needed.count > 5)
    #expect(needed.subtracting(names).isEmpty)
    #expect(Set(names).count == names.count, "no package stands twice")
    for line in listed {
      #expect(line.split(separator: " ").count > 2, "\(line): a reason stands beside the name")
    }
  }

  @Test("what a build makes is not kept in the history")
  func nothingBuiltIsTracked() throws {
    let tracked = try run("git", "ls-files", "Package.resolved", ".build", ".build-*", ".swiftpm")
    // Outside a checkout there is no history to look at.
    guard tracked.status == 0 else { return }
    #expect(tracked.output.isEmpty)
  }

  @Test("the licence is Apache 2.0, whole")
  func licence() throws {
    let text = try String(
      contentsOf: tree.root.appendingPathComponent("LICENSE"), encoding: .utf8)
    #expect(text.contains("Apache License\n                           Version 2.0, January 2004"))
    #expect(text.contains("9. Accepting Warranty or Additional Liability."))
    #expect(text.contains("END OF TERMS AND CONDITIONS"))
  }

  @Test("every udev rule is a list of keys, operators and quoted values")
  func udevRules() throws {
    let files = tree.files.filter { $0.path.hasSuffix(".rules") }
    #expect(!files.isEmpty)
    let offences = files.flatMap(LayoutRule.udev)
    #expect(offences.isEmpty, Comment(rawValue: offences.report))
  }

  @Test(
    "systemd accepts every unit without a word",
    .enabled(if: hasAnalyzer, "systemd-analyze is not here"))
  func unitsVerify() throws {
    try withInstallation { root in
      let units = root.appendingPathComponent("usr/lib/systemd/system")
      let ours = try FileManager.default.contentsOfDirectory(atPath: units.path).sorted()
      #expect(ours.contains("vendd.service"))
      try lendSystemUnits(to: units)
      let check = try Command(
        ["systemd-analyze", "verify", "--man=no", "--root=\(root.path)"] + ours, in: root)
      #expect(check.status == 0 && check.output.isEmpty, Comment(rawValue: check.output))
      let unit = units.appendingPathComponent("vendd.service")
      let text = try String(contentsOf: unit, encoding: .utf8)
      try text.replacing("WatchdogSec=", with: "WatchdogSecs=")
        .write(to: unit, atomically: true, encoding: .utf8)
      let broken = try Command(
        ["systemd-analyze", "verify", "--man=no", "--root=\(root.path)"] + ours, in: root)
      #expect(broken.output.contains("WatchdogSecs"), "a broken unit would have been seen")
      try text.write(to: unit, atomically: true, encoding: .utf8)
    }
  }

  @Test(
    "the journal explains every fault by the catalogue that is installed",
    .enabled(if: Command.has("journalctl"), "journalctl is not here"))
  func catalogue() throws {
    try withInstallation { root in
      let folder = root.appendingPathComponent("usr/lib/systemd/catalog")
      let identifiers = try ["vend.catalog", "vend.zh_CN.catalog"].map { name in
        let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
        return text.split(separator: "\n").filter { $0.hasPrefix("-- ") }.map { $0.dropFirst(3) }
      }
      #expect(identifiers[0] == identifiers[1])
      #expect(Set(identifiers[0]).count > 20)
      try FileManager.default.createDirectory(
        at: root.appendingPathComponent("var/lib/systemd/catalog"),
        withIntermediateDirectories: true)
      let update = try Command(["journalctl", "--root=\(root.path)", "--update-catalog"], in: root)
      #expect(update.status == 0, Comment(rawValue: update.output))
      let list = try Command(["journalctl", "--root=\(root.path)", "--list-catalog"], in: root)
      for identifier in identifiers[0] { #expect(list.output.contains(identifier)) }
    }
  }

  /// Copies the targets and slices that our units hang on, as any system has them.
  private func lendSystemUnits(to folder: URL) throws {
    let system = URL(fileURLWithPath: "/usr/lib/systemd/system")
    for name in try FileManager.default.contentsOfDirectory(atPath: system.path) {
      let isLent = [".target", ".slice", ".mount", ".socket", "modprobe@.service"]
        .contains { name.hasSuffix($0) }
      let target = folder.appendingPathComponent(name)
      guard isLent, !FileManager.default.fileExists(atPath: target.path) else { continue }
      try FileManager.default.copyItem(at: system.appendingPathComponent(name), to: target)
    }
  }

  @Test(
    "no unit is more exposed than 1.2 by systemd's own measure",
    .enabled(if: hasAnalyzer, "systemd-analyze is not here"))
  func exposure() throws {
    let services = tree.files.filter {
      $0.path.hasPrefix("systemd/") && $0.path.hasSuffix(".service")
    }
    #expect(services.count >= 2)
    for service in services {
      let result = try run(
        "systemd-analyze", "security", "--offline=true", "--no-pager", service.path)
      let words = result.output.split { $0 == " " || $0 == "\n" }
      let score = words.lastIndex(of: "\(service.stem).service:").map { words[$0 + 1] }
      let exposure = try #require(
        score.flatMap { Double($0) }, Comment(rawValue: result.output))
      #expect(exposure <= Self.worstExposure, "\(service.path): \(exposure)")
    }
  }

  @Test(
    "systemd makes the daemon's user with the groups of its devices",
    .enabled(if: Command.has("systemd-sysusers"), "systemd-sysusers is not here"))
  func sysusers() throws {
    let root = FileManager.default.temporaryDirectory
      .appendingPathComponent("vend-users-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: root) }
    try FileManager.default.createDirectory(
      at: root.appendingPathComponent("etc"), withIntermediateDirectories: true)
    let made = try run(
      "systemd-sysusers", "--dry-run", "--root=\(root.path)",
      tree.root.appendingPathComponent("systemd/sysusers.d/vend.conf").path)
    #expect(made.status == 0, Comment(rawValue: made.output))
    #expect(made.output.contains("Creating user 'vend'"))
    // The unit names none: systemd takes those of the user database, and a named one would count
    // as exposure.
    let groups = ["gpio", "dialout", "video"]
    for group in groups {
      #expect(made.output.contains("Creating group '\(group)'"), "group \(group) exists")
      let members = try #require(tree.file("systemd/sysusers.d/vend.conf")).lines.filter {
        $0.split(separator: " ") == ["m", "vend", Substring(group)]
      }
      #expect(members.count == 1, "vend is a member of \(group)")
    }
  }
}
