internal import MachineFiles

/// One thing that the doctor looks at: data, so that the list is the documentation.
public struct Check: Sendable {
  /// The report's groups, in the order in which they are printed.
  public enum Group: String, Hashable, Sendable, Codable, CaseIterable {
    case configuration, board, lines, display, fonts, usb, storage, clock
    case network, tls, credentials, core, payment, systemd, security, money
  }

  /// The row's stable name, as `network.dns`.
  public let id: String
  public let group: Group
  /// What the row is about, for people.
  public let title: String
  /// Checks without whose success this one means nothing: their failure is named instead.
  public let needs: [String]
  /// How long it may take; after that the row says so and its thread is left behind.
  public let limit: Duration
  let run: @Sendable (Examination) -> [Finding]

  /// A check that needs no machine file.
  static func general(
    _ id: String, _ group: Group, _ title: String, needs: [String] = [],
    limit: Duration = .milliseconds(1500),
    _ run: @escaping @Sendable (Examination) -> [Finding]
  ) -> Check {
    Check(id: id, group: group, title: title, needs: needs, limit: limit, run: run)
  }

  /// A check of what the machine file names.
  static func machine(
    _ id: String, _ group: Group, _ title: String, needs: [String] = [],
    limit: Duration = .milliseconds(1500),
    _ run: @escaping @Sendable (MachineConfiguration, Examination) -> [Finding]
  ) -> Check {
    Check(
      id: id, group: group, title: title, needs: ["configuration.file"] + needs, limit: limit
    ) { examination in
      guard case .success(let machine) = examination.configuration else { return [] }
      return run(machine, examination)
    }
  }
}
