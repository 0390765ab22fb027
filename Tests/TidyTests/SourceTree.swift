import Foundation

/// The project's files as they are on the disk, found from this file's own place.
struct SourceTree: Sendable {
  /// The tree that this test belongs to, read once.
  static let shared = SourceTree(root: projectRoot)

  let root: URL
  let files: [SourceFile]

  private static var projectRoot: URL {
    URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
  }

  /// Reads the folders that are the project's own; build products and binary files are not.
  init(root: URL) {
    self.root = root
    var files: [SourceFile] = []
    for folder in ["Sources", "Tests", "board", "systemd", ".ci"] {
      files += Self.texts(below: folder, of: root)
    }
    for name in ["Package.swift", "README.md", ".gitignore", ".swift-format"] {
      files += Self.text(name, of: root).map { [$0] } ?? []
    }
    self.files = files.sorted { $0.path < $1.path }
  }

  var swiftFiles: [SourceFile] { files.filter { $0.path.hasSuffix(".swift") } }
  /// The Swift files below `Sources`.
  var sources: [SourceFile] { swiftFiles.filter { $0.layer != nil } }
  /// The Swift files below `Tests`.
  var tests: [SourceFile] { swiftFiles.filter { $0.parts.first == "Tests" } }
  /// What a shell runs: `board/*` and `.ci/run`.
  var scripts: [SourceFile] { files.filter { $0.text.hasPrefix("#!") } }

  /// The file at a path; nil when there is none or it is not text.
  func file(_ path: String) -> SourceFile? { files.first { $0.path == path } }

  func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: root.appendingPathComponent(path).path)
  }

  /// The names of the folders in a folder, sorted; none when it is not there.
  func folders(in path: String) -> [String] {
    let folder = root.appendingPathComponent(path)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { name in
      var isFolder: ObjCBool = false
      let child = folder.appendingPathComponent(name).path
      return FileManager.default.fileExists(atPath: child, isDirectory: &isFolder)
        && isFolder.boolValue
    }.sorted()
  }

  private static func texts(below folder: String, of root: URL) -> [SourceFile] {
    let start = root.appendingPathComponent(folder).path
    guard let walk = FileManager.default.enumerator(atPath: start) else { return [] }
    return walk.compactMap { $0 as? String }.compactMap { text("\(folder)/\($0)", of: root) }
  }

  private static func text(_ path: String, of root: URL) -> SourceFile? {
    let url = root.appendingPathComponent(path)
    guard (try? url.resourceValues(forKeys: [.isRegularFileKey]))?.isRegularFile == true,
      let data = try? Data(contentsOf: url), data.count < 4 << 20,
      let text = String(data: data, encoding: .utf8), !text.contains("\0")
    else { return nil }
    return SourceFile(path: path, text: text)
  }
}
