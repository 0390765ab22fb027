internal import Control
public import MachineFiles
internal import Messaging
internal import Platform
internal import Timing

/// Reads a machine's state over its control socket and hands it on: to a file for Prometheus, to an
/// MQTT broker.
///
/// A process of its own: whatever a broker or a disk does, the machine sells on.
public final class TelemetryStation {
  /// Why it cannot begin.
  public struct Refusal: Error, CustomStringConvertible {
    public var description: String
  }

  /// Prometheus scrapes no more often, and a memory card lives longer.
  private static let filePause = Duration.seconds(60)
  private static let messagePause = Duration.seconds(2)
  private static let longestPause = Duration.seconds(300)

  private let configuration: MachineConfiguration
  private let telemetry: MachineConfiguration.Telemetry
  private let say: (String) -> Void
  private let loop: EventLoop
  private var file = Changes<String>(atMostEvery: filePause)
  private var messages = Changes<[MQTTClient.Message]>(atMostEvery: messagePause)
  private var broker: MQTTClient?
  private var isMadeKnown = false
  private var nextTry = Clock.now()
  private var pause = Duration.seconds(1)
  private var lastWords = ""

  /// A station for a machine whose file has a `[telemetry]` table; `say` gets what a log should.
  public init(
    _ configuration: MachineConfiguration, say: @escaping (String) -> Void
  ) throws(Refusal) {
    guard let telemetry = configuration.telemetry else {
      throw Refusal(description: "the machine file has no [telemetry] table")
    }
    (self.configuration, self.telemetry, self.say) = (configuration, telemetry, say)
    do throws(SystemError) {
      loop = try EventLoop()
    } catch {
      throw Refusal(description: "\(error)")
    }
    do throws(MessagingError) {
      broker = try telemetry.mqtt.map { mqtt throws(MessagingError) in
        try MQTTClient(try Self.settings(mqtt, configuration.name))
      }
    } catch {
      throw Refusal(description: "\(error)")
    }
  }

  private var names: HomeAssistant? {
    telemetry.mqtt.map {
      HomeAssistant(machine: configuration.name, topic: $0.topic, discovery: $0.discovery)
    }
  }

  private static func settings(
    _ mqtt: MachineConfiguration.Telemetry.MQTT, _ machine: String
  ) throws(MessagingError) -> MQTTClient.Settings {
    let names = HomeAssistant(machine: machine, topic: mqtt.topic, discovery: mqtt.discovery)
    var settings = MQTTClient.Settings(
      host: mqtt.host, port: mqtt.port, name: "vend-\(machine)",
      lastWill: names.lastWill)
    settings.user = mqtt.user
    if let path = mqtt.passwordFile {
      do throws(SystemError) {
        let text = try Files.readText(path, limit: 4096)
        settings.password = String(text.prefix { !$0.isNewline })
      } catch {
        throw MessagingError("\(error)")
      }
    }
    if mqtt.usesTLS { settings.authorities = mqtt.caFile ?? "/etc/ssl/certs/" }
    return settings
  }

  /// Looks and hands on, for ever, or so many times.
  public func run(rounds: Int? = nil) {
    var left = rounds
    while left != 0 {
      let reading = read()
      write(reading)
      publish(reading)
      rest(until: Clock.now() + telemetry.interval)
      left = left.map { $0 - 1 }
    }
  }

  private func read() -> MachineReading {
    let client = ControlClient(path: configuration.controlSocket)
    guard case .status(let status)? = try? client.ask(.status) else { return .silent }
    guard case .parts(let parts)? = try? client.ask(.parts) else { return .running(status, nil) }
    return .running(status, parts)
  }

  private func write(_ reading: MachineReading) {
    guard let path = telemetry.prometheusFile else { return }
    let text = PrometheusText(machine: configuration.name).text(reading)
    guard file.isDue(text, at: Clock.now()) else { return }
    do throws(SystemError) {
      // Renamed into place, so that nobody reads half of it; a power cut may take it, and no more.
      try Files.replace(path, with: Array(text.utf8), durable: false)
    } catch {
      file.forget()
      note("\(error)")
    }
  }

  // MARK: The broker

  private func publish(_ reading: MachineReading) {
    guard let broker, let names else { return }
    do throws(MessagingError) {
      guard try isReady(broker) else { return }
      if !isMadeKnown, case .running = reading {
        for message in names.discoveryMessages(reading) { try broker.publish(message) }
        isMadeKnown = true
      }
      let all = names.messages(reading)
      guard messages.isDue(all, at: Clock.now()) else { return }
      for message in all { try broker.publish(message) }
    } catch {
      lose("\(error)")
    }
  }

  private func isReady(_ broker: MQTTClient) throws(MessagingError) -> Bool {
    if broker.isConnected { return true }
    guard Clock.now() >= nextTry else { return false }
    try broker.connect(within: .seconds(10))
    (isMadeKnown, pause) = (false, .seconds(1))
    messages.forget()
    note("the broker has taken us")
    return true
  }

  private func lose(_ words: String) {
    messages.forget()
    nextTry = Clock.now() + pause
    pause = min(pause * 2, Self.longestPause)
    note(words)
  }

  /// Waits, and keeps the broker's line alive meanwhile.
  private func rest(until end: Instant) {
    while true {
      let left = end - Clock.now()
      guard left > .zero else { return }
      guard let broker, broker.isConnected else {
        loop.turn(waiting: min(left, .seconds(1)))
        continue
      }
      do throws(MessagingError) {
        try broker.turn(waiting: min(left, .seconds(1)))
      } catch {
        lose("\(error)")
      }
    }
  }

  /// The same words are said once.
  private func note(_ words: String) {
    guard words != lastWords else { return }
    lastWords = words
    say(words)
  }
}
