internal import Core
internal import MachineFiles
internal import Platform

/// The machine file, and what an operator far away has set over it, as it stands on the disk.
struct StandingSettings {
  /// The machine file's word alone.
  private let file: MachineConfiguration
  /// What the machine goes by.
  private(set) var configuration: MachineConfiguration
  /// The version that was seen last; nil when there never was one.
  private(set) var version: Int64?
  /// Why that version does not hold; nil when it does.
  private(set) var trouble: String?

  /// Reads what stands on the disk; a machine without it, or with one that does not fit, goes by
  /// its file.
  init(over file: MachineConfiguration) {
    (self.file, configuration) = (file, file)
    guard file.coreService != nil, Files.exists(path) else { return }
    do {
      let text = try Files.readText(path, limit: Self.sizeMax)
      guard let version = Self.version(of: text) else {
        trouble = "\(path): the first line does not say which version it is"
        return
      }
      self.version = version
      configuration = try file.set(by: text, named: path)
    } catch {
      trouble = "\(error)"
    }
  }

  private static let sizeMax = 64 << 10

  private var path: String { "\(file.stateDirectory)/settings.toml" }

  /// Takes newer settings in, on the disk first; whether the machine must begin anew to go by them.
  mutating func take(_ settings: RemoteCore.Settings) -> Bool {
    do {
      let wanted = try file.set(by: settings.text, named: "settings \(settings.version)")
      let text = Self.head(settings.version) + settings.text
      guard text.utf8.count <= Self.sizeMax else { throw TooLong() }
      try Files.replace(path, with: Array(text.utf8), permissions: 0o600)
      (version, trouble) = (settings.version, nil)
      return wanted != configuration
    } catch {
      // What held before holds on; it is not asked for again before the next start.
      (version, trouble) = (settings.version, "\(error)")
      return false
    }
  }

  private struct TooLong: Error, CustomStringConvertible {
    var description: String { "more than \(StandingSettings.sizeMax) bytes" }
  }

  private static let mark = "# The payment service's settings, version "

  private static func head(_ version: Int64) -> String {
    "\(mark)\(version)\n# vendd writes this file; what it does not say is the machine file's.\n"
  }

  private static func version(of text: String) -> Int64? {
    guard let line = text.split(separator: "\n", maxSplits: 1).first, line.hasPrefix(mark)
    else { return nil }
    return Int64(line.dropFirst(mark.count))
  }
}
