/// What comes of what: for a check, or one of its codes, the checks whose failure explains it.
///
/// What a check *needs*, so that it is not even looked at, stands with the check; here stands what
/// is looked at all the same and then told as a consequence. The nearest cause comes first.
struct CauseGraph: Sendable {
  let causes: [String: [String]]

  init(_ causes: [String: [String]]) { self.causes = causes }

  /// The machine's own.
  static let product = CauseGraph([
    "configuration.daemon": [
      "storage.directory", "storage.owner", "storage.space", "storage.inodes", "systemd.unit",
    ],
    "configuration.selling": selling,
    "core.version": ["systemd.unit"],
    "systemd.unit": ["systemd.reload", "storage.directory", "storage.owner", "configuration.file"],
    "systemd.restarts": [
      "storage.space", "storage.directory", "memory.kills", "board.voltage", "display.panel",
    ],
    "systemd.failed": ["systemd.unit"],

    "lines.held": [
      "lines.reachable", "lines.relays", "lines.keypad", "lines.sensor", "lines.door",
    ],
    "keypad.alive": ["lines.held", "lines.keypad"],
    "keypad.stuck": ["lines.keypad"],
    "relays.off": ["lines.relays", "lines.boot"],
    "relays.switching": ["lines.relays", "board.voltage"],
    "sensor.idle": ["lines.sensor"],
    "sensor.door": ["lines.door"],
    "lanes.open": ["relays.off", "relays.switching", "sensor.idle", "lines.relays"],

    "display.port": ["usb.display", "serial.group"],
    "display.panel": [
      "usb.display", "serial.modemmanager", "serial.brltty", "serial.getty", "display.holder",
      "serial.group", "board.voltage", "usb.overcurrent", "lines.reachable", "usb.autosuspend",
    ],
    "display.holder": ["serial.modemmanager", "serial.brltty", "serial.getty"],
    "display.code": ["fonts.screen"],
    "usb.display": ["usb.overcurrent", "board.voltage"],

    "storage.writing": [
      "storage.directory", "storage.owner", "storage.mount", "storage.space", "storage.inodes",
      "storage.medium",
    ],
    "storage.board": ["storage.medium", "storage.wear"],
    "storage.core": ["storage.medium", "storage.wear"],
    "storage.mount": ["storage.medium"],
    "storage.inodes": ["storage.space"],

    "clock.faults": ["clock.sane", "clock.skew"],
    "clock.skew": ["clock.sane", "clock.rtc"],
    "clock.sane": ["clock.rtc"],
    "clock.synchronised": ["clock.skew"] + way,
    "network.gateway": ["network.interface", "network.route"],
    "network.name": ["network.interface", "network.route", "network.resolver"],
    "network.connection": [
      "network.interface", "network.route", "network.resolver", "network.name", "network.gateway",
    ],
    "network.spare": way,
    "network.portal": ["network.interface", "network.route", "network.name"],
    "network.faults": way + ["network.portal", "tls.chain", "clock.sane"],
    "tls.chain": ["clock.sane", "network.portal", "tls.authority"] + way,
    "tls.expiry": ["clock.sane"],
    "tls.authority": ["clock.sane"],
    "tls.faults": ["clock.sane", "network.portal", "tls.authority", "tls.chain"],
    "core.probe": way + [
      "network.portal", "tls.authority", "tls.chain", "clock.sane", "credentials.key",
      "credentials.certificate", "credentials.pair",
    ],
    "core.probe.clock": ["clock.skew"],
    "core.enrolment": ["credentials.token"],
    "core.service": way + [
      "network.portal", "tls.authority", "tls.chain", "clock.sane", "credentials.token",
      "core.enrolment",
    ],
    "core.answers": [
      "network.portal", "credentials.key", "credentials.certificate", "credentials.pair",
      "core.probe", "credentials.token", "core.service",
    ],
    "core.merchant": [
      "credentials.key", "credentials.certificate", "credentials.pair", "credentials.account",
      "core.probe",
    ],
    "credentials.certificate": ["clock.sane"],
    "credentials.pair": ["credentials.certificate"],
    "money.unsettled": way + ["tls.chain", "core.probe", "core.service"],
    "money.stuck": way + [
      "tls.chain", "core.probe", "credentials.certificate", "credentials.pair", "money.open",
    ],
    "money.age": ["money.stuck", "money.open"] + way,
    "money.open": ["storage.core"],
    "memory.kills": ["memory.available", "memory.daemon"],
    "memory.load": ["board.throttling", "board.temperature"],
    "board.throttling": ["board.voltage", "board.temperature"],
  ])

  /// The way to the provider's door.
  private static let way = [
    "network.interface", "network.route", "network.resolver", "network.name", "network.connection",
  ]

  /// Why a machine does not sell: the order is that in which the daemon names its faults.
  private static let selling = [
    "storage.board", "storage.writing", "lines.held", "relays.off", "display.panel",
    "keypad.alive", "sensor.idle", "sensor.door", "configuration.lock", "clock.faults",
    "network.faults", "tls.faults", "core.enrolment", "core.answers", "core.merchant",
    "money.unsettled",
    "display.code", "lanes.open", "relays.switching",
  ]
}
