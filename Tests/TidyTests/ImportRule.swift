/// One `import` of a file.
struct Import: Hashable {
  var module: String
  var line: Int
}

extension SourceFile {
  /// The modules that the file imports, whatever the access level or attribute.
  var imports: [Import] {
    swift.codeLines.enumerated().compactMap { index, line in
      let words = line.split { $0 == " " }.map(String.init)
      guard let keyword = words.firstIndex(of: "import"),
        words[..<keyword].allSatisfy({ $0.hasPrefix("@") || Self.accessLevels.contains($0) }),
        var name = words.dropFirst(keyword + 1).first
      else { return nil }
      // `import struct Module.Name` imports from Module.
      if Self.kinds.contains(name), words.count > keyword + 2 { name = words[keyword + 2] }
      let module = name.split(separator: ".").first.map(String.init) ?? name
      return Import(module: module, line: index + 1)
    }
  }

  private static let accessLevels: Set<String> = [
    "public", "package", "internal", "fileprivate", "private",
  ]
  private static let kinds: Set<String> = [
    "struct", "class", "enum", "protocol", "typealias", "func", "let", "var",
  ]
}

/// The allowed-import table: arrows point from Programs to System, and no edge sees another.
enum ImportRule {
  /// The imports of a file below `Sources` that the table does not allow.
  ///
  /// `layers` tells the layer of each module of the project.
  static func offences(in file: SourceFile, layers: [String: String]) -> [Offence] {
    guard let layer = file.layer, let module = file.module, layer != "System" else { return [] }
    return file.imports.compactMap { found in
      objection(to: found.module, in: module, of: layer, layers: layers)
        .map { file.offence(line: found.line, "\(module) may not import \(found.module): \($0)") }
    }
  }

  private static func objection(
    to guest: String, in module: String, of layer: String, layers: [String: String]
  ) -> String? {
    if guest == "Foundation" { return "it brings 40 MB of tables; FoundationEssentials at most" }
    if let owners = House.librarians[guest] {
      return owners.contains(module) ? nil : "it belongs to \(list(owners))"
    }
    if let owners = House.guests[guest] {
      return owners.contains(module) ? nil : "it is for \(list(owners)) alone"
    }
    if House.toolchain.contains(guest) { return objection(toTool: guest, in: module, of: layer) }
    guard let guestLayer = layers[guest] else { return "it is in no table" }
    return objection(toPeer: guest, of: guestLayer, in: module, of: layer)
  }

  private static func objection(
    toTool tool: String, in module: String, of layer: String
  ) -> String? {
    if layer == "Rules" { return "rules are values, without a system below them" }
    guard tool == "FoundationEssentials" else { return nil }
    return House.essentials[module] == nil ? "only for \(list(Set(House.essentials.keys)))" : nil
  }

  private static func objection(
    toPeer guest: String, of guestLayer: String, in module: String, of layer: String
  ) -> String? {
    if guestLayer == layer, layer != "Rules" {
      if House.peers[module]?.contains(guest) == true { return nil }
      if layer == "Edges", guest == "Platform" { return nil }
      return "\(layer) do not see each other"
    }
    let isVisible = House.visibleLayers[layer]?.contains(guestLayer) == true
    return isVisible ? nil : "\(layer) do not see \(guestLayer)"
  }

  private static func list(_ names: Set<String>) -> String {
    names.sorted().joined(separator: ", ")
  }
}

/// What a file imports of the project and of packages is what its target declares, directly.
enum DeclarationRule {
  static func offences(in file: SourceFile, manifest: Manifest) -> [Offence] {
    let folder = file.parts.prefix(file.layer == nil ? 2 : 3).joined(separator: "/")
    guard file.module != nil, let target = manifest.target(at: folder) else { return [] }
    let free = file.layer == nil ? House.testing : House.toolchain.union(["Foundation"])
    return file.imports.compactMap { found in
      if free.contains(found.module) || target.dependencies.contains(found.module) { return nil }
      // A product brings modules of its package along, such as NIOCore.
      if House.guests[found.module] != nil, manifest.target(named: found.module) == nil,
        !target.dependencies.isDisjoint(with: House.guests.keys)
      {
        return nil
      }
      return file.offence(
        line: found.line, "\(target.name) imports \(found.module), but does not declare it")
    }
  }
}
