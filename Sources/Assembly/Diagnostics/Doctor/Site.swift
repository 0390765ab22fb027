public import MachineFiles
public import Inspection
public import Platform

/// Everything outside that the doctor looks at, each thing as one question.
///
/// `Site.here` asks this computer; a test answers as it likes.
public struct Site: Sendable {
  // MARK: Files and people
  /// The user that we are.
  public var userID: UInt32
  public var userName: String
  public var facts: @Sendable (String) -> Result<FileFacts, SystemError>
  /// Why a path may not be read (and written); nil when it may.
  public var refusal: @Sendable (_ path: String, _ writing: Bool) -> SystemError?
  public var read: @Sendable (String) -> Result<[UInt8], SystemError>
  public var freeBytes: @Sendable (String) -> Result<Int64, SystemError>
  /// How many files the file system of a path can still take.
  public var freeFiles: @Sendable (String) -> Result<Int64, SystemError>
  /// How long a record takes to the disk of a directory; no name is left there.
  public var syncTime: @Sendable (_ directory: String) -> Result<Duration, SystemError>
  /// The names in a directory, sorted; none when it cannot be read.
  public var list: @Sendable (String) -> [String]
  /// What a link points at; nil when it is none or may not be read.
  public var link: @Sendable (String) -> String?
  /// This program's own version.
  public var version: String
  /// Runs a program of this computer and gives what it says.
  public var run: @Sendable (String, [String]) -> Result<Command.Output, SystemError>

  // MARK: Devices
  public var lines: @Sendable () -> [LineSight]
  /// Connects to remote I/O; nil when it answers.
  public var remoteTrouble: @Sendable (_ socket: String) -> String?
  /// Opens the display and has it say who it is; nil when all is well.
  public var displayTrouble: @Sendable (MachineConfiguration) -> String?
  /// Looks at keys, relays, sensor and door; the relays are switched off for it.
  public var parts: @Sendable (MachineConfiguration) -> Result<PartsSight, ProbeError>
  /// How large a code's modules are on the panel, in words.
  public var code: @Sendable (MachineConfiguration) -> Result<String, ProbeError>
  public var usbDevices: @Sendable () -> Result<[String], ProbeError>
  /// Draws a screen with the configured font; nil when it can.
  public var fontTrouble: @Sendable (MachineConfiguration) -> String?

  // MARK: Books
  public var store: @Sendable (_ directory: String, StoreName) -> Result<StoreSight, ProbeError>
  /// Orders that are open, and those whose money is owed back.
  public var debts: @Sendable (_ directory: String) -> Result<DebtSight, ProbeError>

  // MARK: Network and provider
  public var interfaces: @Sendable () -> Result<[NetworkInterface], SystemError>
  /// The addresses behind a name.
  public var resolve: @Sendable (_ host: String) -> Result<[String], ReachFailure>
  /// Where a plain HTTP request for that host is sent on to; nil when nobody does so.
  public var redirect: @Sendable (_ host: String) -> String?
  public var reach: @Sendable (Endpoint, _ caFile: String?) -> Result<ServerSight, ReachFailure>
  public var certificate: @Sendable (_ path: String) -> Result<CertificateSight, ProbeError>
  public var isPair: @Sendable (_ certificate: String, _ key: String) -> Result<Bool, ProbeError>
  /// Asks the provider for an order that nobody made.
  public var probe: @Sendable (MachineConfiguration) -> ProbeSight

  /// Answers to every question.
  public init(
    userID: UInt32, userName: String,
    facts: @escaping @Sendable (String) -> Result<FileFacts, SystemError>,
    refusal: @escaping @Sendable (String, Bool) -> SystemError?,
    read: @escaping @Sendable (String) -> Result<[UInt8], SystemError>,
    freeBytes: @escaping @Sendable (String) -> Result<Int64, SystemError>,
    freeFiles: @escaping @Sendable (String) -> Result<Int64, SystemError>,
    syncTime: @escaping @Sendable (String) -> Result<Duration, SystemError>,
    list: @escaping @Sendable (String) -> [String],
    link: @escaping @Sendable (String) -> String?, version: String,
    run: @escaping @Sendable (String, [String]) -> Result<Command.Output, SystemError>,
    lines: @escaping @Sendable () -> [LineSight],
    remoteTrouble: @escaping @Sendable (String) -> String?,
    displayTrouble: @escaping @Sendable (MachineConfiguration) -> String?,
    parts: @escaping @Sendable (MachineConfiguration) -> Result<PartsSight, ProbeError>,
    code: @escaping @Sendable (MachineConfiguration) -> Result<String, ProbeError>,
    usbDevices: @escaping @Sendable () -> Result<[String], ProbeError>,
    fontTrouble: @escaping @Sendable (MachineConfiguration) -> String?,
    store: @escaping @Sendable (String, StoreName) -> Result<StoreSight, ProbeError>,
    debts: @escaping @Sendable (String) -> Result<DebtSight, ProbeError>,
    interfaces: @escaping @Sendable () -> Result<[NetworkInterface], SystemError>,
    resolve: @escaping @Sendable (String) -> Result<[String], ReachFailure>,
    redirect: @escaping @Sendable (String) -> String?,
    reach: @escaping @Sendable (Endpoint, String?) -> Result<ServerSight, ReachFailure>,
    certificate: @escaping @Sendable (String) -> Result<CertificateSight, ProbeError>,
    isPair: @escaping @Sendable (String, String) -> Result<Bool, ProbeError>,
    probe: @escaping @Sendable (MachineConfiguration) -> ProbeSight
  ) {
    (self.userID, self.userName) = (userID, userName)
    (self.facts, self.refusal, self.read, self.freeBytes) = (facts, refusal, read, freeBytes)
    (self.freeFiles, self.syncTime, self.list) = (freeFiles, syncTime, list)
    (self.link, self.version, self.parts, self.code) = (link, version, parts, code)
    (self.resolve, self.redirect) = (resolve, redirect)
    (self.run, self.lines, self.remoteTrouble) = (run, lines, remoteTrouble)
    (self.displayTrouble, self.usbDevices) = (displayTrouble, usbDevices)
    (self.fontTrouble, self.store, self.debts) = (fontTrouble, store, debts)
    (self.interfaces, self.reach, self.certificate) = (interfaces, reach, certificate)
    (self.isPair, self.probe) = (isPair, probe)
  }
}
