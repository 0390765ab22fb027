public import Ordering
public import Timing

/// A GPIO line of this computer as the kernel sees it.
public struct LineSight: Hashable, Sendable {
  /// The chip's name and label, as `gpiochip0` and `pinctrl-bcm2711`.
  public var chip: String
  public var label: String
  public var offset: Int
  public var name: String
  /// Who holds it; empty when nobody does or the kernel does not tell.
  public var consumer: String
  public var isUsed: Bool

  /// Describes a line.
  public init(
    chip: String, label: String, offset: Int, name: String, consumer: String, isUsed: Bool
  ) {
    (self.chip, self.label, self.offset, self.name) = (chip, label, offset, name)
    (self.consumer, self.isUsed) = (consumer, isUsed)
  }
}

/// Which of the two books.
public enum StoreName: String, Hashable, Sendable, CaseIterable {
  case board
  case core

  /// The file's name in the state directory.
  public var file: String { "\(rawValue).db" }
}

/// What the parts do while nobody sells.
public struct PartsSight: Hashable, Sendable {
  /// Legends of keys that are down though nobody presses.
  public var keysDown: [String]
  /// Channels that read on although they were switched off.
  public var relaysOn: [String]
  /// Whether the drop sensor's beam is broken; nil without one.
  public var isSensorBlocked: Bool?
  /// Whether the door is open; nil without a switch.
  public var isDoorOpen: Bool?

  /// Describes the parts.
  public init(
    keysDown: [String] = [], relaysOn: [String] = [], isSensorBlocked: Bool? = nil,
    isDoorOpen: Bool? = nil
  ) {
    (self.keysDown, self.relaysOn) = (keysDown, relaysOn)
    (self.isSensorBlocked, self.isDoorOpen) = (isSensorBlocked, isDoorOpen)
  }
}

/// A book, opened for reading and checked.
public struct StoreSight: Hashable, Sendable {
  public var records: Int
  /// Makes a sight of a book whose check found nothing.
  public init(records: Int) { self.records = records }
}

/// The money that is not where it belongs yet.
public struct DebtSight: Hashable, Sendable {
  /// All orders about which something is still to be done.
  public var open: Int
  /// The last characters of orders whose money is owed back or stuck.
  public var owed: [String]
  /// The last characters of orders that wait for a person.
  public var held: [String]
  /// When the oldest of those about which something is still to be done was made.
  public var oldest: WallTime?

  /// Describes the debts.
  public init(open: Int, owed: [String], held: [String], oldest: WallTime? = nil) {
    (self.open, self.owed, self.held, self.oldest) = (open, owed, held, oldest)
  }
}

/// A TLS server as it showed itself.
public struct ServerSight: Hashable, Sendable {
  public var address: String
  public var version: String
  /// Why its certificate is not trusted; nil when it is.
  public var refusal: String?
  public var certificate: CertificateSight?

  /// Describes a server.
  public init(
    address: String, version: String, refusal: String?, certificate: CertificateSight?
  ) {
    (self.address, self.version, self.refusal) = (address, version, refusal)
    self.certificate = certificate
  }
}

/// Why a server could not be looked at: the leg that failed.
public struct ReachFailure: Error, Hashable, Sendable {
  /// The legs from the nearest to the farthest.
  public enum Leg: Hashable, Sendable {
    case name
    case connection
    case handshake
    /// The CA file cannot be used.
    case authority
  }
  public var leg: Leg
  public var words: String

  /// Describes a failure.
  public init(_ leg: Leg, _ words: String) { (self.leg, self.words) = (leg, words) }
}

/// A certificate's name, number and time.
public struct CertificateSight: Hashable, Sendable {
  public var subject: String
  public var issuer: String
  public var notBefore: WallTime
  public var notAfter: WallTime
  /// In upper-case hexadecimal, as the merchant platform shows it.
  public var serial: String

  /// Describes a certificate.
  public init(
    subject: String, issuer: String, notBefore: WallTime, notAfter: WallTime, serial: String
  ) {
    (self.subject, self.issuer, self.serial) = (subject, issuer, serial)
    (self.notBefore, self.notAfter) = (notBefore, notAfter)
  }
}

/// What the provider answered to a question about an order that nobody made.
public enum ProbeSight: Hashable, Sendable {
  /// A signed "no such order": key, merchant and signature are right.
  ///
  /// `skew` is the server's clock minus ours.
  case signed(skew: Duration?)
  case doubt(Doubt)
  case refused(Refusal)
  /// The account's files cannot be used.
  case noAccount(String)
}

/// A probe that found nothing out, in words.
public struct ProbeError: Error, Hashable, Sendable, CustomStringConvertible {
  public var words: String
  /// Which trouble it is, where there are several, as `newer`.
  public var code: String
  /// Whether it is for want of permission.
  public var isPermission: Bool
  /// Whether what was looked for is not there.
  public var isAbsence: Bool

  /// Describes why.
  public init(
    _ words: String, code: String = "failed", isPermission: Bool = false, isAbsence: Bool = false
  ) {
    (self.words, self.code) = (words, code)
    (self.isPermission, self.isAbsence) = (isPermission, isAbsence)
  }

  public var description: String { words }
}
