internal import Accounts
internal import BackOffice
internal import MachineFiles
internal import WeChatPay

/// The merchant's account as a service uses it: many clients that share one budget, and whoever
/// reads notices and bills.
struct ServiceAccount: Sendable {
  /// Clients of the present account, each with a connection of its own.
  let clients: [any WeChatMerchant]
  /// Whose notices are taken, by the last part of their path.
  let notices: [String: any WeChatMerchant]
  /// Fetches bills beside the clients, so that no sale waits for one.
  let bills: any WeChatMerchant

  /// Reads the account's files; nothing is asked yet.
  init(_ configuration: ServiceConfiguration, clients count: Int) throws(ServiceFailure) {
    let budget = CallBudget.merchant()
    let account = try Self.account(configuration.payment, "payment")
    clients = (0..<count).map { _ in Self.client(account, budget) }
    bills = Self.client(account, budget)
    // It only verifies; with certificates to fetch it has a connection of its own.
    var notices = [Self.path(account): Self.client(account, budget)]
    if let payment = configuration.formerPayment {
      let former = try Self.account(payment, "former_payment")
      notices[Self.path(former)] = Self.client(former, budget)
    }
    self.notices = notices
  }

  private typealias Account = MachineConfiguration.Payment.Account

  private static func account(
    _ payment: MachineConfiguration.Payment, _ table: String
  ) throws(ServiceFailure) -> Account {
    do throws(AccountRefusal) {
      return try payment.account()
    } catch {
      throw ServiceFailure(.unusable, "[\(table)] cannot be used: \(error)")
    }
  }

  private static func client(_ account: Account, _ budget: CallBudget) -> any WeChatMerchant {
    switch account {
    case .v2(let account): WeChatPayV2(account, budget: budget)
    case .v3(let account): WeChatPayV3(account, budget: budget)
    }
  }

  private static func path(_ account: Account) -> String {
    switch account {
    case .v2: "v2"
    case .v3: "v3"
    }
  }
}
