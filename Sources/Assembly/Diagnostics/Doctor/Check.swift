internal import MachineFiles
public import Vending

/// One thing that the doctor looks at: data, so that the list is the documentation.
public struct Check: Sendable {
  /// The report's groups, in the order in which they are printed.
  public enum Group: String, Hashable, Sendable, Codable, CaseIterable {
    case configuration, board, kernel, memory, lines, keypad, relays, sensor, lanes
    case display, fonts, serial, usb, storage, clock
    case network, tls, credentials, core, payment, systemd, security, money
  }

  /// The row's stable name, as `network.dns`.
  public let id: String
  public let group: Group
  /// What the row is about, for people.
  public let title: Bilingual
  /// Checks without whose success this one means nothing: their failure is named instead.
  public let needs: [String]
  /// How long it may take; after that the row says so and its thread is left behind.
  public let limit: Duration
  let run: @Sendable (Examination) -> [Finding]

  /// A check that needs no machine file.
  static func general(
    _ id: String, _ group: Group, _ title: Bilingual, needs: [String] = [],
    limit: Duration = .milliseconds(1500),
    _ run: @escaping @Sendable (Examination) -> [Finding]
  ) -> Check {
    Check(id: id, group: group, title: title, needs: needs, limit: limit, run: run)
  }

  /// A check of what the machine file names.
  static func machine(
    _ id: String, _ group: Group, _ title: Bilingual, needs: [String] = [],
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

  /// A check of what only the running daemon sees: it answers for each of the codes.
  static func faults(
    _ id: String, _ group: Group, _ title: Bilingual, _ codes: Fault.Code...,
    otherwise: @escaping @Sendable (MachineConfiguration, Examination) -> [Finding] = { _, _ in
      [.skipped("only the running daemon knows", "只有运行中的 vendd 知道")]
    }
  ) -> Check {
    machine(id, group, title) { machine, examination in
      guard let status = examination.daemon.status else { return otherwise(machine, examination) }
      let found = codes.flatMap { standing($0, in: status) }
      return found.isEmpty ? [.ok("vendd reports no trouble", "vendd 未报告故障")] : found
    }
  }
}
