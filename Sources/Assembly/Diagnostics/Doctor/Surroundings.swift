internal import Inspection

// What several checks read of this computer: its programs, systemd's unit, the parts.

/// A program that runs (proc(5)).
struct ProcessSight: Hashable, Sendable {
  var number: Int32
  /// Its name, at most 15 characters.
  var name: String
  /// Its arguments, parted by blanks.
  var arguments: String

  /// All that may be seen.
  static func all(_ site: Site) -> [ProcessSight] {
    site.list("/proc").compactMap { Int32($0) }.sorted().compactMap { number in
      guard let name = site.line("/proc/\(number)/comm") else { return nil }
      let arguments = site.text("/proc/\(number)/cmdline")
      return ProcessSight(
        number: number, name: name,
        arguments: String(arguments.map { $0 == "\0" ? " " : $0 }))
    }
  }

  /// The programs that have a device open, as far as we may look into them.
  static func holders(of device: String, _ examination: Examination) -> [ProcessSight] {
    let site = examination.site
    let real = Self.target(of: device, site)
    return examination.processes.filter { process in
      let folder = "/proc/\(process.number)/fd"
      return site.list(folder).contains { site.link("\(folder)/\($0)") == real }
    }
  }

  /// The device behind a name that udev made.
  static func target(of path: String, _ site: Site) -> String {
    guard let link = site.link(path) else { return path }
    if link.hasPrefix("/") { return link }
    var pieces = path.split(separator: "/").dropLast().map(String.init)
    for piece in link.split(separator: "/") {
      if piece == ".." { _ = pieces.popLast() } else { pieces.append(String(piece)) }
    }
    return "/" + pieces.joined(separator: "/")
  }
}

/// What systemd says of `vendd.service`.
enum UnitSight: Hashable, Sendable {
  /// Its properties by name.
  case known([String: String])
  /// systemd does not run this computer.
  case none
  /// It does, and does not answer us.
  case silent

  private static let properties = [
    "LoadState", "ActiveState", "SubState", "NRestarts", "WatchdogUSec", "UnitFileState", "Result",
    "FragmentPath", "DropInPaths", "NeedDaemonReload",
  ]

  init(_ site: Site) {
    // sd_booted(3): this directory is systemd's own sign.
    guard site.facts("/run/systemd/system").isSuccess else {
      self = .none
      return
    }
    let arguments = ["show", "vendd.service", "-p", Self.properties.joined(separator: ",")]
    guard case .success(let output) = site.run("systemctl", arguments), output.code == 0 else {
      self = .silent
      return
    }
    var values: [String: String] = [:]
    for line in output.text.split(separator: "\n") {
      let pieces = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if pieces.count == 2 { values[String(pieces[0])] = String(pieces[1]) }
    }
    self = .known(values)
  }
}
