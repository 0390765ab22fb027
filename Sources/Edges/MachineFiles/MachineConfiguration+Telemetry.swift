extension MachineConfiguration {
  /// What `vendtelemetry` hands on, and where to; nothing of it is the daemon's business.
  public struct Telemetry: Equatable, Sendable {
    /// How often the daemon is looked at.
    public var interval: Duration
    /// The file for node_exporter's textfile collector.
    public var prometheusFile: String?
    public var mqtt: MQTT?

    /// An MQTT broker.
    public struct MQTT: Equatable, Sendable {
      public var host: String
      public var port: Int
      public var usesTLS: Bool
      /// The authorities that may sign the broker's certificate; nil: the system's.
      public var caFile: String?
      public var user: String?
      public var passwordFile: String?
      /// Messages are under `topic/MACHINE`.
      public var topic: String
      /// The prefix of Home Assistant's discovery.
      public var discovery: String
    }
  }

  /// Reads the table; nil where there is none.
  static func readTelemetry(_ root: ConfigurationTable) -> Telemetry? {
    guard let table = root.optionalTable("telemetry") else { return nil }
    defer { table.refuseOthers() }
    let telemetry = Telemetry(
      interval: table.duration(
        "interval", in: .seconds(1)...Duration.seconds(3600), default: .seconds(15)),
      prometheusFile: table.optionalFilePath("prometheus_file"), mqtt: readMQTT(table))
    if telemetry.prometheusFile == nil, !table.has("mqtt") {
      table.note("prometheus_file", "is missing, and so is [telemetry.mqtt]: one of them")
    }
    if let path = telemetry.prometheusFile, !path.hasSuffix(".prom") {
      table.note("prometheus_file", "must end in .prom: the collector reads no other")
    }
    return telemetry
  }

  private static func readMQTT(_ parent: ConfigurationTable) -> Telemetry.MQTT? {
    guard let table = parent.optionalTable("mqtt") else { return nil }
    defer { table.refuseOthers() }
    let usesTLS = table.flag("tls", default: true)
    let mqtt = Telemetry.MQTT(
      host: table.text("host"),
      port: table.number("port", in: 1...65_535, default: usesTLS ? 8883 : 1883),
      usesTLS: usesTLS, caFile: table.optionalFilePath("ca_file"),
      user: table.optionalText("user"), passwordFile: table.optionalFilePath("password_file"),
      topic: topic(table, "topic", default: "vend"),
      discovery: topic(table, "discovery", default: "homeassistant"))
    if !usesTLS, mqtt.caFile != nil { table.note("ca_file", "is for tls = true only") }
    if mqtt.passwordFile != nil, mqtt.user == nil {
      table.note("user", "is missing: it goes with password_file")
    }
    if !usesTLS, mqtt.passwordFile != nil, !["127.0.0.1", "::1", "localhost"].contains(mqtt.host) {
      table.note("tls", "must be true: a password would go over the network in clear")
    }
    return mqtt
  }

  private static func topic(
    _ table: ConfigurationTable, _ key: String, default text: String
  ) -> String {
    let topic = table.text(key, default: text)
    let isPlain = topic.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x2B && $0 != 0x23 }
    if topic.isEmpty || !isPlain || topic.hasPrefix("/") || topic.hasSuffix("/") {
      table.note(key, "must be a topic: plain characters, no + and #, no slash at either end")
    }
    return topic
  }
}
