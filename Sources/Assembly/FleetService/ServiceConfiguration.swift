public import MachineFiles

/// The file of a payment service: where it keeps what it knows, who is paid, and where it answers.
public struct ServiceConfiguration: Equatable, Sendable {
  public var store: Store
  /// The merchant's account.
  public var payment: MachineConfiguration.Payment
  /// An account of the other version of the API whose notices are still taken.
  public var formerPayment: MachineConfiguration.Payment?
  /// Clients of the account: how many calls to the platform may be under way at a time.
  public var connections: Int
  public var listen: Listen
  public var duties: Duties

  /// Where orders, machines and people are kept.
  public enum Store: Equatable, Sendable {
    /// A SQLite file, for one computer.
    case file(String)
    case postgres(Postgres)
  }

  /// A PostgreSQL database, for any number of computers.
  public struct Postgres: Equatable, Sendable {
    /// libpq's own words: `host=... dbname=...`.
    public var parameters: String
    public var schema: String
    public var connections: Int
  }

  /// What must be done without anybody asking.
  public struct Duties: Equatable, Sendable {
    /// Finished orders are moved out of the way of the living ones after so many days.
    public var archiveAfterDays: Int
    /// Whether the platform's bill of each day is fetched and held against the orders.
    public var reconciles: Bool
  }

  /// Where the service answers.
  public struct Listen: Equatable, Sendable {
    public var machines: Port?
    public var notices: Port?
    public var console: Port?
    /// The service's chain of certificates and its key (PEM); nil when no port has TLS.
    public var certificate: Certificate?
    /// Who signs the machines' certificates; nil when none are asked for.
    public var clientCAFile: String?
    /// Whether a proxy stands before the ports and ends TLS.
    public var isBehindProxy: Bool
    /// Whether the console's port tells `/metrics` to whoever asks.
    public var showsMetrics: Bool

    /// A certificate and its key.
    public struct Certificate: Equatable, Sendable {
      public var file: String
      public var keyFile: String
    }

    /// An address and a port.
    public struct Port: Equatable, Sendable, CustomStringConvertible {
      /// An address, without brackets.
      public var host: String
      /// Zero for a free one.
      public var number: Int
      public var usesTLS: Bool

      public var description: String {
        "\(usesTLS ? "https" : "http")://\(host.contains(":") ? "[\(host)]" : host):\(number)"
      }

      /// Whether only this computer reaches it.
      public var isLoopback: Bool {
        host == "localhost" || host == "::1" || host.hasPrefix("127.")
      }
    }
  }
}

extension ServiceConfiguration {
  /// What is unwise about the files that the configuration names, as they are now.
  public func warnings() -> [ConfigurationWarning] {
    var warnings: [ConfigurationWarning] = []
    func warn(_ path: String, _ words: String) {
      warnings.append(ConfigurationWarning(path: path, words: words))
    }
    let secrets = [
      ("payment.key_file", payment.keyFile),
      ("payment.certificate_key_file", payment.certificateKeyFile),
      ("former_payment.key_file", formerPayment?.keyFile),
      ("former_payment.certificate_key_file", formerPayment?.certificateKeyFile),
      ("listen.key_file", listen.certificate?.keyFile),
    ]
    for case (let path, let file?) in secrets where MachineConfiguration.isOpenToOthers(file) {
      warn(path, "\(file) may be read by everybody: chmod 600 \(file)")
    }
    if payment.v3 == nil, payment.certificateFile == nil {
      warn("payment.certificate_file", "without it every refund waits for a person")
    }
    if payment.signType == .md5 {
      warn("payment.sign_type", "MD5 is weak: use HMAC-SHA256")
    }
    return warnings
  }
}
