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

  /// Takes up an examination.
  public init(
    path: String, configuration: Result<MachineConfiguration, ConfigurationError>,
    daemon: DaemonSight, site: Site, time: WallTime
  ) {
    (self.path, self.configuration, self.daemon) = (path, configuration, daemon)
    (self.site, self.time) = (site, time)
  }

  /// Looks at the provider's server once for all rows that ask: name, connection and certificate
  /// are three legs of one exchange.
  func reach(_ payment: MachineConfiguration.Payment) -> Result<ServerSight, ReachFailure> {
    reached.withLock { reached in
      let result = reached ?? site.reach(Endpoint(payment), payment.caFile)
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

  /// What takes the place of a row that we may not look at: the daemon's word, when it runs and
  /// none of the faults stands that would show there.
  func vouched(_ words: String, _ codes: Fault.Code..., fix: String) -> Finding {
    guard let status = daemon.status else { return .blind(words, fix: fix) }
    for code in codes {
      if let fault = status.faults.first(where: { $0.code == code.rawValue }) {
        return .failure("\(fault.code) \(fault.words)", fix: code.remedy)
      }
    }
    return .ok("\(words); vendd reports no trouble with it")
  }
}

extension Site {
  /// A small file's text; empty when it cannot be read.
  func text(_ path: String) -> String {
    guard case .success(let bytes) = read(path) else { return "" }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// What is known of the daemon.
public enum DaemonSight: Hashable, Sendable {
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
  init(_ payment: MachineConfiguration.Payment) {
    let text = payment.endpoint ?? Self.standard
    let rest = text.drop { $0 != ":" }.drop { ":/".contains($0) }
    let authority = rest.prefix { $0 != "/" }
    let pieces = authority.split(separator: ":")
    host = String(pieces.first ?? "")
    port = pieces.count > 1 ? UInt16(pieces[1]) ?? 443 : 443
  }
}
