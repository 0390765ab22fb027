internal import Control
internal import FoundationEssentials
public import Messaging

/// A reading as MQTT messages, and the messages by which Home Assistant finds the machine.
///
/// All are retained. `TOPIC/MACHINE/state` has everything as one JSON object; discovery messages
/// only name places in it.
public struct HomeAssistant: Sendable {
  private let machine: String
  private let topic: String
  private let discovery: String

  /// Messages about a machine; `topic` and `discovery` are the prefixes of its and of Home
  /// Assistant's topics.
  public init(machine: String, topic: String, discovery: String) {
    (self.machine, self.topic, self.discovery) = (machine, topic, discovery)
  }

  private var base: String { "\(topic)/\(machine)" }

  /// What the broker says when we are gone.
  public var lastWill: MQTTClient.Message { MQTTClient.Message("\(base)/status", "offline") }

  /// The machine's state.
  private struct State: Encodable {
    var sells: Bool
    var state: String
    var faults: [String]
    var problem: Bool
    var door: Bool?
    var counters: [String: Int64]
    /// Nil: the daemon could not open its books.
    var sales: String?
    var openOrders: Int
    var stock: [String: Int]
    var prices: [String: Int64]
  }

  /// The messages of a reading: availability, and the state while the daemon answers.
  public func messages(_ reading: MachineReading) -> [MQTTClient.Message] {
    guard case .running(let status, let parts) = reading else { return [lastWill] }
    let stock = status.lanes.compactMap { lane in lane.stock.map { (lane.code, $0) } }
    let sales = status.counters["valueFen"].map { fen in
      "\(fen / 100).\(fen % 100 < 10 ? "0" : "")\(fen % 100)"
    }
    let state = State(
      sells: status.sells, state: status.state,
      faults: status.faults.map { $0.subject.isEmpty ? $0.code : "\($0.code) \($0.subject)" },
      problem: !status.faults.isEmpty, door: parts?.doorIsOpen, counters: status.counters,
      sales: sales, openOrders: status.openOrders,
      stock: Dictionary(stock) { first, _ in first },
      prices: Dictionary(status.lanes.map { ($0.code, $0.priceFen) }) { first, _ in first })
    return [
      MQTTClient.Message("\(base)/status", "online"),
      MQTTClient.Message("\(base)/state", Self.json(state)),
    ]
  }

  // MARK: Discovery

  private struct Device: Encodable {
    var identifiers: [String]
    var name: String
    var manufacturer = "vend"
    var model: String
    var swVersion: String
  }

  private struct Entity: Encodable {
    var name: String
    var uniqueId: String
    var stateTopic: String
    var availabilityTopic: String
    var valueTemplate: String
    var deviceClass: String?
    var stateClass: String?
    var unitOfMeasurement: String?
    var device: Device
  }

  private struct Kind {
    var component: String
    var key: String
    var name: String
    var template: String
    var deviceClass: String?
    var stateClass: String?
    var unit: String?
  }

  private static let kinds: [Kind] = [
    Kind(
      component: "binary_sensor", key: "sells", name: "Sells",
      template: "{{ 'ON' if value_json.sells else 'OFF' }}", deviceClass: "running"),
    Kind(
      component: "binary_sensor", key: "problem", name: "Problem",
      template: "{{ 'ON' if value_json.problem else 'OFF' }}", deviceClass: "problem"),
    Kind(
      component: "sensor", key: "faults", name: "Faults",
      template: "{{ value_json.faults | join(', ') or 'none' }}"),
    Kind(
      component: "sensor", key: "vends", name: "Sold", template: "{{ value_json.counters.vends }}",
      stateClass: "total_increasing"),
    Kind(
      component: "sensor", key: "sales", name: "Sales", template: "{{ value_json.sales }}",
      deviceClass: "monetary", stateClass: "total", unit: "CNY"),
    Kind(
      component: "sensor", key: "open_orders", name: "Open orders",
      template: "{{ value_json.openOrders }}"),
  ]

  /// The messages that make the machine known, each under a topic of its own.
  public func discoveryMessages(_ reading: MachineReading) -> [MQTTClient.Message] {
    guard case .running(let status, let parts) = reading else { return [] }
    var kinds = Self.kinds
    if parts?.doorIsOpen != nil {
      kinds.append(
        Kind(
          component: "binary_sensor", key: "door", name: "Door",
          template: "{{ 'ON' if value_json.door else 'OFF' }}", deviceClass: "door"))
    }
    kinds += status.lanes.filter { $0.stock != nil }.map { lane in
      Kind(
        component: "sensor", key: "stock_\(lane.code)", name: "Stock \(lane.code) \(lane.name)",
        template: "{{ value_json.stock['\(lane.code)'] }}", stateClass: "measurement")
    }
    let device = Device(
      identifiers: ["vend_\(machine)"], name: "Vending machine \(machine)", model: status.board,
      swVersion: status.version)
    return kinds.map { kind in
      let entity = Entity(
        name: kind.name, uniqueId: "vend_\(machine)_\(kind.key)", stateTopic: "\(base)/state",
        availabilityTopic: "\(base)/status", valueTemplate: kind.template,
        deviceClass: kind.deviceClass, stateClass: kind.stateClass, unitOfMeasurement: kind.unit,
        device: device)
      return MQTTClient.Message(
        "\(discovery)/\(kind.component)/vend_\(machine)/\(kind.key)/config", Self.json(entity))
    }
  }

  private static func json(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    guard let data = try? encoder.encode(value) else { return "{}" }
    return String(decoding: data, as: UTF8.self)
  }
}
