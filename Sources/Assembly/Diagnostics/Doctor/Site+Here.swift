internal import MachineFiles
internal import Control
internal import Core
internal import Devices
internal import Displays
internal import Inspection
internal import NetworkClient
internal import Ordering
internal import Platform
internal import Rendering
internal import Storage
internal import Timing
internal import USB
internal import Vending
internal import Wiring

extension Site {
  /// This computer, and what hangs on it.
  public static var here: Site {
    Site(
      userID: Person.userID, userName: Person.name, facts: facts,
      refusal: { FileFacts.refusal($0, writing: $1) }, read: read, freeBytes: freeBytes,
      freeFiles: freeFiles, syncTime: syncTime, list: { DiskFacts.names(in: $0) },
      link: { DiskFacts.link($0) }, version: Product.version, run: run,
      lines: lines, remoteTrouble: remoteTrouble, displayTrouble: displayTrouble, parts: parts,
      code: code, usbDevices: usbDevices, fontTrouble: fontTrouble, store: store, debts: debts,
      interfaces: interfaces, resolve: resolve, redirect: redirect, reach: reach,
      certificate: certificate, isPair: isPair,
      probe: probe)
  }

  // MARK: Files and programs

  @Sendable private static func facts(_ path: String) -> Result<FileFacts, SystemError> {
    do throws(SystemError) { return .success(try FileFacts.of(path)) } catch {
      return .failure(error)
    }
  }

  @Sendable private static func read(_ path: String) -> Result<[UInt8], SystemError> {
    do throws(SystemError) { return .success(try Files.read(path, limit: 1 << 18)) } catch {
      return .failure(error)
    }
  }

  @Sendable private static func freeBytes(_ path: String) -> Result<Int64, SystemError> {
    do throws(SystemError) { return .success(try Files.freeBytes(at: path)) } catch {
      return .failure(error)
    }
  }

  @Sendable private static func freeFiles(_ path: String) -> Result<Int64, SystemError> {
    do throws(SystemError) { return .success(try DiskFacts.freeFiles(at: path)) } catch {
      return .failure(error)
    }
  }

  @Sendable private static func syncTime(_ path: String) -> Result<Duration, SystemError> {
    do throws(SystemError) { return .success(try DiskFacts.syncTime(in: path)) } catch {
      return .failure(error)
    }
  }

  @Sendable private static func run(
    _ program: String, _ arguments: [String]
  ) -> Result<Command.Output, SystemError> {
    do throws(SystemError) {
      return .success(try Command.run(program, arguments, within: .seconds(1)))
    } catch {
      return .failure(error)
    }
  }

  @Sendable private static func interfaces() -> Result<[NetworkInterface], SystemError> {
    do throws(SystemError) { return .success(try NetworkFacts.interfaces()) } catch {
      return .failure(error)
    }
  }

  // MARK: Devices

  @Sendable private static func lines() -> [LineSight] {
    GPIOInventory.chips().flatMap { chip in
      chip.lines.map {
        LineSight(
          chip: chip.name, label: chip.label, offset: $0.offset, name: $0.name,
          consumer: $0.consumer, isUsed: $0.isUsed)
      }
    }
  }

