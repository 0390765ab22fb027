internal import MachineFiles
internal import Control
public import Core
internal import Ordering
internal import Platform
internal import Storage
internal import Timing
internal import Vending
internal import WeChatPay
internal import Accounts

// What a person decides about money.
extension Bench {
  /// Takes an open case for delivered or given back, or gives a paid order's money back.
  ///
  /// Without a daemon the book is written here, under the lock, and the refund is asked for at
  /// once; what does not succeed now, the daemon goes on with when it starts.
  public func decide(_ text: String, _ decision: Decision) throws(BenchError) -> String {
    let request: ControlRequest =
      switch decision {
      case .delivered: .resolve(text, delivered: true)
      case .refund: .refund(text)
      case .refunded: .refunded(text)
      }
    // A refund may take the provider's whole deadline; the daemon answers when it is on disk.
    if let reply = try ask(request, within: .seconds(60)) {
      guard case .done(let words) = reply else { throw BenchError.anotherAnswer }
      return words
    }
    guard let payment = configuration.payment else {
      throw .refused(.both(ControlReply.decidedElsewhere))
    }
    return try decide(text, decision) { () throws(BenchError) in
      do throws(AccountRefusal) {
        return try payment.makeProvider()
      } catch {
        throw .refused("the account: \(error)", "商户账户：\(error)")
      }
    }
  }

  /// The same without a daemon, with a provider of the caller's.
  func decide(
    _ text: String, _ decision: Decision,
    _ makeProvider: () throws(BenchError) -> any PaymentProvider
  ) throws(BenchError) -> String {
    let (order, _) = try order(text)
    guard let number = OrderNumber(order.number) else {
      throw .refused("\(order.number) is no order number", "\(order.number) 不是订单号")
    }
    return try withLock { () throws(BenchError) in
      let core = try openCore(try makeProvider())
      if let refusal = core.decide(number, decision) { throw .refused(.both(refusal)) }
      _ = core.carryOutDuties()
      let (after, _) = try self.order(order.number)
      return "order \(order.number): \(after.state)"
    }
  }

  /// What the board's journal knows of permits; nothing where there is no journal yet.
  private func permits() throws(StorageError) -> [Payment] {
    let path = "\(configuration.stateDirectory)/board.db"
    guard Files.exists(path) else { return [] }
    let journal = try RecordStore(path: path, role: .board, mode: .readOnly)
    let ledger: Ledger? = try journal.decoded(Ledger.storageKey)
    return ledger?.permits ?? []
  }

  private func openCore(_ provider: any PaymentProvider) throws(BenchError) -> EmbeddedCore {
    do throws(StorageError) {
      let path = "\(configuration.stateDirectory)/core.db"
      let store = try RecordStore(path: path, role: .core)
      return try EmbeddedCore(store: store, provider: provider, permits: permits()) {
        number, words in
        StandardError.write("\(number): \(words)\n")
      }
    } catch {
      throw .refused("the order book: \(error)", "订单簿：\(error)")
    }
  }
}
