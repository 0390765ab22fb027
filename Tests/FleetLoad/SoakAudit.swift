import FleetStorage
import Ordering
import PostgresStorage
import Simulation

// The auditor of a soak.
extension Soak {
  private struct Sums {
    var paid: Int64 = 0
    var delivered: Int64 = 0
    var refunded: Int64 = 0
    var open: Int64 = 0
    var states: [String: Int] = [:]
    var wrong: [String] = []
  }

  /// What every customer paid, every machine dropped and the bank gave back, against the store.
  func audit() throws -> Bool {
    let store = try PostgresFleetStore(database.parameters)
    var sums = Sums()
    for start in stride(from: 0, to: sales.count, by: 1000) {
      let range = start..<min(start + 1000, sales.count)
      var found: [String: OrderState] = [:]
      let numbers = range.compactMap { OrderNumber(Self.number($0)) }
      for stored in try store.orders(numbers) { found[stored.number.text] = stored.state }
      for sale in range { judge(sale, found[Self.number(sale)], &sums) }
    }
    let states = sums.states.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    say("orders: \(states.joined(separator: ", "))")
    say(
      "fen: paid \(sums.paid) = delivered \(sums.delivered) + refunded \(sums.refunded) + open "
        + "cases \(sums.open)")
    if sums.paid != sums.delivered + sums.refunded + sums.open {
      sums.wrong.append("I11: the sums differ")
    }
    report("at the end")
    for words in sums.wrong.prefix(20) { say("WRONG \(words)") }
    say(sums.wrong.isEmpty ? "the auditor is content" : "\(sums.wrong.count) things are wrong")
    return sums.wrong.isEmpty
  }

  private func judge(_ sale: Int, _ state: OrderState?, _ sums: inout Sums) {
    let (number, truth) = (Self.number(sale), sales[sale])
    let account = bank.accounts[number]
    let isPaid = account?.isPaid ?? false
    let refunds = account?.refunds ?? 0
    let fen = Self.price(of: number)
    sums.states[state?.rawValue ?? "none", default: 0] += 1
    func wrong(_ words: String) {
      sums.wrong.append(
        "\(words): \(number) is \(state?.rawValue ?? "none"), pulses \(truth.pulses), verdict "
          + "\(truth.verdict), paid \(isPaid), refunds \(refunds)")
    }
    if truth.pulses > 1 { wrong("I1") }
    if truth.pulses > 0, !isPaid { wrong("I2") }
    if truth.verdict == "d", refunds > 0 { wrong("I4") }
    if refunds > 1 { wrong("refunded twice") }
    if refunds > 0, !isPaid { wrong("refunded, not paid") }
    switch state {
    case .delivered:
      if truth.verdict != "d" { wrong("I3 delivered without a product") }
      sums.delivered += fen
    case .refunded:
      if refunds != 1 { wrong("I3 refunded without money") }
      sums.refunded += fen
    case .held: sums.open += fen
    case .closed, .notOpened, nil:
      if isPaid { wrong("I3 paid and forgotten") }
    case .opening, .open, .closing, .paid, .permitted, .refundOwed, .refunding:
      wrong("I10 no end")
    }
    if isPaid { sums.paid += fen }
  }
}
