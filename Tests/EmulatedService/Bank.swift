public import EmulatedCore
public import Ordering
import Synchronization

/// A provider's books behind a lock, for many threads.
public final class Bank: PaymentProvider {
  private let books = Mutex(EmulatedProvider())
  private let calls = Mutex<[String: Int]>([:])

  /// A provider without orders.
  public init() {}

  public func create(_ order: OrderRequest) -> CreateAnswer {
    count("create")
    return books.withLock { $0.create(order) }
  }

  public func query(_ number: OrderNumber) -> QueryAnswer {
    count("query")
    return books.withLock { $0.query(number) }
  }

  public func close(_ number: OrderNumber) -> CloseAnswer {
    count("close")
    return books.withLock { $0.close(number) }
  }

  public func refund(_ request: RefundRequest) -> RefundAnswer {
    count("refund")
    return books.withLock { $0.refund(request) }
  }

  public func queryRefund(_ request: RefundRequest) -> RefundQueryAnswer {
    count("queryRefund")
    return books.withLock { $0.queryRefund(request) }
  }

  private func count(_ call: String) { calls.withLock { $0[call, default: 0] += 1 } }

  /// How often a call was made, by its name.
  public func count(of call: String) -> Int { calls.withLock { $0[call] ?? 0 } }

  /// Looks into the books, or changes them.
  public func withBooks<Result: Sendable>(
    _ body: (inout sending EmulatedProvider) -> Result
  ) -> Result {
    books.withLock { body(&$0) }
  }

  /// A payer pays what the order asks for; gives the payment as a notice would tell it.
  @discardableResult
  public func pay(_ number: OrderNumber) -> Payment? {
    books.withLock { books in
      guard let code = books.accounts[number]?.codes.last else { return nil }
      _ = books.pay(code)
      return books.accounts[number]?.payment
    }
  }
}
