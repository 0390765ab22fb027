internal import Glibc
internal import Platform

/// Something in a machine file that works, but that a person should look at.
public struct ConfigurationWarning: Equatable, Sendable, CustomStringConvertible {
  /// The key's path in the machine file.
  public var path: String
  /// What is unwise, and what to do.
  public var words: String

  /// Says what is unwise about a key.
  public init(path: String, words: String) { (self.path, self.words) = (path, words) }

  public var description: String { "\(path): \(words)" }
}

extension MachineConfiguration {
  /// What is unwise about this machine and the files that it names, as they are now.
  ///
  /// A file that this process may not read is no warning: under systemd the daemon may.
  public func warnings() -> [ConfigurationWarning] {
    var warnings: [ConfigurationWarning] = []
    func warn(_ path: String, _ words: String) {
      warnings.append(ConfigurationWarning(path: path, words: words))
    }
    for (path, file) in secrets where Self.isOpenToOthers(file) {
      warn(path, "\(file) may be read by everybody: chmod 600 \(file)")
    }
    if board.dropSensor != nil, !usesDropSensor {
      warn("drop_sensor", "the board has a drop sensor, and every pulse counts as a delivery")
    }
    if policy.unsure == .assumeDelivered, !usesDropSensor {
      warn("policy.unsure", "a power cut during a sale keeps the customer's money in silence")
    }
    if let payment, payment.v3 == nil, payment.certificateFile == nil {
      warn("payment.certificate_file", "without it every refund waits for a person")
    }
    if payment?.signType == .md5 {
      warn("payment.sign_type", "MD5 is weak: use HMAC-SHA256")
    }
    return warnings
  }

  private var secrets: [(path: String, file: String)] {
    let files = [
      ("payment.key_file", payment?.keyFile),
      ("payment.certificate_key_file", payment?.certificateKeyFile),
      ("payment.core_token_file", coreService?.tokenFile),
    ]
    return files.compactMap { path, file in file.map { (path, $0) } }
  }

  package static func isOpenToOthers(_ file: String) -> Bool {
    var status = stat()
    return unsafe stat(file, &status) == 0 && status.st_mode & S_IROTH != 0
  }
}
