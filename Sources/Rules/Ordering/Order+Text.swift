internal import Money
internal import Timing

// An order as the text that a payment service keeps: the very JSON that `Codable` makes of it, its
// keys sorted. A service reads and writes one with every event, and the general coders cost more
// than all else that it does with it (24 of 100 instructions of a notice); so the form that is
// nearly always met has a writer and a reader of its own, and any other is left to them.
extension Order {
  /// The order as JSON; nil when a text in it must be escaped.
  package var plainText: String? {
    var writer = OrderTextWriter()
    writer.add("{\"attempts\":", attempts)
    if let codeURL { writer.add(",\"codeURL\":", codeURL) }
    writer.add(",\"lateChecksLeft\":", lateChecksLeft)
    writer.add(",\"note\":", note)
    if let payment {
      writer.add(",\"payment\":{\"currency\":", payment.currency)
      writer.add(",\"order\":", payment.order.text)
      if let paidAt = payment.paidAt {
        writer.add(",\"paidAt\":{\"milliseconds\":", paidAt.milliseconds)
        writer.add("}")
      }
      writer.add(",\"total\":", payment.total.fen)
      writer.add(",\"transaction\":", payment.transaction)
      writer.add("}")
    }
    if let permitNonce { writer.add(",\"permitNonce\":", permitNonce) }
    writer.add(",\"request\":{\"amount\":", request.amount.fen)
    writer.add(",\"expiresAt\":{\"milliseconds\":", request.expiresAt.milliseconds)
    writer.add("},\"lane\":", request.lane)
    writer.add(",\"machine\":", request.machine)
    writer.add(",\"madeAt\":{\"milliseconds\":", request.madeAt.milliseconds)
    writer.add("},\"number\":", request.number.text)
    writer.add(",\"title\":", request.title)
    writer.add("},\"state\":", state.rawValue)
    writer.add("}")
    return writer.text
  }

  /// Reads such a text; nil when it is of any other form, which says nothing of its worth.
  package init?(plainText text: String) {
    var reader = OrderTextReader(text)
    guard let attempts = reader.number(after: "{\"attempts\":") else { return nil }
    let codeURL = reader.takes(",\"codeURL\":") ? reader.string() : nil
    guard let lateChecksLeft = reader.number(after: ",\"lateChecksLeft\":"),
      let note = reader.string(after: ",\"note\":")
    else { return nil }
    var payment: Payment?
    if reader.takes(",\"payment\":{\"currency\":") {
      payment = reader.payment()
      if payment == nil { return nil }
    }
    var nonce: UInt64?
    if reader.takes(",\"permitNonce\":") {
      nonce = reader.unsigned()
      if nonce == nil { return nil }
    }
    guard let request = reader.request(),
      let word = reader.string(after: ",\"state\":"), let state = OrderState(rawValue: word),
      reader.takes("}"), reader.isAtEnd, !reader.hasFailed
    else { return nil }
    self.init(request)
    (self.state, self.codeURL, self.payment, self.note) = (state, codeURL, payment, note)
    (permitNonce, self.attempts) = (nonce, Int(attempts))
    self.lateChecksLeft = Int(lateChecksLeft)
  }
}

/// Puts keys and values together.
private struct OrderTextWriter {
  private var bytes: [UInt8] = []
  private var isPlain = true

  init() { bytes.reserveCapacity(640) }

  /// What was written; nil when some of it would have to be escaped.
  var text: String? { isPlain ? String(decoding: bytes, as: UTF8.self) : nil }

  mutating func add(_ key: StaticString) {
    bytes.append(contentsOf: key.description.utf8)
  }

  mutating func add(_ key: StaticString, _ value: some BinaryInteger) {
    add(key)
    bytes.append(contentsOf: String(value).utf8)
  }

  mutating func add(_ key: StaticString, _ value: String) {
    add(key)
    bytes.append(0x22)
    for byte in value.utf8 {
      if byte < 0x20 || byte == 0x22 || byte == 0x5C || byte == 0x7F { isPlain = false }
      bytes.append(byte)
    }
    bytes.append(0x22)
  }
}

/// Takes keys and values apart, strictly in the writer's order.
private struct OrderTextReader {
  private let bytes: [UInt8]
  private var place = 0
  private(set) var hasFailed = false

  init(_ text: String) { bytes = Array(text.utf8) }

  var isAtEnd: Bool { place == bytes.count }

  /// Whether the text goes on so; then it is read over.
  mutating func takes(_ key: StaticString) -> Bool {
    let count = key.utf8CodeUnitCount
    guard bytes.count - place >= count else { return false }
    var index = place
    for byte in key.description.utf8 {
      guard bytes[index] == byte else { return false }
      index += 1
    }
    place = index
    return true
  }

  mutating func string() -> String? {
    guard place < bytes.count, bytes[place] == 0x22 else {
      hasFailed = true
      return nil
    }
    var end = place + 1
    while end < bytes.count, bytes[end] != 0x22 {
      if bytes[end] == 0x5C || bytes[end] < 0x20 {
        hasFailed = true
        return nil
      }
      end += 1
    }
    guard end < bytes.count else {
      hasFailed = true
      return nil
    }
    defer { place = end + 1 }
    return String(decoding: bytes[(place + 1)..<end], as: UTF8.self)
  }

  mutating func string(after key: StaticString) -> String? { takes(key) ? string() : nil }

  mutating func unsigned() -> UInt64? {
    var (value, end) = (UInt64(0), place)
    while end < bytes.count, (0x30...0x39).contains(bytes[end]) {
      let (product, isLarge) = value.multipliedReportingOverflow(by: 10)
      let (sum, isLarger) = product.addingReportingOverflow(UInt64(bytes[end] - 0x30))
      guard !isLarge, !isLarger else { return nil }
      value = sum
      end += 1
    }
    // One way to write a number only.
    guard end > place, end == place + 1 || bytes[place] != 0x30 else { return nil }
    place = end
    return value
  }

  mutating func number(after key: StaticString) -> Int64? {
    guard takes(key) else { return nil }
    let isNegative = takes("-")
    guard let value = unsigned(), let number = Int64(exactly: value) else { return nil }
    return isNegative ? -number : number
  }

  mutating func payment() -> Payment? {
    guard let currency = string(), let text = string(after: ",\"order\":"),
      let order = OrderNumber(text)
    else { return nil }
    var paidAt: WallTime?
    if takes(",\"paidAt\":{\"milliseconds\":") {
      guard let milliseconds = number(after: ""), takes("}") else { return nil }
      paidAt = WallTime(milliseconds: milliseconds)
    }
    guard let total = number(after: ",\"total\":"),
      let transaction = string(after: ",\"transaction\":"), takes("}")
    else { return nil }
    return Payment(
      order: order, total: Amount(fen: total), currency: currency, transaction: transaction,
      paidAt: paidAt)
  }

  mutating func request() -> OrderRequest? {
    guard let fen = number(after: ",\"request\":{\"amount\":"),
      let expiresAt = number(after: ",\"expiresAt\":{\"milliseconds\":"),
      let lane = string(after: "},\"lane\":"), let machine = string(after: ",\"machine\":"),
      let madeAt = number(after: ",\"madeAt\":{\"milliseconds\":"),
      let text = string(after: "},\"number\":"), let number = OrderNumber(text),
      let title = string(after: ",\"title\":"), takes("}")
    else { return nil }
    return OrderRequest(
      number: number, machine: machine, lane: lane, title: title, amount: Amount(fen: fen),
      madeAt: WallTime(milliseconds: madeAt), expiresAt: WallTime(milliseconds: expiresAt))
  }
}
