public import MachineFiles
public import Control
public import Timing
internal import Vending
private import Synchronization

/// What all checks of one run look at.
public final class Examination: Sendable {
  /// The machine file's path.
  public let path: String
  /// The machine file, or what is wrong with it.
  public let configuration: Result<MachineConfiguration, ConfigurationError>
  /// What the daemon says of itself.
  public let daemon: DaemonSight
  /// The computer, the devices and the network around.
  public let site: Site
  /// When the run began.
  public let time: WallTime
  private let reached = Mutex<Result<ServerSight, ReachFailure>?>(nil)
  private let probed = Mutex<ProbeSight?>(nil)
  private let listed = Mutex<[ProcessSight]?>(nil)
  private let asked = Mutex<UnitSight?>(nil)
  private let touched = Mutex<Result<PartsSight, ProbeError>?>(nil)
  /// Whether lines and panel are ours meanwhile: no daemon, and its lock held by us.
  let ownsParts: Bool

  /// Takes up an examination.
  public init(
    path: String, configuration: Result<MachineConfiguration, ConfigurationError>,
    daemon: DaemonSight, site: Site, time: WallTime, ownsParts: Bool = false
  ) {
    (self.path, self.configuration, self.daemon) = (path, configuration, daemon)
    self.ownsParts = ownsParts
    (self.site, self.time) = (site, time)
  }

  /// Looks at the provider's server once for all rows that ask: name, connection and certificate
  /// are three legs of one exchange.
  func reach(_ machine: MachineConfiguration) -> Result<ServerSight, ReachFailure> {
    reached.withLock { reached in
      let result = reached ?? site.reach(Endpoint(machine), machine.caFile)
      reached = result
      return result
    }
  }

  /// Asks the provider once for all rows that want its answer.
  func probe(_ machine: MachineConfiguration) -> ProbeSight {
    probed.withLock { probed in
      let result = probed ?? site.probe(machine)
      probed = result
      return result
    }
  }

  /// The programs that run here, read once.
  var processes: [ProcessSight] {
    listed.withLock { listed in
      let result = listed ?? ProcessSight.all(site)
      listed = result
      return result
    }
  }

  /// What systemd says of the daemon's unit, asked once.
  var unit: UnitSight {
    asked.withLock { asked in
      let result = asked ?? UnitSight(site)
      asked = result
      return result
    }
  }

  /// What the parts do, looked at once; nil where the daemon or anybody else has them.
  func parts(_ machine: MachineConfiguration) -> Result<PartsSight, ProbeError>? {
    guard ownsParts else { return nil }
    return touched.withLock { touched in
      let result = touched ?? site.parts(machine)
      touched = result
      return result
    }
  }

  /// What takes the place of a row that we may not look at: the daemon's word, when it runs and
  /// none of the faults stands that would show there.
  func vouched(_ english: String, _ chinese: String, _ codes: Fault.Code...) -> Finding {
    guard let status = daemon.status else { return .blind(english, chinese) }
    if let found = codes.lazy.compactMap({ Check.standing($0, in: status).first }).first {
      return found
    }
    return .ok(
      "\(english); vendd reports no trouble with it", "\(chinese)；vendd 未报告相关故障")
  }
}

extension Site {
  /// A small file's text; empty when it cannot be read.
  func text(_ path: String) -> String {
    guard case .success(let bytes) = read(path) else { return "" }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A file of one line, without its end; nil when it cannot be read.
  func line(_ path: String) -> String? {
    guard case .success(let bytes) = read(path) else { return nil }
    return String(decoding: bytes.prefix { $0 != 0x0A && $0 != 0 }, as: UTF8.self)
  }

  /// A file that holds one number; nil when it does not, or cannot be read.
  func number(_ path: String) -> Int64? {
    line(path).flatMap { Int64($0.filter { !$0.isWhitespace }) }
  }
}

/// What is known of the daemon.
public enum DaemonSight: Equatable, Sendable {
  /// It runs and has said how the machine is.
  case running(MachineStatus)
  /// It does not run: what it would hold is free to be looked at.
  case absent
  /// It holds the state directory and does not answer.
  case silent(String)
  /// We may not ask it.
  case barred(String)

  var status: MachineStatus? { if case .running(let status) = self { status } else { nil } }
  /// Whether devices may be opened by us.
  var isAbsent: Bool { self == .absent }
}

/// Where the provider is.
public struct Endpoint: Hashable, Sendable {
  public var host: String
  public var port: UInt16
  /// WeChat Pay's own host (facts: WeChat Pay A.2).
  static let standard = "https://api.mch.weixin.qq.com"

  /// The host and port of an account's endpoint.
  init(_ payment: MachineConfiguration.Payment) { self.init(payment.endpoint ?? Self.standard) }

  /// The host and port that the machine's daemon talks to: the service's, or the platform's.
  init(_ machine: MachineConfiguration) {
    switch machine.core {
    case .account(let payment): self.init(payment)
    case .service(let service): self.init(service.address)
    }
  }

  private init(_ text: String) {
    let rest = text.drop { $0 != ":" }.drop { ":/".contains($0) }
    let authority = rest.prefix { $0 != "/" }
    let pieces = authority.split(separator: ":")
    host = String(pieces.first ?? "")
    port = pieces.count > 1 ? UInt16(pieces[1]) ?? 443 : 443
  }
}

extension MachineConfiguration {
  /// The private CA of whom the daemon talks to; nil for the system's.
  var caFile: String? { payment?.caFile ?? coreService?.caFile }
}