  @Sendable private static func remoteTrouble(_ socket: String) -> String? {
    do throws(GPIOError) {
      _ = try RemoteGPIOBank(socket: socket, consumer: "vendctl")
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Sendable private static func displayTrouble(_ machine: MachineConfiguration) -> String? {
    let display = machine.board.makeDisplay()
    defer { display.close() }
    do throws(DisplayError) {
      try display.open(deadline: Clock.now() + .milliseconds(1400))
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Sendable private static func usbDevices() -> Result<[String], ProbeError> {
    do throws(SystemError) {
      return .success(try USBInventory.devices().map(\.identity))
    } catch {
      return .failure(ProbeError("\(error)"))
    }
  }

  @Sendable private static func fontTrouble(_ machine: MachineConfiguration) -> String? {
    let display = machine.board.display
    // A panel with fonts of its own is told which characters in its own encoding.
    if [.tjc, .dgus2, .t5uic1].contains(display.driver), display.project.encoding == .gbk,
      !PanelText.gbk.isAvailable
    {
      return "the C library has no tables for GBK: apt-get install libc-gconv-modules-extra"
    }
    do throws(RenderingError) {
      _ = try machine.makeRenderer().draw(.idle)
      return nil
    } catch {
      return "\(error)"
    }
  }

  /// How long a code's page is looked at: the first card of a technician's.
  @Sendable private static func code(
    _ machine: MachineConfiguration
  ) -> Result<String, ProbeError> {
    guard let step = TestCard.steps(named: nil, for: .seconds(1))?.first else {
      return .failure(ProbeError("there is no card with a code"))
    }
    do throws(RenderingError) {
      return .success(try machine.makeRenderer().words(for: step))
    } catch {
      return .failure(ProbeError("\(error)"))
    }
  }

  // MARK: Books

  @Sendable private static func store(
    _ directory: String, _ name: StoreName
  ) -> Result<StoreSight, ProbeError> {
    do throws(StorageError) {
      let role: RecordStore.Role = name == .board ? .board : .core
      let store = try RecordStore(
        path: "\(directory)/\(name.file)", role: role, mode: .readOnly)
      return .success(StoreSight(records: try store.verify().records))
    } catch {
      return .failure(ProbeError(error))
    }
  }

  @Sendable private static func debts(_ directory: String) -> Result<DebtSight, ProbeError> {
    do throws(StorageError) {
      let path = "\(directory)/\(StoreName.core.file)"
      let book = try RecordStore(path: path, role: .core, mode: .readOnly)
      let open = try OrderListing(book).orders(openOnly: true, limit: OrderListing.limit).get()
      func tails(_ states: OrderState...) -> [String] {
        open.filter { states.map(\.rawValue).contains($0.state) }.map {
          String($0.number.suffix(4))
        }
      }
      let oldest = open.map(\.madeAtMilliseconds).min().map { WallTime(milliseconds: $0) }
      return .success(
        DebtSight(
          open: open.count, owed: tails(.refundOwed, .refunding), held: tails(.held),
          oldest: oldest))
    } catch {
      return .failure(ProbeError(error))
    }
  }

  // MARK: Network

  @Sendable private static func resolve(_ host: String) -> Result<[String], ReachFailure> {
    do throws(HTTPFailure) { return .success(try NameService.addresses(of: host)) } catch {
      return .failure(ReachFailure(.name, error.words))
    }
  }

  @Sendable private static func redirect(_ host: String) -> String? {
    do throws(HTTPFailure) { return try PlainProbe.destination(of: host) } catch { return nil }
  }

  @Sendable private static func reach(
    _ endpoint: Endpoint, _ caFile: String?
  ) -> Result<ServerSight, ReachFailure> {
    do throws(HTTPFailure) {
      let found = try TLSProbe.look(
        at: endpoint.host, port: endpoint.port, caFile: caFile, deadline: .milliseconds(1500))
      return .success(
        ServerSight(
          address: found.address, version: found.protocolVersion, refusal: found.refusal,
          certificate: found.chain.first.map(CertificateSight.init)))
    } catch {
      let leg: ReachFailure.Leg =
        switch error.cause {
        case .nameNotResolved: .name
        case .unreachable: .connection
        case .unusableFile: .authority
        case .badRequest, .tls, .timeout, .broken, .tooLarge: .handshake
        }
      return .failure(ReachFailure(leg, error.words))
    }
  }

  @Sendable private static func certificate(
    _ path: String
  ) -> Result<CertificateSight, ProbeError> {
    do throws(CertificateError) {
      return .success(CertificateSight(try Certificate(pemFile: path)))
    } catch {
      return .failure(ProbeError(error))
    }
  }

  @Sendable private static func isPair(
    _ certificate: String, _ key: String
  ) -> Result<Bool, ProbeError> {
    do throws(CertificateError) {
      return .success(try Certificate.keyFile(key, belongsTo: certificate))
    } catch {
      return .failure(ProbeError(error))
    }
  }
}

extension CertificateSight {
  init(_ certificate: Certificate) {
    self.init(
      subject: certificate.subject, issuer: certificate.issuer, notBefore: certificate.notBefore,
      notAfter: certificate.notAfter, serial: certificate.serial)
  }
}

extension ProbeError {
  init(_ error: StorageError) {
    let isAbsence = if case .notThere = error { true } else { false }
    let isPermission = if case .readOnly = error { true } else { false }
    let code =
      switch error {
      case .newerSchema: "newer"
      case .corrupt: "damaged"
      case .wrongRole: "foreign"
      default: "unreadable"
      }
    self.init("\(error)", code: code, isPermission: isPermission, isAbsence: isAbsence)
  }

  init(_ error: CertificateError) {
    guard case .unreadable(let cause) = error else {
      self.init("\(error)")
      return
    }
    self.init("\(error)", isPermission: cause.isPermission, isAbsence: cause.isAbsence)
  }
}
